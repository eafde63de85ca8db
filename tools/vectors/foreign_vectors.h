/* Vectors that others computed, in the files that they keep them in: Voyager indexes and NumPy arrays. Knows nothing of
   people; the files may come from anybody, so every count is checked against what is there before memory is taken. */
#ifndef TOOL_FOREIGN_VECTORS_H
#define TOOL_FOREIGN_VECTORS_H

#include "basics.h"
#include "doppel.h"

typedef enum number_storage { STORED_UNKNOWN, STORED_FLOAT32, STORED_FLOAT8, STORED_E4M3 } number_storage;

/* What the user says of a Voyager index that does not say it itself; all zero: nothing. */
typedef struct vectors_hints {
  int dimension;
  number_storage storage;
} vectors_hints;

typedef struct foreign_vectors {
  float *numbers; /* count × dimension, of any length, finite or not */
  size_t count, dimension;
  uint64_t *labels; /* count: which record each vector belongs to; each label once, in the file's order */
  char **names;     /* count: what the file calls each vector; NULL where it has numbers alone */
  size_t deleted;   /* further vectors, which the file marks as deleted */
  bool by_row;      /* the file has no labels: a vector's label is where it stands */
  char kind[80];    /* "a Voyager index (cosine, float8)" */
} foreign_vectors;

/* By the file's first bytes. */
bool foreign_vectors_read(const char *path, const vectors_hints *hints, foreign_vectors *read, sentence *why);
void foreign_vectors_free(foreign_vectors *read);

/* The two kinds; `name` is what the sentences call the file. */
bool voyager_parse(dpl_bytes file, const char *name, const vectors_hints *hints, foreign_vectors *read, sentence *why);
bool npy_parse(dpl_bytes file, const char *name, foreign_vectors *read, sentence *why);
bool is_npy(dpl_bytes file);

/* "float32", "float8", "e4m3" (any case) into the storage; STORED_UNKNOWN for anything else. */
number_storage storage_named(const char *text);
const char *storage_name(number_storage storage);

/* The numbers of one byte: whole steps of 1/127, and four bits of exponent with three of mantissa. Writing, the former
   rounds towards zero, so that no vector becomes longer than 1, and the latter to the nearest. */
float float8_value(uint8_t byte);
uint8_t float8_byte(float value);
float e4m3_value(uint8_t byte);
uint8_t e4m3_byte(float value);

#endif
