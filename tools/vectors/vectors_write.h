/* Vectors of a gallery for other programs: a Voyager index with a graph that it can search, a NumPy array. */
#ifndef TOOL_VECTORS_WRITE_H
#define TOOL_VECTORS_WRITE_H

#include "foreign_vectors.h"
#include "progress.h"

/* Version 1, cosine; label i is vector i. Vectors are of unit length. Steps of `shown` are vectors. */
bool voyager_write(const char *path, const float *vectors, size_t count, size_t dimension, number_storage storage,
                   progress *shown, sentence *why);

/* Version 1.0, float32, row i is vector i. */
bool npy_write(const char *path, const float *vectors, size_t count, size_t dimension, sentence *why);

#endif
