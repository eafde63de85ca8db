/* Reading network files one by one, from models.json or from a folder. */
#include "network_pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cJSON.h"

static bool add_file(network_pool *pool, const char *path, const char *expected_sha256, sentence *why) {
  network_file file = {0};
  if (!file_read(path, &file.bytes, why)) return false;
  file.path = new_text(path);
  pool->files = room_for_one_more(pool->files, pool->count, &pool->capacity, sizeof *pool->files);
  sha256_of(file.bytes, file.sha256);
  dpl_error error;
  bool fine = true;
  if (expected_sha256 && strcmp(expected_sha256, file.sha256) != 0)
    fine = fail(why, "%s is not the file that models.json lists (its sha256 differs); fetch it again.", path);
  else if (dpl_network_describe(file.bytes, &file.info, &error))
    fine = fail(why, "%s: %s", path, error.message);
  pool->files[pool->count++] = file;
  return fine;
}

static bool add_entry(network_pool *pool, const char *folder, const char *manifest_path, const cJSON *entry,
                      sentence *why) {
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "path"));
  const char *sha256 = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "sha256"));
  if (!name || !path_stays_inside(name) || path_has_extension(name, ".gz"))
    return fail(why, "%s lists a network without a usable path (a .safetensors file beside it).", manifest_path);
  char *path = path_joined(folder, name);
  bool fine = add_file(pool, path, sha256, why);
  free(path);
  return fine;
}

static bool add_listed(network_pool *pool, const char *folder, const char *manifest_path, sentence *why) {
  dpl_bytes text;
  if (!file_read(manifest_path, &text, why)) return false;
  cJSON *manifest = cJSON_ParseWithLength((const char *)text.data, text.size);
  bytes_free(&text);
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(manifest, "networks"), *entry;
  const char *set = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(manifest, "set"));
  snprintf(pool->set, sizeof pool->set, "%s", set ? set : "");
  bool fine = cJSON_IsArray(list) || fail(why, "%s is not a list of networks.", manifest_path);
  cJSON_ArrayForEach(entry, list) {
    fine = fine && add_entry(pool, folder, manifest_path, entry, why);
  }
  cJSON_Delete(manifest);
  return fine;
}

static bool add_all_inside(network_pool *pool, const char *folder, sentence *why) {
  name_list names = {0};
  size_t before = pool->count;
  bool fine = folder_list(folder, &names, why);
  for (size_t i = 0; i < names.count && fine; ++i) {
    if (!path_has_extension(names.names[i], ".safetensors")) continue;
    char *path = path_joined(folder, names.names[i]);
    fine = add_file(pool, path, NULL, why);
    free(path);
  }
  name_list_free(&names);
  if (fine && pool->count == before) return fail(why, "The folder %s holds no networks (.safetensors files).", folder);
  return fine;
}

bool network_pool_add(network_pool *pool, const char *path, sentence *why) {
  if (!path_is_folder(path)) return add_file(pool, path, NULL, why);
  char *manifest = path_joined(path, "models.json");
  bool fine = path_exists(manifest) ? add_listed(pool, path, manifest, why) : add_all_inside(pool, path, why);
  free(manifest);
  return fine;
}

network_file *network_pool_named(const network_pool *pool, const char *name) {
  for (size_t i = 0; i < pool->count; ++i) {
    if (pool->files[i].path && !strcmp(pool->files[i].info.name, name)) return &pool->files[i];
  }
  return NULL;
}

void network_file_free(network_file *file) {
  free(file->path);
  bytes_free(&file->bytes);
  *file = (network_file){0};
}

void network_pool_free(network_pool *pool) {
  for (size_t i = 0; i < pool->count; ++i) network_file_free(&pool->files[i]);
  free(pool->files);
  *pool = (network_pool){0};
}
