/* Hashes, and what is done where two are the same. */
#include "stable_id.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"

char *id_of_key(const char *kind, const char *key) {
  char sha256[SHA256_TEXT];
  char *text = new_text_of("doppel %s\n%s", kind, key);
  sha256_of((dpl_bytes){(const uint8_t *)text, strlen(text)}, sha256);
  free(text);
  return new_text_of("%.16s", sha256);
}

static size_t use(used_ids *used, const char *id) {
  size_t number = text_pool_number(&used->ids, id), before = used->capacity;
  used->uses = room_for_one_more(used->uses, number, &used->capacity, sizeof *used->uses);
  for (; before < used->capacity; ++before) used->uses[before] = 0;
  ++used->uses[number];
  return number;
}

const char *unique_id(used_ids *used, const char *id) {
  size_t first = use(used, id), given = first;
  while (used->uses[given] > 1) {
    char *numbered = new_text_of("%s-%zu", id, used->uses[first]);
    given = use(used, numbered);
    free(numbered);
    if (used->uses[given] > 1) ++used->uses[first];
  }
  return used->ids.texts[given];
}

void used_ids_free(used_ids *used) {
  text_pool_free(&used->ids);
  free(used->uses);
  *used = (used_ids){0};
}
