/* Reads the metadata of a network file. */
#include "network_file.h"

#include "json.h"
#include "status.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int max_input_side = 4096;

static const cJSON *member(const cJSON *object, const char *key) {
  return cJSON_GetObjectItemCaseSensitive(object, key);
}

static bool read_text(const cJSON *object, const char *key, char *text, size_t size) {
  const cJSON *item = member(object, key);
  if (!item) return text[0] = 0, true;
  return cJSON_IsString(item) && snprintf(text, size, "%s", item->valuestring) < (int)size;
}

static bool read_int(const cJSON *object, const char *key, int smallest, int largest, int *number) {
  const cJSON *item = member(object, key);
  if (!cJSON_IsNumber(item) || !(item->valuedouble >= smallest && item->valuedouble <= largest)) return false;
  *number = (int)item->valuedouble;
  return true;
}

static bool read_floats(const cJSON *array, float *floats, size_t count) {
  if (!cJSON_IsArray(array) || cJSON_GetArraySize(array) != (int)count) return false;
  for (size_t i = 0; i < count; i++) {
    const cJSON *item = cJSON_GetArrayItem(array, (int)i);
    if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble)) return false;
    floats[i] = (float)item->valuedouble;
  }
  return true;
}

static bool read_points(const cJSON *array, dpl_point *points, size_t count) {
  if (!cJSON_IsArray(array) || cJSON_GetArraySize(array) != (int)count) return false;
  for (size_t i = 0; i < count; i++) {
    float pair[2];
    if (!read_floats(cJSON_GetArrayItem(array, (int)i), pair, 2)) return false;
    points[i] = (dpl_point){pair[0], pair[1]};
  }
  return true;
}

static float read_optional(const cJSON *object, const char *key) {
  const cJSON *item = member(object, key);
  return cJSON_IsNumber(item) && isfinite(item->valuedouble) ? (float)item->valuedouble : 0;
}

static bool read_task(const cJSON *document, dpl_task *task) {
  static const char *const names[] = {"detector", "landmarks", "embedder"};
  const cJSON *item = member(document, "task");
  for (size_t i = 0; cJSON_IsString(item) && i < sizeof names / sizeof *names; i++)
    if (strcmp(item->valuestring, names[i]) == 0) return *task = (dpl_task)i, true;
  return false;
}

static bool read_input(const cJSON *input, dpl_network_spec *spec) {
  const cJSON *order = member(input, "order");
  spec->normalisation.bgr = cJSON_IsString(order) && strcmp(order->valuestring, "bgr") == 0;
  spec->resizable = cJSON_IsTrue(member(input, "resizable"));
  spec->stride = 1;
  return read_int(input, "width", 1, max_input_side, &spec->info.input_width) &&
         read_int(input, "height", 1, max_input_side, &spec->info.input_height) &&
         (!member(input, "stride") || read_int(input, "stride", 1, max_input_side, &spec->stride)) &&
         (spec->normalisation.bgr || (cJSON_IsString(order) && strcmp(order->valuestring, "rgb") == 0)) &&
         read_floats(member(input, "mean"), spec->normalisation.mean, 3) &&
         read_floats(member(input, "scale"), spec->normalisation.scale, 3);
}

static bool read_output(const cJSON *output, dpl_network_spec *spec, char *decoder, size_t size) {
  spec->info.threshold = read_optional(output, "threshold");
  spec->mirror = cJSON_IsTrue(member(output, "mirror"));
  const cJSON *anchors = member(output, "anchors");
  if (anchors) {
    const int count = cJSON_GetArraySize(anchors);
    if (count < 1 || count > DPL_MAX_ANCHORS || !read_points(anchors, spec->anchors, (size_t)count)) return false;
    spec->anchor_count = (size_t)count;
  }
  return read_text(output, "decoder", decoder, size);
}

/* Decoder, task and outputs must belong together, so that nothing behind has to ask again. */
static dpl_status check_decoder(dpl_network_file *file, const char *name, dpl_error *error) {
  dpl_network_spec *spec = &file->spec;
  const dpl_graph *graph = &file->graph;
  const dpl_value *first = &graph->values[graph->outputs[0]];
  const size_t last_axis = first->rank ? first->shape[first->rank - 1] : 0;
  bool fits = false;
  if (strcmp(name, "embedding") == 0) {
    spec->decoder = DPL_DECODER_EMBEDDING;
    spec->info.dimension = (int)last_axis;
    fits = spec->info.task == DPL_TASK_EMBEDDER && graph->output_count == 1 && dpl_value_count(first) == last_axis &&
           last_axis >= 2 && last_axis <= DPL_MAX_DIMENSION && spec->has_template;
  } else if (strcmp(name, "landmarks68") == 0) {
    spec->decoder = DPL_DECODER_LANDMARKS68;
    fits = spec->info.task == DPL_TASK_LANDMARKS && graph->output_count == 1 && dpl_value_count(first) == 136;
  } else if (strcmp(name, "tiny") == 0) {
    spec->decoder = DPL_DECODER_TINY;
    fits = spec->info.task == DPL_TASK_DETECTOR && graph->output_count == 1 && first->rank == 4 &&
           spec->anchor_count > 0 && last_axis == 5 * spec->anchor_count;
  } else if (strcmp(name, "ssd") == 0) {
    spec->decoder = DPL_DECODER_SSD;
    fits = spec->info.task == DPL_TASK_DETECTOR && graph->output_count % 2 == 0;
    for (size_t i = 0; fits && i < graph->output_count; i += 2) {
      const dpl_value *boxes = &graph->values[graph->outputs[i]], *classes = &graph->values[graph->outputs[i + 1]];
      fits = boxes->rank == 4 && classes->rank == 4 && boxes->shape[3] % 4 == 0 &&
             boxes->shape[1] == classes->shape[1] && boxes->shape[2] == classes->shape[2] &&
             classes->shape[3] == boxes->shape[3] / 4 * 3;
    }
  } else {
    return dpl_fail(error, DPL_UNSUPPORTED_NETWORK,
                    "The network's output is of kind \"%.40s\", which this version cannot read.", name);
  }
  if (spec->info.task == DPL_TASK_DETECTOR && !(spec->info.threshold > 0 && spec->info.threshold < 1)) fits = false;
  if (!fits)
    return dpl_fail(error, DPL_DAMAGED_NETWORK, "The network's outputs do not fit its task and decoder (\"%.40s\").",
                    name);
  return DPL_OK;
}

static dpl_status read_document(const cJSON *document, dpl_network_file *file, dpl_error *error) {
  dpl_network_spec *spec = &file->spec;
  const cJSON *format = member(document, "format");
  if (!cJSON_IsNumber(format))
    return dpl_fail(error, DPL_DAMAGED_NETWORK, "This .safetensors file was not made by doppel's importer.");
  if (format->valuedouble != 1)
    return dpl_fail(error, DPL_UNSUPPORTED_NETWORK, "The network file has format %g; this version reads format 1.",
                    format->valuedouble);
  char decoder[32];
  const cJSON *template = member(document, "template");
  spec->has_template = template != NULL;
  if (!read_task(document, &spec->info.task) || !read_text(document, "name", spec->info.name, sizeof spec->info.name) ||
      !read_text(document, "licence", spec->info.licence, sizeof spec->info.licence) ||
      !read_text(document, "source", spec->info.source, sizeof spec->info.source) ||
      !read_text(document, "source_sha256", spec->info.source_sha256, sizeof spec->info.source_sha256) ||
      !read_input(member(document, "input"), spec) ||
      !read_output(member(document, "output"), spec, decoder, sizeof decoder) ||
      (template && !read_points(template, spec->template, DPL_POINTS)))
    return dpl_fail(error, DPL_DAMAGED_NETWORK, "The network file's description is incomplete or out of range.");

  dpl_status status = dpl_graph_parse(member(document, "graph"), file->tensors, &file->graph, error);
  const size_t shape[4] = {1, (size_t)spec->info.input_height, (size_t)spec->info.input_width, 3};
  if (!status) status = dpl_graph_infer(&file->graph, shape, error);
  if (!status) status = check_decoder(file, decoder, error);
  spec->info.nodes = file->graph.node_count;
  spec->info.tensors = dpl_safetensors_count(file->tensors);
  for (size_t i = 0; i < spec->info.tensors; i++) spec->info.parameters += dpl_safetensors_at(file->tensors, i)->count;
  return status;
}

dpl_status dpl_network_file_open(dpl_bytes bytes, dpl_network_file *file, dpl_error *error) {
  *file = (dpl_network_file){0};
  dpl_status status = dpl_safetensors_open(bytes, DPL_DAMAGED_NETWORK, &file->tensors, error);
  if (status) return status;
  const char *text = dpl_safetensors_metadata(file->tensors, "doppel");
  cJSON *document = text ? dpl_json_parse(text, strlen(text)) : NULL;
  status = document ? read_document(document, file, error)
                    : dpl_fail(error, DPL_DAMAGED_NETWORK, "This .safetensors file was not made by doppel's importer.");
  cJSON_Delete(document);
  if (status) dpl_network_file_close(file);
  return status;
}

void dpl_network_file_close(dpl_network_file *file) {
  dpl_graph_free(&file->graph);
  dpl_safetensors_close(file->tensors);
  *file = (dpl_network_file){0};
}

dpl_status dpl_network_describe(dpl_bytes network, dpl_network_info *info, dpl_error *error) {
  dpl_network_file file;
  const dpl_status status = dpl_network_file_open(network, &file, error);
  if (status) return status;
  *info = file.spec.info;
  dpl_network_file_close(&file);
  return DPL_OK;
}
