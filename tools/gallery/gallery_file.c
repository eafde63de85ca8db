/* Names with hashes, and entries of the manifest. */
#include "gallery_file.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"

bool gallery_file_write(const char *folder, const char *stem, size_t number, const char *extension, dpl_bytes data,
                        size_t count, cJSON *list, sentence *why) {
  if (data.size > LARGEST_FILE) {
    return fail(why, "%s-%04zu%s would be larger than 24 MiB; give the people fewer or shorter fields.", stem, number,
                extension);
  }
  char sha256[SHA256_TEXT];
  sha256_of(data, sha256);
  char *name = new_text_of("%s-%04zu.%.8s%s", stem, number, sha256, extension);
  char *path = path_joined(folder, name);
  bool fine = file_write(path, data.data, data.size, why);
  cJSON *entry = cJSON_CreateObject();
  cJSON_AddStringToObject(entry, "path", name);
  cJSON_AddNumberToObject(entry, "bytes", (double)data.size);
  cJSON_AddStringToObject(entry, "sha256", sha256);
  cJSON_AddNumberToObject(entry, "count", (double)count);
  cJSON_AddItemToArray(list, entry);
  free(path);
  free(name);
  return fine;
}

bool gallery_file_write_json(const char *folder, const char *stem, size_t number, cJSON *document, size_t count,
                             cJSON *list, sentence *why) {
  char *text = cJSON_PrintUnformatted(document);
  cJSON_Delete(document);
  if (!text) return fail(why, "There is not enough memory.");
  bool fine = gallery_file_write(folder, stem, number, ".json", (dpl_bytes){(const uint8_t *)text, strlen(text)}, count,
                                 list, why);
  cJSON_free(text);
  return fine;
}
