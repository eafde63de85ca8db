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
  static const char *const names[] = {"detector", "landmarks", "embedder", "other"};
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

/* ---- decoder, task and outputs must belong together, so that nothing behind has to ask again ---- */

static const dpl_value *output_of(const dpl_network_file *file, size_t index) {
  return &file->graph.values[file->graph.outputs[index]];
}

static size_t last_axis(const dpl_value *value) {
  return value->rank ? value->shape[value->rank - 1] : 0;
}

static bool fits_embedding(dpl_network_file *file) {
  dpl_network_spec *spec = &file->spec;
  const dpl_value *vector = output_of(file, 0);
  const size_t dimension = last_axis(vector);
  spec->info.dimension = (int)dimension;
  return file->graph.output_count == 1 && dpl_value_count(vector) == dimension && dimension >= 2 &&
         dimension <= DPL_MAX_DIMENSION && spec->has_template == (spec->alignment == DPL_ALIGN_POINTS);
}

static bool fits_landmarks68(dpl_network_file *file) {
  return file->graph.output_count == 1 && dpl_value_count(output_of(file, 0)) == 136;
}

static bool fits_tiny(dpl_network_file *file) {
  const size_t anchors = file->spec.anchor_count;
  const dpl_value *grid = output_of(file, 0);
  return file->graph.output_count == 1 && grid->rank == 4 && anchors > 0 && last_axis(grid) == 5 * anchors;
}

static bool fits_ssd(dpl_network_file *file) {
  bool fits = file->graph.output_count % 2 == 0;
  for (size_t i = 0; fits && i < file->graph.output_count; i += 2) {
    const dpl_value *boxes = output_of(file, i), *classes = output_of(file, i + 1);
    fits = boxes->rank == 4 && classes->rank == 4 && boxes->shape[3] % 4 == 0 && boxes->shape[1] == classes->shape[1] &&
           boxes->shape[2] == classes->shape[2] && classes->shape[3] == boxes->shape[3] / 4 * 3;
  }
  return fits;
}

/* Maps at strides 8, 16 and 32, one kind of number behind the other: kinds[k] numbers a cell. */
static bool fits_strides(dpl_network_file *file, const size_t *kinds, size_t count) {
  const dpl_network_info *info = &file->spec.info;
  bool fits = file->graph.output_count == 3 * count && info->input_height % 32 == 0 && info->input_width % 32 == 0;
  for (size_t i = 0; fits && i < 3 * count; i++) {
    const dpl_value *map = output_of(file, i);
    const size_t stride = (size_t)8 << i % 3;
    fits = map->rank == 4 && map->shape[1] * stride == (size_t)info->input_height &&
           map->shape[2] * stride == (size_t)info->input_width && map->shape[3] == kinds[i / 3];
  }
  return fits && (!file->spec.resizable || file->spec.stride % 32 == 0);
}

static bool fits_yunet(dpl_network_file *file) {
  return fits_strides(file, (const size_t[]){1, 1, 4, 2 * DPL_POINTS}, 4);
}

static bool fits_scrfd(dpl_network_file *file) {
  return fits_strides(file, (const size_t[]){2, 8, 4 * DPL_POINTS}, 3);
}

static bool fits_raw(dpl_network_file *file) {
  return file->graph.output_count > 0;
}

static dpl_status check_decoder(dpl_network_file *file, const char *name, dpl_error *error) {
  static const struct {
    const char *name;
    dpl_decoder decoder;
    dpl_task task;
    bool (*fits)(dpl_network_file *file);
  } known[] = {{"embedding", DPL_DECODER_EMBEDDING, DPL_TASK_EMBEDDER, fits_embedding},
               {"landmarks68", DPL_DECODER_LANDMARKS68, DPL_TASK_LANDMARKS, fits_landmarks68},
               {"tiny", DPL_DECODER_TINY, DPL_TASK_DETECTOR, fits_tiny},
               {"ssd", DPL_DECODER_SSD, DPL_TASK_DETECTOR, fits_ssd},
               {"yunet", DPL_DECODER_YUNET, DPL_TASK_DETECTOR, fits_yunet},
               {"scrfd", DPL_DECODER_SCRFD, DPL_TASK_DETECTOR, fits_scrfd},
               {"raw", DPL_DECODER_RAW, DPL_TASK_OTHER, fits_raw}};
  dpl_network_spec *spec = &file->spec;
  const float threshold = spec->info.threshold;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strcmp(name, known[i].name) != 0) continue;
    spec->decoder = known[i].decoder;
    if (spec->info.task == known[i].task && known[i].fits(file) &&
        (spec->info.task != DPL_TASK_DETECTOR || (threshold > 0 && threshold < 1)))
      return DPL_OK;
    return dpl_fail(error, DPL_DAMAGED_NETWORK, "The network's outputs do not fit its task and decoder (\"%.40s\").",
                    name);
  }
  return dpl_fail(error, DPL_UNSUPPORTED_NETWORK,
                  "The network's output is of kind \"%.40s\", which this version cannot read.", name);
}

/* "align": "box", and "arithmetic": "int8"; absent means the other. */
static bool read_choices(const cJSON *document, dpl_network_spec *spec) {
  const cJSON *align = member(document, "align"), *arithmetic = member(document, "arithmetic");
  spec->alignment = align ? DPL_ALIGN_BOX : DPL_ALIGN_POINTS;
  spec->int8 = arithmetic != NULL;
  return (!align || (cJSON_IsString(align) && strcmp(align->valuestring, "box") == 0)) &&
         (!arithmetic || (cJSON_IsString(arithmetic) && strcmp(arithmetic->valuestring, "int8") == 0));
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
      !read_output(member(document, "output"), spec, decoder, sizeof decoder) || !read_choices(document, spec) ||
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
