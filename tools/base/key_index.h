/* Where what is known under a sha256: a hash table in memory. Knows nothing of files. */
#ifndef TOOL_KEY_INDEX_H
#define TOOL_KEY_INDEX_H

#include "basics.h"
#include "doppel.h"

typedef struct record_key {
  uint8_t bytes[32]; /* a sha256 */
} record_key;

record_key key_of(dpl_bytes bytes);
bool key_from_text(const char *text, record_key *key); /* 64 hex digits */
char *key_text(const record_key *key);                 /* new text */

typedef struct key_entry {
  record_key key;
  uint64_t offset; /* the caller's; entries start with 0 */
  uint32_t length;
  bool used;
} key_entry;

typedef struct key_index {
  key_entry *entries;
  size_t count, capacity; /* a power of two */
} key_index;

/* Pointers last until the next addition. */
key_entry *key_index_find(const key_index *index, const record_key *key); /* NULL where there is none */
key_entry *key_index_add(key_index *index, const record_key *key);        /* the entry there is, or a new one */
void key_index_free(key_index *index);

#endif
