/* Reading JSON that may come from anybody: cJSON behind limits on size and depth, and getters that accept only what is
   really there. Used by the safetensors container, the network files and the gallery. */
#ifndef DOPPEL_JSON_H
#define DOPPEL_JSON_H

#include <cJSON.h>

#include "doppel.h"

/* Parses one JSON value and nothing behind it but white space. NULL where it is no JSON, is nested deeper than 32, or
   memory is short. Release with cJSON_Delete. */
cJSON *dpl_json_parse(const char *text, size_t size);

/* The member of an object by exact name; NULL where there is none or `object` is no object. */
const cJSON *dpl_json_get(const cJSON *object, const char *name);

/* A string member, or `fallback`. Points into the tree. */
const char *dpl_json_string(const cJSON *object, const char *name, const char *fallback);

/* A whole number of 0 … 2^53 into *value; false where the item is anything else. */
bool dpl_json_whole(const cJSON *item, uint64_t *value);

/* A finite number into *value; false where the item is anything else. */
bool dpl_json_number(const cJSON *item, double *value);

#endif
