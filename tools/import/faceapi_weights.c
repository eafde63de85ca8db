/* Reads a face-api manifest with its .bin, and writes its tensors in our layouts. */
#include "faceapi_weights.h"

#include "files.h"
#include "sha256.h"
#include "weight_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct stored {
  const char *name; /* in the manifest's JSON */
  size_t rank, shape[DPL_MAX_RANK], count;
  bool quantised;
  float scale, min;
  const uint8_t *data;
} stored;

struct faceapi_weights {
  cJSON *manifest;
  dpl_bytes bin;
  stored *tensors;
  size_t count;
  char sha256[SHA256_TEXT];
  bool failed;
  sentence why; /* the first failure */
};

static bool read_entry(const cJSON *entry, dpl_bytes bin, size_t *offset, stored *tensor) {
  const cJSON *name = cJSON_GetObjectItemCaseSensitive(entry, "name"),
              *shape = cJSON_GetObjectItemCaseSensitive(entry, "shape"),
              *quantisation = cJSON_GetObjectItemCaseSensitive(entry, "quantization"), *side;
  if (!cJSON_IsString(name) || !cJSON_IsArray(shape) || cJSON_GetArraySize(shape) > DPL_MAX_RANK) return false;
  *tensor = (stored){.name = name->valuestring, .count = 1};
  cJSON_ArrayForEach(side, shape) {
    if (!cJSON_IsNumber(side) || !(side->valuedouble >= 1 && side->valuedouble <= 1 << 20)) return false;
    tensor->count *= tensor->shape[tensor->rank++] = (size_t)side->valuedouble;
    if (tensor->count > bin.size) return false;
  }
  tensor->quantised = quantisation != NULL;
  if (quantisation) {
    const cJSON *kind = cJSON_GetObjectItemCaseSensitive(quantisation, "dtype"),
                *scale = cJSON_GetObjectItemCaseSensitive(quantisation, "scale"),
                *min = cJSON_GetObjectItemCaseSensitive(quantisation, "min");
    if (!cJSON_IsString(kind) || strcmp(kind->valuestring, "uint8") != 0 || !cJSON_IsNumber(scale) ||
        !cJSON_IsNumber(min))
      return false;
    tensor->scale = (float)scale->valuedouble;
    tensor->min = (float)min->valuedouble;
  }
  const size_t bytes = tensor->count * (tensor->quantised ? 1 : sizeof(float));
  if (bytes > bin.size - *offset) return false;
  tensor->data = bin.data + *offset;
  *offset += bytes;
  return true;
}

static bool read_tensors(faceapi_weights *weights) {
  const cJSON *groups = weights->manifest, *group, *entry;
  size_t offset = 0;
  cJSON_ArrayForEach(group, groups) {
    weights->count += (size_t)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(group, "weights"));
  }
  if (weights->count == 0) return false;
  weights->tensors = new_array(weights->count, sizeof *weights->tensors);
  size_t index = 0;
  cJSON_ArrayForEach(group, groups) {
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(group, "weights")) {
      if (!read_entry(entry, weights->bin, &offset, &weights->tensors[index++])) return false;
    }
  }
  return offset == weights->bin.size;
}

/* …/name_model-weights_manifest.json → …/name_model.bin */
static char *bin_path(const char *manifest) {
  static const char ending[] = "-weights_manifest.json";
  const size_t length = strlen(manifest), tail = sizeof ending - 1;
  if (length <= tail || strcmp(manifest + length - tail, ending) != 0) return NULL;
  return new_text_of("%.*s.bin", (int)(length - tail), manifest);
}

static bool read_files(faceapi_weights *weights, const char *manifest, const char *bin, sentence *why) {
  dpl_bytes json;
  if (!file_read(manifest, &json, why)) return false;
  weights->manifest = cJSON_ParseWithLength((const char *)json.data, json.size);
  bytes_free(&json);
  return file_read(bin, &weights->bin, why) &&
         ((cJSON_IsArray(weights->manifest) && read_tensors(weights)) ||
          fail(why, "%s and its .bin do not belong together or are damaged.", manifest));
}

faceapi_weights *faceapi_weights_read(const char *manifest, sentence *why) {
  char *bin = bin_path(manifest);
  if (!bin) {
    fail(why, "%s is not a …-weights_manifest.json.", manifest);
    return NULL;
  }
  faceapi_weights *weights = new_array(1, sizeof *weights);
  const bool fine = read_files(weights, manifest, bin, why);
  free(bin);
  if (!fine) {
    faceapi_weights_free(weights);
    return NULL;
  }
  sha256_of(weights->bin, weights->sha256);
  return weights;
}

void faceapi_weights_free(faceapi_weights *weights) {
  if (!weights) return;
  cJSON_Delete(weights->manifest);
  bytes_free(&weights->bin);
  free(weights->tensors);
  free(weights);
}

const char *faceapi_weights_sha256(const faceapi_weights *weights) {
  return weights->sha256;
}

bool faceapi_weights_fit(const faceapi_weights *weights, sentence *why) {
  if (weights->failed) *why = weights->why;
  return !weights->failed;
}

static const stored *find(const faceapi_weights *weights, const char *name) {
  for (size_t i = 0; i < weights->count; i++)
    if (strcmp(weights->tensors[i].name, name) == 0) return &weights->tensors[i];
  return NULL;
}

/* Where to say why, which only the first failure may. */
static sentence *failing(faceapi_weights *weights) {
  static sentence later;
  sentence *why = weights->failed ? &later : &weights->why;
  weights->failed = true;
  return why;
}

static const stored *demand(faceapi_weights *weights, const char *name) {
  const stored *tensor = find(weights, name);
  if (!tensor) fail(failing(weights), "The tensor %s is missing; fetch the package's files again.", name);
  return tensor;
}

static float number_at(const stored *tensor, size_t index) {
  if (tensor->quantised) return (float)tensor->data[index] * tensor->scale + tensor->min;
  float number;
  memcpy(&number, tensor->data + index * sizeof number, sizeof number);
  return number;
}

size_t faceapi_weights_count(const faceapi_weights *weights, const char *name) {
  const stored *tensor = find(weights, name);
  return tensor ? tensor->count : 0;
}

float *faceapi_weights_floats(faceapi_weights *weights, const char *name, size_t count) {
  const stored *tensor = demand(weights, name);
  if (!tensor) return NULL;
  if (tensor->count != count) {
    fail(failing(weights), "The tensor %s has %zu numbers instead of %zu; fetch the package's files again.", name,
         tensor->count, count);
    return NULL;
  }
  float *floats = new_array(count, sizeof *floats);
  for (size_t i = 0; i < count; i++) floats[i] = number_at(tensor, i);
  return floats;
}

const char *faceapi_write_floats(network_writer *writer, const char *name, const float *floats, size_t count) {
  return network_writer_tensor(writer, name, DPL_F32, 1, &count, floats);
}

/* Where element (inner, channel) of the stored layout, channel last, goes in ours. */
static size_t place(faceapi_layout layout, size_t inner, size_t channel, size_t inner_count, size_t channels) {
  return layout == FACEAPI_DEPTHWISE ? inner * channels + channel : channel * inner_count + inner;
}

static size_t our_shape(const stored *tensor, faceapi_layout layout, size_t shape[4]) {
  const size_t *s = tensor->shape;
  if (layout == FACEAPI_IO) return shape[0] = s[1], shape[1] = s[0], 2;
  if (layout == FACEAPI_DEPTHWISE) return shape[0] = 1, shape[1] = s[0], shape[2] = s[1], shape[3] = s[2], 4;
  return shape[0] = s[3], shape[1] = s[0], shape[2] = s[1], shape[3] = s[2], 4;
}

/* q·scale + offset a channel, with the factor folded in. One number where there is no factor. */
static void write_quantisation(network_writer *writer, const char *name, const stored *tensor, size_t channels,
                               const float *factor) {
  const size_t count = factor ? channels : 1;
  float *scale = new_array(count, sizeof *scale), *offset = new_array(count, sizeof *offset);
  for (size_t i = 0; i < count; i++) {
    scale[i] = tensor->scale * (factor ? factor[i] : 1);
    offset[i] = tensor->min * (factor ? factor[i] : 1);
  }
  char side[256];
  snprintf(side, sizeof side, "%s.scale", name);
  faceapi_write_floats(writer, side, scale, count);
  snprintf(side, sizeof side, "%s.offset", name);
  faceapi_write_floats(writer, side, offset, count);
  free(scale);
  free(offset);
}

static bool has_layout(const stored *tensor, faceapi_layout layout) {
  return tensor->rank == (layout == FACEAPI_IO ? 2 : 4) && (layout != FACEAPI_DEPTHWISE || tensor->shape[3] == 1);
}

const char *faceapi_write_weight(faceapi_weights *weights, network_writer *writer, const char *name,
                                 faceapi_layout layout, const float *factor, size_t factors) {
  const stored *tensor = demand(weights, name);
  if (!tensor) return name;
  const size_t channels =
      has_layout(tensor, layout) ? tensor->shape[layout == FACEAPI_DEPTHWISE ? 2 : tensor->rank - 1] : 0;
  if (!channels || (factor && factors != channels)) {
    fail(failing(weights), "The tensor %s has another shape than its layer; fetch the package's files again.", name);
    return name;
  }
  const size_t inner_count = tensor->count / channels, element = tensor->quantised ? 1 : sizeof(uint16_t);
  uint8_t *turned = new_array(tensor->count, element);
  for (size_t inner = 0; inner < inner_count; inner++)
    for (size_t channel = 0; channel < channels; channel++) {
      const size_t from = inner * channels + channel, to = place(layout, inner, channel, inner_count, channels);
      if (tensor->quantised) {
        turned[to] = tensor->data[from];
      } else {
        const uint16_t half = half_of(number_at(tensor, from) * (factor ? factor[channel] : 1));
        memcpy(turned + to * element, &half, sizeof half);
      }
    }
  size_t shape[4];
  const size_t rank = our_shape(tensor, layout, shape);
  const char *written = network_writer_tensor(writer, name, tensor->quantised ? DPL_U8 : DPL_F16, rank, shape, turned);
  if (tensor->quantised) write_quantisation(writer, name, tensor, channels, factor);
  free(turned);
  return written;
}
