/* Any bytes as models.json, next to a small network that it may name: networks, each with its name and sha256, or a
   sentence. Also whether a gallery's manifest names networks. */
#include "scratch.h"

#include "cJSON.h"
#include "networks.h"
#include "safetensors.h"

static const char network_name[] = "tiny.safetensors";
static char network_sha256[SHA256_TEXT];

static void read_list(dpl_bytes text) {
  network_pool pool = {0};
  sentence why = {""};
  scratch_write("models.json", text);
  if (!network_pool_add(&pool, scratch_folder(), &why)) must_be_sentence(&why);
  for (size_t i = 0; i < pool.count; i++) {
    if (pool.files[i].path && !why.text[0] && strcmp(pool.files[i].sha256, network_sha256) != 0) abort();
  }
  network_pool_free(&pool);
}

static void prefer(dpl_bytes text) {
  network_options options = {0};
  cJSON *manifest = cJSON_ParseWithLength((const char *)text.data, text.size);
  networks_prefer_those_of(manifest, &options);
  for (size_t i = 0; i < options.paths.count; i++) {
    if (!path_exists(options.paths.names[i])) abort();
  }
  name_list_free(&options.paths);
  cJSON_Delete(manifest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  read_list((dpl_bytes){data, size});
  prefer((dpl_bytes){data, size});
  return 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  static const float numbers[4] = {1, 2, 3, 4};
  const dpl_tensor tensor = {"w", DPL_F32, 1, {4}, 4, (const uint8_t *)numbers};
  buffer file = {0};
  const char *document =
      "{\"format\":1,\"name\":\"tiny\",\"task\":\"other\",\"licence\":\"MIT\",\"source\":\"here\",\"input\":{\"width\":"
      "8,"
      "\"height\":8,\"order\":\"rgb\",\"mean\":[0,0,0],\"scale\":[1,1,1]},\"output\":{\"decoder\":\"raw\"},\"graph\":"
      "{\"input\":\"x\",\"outputs\":[\"y\"],\"nodes\":[{\"op\":\"sigmoid\",\"in\":[\"x\"],\"out\":\"y\"}]}}";
  if (dpl_safetensors_write(&tensor, 1, document, &file.data, &file.size, NULL)) abort();
  scratch_write(network_name, bytes_of(file));
  sha256_of(bytes_of(file), network_sha256);
  free(file.data);
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  char text[1024];
  snprintf(text, sizeof text,
           "{\"set\":\"own\",\"networks\":[{\"role\":\"quick\",\"name\":\"tiny\",\"path\":\"%s\",\"bytes\":1,"
           "\"unpacked_bytes\":2,\"sha256\":\"%s\",\"licence\":\"MIT\"},{\"path\":\"%s\"}]}",
           network_name, network_sha256, network_name);
  plant_text(folder, "list", text);
  snprintf(text, sizeof text,
           "{\"embedder\":{\"name\":\"tiny\",\"sha256\":\"%s\"},\"detector\":[{\"name\":\"tiny\",\"sha256\":\"%s\"}]}",
           network_sha256, network_sha256);
  plant_text(folder, "manifest", text);
  return 0;
}
