/* What unit tests share: files of ../shared (a test that lacks them is skipped and says so), bytes that grow, seeded
   random numbers. Photos are made in photos.h. */
#ifndef DOPPEL_TESTS_SUPPORT_H
#define DOPPEL_TESTS_SUPPORT_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "doppel.h"

typedef struct buffer {
  uint8_t *data;
  size_t size;
} buffer;

static inline dpl_bytes bytes_of(buffer b) {
  return (dpl_bytes){b.data, b.size};
}

static inline dpl_bytes text_bytes(const char *text) {
  return (dpl_bytes){(const uint8_t *)text, strlen(text)};
}

/* For buffers that have grown by append() from nothing: their memory doubles. */
static inline void append(buffer *b, const void *data, size_t size) {
  size_t held = b->size ? 64 : 0, needed = 64;
  while (held && held < b->size) held *= 2;
  while (needed < b->size + size) needed *= 2;
  if (needed > held) b->data = realloc(b->data, needed);
  assert_non_null(b->data);
  if (size) memcpy(b->data + b->size, data, size);
  b->size += size;
}

/* A copy that ends where the allocation ends, so that AddressSanitizer sees a read behind it. */
static inline dpl_bytes exact_copy(dpl_bytes bytes) {
  uint8_t *copy = malloc(bytes.size ? bytes.size : 1);
  assert_non_null(copy);
  if (bytes.size) memcpy(copy, bytes.data, bytes.size);
  return (dpl_bytes){copy, bytes.size};
}

static inline void shared_path(const char *name, char *path, size_t size) {
  const char *shared = getenv("DOPPEL_SHARED");
  if (shared)
    snprintf(path, size, "%s/%s", shared, name);
  else
    snprintf(path, size, "%s/../shared/%s", DOPPEL_SOURCE_DIR, name);
}

/* Skips the test where the file is not there. The caller frees data. */
static inline buffer read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    print_message("SKIPPED: there is no %s\n", path);
    skip();
  }
  buffer b = {0};
  char block[65536];
  for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;) append(&b, block, got);
  fclose(file);
  return b;
}

static inline buffer read_shared(const char *name) {
  char path[1024];
  shared_path(name, path, sizeof path);
  return read_file(path);
}

/* SplitMix64; the same numbers on every machine. */
static inline uint64_t random_bits(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
  return z ^ z >> 31;
}

static inline double random_unit(uint64_t *state) {
  return (double)(random_bits(state) >> 11) * 0x1p-53;
}

/* Normally distributed (Box and Muller). */
static inline float random_normal(uint64_t *state) {
  const double u = random_unit(state), v = random_unit(state);
  return (float)(sqrt(-2 * log(1 - u)) * cos(6.283185307179586 * v));
}

/* A failure must carry its status and a sentence: a first letter, an end, and no half of it missing. */
static inline void assert_failure(dpl_status expected, dpl_status status, const dpl_error *error) {
  if (status != expected)
    print_message("%s instead of %s: %s\n", dpl_status_name(status), dpl_status_name(expected), error->message);
  assert_int_equal(status, expected);
  assert_int_equal(error->status, expected);
  const size_t length = strlen(error->message);
  assert_true(length > 10 && length < sizeof error->message - 1);
  assert_true(error->message[length - 1] == '.');
}

static inline void assert_ok(dpl_status status, const dpl_error *error) {
  if (status) print_message("%s: %s\n", dpl_status_name(status), error->message);
  assert_int_equal(status, DPL_OK);
}

#endif
