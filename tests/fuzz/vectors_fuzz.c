/* Any bytes as a Voyager index or, by the first byte, a NumPy array: vectors with one label each, or a sentence. */
#include "foreign_vectors.h" /* before cmocka, which has a `fail` of its own */

#include "scratch.h"

enum { DIMENSION = 3, ELEMENTS = 2, LINKS = 2, GROUND_LINKS = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  const dpl_bytes file = {data + 1, size - 1};
  const vectors_hints hints = {data[0] & 2 ? DIMENSION : 0, (number_storage)(data[0] >> 2 & 3)};
  foreign_vectors read;
  sentence why = {""};
  if (!(data[0] & 1 ? npy_parse(file, "it", &read, &why) : voyager_parse(file, "it", &hints, &read, &why))) {
    must_be_sentence(&why);
    if (read.numbers || read.labels) abort();
    return 0;
  }
  /* Never more numbers than bytes, and as many as it says. */
  if (!read.count || !read.dimension || read.count * read.dimension > size || !read.kind[0]) abort();
  volatile double sum = 0; /* so that all of them are read */
  for (size_t i = 0; i < read.count * read.dimension; i++) sum = sum + (double)read.numbers[i];
  for (size_t i = 1; i < read.count; i++)
    if (read.labels[i] == read.labels[i - 1]) abort();
  foreign_vectors_free(&read);
  return 0;
}

/* ---- seeds */

static void put(buffer *file, uint64_t number, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) append(file, &(uint8_t){(uint8_t)(number >> 8 * i)}, 1);
}

/* `version` 0: without a header. */
static buffer make_index(uint8_t first, unsigned version, unsigned space, unsigned storage, size_t number_bytes) {
  const size_t data = DIMENSION * number_bytes, data_at = 4 + 4 * GROUND_LINKS;
  buffer file = {0};
  put(&file, first, 1);
  if (version) {
    append(&file, "VOYA", 4);
    put(&file, version, 4), put(&file, DIMENSION, 4), put(&file, space, 1), put(&file, storage, 1);
    put(&file, 0, 4), put(&file, 0, 1);
  }
  if (version == 2) put(&file, 0, 1), put(&file, 0, 8);
  put(&file, 0, 8), put(&file, ELEMENTS, 8), put(&file, ELEMENTS, 8), put(&file, data_at + data + 8, 8);
  put(&file, data_at + data, 8), put(&file, data_at, 8), put(&file, 1, 4), put(&file, 0, 4), put(&file, LINKS, 8);
  put(&file, GROUND_LINKS, 8), put(&file, LINKS, 8), put(&file, 0, 8), put(&file, 200, 8);
  for (size_t i = 0; i < ELEMENTS; i++) {
    put(&file, 1, 4), put(&file, 1 - i, 4), put(&file, 0, 4), put(&file, 0, 8);
    for (size_t k = 0; k < data; k++) put(&file, 17 * (i + k + 1), 1);
    put(&file, i, 8);
  }
  put(&file, 4 + 4 * LINKS, 4), put(&file, 0, 4), put(&file, 0, 8), put(&file, 0, 4);
  return file;
}

static buffer make_array(uint8_t version, const char *header, size_t bytes) {
  buffer file = {0};
  put(&file, 1, 1);
  append(&file, "\x93NUMPY", 6);
  put(&file, version, 2), put(&file, strlen(header), version == 1 ? 2 : 4);
  append(&file, header, strlen(header));
  for (size_t i = 0; i < bytes; i++) put(&file, 29 * i, 1);
  return file;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  plant(folder, "float32", make_index(0, 1, 2, 32, 4));
  plant(folder, "float8", make_index(0, 1, 0, 16, 1));
  plant(folder, "e4m3", make_index(0, 2, 1, 48, 1));
  plant(folder, "oldest", make_index(2 | STORED_FLOAT8 << 2, 0, 0, 0, 1));
  plant(folder, "rows", make_array(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", 24));
  plant(folder, "columns", make_array(2, "{'descr': '>f8', 'fortran_order': True, 'shape': (2, 3), }\n", 48));
  plant(folder, "halves", make_array(3, "{'shape':(3L,2L),'descr':\"<f2\",'fortran_order':False}", 12));
  return 0;
}
