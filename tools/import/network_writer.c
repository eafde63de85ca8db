/* Collects the tensors and nodes of a network and writes them as doppel's network file. */
#include "network_writer.h"

#include "files.h"
#include "net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct network_writer {
  cJSON *document, *graph, *nodes, *outputs;
  dpl_tensor *tensors;
  size_t count, capacity;
};

network_writer *network_writer_new(cJSON *document, const char *input) {
  network_writer *writer = new_array(1, sizeof *writer);
  writer->document = document;
  cJSON_AddNumberToObject(document, "format", 1);
  writer->graph = cJSON_AddObjectToObject(document, "graph");
  cJSON_AddStringToObject(writer->graph, "input", input);
  writer->outputs = cJSON_AddArrayToObject(writer->graph, "outputs");
  writer->nodes = cJSON_AddArrayToObject(writer->graph, "nodes");
  return writer;
}

void network_writer_free(network_writer *writer) {
  if (!writer) return;
  for (size_t i = 0; i < writer->count; i++) {
    free((void *)(uintptr_t)writer->tensors[i].name);
    free((void *)(uintptr_t)writer->tensors[i].data);
  }
  free(writer->tensors);
  cJSON_Delete(writer->document);
  free(writer);
}

const char *network_writer_tensor(network_writer *writer, const char *name, dpl_dtype dtype, size_t rank,
                                  const size_t *shape, const void *data) {
  if (writer->count == writer->capacity) {
    writer->capacity = writer->capacity ? 2 * writer->capacity : 64;
    writer->tensors = grown_array(writer->tensors, writer->capacity, sizeof *writer->tensors);
  }
  dpl_tensor *tensor = &writer->tensors[writer->count++];
  *tensor = (dpl_tensor){.name = new_text(name), .dtype = dtype, .rank = rank, .count = 1};
  for (size_t i = 0; i < rank; i++) tensor->count *= tensor->shape[i] = shape[i];
  const size_t bytes = tensor->count * dpl_dtype_size(dtype);
  tensor->data = memcpy(new_array(bytes, 1), data, bytes);
  return tensor->name;
}

cJSON *network_writer_node(network_writer *writer, const char *op, const char *inputs, const char *output) {
  cJSON *node = cJSON_CreateObject();
  cJSON_AddStringToObject(node, "op", op);
  cJSON *names = cJSON_AddArrayToObject(node, "in");
  char *rest = new_text(inputs), *cursor = rest;
  for (char *name; (name = strtok_r(cursor, " ", &cursor));) cJSON_AddItemToArray(names, cJSON_CreateString(name));
  free(rest);
  cJSON_AddStringToObject(node, "out", output);
  cJSON_AddItemToArray(writer->nodes, node);
  return node;
}

void network_writer_output(network_writer *writer, const char *value) {
  cJSON_AddItemToArray(writer->outputs, cJSON_CreateString(value));
}

bool network_writer_bytes(network_writer *writer, uint8_t **file, size_t *size, sentence *why) {
  char *metadata = cJSON_PrintUnformatted(writer->document);
  dpl_error error = {0};
  *file = NULL;
  bool sound = !dpl_safetensors_write(writer->tensors, writer->count, metadata, file, size, &error) ||
               fail(why, "%s", error.message);
  dpl_network_info info;
  if (sound && dpl_network_describe((dpl_bytes){*file, *size}, &info, &error))
    sound = fail(why, "what came out cannot be read back: %s", error.message);
  free(metadata);
  if (sound) return true;
  free(*file);
  *file = NULL;
  return false;
}

/* Builds the network and runs it once on zeros. */
static dpl_status run_once(dpl_bytes file, dpl_arithmetic arithmetic, dpl_error *error) {
  dpl_network *network;
  const dpl_network_options options = {.arithmetic = arithmetic};
  dpl_status status = dpl_network_open_as(file, &options, &network, error);
  if (status) return status;
  const dpl_network_info *info = &dpl_network_spec_of(network)->info;
  const size_t height = (size_t)info->input_height, width = (size_t)info->input_width;
  float *input;
  status = dpl_network_input(network, 1, height, width, &input, error);
  if (!status) memset(input, 0, height * width * 3 * sizeof *input);
  if (!status) status = dpl_network_invoke(network, error);
  dpl_network_close(network);
  return status;
}

/* Both arithmetics, because the command line can ask for either whatever the file says. */
static bool runs(dpl_bytes file, sentence *why) {
  dpl_error error;
  if (run_once(file, DPL_ARITHMETIC_FLOAT, &error) || run_once(file, DPL_ARITHMETIC_INT8, &error))
    return fail(why, "what came out cannot be run: %s", error.message);
  return true;
}

bool network_writer_save(network_writer *writer, const char *path, sentence *why) {
  uint8_t *file;
  size_t size;
  if (!network_writer_bytes(writer, &file, &size, why)) return false;
  const bool saved = runs((dpl_bytes){file, size}, why) && file_write(path, file, size, why);
  free(file);
  return saved;
}
