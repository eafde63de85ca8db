/* FlatBuffers: offsets forward (32 bits), from a table back to its list of fields (32 bits), from the table to a field
   (16 bits, 0: left out). */
#include "flatbuffer.h"

#include "little_endian.h"

static const fb_table NO_TABLE = {0};
static const fb_vector NO_VECTOR = {0};

flatbuffer flatbuffer_of(dpl_bytes bytes) {
  return (flatbuffer){.bytes = bytes, .budget = 8 * bytes.size + 4096};
}

/* `size` bytes at `at`, or NULL and damaged. */
static const uint8_t *look(flatbuffer *file, size_t at, size_t size) {
  const dpl_bytes bytes = file->bytes;
  if (file->damaged || at > bytes.size || size > bytes.size - at || size > file->budget) {
    file->damaged = true;
    return NULL;
  }
  file->budget -= size;
  return bytes.data + at;
}

static size_t number_at(flatbuffer *file, size_t at, size_t size) {
  const uint8_t *bytes = look(file, at, size);
  return bytes ? (size_t)unsigned_at(bytes, size) : 0;
}

/* Where the offset at `at` leads. */
static size_t follow(flatbuffer *file, size_t at) {
  const size_t offset = number_at(file, at, 4);
  if (offset == 0) file->damaged = true;
  return at + offset;
}

static fb_table table_from(flatbuffer *file, size_t at) {
  const int64_t back = signed_of(number_at(file, at, 4), 4), offsets = (int64_t)at - back;
  if (offsets < 0) file->damaged = true;
  if (file->damaged) return NO_TABLE;
  const size_t size = number_at(file, (size_t)offsets, 2);
  if (size < 4 || size % 2) file->damaged = true;
  if (file->damaged) return NO_TABLE;
  return (fb_table){file, at, (size_t)offsets + 4, size / 2 - 2};
}

static fb_vector vector_from(flatbuffer *file, size_t at, size_t element_size) {
  const size_t count = number_at(file, at, 4);
  const uint8_t *bytes = look(file, at + 4, count * element_size); /* below 2^32 · 16 */
  if (!bytes || count == 0) return NO_VECTOR;
  return (fb_vector){file, at + 4, count, bytes};
}

/* 0: left out. */
static size_t field_place(fb_table table, unsigned field) {
  if (!table.file || field >= table.field_count) return 0;
  const size_t offset = number_at(table.file, table.offsets + 2 * (size_t)field, 2);
  return offset ? table.at + offset : 0;
}

fb_table fb_root(flatbuffer *file) {
  const size_t at = follow(file, 0);
  return table_from(file, at);
}

uint64_t fb_number(fb_table table, unsigned field, size_t size) {
  const size_t at = field_place(table, field);
  const uint8_t *bytes = at ? look(table.file, at, size) : NULL;
  return bytes ? unsigned_at(bytes, size) : 0;
}

fb_table fb_child(fb_table table, unsigned field) {
  const size_t at = field_place(table, field);
  return at ? table_from(table.file, follow(table.file, at)) : NO_TABLE;
}

fb_vector fb_list(fb_table table, unsigned field, size_t element_size) {
  const size_t at = field_place(table, field);
  return at ? vector_from(table.file, follow(table.file, at), element_size) : NO_VECTOR;
}

fb_table fb_table_at(fb_vector tables, size_t index) {
  return table_from(tables.file, follow(tables.file, tables.at + 4 * index));
}

fb_vector fb_text_at(fb_vector texts, size_t index) {
  return vector_from(texts.file, follow(texts.file, texts.at + 4 * index), 1);
}
