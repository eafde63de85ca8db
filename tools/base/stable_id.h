/* Identifiers that stay the same when a gallery is built again: decisions and corrections refer to them. */
#ifndef TOOL_STABLE_ID_H
#define TOOL_STABLE_ID_H

#include "basics.h"
#include "text_pool.h"

/* 16 hex digits of a sha256 over what tells things of one kind apart, so that a name and a path of the same letters
   differ. New text. */
char *id_of_key(const char *kind, const char *key);

/* Ids that are given out so far, each to one person. */
typedef struct used_ids {
  text_pool ids;
  size_t *uses; /* by number: how often the id was asked for */
  size_t capacity;
} used_ids;

/* The id, or, where somebody has it, the id with "-2", "-3", … behind it. Lives as long as `used`. */
const char *unique_id(used_ids *used, const char *id);
void used_ids_free(used_ids *used);

#endif
