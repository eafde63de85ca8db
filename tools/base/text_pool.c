/* Open addressing over FNV-1a; half of the slots stay empty. */
#include "text_pool.h"

#include <stdlib.h>
#include <string.h>

typedef struct text_block {
  struct text_block *next;
  size_t used, size;
  char text[];
} text_block;

static const char nothing[] = "";

static const char *copy_of(text_pool *pool, const char *text) {
  enum { BLOCK = 1 << 18 };
  size_t size = strlen(text) + 1;
  if (size == 1) return nothing;
  if (!pool->blocks || pool->blocks->size - pool->blocks->used < size) {
    size_t room = size > BLOCK ? size : BLOCK;
    text_block *block = new_array(1, sizeof *block + room);
    *block = (text_block){.next = pool->blocks, .size = room};
    pool->blocks = block;
  }
  char *copy = pool->blocks->text + pool->blocks->used;
  pool->blocks->used += size;
  return memcpy(copy, text, size);
}

static uint64_t hash_of(const char *text) {
  uint64_t hash = 0xCBF29CE484222325;
  for (; *text; ++text) hash = (hash ^ (uint8_t)*text) * 0x100000001B3;
  return hash ^ hash >> 32;
}

/* The text's slot, or the empty one where it belongs. */
static uint32_t *slot_of(const text_pool *pool, const char *text) {
  size_t mask = pool->slot_count - 1;
  for (size_t at = hash_of(text) & mask;; at = (at + 1) & mask) {
    uint32_t number = pool->slots[at];
    if (!number || !strcmp(pool->texts[number - 1], text)) return &pool->slots[at];
  }
}

static void make_room(text_pool *pool) {
  if (pool->count * 2 < pool->slot_count) return;
  free(pool->slots);
  pool->slot_count = pool->slot_count ? pool->slot_count * 2 : 64;
  pool->slots = new_array(pool->slot_count, sizeof *pool->slots);
  for (size_t i = 0; i < pool->count; ++i) *slot_of(pool, pool->texts[i]) = (uint32_t)i + 1;
}

size_t text_pool_number(text_pool *pool, const char *text) {
  make_room(pool);
  uint32_t *slot = slot_of(pool, text);
  if (*slot) return *slot - 1;
  if (pool->count == UINT32_MAX - 1) end_without_memory();
  pool->texts = room_for_one_more(pool->texts, pool->count, &pool->capacity, sizeof *pool->texts);
  pool->texts[pool->count++] = copy_of(pool, text);
  *slot = (uint32_t)pool->count;
  return pool->count - 1;
}

const char *text_pool_keep(text_pool *pool, const char *text) {
  size_t number = text_pool_number(pool, text); /* which may move the texts */
  return pool->texts[number];
}

const char *text_pool_take(text_pool *pool, char *text) {
  const char *kept = text_pool_keep(pool, text);
  free(text);
  return kept;
}

size_t text_pool_find(const text_pool *pool, const char *text) {
  return pool->slot_count ? (size_t)*slot_of(pool, text) - 1 : NO_TEXT;
}

void text_pool_free(text_pool *pool) {
  for (text_block *block = pool->blocks, *next; block; block = next) {
    next = block->next;
    free(block);
  }
  free(pool->texts);
  free(pool->slots);
  *pool = (text_pool){0};
}
