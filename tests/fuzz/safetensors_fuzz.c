/* Any bytes as a container and as a network file: views that lie inside the file and a network that runs, or a
   sentence. */
#include "safetensors.h"
#include "seeds.h"

static void look_at_every_byte(const dpl_safetensors *handle) {
  unsigned sum = 0;
  for (size_t i = 0; i < dpl_safetensors_count(handle); i++) {
    const dpl_tensor *tensor = dpl_safetensors_at(handle, i);
    if (dpl_safetensors_find(handle, tensor->name) != tensor) abort();
    size_t count = 1;
    for (size_t axis = 0; axis < tensor->rank; axis++) count *= tensor->shape[axis];
    if (count != tensor->count) abort();
    for (size_t k = 0; k < tensor->count * dpl_dtype_size(tensor->dtype); k++) sum += tensor->data[k];
  }
  const char *metadata = dpl_safetensors_metadata(handle, "doppel");
  if (metadata) sum += (unsigned)strlen(metadata);
  volatile unsigned kept = sum; /* so that nothing of this is left out */
  (void)kept;
}

/* What describes itself soundly must also build and run, or say why not. */
static void run_once(dpl_bytes file, const dpl_network_info *info) {
  dpl_network *network = NULL;
  dpl_error error = {0};
  if (dpl_network_open(file, &network, &error)) {
    if (!error.message[0]) abort();
    return;
  }
  static float input[32 * 32 * 3], output[1 << 16];
  const size_t shape[4] = {1, (size_t)info->input_height, (size_t)info->input_width, 3};
  size_t count = 0;
  dpl_network_run(network, input, shape, output, sizeof output / sizeof *output, &count, &error);
  dpl_network_close(network);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const dpl_bytes file = {data, size};
  dpl_error error = {0};
  dpl_safetensors *handle = NULL;
  const dpl_status status = dpl_safetensors_open(file, DPL_DAMAGED_NETWORK, &handle, &error);
  if (status && !error.message[0]) abort();
  if (!status) look_at_every_byte(handle);
  dpl_safetensors_close(handle);

  dpl_network_info info;
  if (dpl_network_describe(file, &info, &error) == DPL_OK) {
    if (status) abort();
    if (info.input_width <= 32 && info.input_height <= 32) run_once(file, &info);
  }
  return 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  const uint8_t zeros[256] = {0};
  const dpl_tensor tensors[] = {
      {"conv.weight", DPL_U8, 4, {2, 3, 3, 3}, 54, zeros}, {"conv.weight.scale", DPL_F32, 1, {1}, 1, zeros},
      {"conv.weight.offset", DPL_F32, 1, {1}, 1, zeros},   {"conv.bias", DPL_F32, 1, {2}, 2, zeros},
      {"fc.weight", DPL_F16, 2, {4, 2}, 8, zeros},         {"fc.bias", DPL_F32, 1, {4}, 4, zeros}};
  const char *metadata =
      "{\"format\":1,\"name\":\"tiny\",\"task\":\"embedder\",\"licence\":\"MIT\",\"source\":\"here\",\"source_sha256\":"
      "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"input\":{\"width\":8,\"height\":8,"
      "\"resizable\":false,\"order\":\"rgb\",\"mean\":[1,2,3],\"scale\":[1,1,1]},\"output\":{\"decoder\":\"embedding\","
      "\"dimension\":4,\"mirror\":true,\"threshold\":0.9},\"template\":[[2,2],[6,2],[4,4],[2,6],[6,6]],\"graph\":"
      "{\"input\":\"x\",\"outputs\":[\"vector\"],\"nodes\":[{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"a\",\"weight\":"
      "\"conv.weight\",\"bias\":\"conv.bias\",\"stride\":[2,2],\"pad\":\"same\",\"min\":0},{\"op\":\"global_average_"
      "pool\","
      "\"in\":[\"a\"],\"out\":\"b\"},{\"op\":\"fully_connected\",\"in\":[\"b\"],\"out\":\"vector\",\"weight\":\"fc."
      "weight\","
      "\"bias\":\"fc.bias\"}]}}";
  buffer network = {0}, plain = {0};
  if (dpl_safetensors_write(tensors, 6, metadata, &network.data, &network.size, NULL) == DPL_OK)
    plant(folder, "network", network);
  if (dpl_safetensors_write(tensors, 2, NULL, &plain.data, &plain.size, NULL) == DPL_OK) plant(folder, "plain", plain);
  return 0;
}
