/* Open addressing; a sha256 is its own hash. */
#include "key_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sha256.h"

record_key key_of(dpl_bytes bytes) {
  record_key key;
  sha256_of_parts(&bytes, 1, key.bytes);
  return key;
}

bool key_from_text(const char *text, record_key *key) {
  static const char digits[] = "0123456789abcdef";
  if (strlen(text) != 2 * sizeof key->bytes || strspn(text, digits) != 2 * sizeof key->bytes) return false;
  for (size_t i = 0; i < sizeof key->bytes; ++i) {
    const ptrdiff_t high = strchr(digits, text[2 * i]) - digits, low = strchr(digits, text[2 * i + 1]) - digits;
    key->bytes[i] = (uint8_t)(high * 16 + low);
  }
  return true;
}

char *key_text(const record_key *key) {
  char *text = new_array(2 * sizeof key->bytes + 1, 1);
  for (size_t i = 0; i < sizeof key->bytes; ++i) snprintf(text + 2 * i, 3, "%02x", key->bytes[i]);
  return text;
}

/* The key's entry, or the free one where it belongs. */
static key_entry *place_of(const key_index *index, const record_key *key) {
  uint64_t hash;
  memcpy(&hash, key->bytes, sizeof hash);
  for (size_t i = (size_t)hash;; ++i) {
    key_entry *entry = &index->entries[i & (index->capacity - 1)];
    if (!entry->used || !memcmp(&entry->key, key, sizeof *key)) return entry;
  }
}

key_entry *key_index_find(const key_index *index, const record_key *key) {
  if (!index->count) return NULL;
  key_entry *entry = place_of(index, key);
  return entry->used ? entry : NULL;
}

static void grow(key_index *index) {
  key_index larger = {.count = index->count, .capacity = index->capacity ? index->capacity * 2 : 1024};
  larger.entries = new_array(larger.capacity, sizeof *larger.entries);
  for (size_t i = 0; i < index->capacity; ++i) {
    if (index->entries[i].used) *place_of(&larger, &index->entries[i].key) = index->entries[i];
  }
  free(index->entries);
  *index = larger;
}

key_entry *key_index_add(key_index *index, const record_key *key) {
  if (index->count * 2 >= index->capacity) grow(index);
  key_entry *entry = place_of(index, key);
  if (!entry->used) {
    *entry = (key_entry){.key = *key, .used = true};
    ++index->count;
  }
  return entry;
}

void key_index_free(key_index *index) {
  free(index->entries);
  *index = (key_index){0};
}
