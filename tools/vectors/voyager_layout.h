/* What the reader and the writer of Voyager's files both know. */
#ifndef TOOL_VOYAGER_LAYOUT_H
#define TOOL_VOYAGER_LAYOUT_H

#include "foreign_vectors.h"

#define VOYAGER_MAGIC "VOYA"

enum { VOYAGER_INNER_PRODUCT = 1, VOYAGER_COSINE = 2 }; /* spaces; 0 is Euclidean */
enum { VOYAGER_MOST_LINKS = 65535 };                    /* their count has two bytes */
enum { VOYAGER_DELETED = 1 };                           /* bit of the byte behind that count */

static inline unsigned voyager_code(number_storage storage) {
  return storage == STORED_FLOAT8 ? 16 : storage == STORED_FLOAT32 ? 32 : 48;
}

#endif
