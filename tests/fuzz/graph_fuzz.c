/* Any text as the document of a network whose tensors are sound: built and run on a small input, or refused with a
   sentence. safetensors_fuzz looks at the container; here the graph is what lies. */
#include "made_networks.h"
#include "seeds.h"

/* One tensor of each kind that an operator may ask for. */
static const float floats[128] = {0.5f, -0.25f, 1, 2};
static const uint8_t bytes[128] = {1, 2, 3};
static const dpl_tensor TENSORS[] = {{"w", DPL_F32, 4, {2, 3, 3, 3}, 54, (const uint8_t *)floats},
                                     {"b", DPL_F32, 1, {2}, 2, (const uint8_t *)floats},
                                     {"p", DPL_F32, 4, {2, 1, 1, 2}, 4, (const uint8_t *)floats},
                                     {"q", DPL_U8, 4, {2, 3, 3, 3}, 54, bytes},
                                     {"q.scale", DPL_F32, 1, {1}, 1, (const uint8_t *)floats},
                                     {"q.offset", DPL_F32, 1, {1}, 1, (const uint8_t *)floats},
                                     {"d", DPL_F32, 4, {1, 3, 3, 3}, 27, (const uint8_t *)floats},
                                     {"c", DPL_F32, 1, {3}, 3, (const uint8_t *)floats},
                                     {"f", DPL_F16, 2, {4, 2}, 8, bytes},
                                     {"s", DPL_F32, 1, {4}, 4, (const uint8_t *)floats}};
enum { TENSOR_COUNT = sizeof TENSORS / sizeof TENSORS[0], SIDE = 8, MOST_FLOATS = 1 << 16 };

static void run_on_zeros(dpl_network *network) {
  static const float input[SIDE * SIDE * 3];
  static float output[MOST_FLOATS];
  size_t count = 0;
  dpl_error error = {0};
  const dpl_status status =
      dpl_network_run(network, input, (const size_t[]){1, SIDE, SIDE, 3}, output, MOST_FLOATS, &count, &error);
  if (status && !error.message[0]) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size > 8192) return 0;
  char document[8193];
  memcpy(document, data, size);
  document[size] = 0;
  uint8_t *file;
  size_t file_size;
  dpl_error error = {0};
  if (dpl_safetensors_write(TENSORS, TENSOR_COUNT, document, &file, &file_size, &error)) return 0;
  dpl_network_info info;
  dpl_network *network = NULL;
  const dpl_status described = dpl_network_describe((dpl_bytes){file, file_size}, &info, &error);
  if (described && !error.message[0]) abort();
  if (!described && info.input_width <= 32 && info.input_height <= 32) {
    if (dpl_network_open((dpl_bytes){file, file_size}, &network, &error) && !error.message[0]) abort();
    if (network) run_on_zeros(network);
    dpl_network_close(network);
  }
  free(file);
  return 0;
}

static buffer document_of(const char *nodes) {
  buffer b = {0};
  const char *parts[] = {"{" EMBEDDER_8X8 ",\"graph\":{\"input\":\"x\",\"outputs\":[\"v\"],\"nodes\":[", nodes, "]}}"};
  for (int i = 0; i < 3; i++) append(&b, parts[i], strlen(parts[i]));
  return b;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
#define AVERAGE ",{\"op\":\"global_average_pool\",\"in\":[\"y\"],\"out\":\"v\"}"
  plant(folder, "convolution",
        document_of("{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"w\",\"bias\":\"b\",\"stride\":[2,2],"
                    "\"pad\":\"same\",\"min\":0}" AVERAGE));
  plant(folder, "bytes",
        document_of(
            "{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"a\",\"weight\":\"q\",\"pad\":[1,0,2,0],\"dilation\":[2,1]},"
            "{\"op\":\"prelu\",\"in\":[\"a\",\"b\"],\"out\":\"y\"}" AVERAGE));
  plant(folder, "depthwise",
        document_of(
            "{\"op\":\"depthwise_conv2d\",\"in\":[\"x\"],\"out\":\"a\",\"weight\":\"d\",\"bias\":\"c\",\"pad\":"
            "\"valid\"},{\"op\":\"max_pool\",\"in\":[\"a\"],\"out\":\"y\",\"kernel\":[2,2],\"stride\":[2,2],\"pad\":"
            "\"same\"}" AVERAGE));
  plant(folder, "arithmetic",
        document_of(
            "{\"op\":\"multiply\",\"in\":[\"x\",\"c\"],\"out\":\"a\"},{\"op\":\"add\",\"in\":[\"a\",\"x\"],\"out\":"
            "\"b1\"},{\"op\":\"concat\",\"in\":[\"b1\",\"x\"],\"out\":\"k\",\"axis\":3},{\"op\":\"pad\",\"in\":[\"k\"],"
            "\"out\":\"y\",\"before\":[0,1,0,0],\"after\":[0,0,1,2]}" AVERAGE));
  plant(folder, "connected",
        document_of(
            "{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"w\"},{\"op\":\"global_average_pool\",\"in\":"
            "[\"y\"],\"out\":\"g\"},{\"op\":\"fully_connected\",\"in\":[\"g\"],\"out\":\"v\",\"weight\":\"f\",\"bias\":"
            "\"s\"}"));
  plant(
      folder, "shapes",
      document_of(
          "{\"op\":\"transpose\",\"in\":[\"x\"],\"out\":\"a\",\"perm\":[0,3,1,2]},{\"op\":\"reshape\",\"in\":[\"a\"],"
          "\"out\":\"b1\",\"shape\":[1,4,4,12]},{\"op\":\"depth_to_space\",\"in\":[\"b1\"],\"out\":\"e\",\"block\":2},"
          "{\"op\":\"slice\",\"in\":[\"e\"],\"out\":\"g\",\"begin\":[0,1,0,0],\"size\":[1,6,8,3]},"
          "{\"op\":\"resize_linear\",\"in\":[\"g\"],\"out\":\"h\",\"size\":[5,9],\"mode\":\"align_corners\"},"
          "{\"op\":\"reduce_sum\",\"in\":[\"h\"],\"out\":\"y\",\"axes\":[1]}" AVERAGE));
  plant(folder, "activations",
        document_of(
            "{\"op\":\"hard_swish\",\"in\":[\"x\"],\"out\":\"a\"},{\"op\":\"sigmoid\",\"in\":[\"a\"],\"out\":"
            "\"e\"},{\"op\":\"square_root\",\"in\":[\"e\"],\"out\":\"g\"},{\"op\":\"softmax\",\"in\":[\"g\"],"
            "\"out\":\"h\"},{\"op\":\"divide\",\"in\":[\"h\",\"c\"],\"out\":\"i\"},{\"op\":\"reduce_mean\",\"in\":"
            "[\"i\"],\"out\":\"y\",\"axes\":[1,2]}" AVERAGE));
#undef AVERAGE
  return 0;
}
