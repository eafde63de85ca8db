/* Texts that are kept once each, in blocks, and found again by a number. Knows nothing of what they say. */
#ifndef TOOL_TEXT_POOL_H
#define TOOL_TEXT_POOL_H

#include "basics.h"

typedef struct text_pool {
  const char **texts; /* by number; they live as long as the pool */
  size_t count, capacity;
  uint32_t *slots; /* a hash table of numbers plus one */
  size_t slot_count;
  struct text_block *blocks;
} text_pool;

#define NO_TEXT SIZE_MAX

/* The number of a text: that of the same text before, else the next one, from 0. */
size_t text_pool_number(text_pool *pool, const char *text);

/* The pool's own copy of a text. */
const char *text_pool_keep(text_pool *pool, const char *text);

/* The same for new text, which is freed. */
const char *text_pool_take(text_pool *pool, char *text);

size_t text_pool_find(const text_pool *pool, const char *text); /* NO_TEXT where it is not there */
void text_pool_free(text_pool *pool);

#endif
