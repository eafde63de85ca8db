/* The JSON header of a .safetensors file: a length of eight bytes, then the text. */
#include "shard_header.h"

#include <stdio.h>
#include <string.h>

#include "cJSON.h"

static cJSON *header_of(dpl_bytes file) {
  if (file.size < 8) return NULL;
  uint64_t length = 0;
  for (int i = 0; i < 8; ++i) length |= (uint64_t)file.data[i] << (8 * i);
  if (length > file.size - 8) return NULL;
  return cJSON_ParseWithLength((const char *)file.data + 8, (size_t)length);
}

static size_t whole_number(const cJSON *number) {
  return cJSON_IsNumber(number) && number->valuedouble >= 0 && number->valuedouble < 4e9 ? (size_t)number->valuedouble
                                                                                         : 0;
}

bool shard_header_read(dpl_bytes file, shard_header *header) {
  *header = (shard_header){0};
  cJSON *tensors = header_of(file);
  const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(tensors, "__metadata__");
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(metadata, "doppel"));
  cJSON *document = text ? cJSON_Parse(text) : NULL;
  const char *kind = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(document, "kind"));
  const char *sha256 = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(document, "embedder_sha256"));
  const cJSON *vectors = cJSON_GetObjectItemCaseSensitive(tensors, "vectors");
  const cJSON *shape = cJSON_GetObjectItemCaseSensitive(vectors, "shape");
  bool is_shard = kind && !strcmp(kind, "embeddings");
  if (is_shard) {
    header->photos = whole_number(cJSON_GetArrayItem(shape, 0));
    header->dimension = whole_number(cJSON_GetArrayItem(shape, 1));
    header->first_photo = whole_number(cJSON_GetObjectItemCaseSensitive(document, "first_photo"));
    snprintf(header->embedder_sha256, sizeof header->embedder_sha256, "%s", sha256 ? sha256 : "");
  }
  cJSON_Delete(document);
  cJSON_Delete(tensors);
  return is_shard;
}
