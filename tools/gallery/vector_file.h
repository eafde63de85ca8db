/* Many vectors outside memory: written one by one to a file without a name, and mapped when all are there, so that the
   system keeps in memory what is being read. */
#ifndef TOOL_VECTOR_FILE_H
#define TOOL_VECTOR_FILE_H

#include <stdio.h>

#include "basics.h"

typedef struct vector_file {
  FILE *file;
  size_t dimension, count;
  float *mapped;
} vector_file;

/* The file lies in `folder`, and is gone with the program or vector_file_free. */
bool vector_file_begin(vector_file *vectors, const char *folder, size_t dimension, sentence *why);
bool vector_file_add(vector_file *vectors, const float *vector, sentence *why);

/* All of them, one behind the other, until vector_file_free; nothing is added any more. NULL where there are none. */
bool vector_file_map(vector_file *vectors, const float **all, sentence *why);
void vector_file_free(vector_file *vectors);

#endif
