/* Any text as a manifest of one of face-api's networks, which the first byte names, with a .bin as long as it says:
   a network file that the library reads, or a sentence. */
#include "scratch.h"

#include "cJSON.h"
#include "faceapi.h"

static const char *const NAMES[] = {"tiny_face_detector", "face_landmark_68", "face_recognition", "ssd_mobilenetv1"};
enum { NETWORKS = sizeof NAMES / sizeof *NAMES, MOST_BYTES = 1 << 20 };

static size_t bytes_of_entry(const cJSON *entry) {
  double count = cJSON_GetObjectItemCaseSensitive(entry, "quantization") ? 1 : 4;
  const cJSON *side;
  cJSON_ArrayForEach(side, cJSON_GetObjectItemCaseSensitive(entry, "shape")) count *= side->valuedouble;
  return count >= 0 && count < MOST_BYTES ? (size_t)count : 0;
}

static size_t bytes_wanted(dpl_bytes text) {
  cJSON *groups = cJSON_ParseWithLength((const char *)text.data, text.size), *group, *entry;
  size_t sum = 0;
  cJSON_ArrayForEach(group, groups) {
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(group, "weights")) sum += bytes_of_entry(entry);
  }
  cJSON_Delete(groups);
  return sum < MOST_BYTES ? sum : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint8_t numbers[MOST_BYTES];
  if (size == 0) return 0;
  if (!numbers[1]) {
    for (size_t i = 0; i < MOST_BYTES; i++) numbers[i] = (uint8_t)(i % 61);
  }
  const dpl_bytes text = {data + 1, size - 1};
  const char *network = NAMES[data[0] % NETWORKS];
  char name[64], path[192];
  snprintf(name, sizeof name, "%s_model.bin", network);
  scratch_write(name, (dpl_bytes){numbers, bytes_wanted(text)});
  snprintf(name, sizeof name, "%s_model-weights_manifest.json", network);
  scratch_write(name, text);
  snprintf(path, sizeof path, "%s/%s", scratch_folder(), name);
  uint8_t *file = NULL;
  size_t file_size = 0;
  sentence why = {""};
  dpl_network_info info;
  if (!faceapi_network(path, &file, &file_size, &why))
    must_be_sentence(&why);
  else if (dpl_network_describe((dpl_bytes){file, file_size}, &info, NULL) || strcmp(info.name, network) != 0)
    abort();
  free(file);
  return 0;
}

/* ---- seeds: all tensors of a network, of few channels */

static void put_tensor(buffer *out, const char *prefix, int number, const char *name, const char *shape) {
  char text[256], place[96];
  snprintf(place, sizeof place, prefix, number);
  const int length =
      snprintf(text, sizeof text, "%s{\"name\":\"%s%s\",\"shape\":[%s]%s}", out->size > 16 ? "," : "", place, name,
               shape, strstr(name, "ias") ? "" : ",\"quantization\":{\"dtype\":\"uint8\",\"scale\":0.5,\"min\":-1}");
  append(out, text, (size_t)length);
}

static buffer begin_manifest(uint8_t network) {
  buffer out = {0};
  append(&out, &network, 1);
  append(&out, "[{\"weights\":[", 13);
  return out;
}

static void put_separable(buffer *out, const char *prefix, int number) {
  put_tensor(out, prefix, number, "depthwise_filter", "3,3,2,1");
  put_tensor(out, prefix, number, "pointwise_filter", "1,1,2,2");
  put_tensor(out, prefix, number, "bias", "2");
}

static buffer tiny_manifest(void) {
  buffer out = begin_manifest(0);
  put_tensor(&out, "conv%d/", 0, "filters", "3,3,3,2");
  put_tensor(&out, "conv%d/", 0, "bias", "2");
  for (int i = 1; i <= 5; i++) put_separable(&out, "conv%d/", i);
  put_tensor(&out, "conv%d/", 8, "filters", "1,1,2,25");
  put_tensor(&out, "conv%d/", 8, "bias", "25");
  return out;
}

static buffer landmark_manifest(void) {
  buffer out = begin_manifest(1);
  for (int block = 0; block < 4; block++) {
    char prefix[32];
    snprintf(prefix, sizeof prefix, "dense%d/conv%%d/", block);
    if (block) put_separable(&out, prefix, 0);
    if (!block) put_tensor(&out, prefix, 0, "filters", "3,3,3,2"), put_tensor(&out, prefix, 0, "bias", "2");
    for (int i = 1; i <= 3; i++) put_separable(&out, prefix, i);
  }
  put_tensor(&out, "fc/", 0, "weights", "2,136");
  put_tensor(&out, "fc/", 0, "bias", "136");
  return out;
}

static buffer ssd_manifest(void) {
  buffer out = begin_manifest(3);
  for (int i = 0; i <= 13; i++) {
    put_tensor(&out, "MobilenetV1/Conv2d_%d_pointwise/", i, "weights", i ? "1,1,2,2" : "3,3,3,2");
    put_tensor(&out, "MobilenetV1/Conv2d_%d_pointwise/", i, "convolution_bn_offset", "2");
    if (!i) continue;
    put_tensor(&out, "MobilenetV1/Conv2d_%d_depthwise/", i, "depthwise_weights", "3,3,2,1");
    put_tensor(&out, "MobilenetV1/Conv2d_%d_depthwise/BatchNorm/", i, "gamma", "2");
    put_tensor(&out, "MobilenetV1/Conv2d_%d_depthwise/BatchNorm/", i, "beta", "2");
    put_tensor(&out, "MobilenetV1/Conv2d_%d_depthwise/BatchNorm/", i, "moving_mean", "2");
    put_tensor(&out, "MobilenetV1/Conv2d_%d_depthwise/BatchNorm/", i, "moving_variance", "2");
  }
  for (int i = 0; i < 6; i++) {
    put_tensor(&out, "Prediction/BoxPredictor_%d/BoxEncodingPredictor/", i, "weights", "1,1,2,12");
    put_tensor(&out, "Prediction/BoxPredictor_%d/BoxEncodingPredictor/", i, "biases", "12");
    put_tensor(&out, "Prediction/BoxPredictor_%d/ClassPredictor/", i, "weights", "1,1,2,9");
    put_tensor(&out, "Prediction/BoxPredictor_%d/ClassPredictor/", i, "biases", "9");
  }
  for (int i = 0; i < 8; i++) {
    put_tensor(&out, "Prediction/Conv2d_%d_pointwise/", i, "weights", "1,1,2,2");
    put_tensor(&out, "Prediction/Conv2d_%d_pointwise/", i, "convolution_bn_offset", "2");
  }
  return out;
}

static buffer recognition_manifest(void) {
  static const char *const blocks[] = {"conv32_1",     "conv32_2",  "conv32_3",     "conv64_down",     "conv64_1",
                                       "conv64_2",     "conv64_3",  "conv128_down", "conv128_1",       "conv128_2",
                                       "conv256_down", "conv256_1", "conv256_2",    "conv256_down_out"};
  buffer out = begin_manifest(2);
  for (int i = -2; i < 2 * (int)(sizeof blocks / sizeof *blocks); i++) {
    char prefix[48];
    if (i == -1) continue;
    snprintf(prefix, sizeof prefix, "%s", "conv32_down/");
    if (i >= 0) snprintf(prefix, sizeof prefix, "%s/conv%%d/", blocks[i / 2]);
    put_tensor(&out, prefix, 1 + (i & 1), "conv/filters", i < 0 ? "7,7,3,2" : "3,3,2,2");
    put_tensor(&out, prefix, 1 + (i & 1), "conv/bias", "2");
    put_tensor(&out, prefix, 1 + (i & 1), "scale/weights", "2");
    put_tensor(&out, prefix, 1 + (i & 1), "scale/biases", "2");
  }
  put_tensor(&out, "fc", 0, "", "2,4");
  return out;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  buffer (*const manifests[NETWORKS])(void) = {tiny_manifest, landmark_manifest, recognition_manifest, ssd_manifest};
  for (size_t i = 0; i < NETWORKS; i++) {
    buffer manifest = manifests[i]();
    append(&manifest, "]}]", 3);
    plant(folder, NAMES[i], manifest);
  }
  return 0;
}
