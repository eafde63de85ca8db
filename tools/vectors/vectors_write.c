/* Laying the files down, byte by byte. */
#include "vectors_write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "hnsw.h"
#include "voyager_layout.h"

/* ---------------------------------------------------------------------------------------------- bytes */

/* Fills memory of the size that it needs. */
typedef struct pen {
  uint8_t *at;
} pen;

static void put(pen *to, uint64_t number, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) *to->at++ = (uint8_t)(number >> 8 * i);
}

static void put_float(pen *to, float number) {
  uint32_t bits;
  memcpy(&bits, &number, sizeof bits);
  put(to, bits, 4);
}

static void put_double(pen *to, double number) {
  uint64_t bits;
  memcpy(&bits, &number, sizeof bits);
  put(to, bits, 8);
}

static void put_number(pen *to, float number, number_storage storage) {
  if (storage == STORED_FLOAT32)
    put_float(to, number);
  else
    put(to, storage == STORED_FLOAT8 ? float8_byte(number) : e4m3_byte(number), 1);
}

/* ---------------------------------------------------------------------------------------------- Voyager */

/* The numbers as a reader of the file will see them: those are what its graph has to link. */
static float *as_stored(const float *vectors, size_t count, number_storage storage) {
  float *stored = new_array(count, sizeof *stored);
  for (size_t i = 0; i < count; ++i) {
    stored[i] = storage == STORED_FLOAT8 ? float8_value(float8_byte(vectors[i]))
                : storage == STORED_E4M3 ? e4m3_value(e4m3_byte(vectors[i]))
                                         : vectors[i];
  }
  return stored;
}

enum { GROUND_BYTES = 4 + 4 * HNSW_GROUND_LINKS, LEVEL_BYTES = 4 + 4 * HNSW_LINKS };

static void put_header(pen *to, size_t dimension, number_storage storage) {
  memcpy(to->at, VOYAGER_MAGIC, 4);
  to->at += 4;
  put(to, 1, 4);
  put(to, dimension, 4);
  put(to, VOYAGER_COSINE, 1);
  put(to, voyager_code(storage), 1);
  put_float(to, 0); /* the longest vector; kept for inner products only */
  put(to, 0, 1);    /* no number more a vector */
}

static void put_graph_header(pen *to, const hnsw *graph, size_t data) {
  put(to, 0, 8);
  put(to, graph->count, 8); /* capacity */
  put(to, graph->count, 8);
  put(to, GROUND_BYTES + data + 8, 8);
  put(to, GROUND_BYTES + data, 8);
  put(to, GROUND_BYTES, 8);
  put(to, (uint64_t)graph->top_level, 4);
  put(to, graph->entry, 4);
  put(to, HNSW_LINKS, 8);
  put(to, HNSW_GROUND_LINKS, 8);
  put(to, HNSW_LINKS, 8);
  put_double(to, 1 / log(HNSW_LINKS));
  put(to, HNSW_CANDIDATES, 8);
}

static void put_elements(pen *to, const hnsw *graph, number_storage storage) {
  for (size_t i = 0; i < graph->count; ++i) {
    const uint32_t *links = graph->ground + i * (1 + HNSW_GROUND_LINKS);
    const float *vector = graph->vectors + i * graph->dimension;
    for (size_t j = 0; j <= HNSW_GROUND_LINKS; ++j) put(to, links[j], 4);
    for (size_t j = 0; j < graph->dimension; ++j) put_number(to, vector[j], storage);
    put(to, i, 8);
  }
  for (size_t i = 0; i < graph->count; ++i) {
    const size_t words = graph->levels[i] * (size_t)(1 + HNSW_LINKS);
    put(to, words * 4, 4);
    for (size_t j = 0; j < words; ++j) put(to, graph->upper[i][j], 4);
  }
}

static size_t file_bytes(const hnsw *graph, size_t data) {
  enum { HEADER = 19, GRAPH_HEADER = 96 };
  size_t bytes = HEADER + GRAPH_HEADER + graph->count * (GROUND_BYTES + data + 8 + 4);
  for (size_t i = 0; i < graph->count; ++i) bytes += graph->levels[i] * (size_t)LEVEL_BYTES;
  return bytes;
}

bool voyager_write(const char *path, const float *vectors, size_t count, size_t dimension, number_storage storage,
                   progress *shown, sentence *why) {
  const size_t data = dimension * (storage == STORED_FLOAT32 ? 4 : 1);
  float *stored = as_stored(vectors, count * dimension, storage);
  hnsw graph;
  hnsw_begin(&graph, stored, count, dimension);
  for (size_t i = 0; i < count; ++i) {
    hnsw_add(&graph);
    progress_step(shown, PROGRESS_COMPUTED, false);
  }
  const size_t bytes = file_bytes(&graph, data);
  uint8_t *file = new_array(bytes, 1);
  pen to = {file};
  put_header(&to, dimension, storage);
  put_graph_header(&to, &graph, data);
  put_elements(&to, &graph, storage);
  bool fine = file_write(path, file, bytes, why);
  free(file);
  free(stored);
  hnsw_free(&graph);
  return fine;
}

/* ---------------------------------------------------------------------------------------------- NumPy */

bool npy_write(const char *path, const float *vectors, size_t count, size_t dimension, sentence *why) {
  enum { BEFORE = 10, HEADER = 118 }; /* together a multiple of 64, as NumPy has it */
  char header[HEADER + 1];
  int length = snprintf(header, sizeof header, "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %zu), }", count,
                        dimension);
  memset(header + length, ' ', (size_t)(HEADER - length));
  header[HEADER - 1] = '\n';
  const size_t bytes = BEFORE + HEADER + count * dimension * 4;
  uint8_t *file = new_array(bytes, 1);
  pen to = {file};
  memcpy(to.at, "\x93NUMPY\x01", 7);
  to.at += 7;
  put(&to, 0, 1);
  put(&to, HEADER, 2);
  memcpy(to.at, header, HEADER);
  to.at += HEADER;
  for (size_t i = 0; i < count * dimension; ++i) put_float(&to, vectors[i]);
  bool fine = file_write(path, file, bytes, why);
  free(file);
  return fine;
}
