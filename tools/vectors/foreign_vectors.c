/* Choosing the reader, and the numbers of one byte that Voyager stores. */
#include "foreign_vectors.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "files.h"

bool foreign_vectors_read(const char *path, const vectors_hints *hints, foreign_vectors *read, sentence *why) {
  dpl_bytes file;
  *read = (foreign_vectors){0};
  if (!file_read(path, &file, why)) return false;
  bool fine = is_npy(file) ? npy_parse(file, path, read, why) : voyager_parse(file, path, hints, read, why);
  bytes_free(&file);
  return fine;
}

void foreign_vectors_free(foreign_vectors *read) {
  for (size_t i = 0; read->names && i < read->count; ++i) free(read->names[i]);
  free(read->names);
  free(read->numbers);
  free(read->labels);
  *read = (foreign_vectors){0};
}

/* ---------------------------------------------------------------------------------------------- numbers */

static const char *const storage_names[] = {"unknown", "float32", "float8", "e4m3"};

number_storage storage_named(const char *text) {
  for (int i = STORED_FLOAT32; i <= STORED_E4M3; ++i) {
    if (!strcasecmp(text, storage_names[i])) return (number_storage)i;
  }
  return STORED_UNKNOWN;
}

const char *storage_name(number_storage storage) {
  return storage_names[storage];
}

float float8_value(uint8_t byte) {
  return (float)(int8_t)byte / 127;
}

uint8_t float8_byte(float value) {
  return (uint8_t)(int8_t)truncf(fminf(fmaxf(value, -1), 1) * 127);
}

/* From the lowest bit: sign, exponent, mantissa. */
enum { E4M3_STEPS = 127 }; /* positive numbers, zero among them; one more is "not a number" */

/* The numbers in order: `step` is exponent · 8 + mantissa. */
static float e4m3_step(unsigned step) {
  unsigned exponent = step >> 3, mantissa = step & 7;
  if (step == E4M3_STEPS) return NAN;
  return exponent ? ldexpf(1 + (float)mantissa / 8, (int)exponent - 7) : ldexpf((float)mantissa / 8, -7);
}

float e4m3_value(uint8_t byte) {
  unsigned step = (unsigned)(byte >> 1 & 15) << 3 | byte >> 5;
  float value = e4m3_step(step);
  return byte & 1 ? -value : value;
}

uint8_t e4m3_byte(float value) {
  float size = fabsf(value);
  unsigned low = 0, high = E4M3_STEPS - 1; /* the largest step that is not above */
  while (low < high) {
    unsigned middle = (low + high + 1) / 2;
    if (e4m3_step(middle) <= size)
      low = middle;
    else
      high = middle - 1;
  }
  if (low + 1 < E4M3_STEPS) {
    float down = size - e4m3_step(low), up = e4m3_step(low + 1) - size;
    if (up < down || (!(up > down) && low & 1)) ++low; /* half way: to the even one */
  }
  return (uint8_t)((value < 0) | (low >> 3) << 1 | (low & 7) << 5);
}
