/* Opening a gallery's folder. What its manifest says is checked before it is used. */
#include "gallery_folder.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"

static bool open_manifest(const char *path, gallery_folder *opened, sentence *why) {
  dpl_bytes file;
  if (!file_read(path, &file, why)) return false;
  dpl_error error;
  bool fine = dpl_gallery_open(file, &opened->gallery, &error) == DPL_OK || fail(why, "%s: %s", path, error.message);
  if (fine) {
    dpl_gallery_describe(opened->gallery, &opened->info);
    opened->manifest = cJSON_ParseWithLength((const char *)file.data, file.size);
    if (!opened->manifest) fine = fail(why, "%s is not JSON.", path);
  }
  bytes_free(&file);
  return fine;
}

bool gallery_folder_open(const char *path, gallery_folder *opened, sentence *why) {
  *opened = (gallery_folder){0};
  bool is_folder = path_is_folder(path);
  opened->folder = is_folder ? new_text(path) : path_folder(path);
  char *manifest = is_folder ? path_joined(path, "gallery.json") : new_text(path);
  bool fine = path_exists(manifest)
                  ? open_manifest(manifest, opened, why)
                  : fail(why, "%s holds no gallery.json; name the folder that `doppel build` wrote.", path);
  free(manifest);
  if (fine) {
    const cJSON *per_page = cJSON_GetObjectItemCaseSensitive(opened->manifest, "people_per_page");
    const cJSON *pages = gallery_folder_files(opened, "people");
    opened->people_per_page = cJSON_IsNumber(per_page) && per_page->valueint > 0 ? (size_t)per_page->valueint : 1024;
    opened->page_count = (size_t)cJSON_GetArraySize(pages);
    opened->pages = new_array(opened->page_count, sizeof(void *));
  } else {
    gallery_folder_close(opened);
  }
  return fine;
}

const cJSON *gallery_folder_files(const gallery_folder *opened, const char *kind) {
  const cJSON *files = cJSON_GetObjectItemCaseSensitive(opened->manifest, "files");
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(files, kind);
  return cJSON_IsArray(list) ? list : NULL;
}

bool gallery_folder_read(const gallery_folder *opened, const cJSON *entry, dpl_bytes *file, sentence *why) {
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "path"));
  const char *sha256 = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "sha256"));
  if (!name || !sha256 || !path_stays_inside(name)) {
    return fail(why, "The gallery %s lists a file without a usable path and sha256; build it again.", opened->folder);
  }
  char *path = path_joined(opened->folder, name), actual[SHA256_TEXT];
  bool fine = file_read(path, file, why);
  if (fine) {
    sha256_of(*file, actual);
    if (strcmp(actual, sha256) != 0) {
      bytes_free(file);
      fine =
          fail(why, "%s is not the file that the gallery lists (its sha256 differs); fetch or build it again.", path);
    }
  }
  free(path);
  return fine;
}

bool gallery_folder_load_shard(gallery_folder *opened, size_t shard, sentence *why) {
  dpl_bytes file = {0};
  dpl_error error;
  const cJSON *entry = cJSON_GetArrayItem(gallery_folder_files(opened, "embeddings"), (int)shard);
  if (!gallery_folder_read(opened, entry, &file, why)) return false;
  dpl_status status = dpl_gallery_add(opened->gallery, file, &error);
  bytes_free(&file);
  if (status) return fail(why, "%s: %s", opened->folder, error.message);
  dpl_gallery_describe(opened->gallery, &opened->info);
  return true;
}

bool gallery_folder_load(gallery_folder *opened, sentence *why) {
  const size_t shards = (size_t)cJSON_GetArraySize(gallery_folder_files(opened, "embeddings"));
  for (size_t i = 0; i < shards; ++i) {
    if (!gallery_folder_load_shard(opened, i, why)) return false;
  }
  return true;
}

const cJSON *gallery_folder_person(gallery_folder *opened, size_t person, sentence *why) {
  size_t page = person / opened->people_per_page;
  const cJSON *entry = NULL;
  if (page < opened->page_count && !opened->pages[page]) {
    dpl_bytes file = {0};
    if (!gallery_folder_read(opened, cJSON_GetArrayItem(gallery_folder_files(opened, "people"), (int)page), &file, why))
      return NULL;
    opened->pages[page] = cJSON_ParseWithLength((const char *)file.data, file.size);
    bytes_free(&file);
  }
  if (page < opened->page_count) {
    entry = cJSON_GetArrayItem(opened->pages[page], (int)(person % opened->people_per_page));
  }
  if (!cJSON_IsObject(entry)) {
    fail(why, "The gallery %s does not say who person %zu is; build it again.", opened->folder, person);
    return NULL;
  }
  return entry;
}

bool gallery_folder_check(const gallery_folder *opened, sentence *why) {
  static const char *const kinds[] = {"embeddings", "people", "columns", "photos"};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; ++i) {
    const cJSON *entry;
    cJSON_ArrayForEach(entry, gallery_folder_files(opened, kinds[i])) {
      dpl_bytes file = {0};
      if (!gallery_folder_read(opened, entry, &file, why)) return false;
      bytes_free(&file);
    }
  }
  return true;
}

void gallery_folder_close(gallery_folder *opened) {
  for (size_t i = 0; i < opened->page_count; ++i) cJSON_Delete(opened->pages[i]);
  free(opened->pages);
  dpl_gallery_close(opened->gallery);
  cJSON_Delete(opened->manifest);
  free(opened->folder);
  *opened = (gallery_folder){0};
}
