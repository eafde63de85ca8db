/* Reading a FlatBuffer without its schema's generated code: tables by field number, vectors, texts. Every step is
   checked; what is missing reads as nothing, and what lies outside sets `damaged` and reads as nothing too, so that a
   reader may ask at its end. Knows no particular file format. */
#ifndef DOPPEL_IMPORT_FLATBUFFER_H
#define DOPPEL_IMPORT_FLATBUFFER_H

#include <stdbool.h>

#include "doppel.h"

typedef struct flatbuffer {
  dpl_bytes bytes;
  size_t budget; /* bytes that may still be read: parts may be shared, and a hostile file shares them all */
  bool damaged;
} flatbuffer;

typedef struct fb_table {
  flatbuffer *file;                /* NULL: there is none */
  size_t at, offsets, field_count; /* the table, and the list of its fields' offsets */
} fb_table;

typedef struct fb_vector {
  flatbuffer *file;
  size_t at, count;
  const uint8_t *bytes; /* of all elements; NULL where there are none */
} fb_vector;

flatbuffer flatbuffer_of(dpl_bytes bytes);
fb_table fb_root(flatbuffer *file);

/* Of a table: field numbers count from 0 in the order of the schema; a number is `size` bytes, 0 where it is left out.
 */
uint64_t fb_number(fb_table table, unsigned field, size_t size);
fb_table fb_child(fb_table table, unsigned field);
fb_vector fb_list(fb_table table, unsigned field, size_t element_size);

/* Of a vector of tables or of texts; index < count. */
fb_table fb_table_at(fb_vector tables, size_t index);
fb_vector fb_text_at(fb_vector texts, size_t index);

#endif
