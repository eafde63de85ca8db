/* Vectors of unit length: whether one is, and the mean of several. embedder.c makes them, search.c compares them. */
#include "vector.h"

#include <math.h>

#include "status.h"

bool dpl_vector_is_unit(const float *vector, int dimension) {
  double square = 0;
  for (int i = 0; i < dimension; i++) square += (double)vector[i] * (double)vector[i];
  return fabs(square - 1) < 0.01;
}

/* The sum points where the mean does; column by column, so that `mean` may lie over the first vector. */
dpl_status dpl_vector_mean(const float *vectors, size_t count, int dimension, float *mean, dpl_error *error) {
  if (!vectors || !mean || count == 0 || dimension < 1 || dimension > DPL_MAX_DIMENSION)
    return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  const size_t d = (size_t)dimension;
  double sums[DPL_MAX_DIMENSION] = {0}, square = 0;
  for (size_t i = 0; i < count; i++) {
    if (!dpl_vector_is_unit(vectors + i * d, dimension))
      return dpl_fail(error, DPL_INVALID_ARGUMENT, "Vector %zu of %zu is not of unit length; embed a face first.",
                      i + 1, count);
    for (size_t k = 0; k < d; k++) sums[k] += (double)vectors[i * d + k];
  }
  for (size_t k = 0; k < d; k++) square += sums[k] * sums[k];
  const double length = sqrt(square);
  if (length < 1e-3 * (double)count)
    return dpl_fail(error, DPL_INVALID_ARGUMENT,
                    "The %zu vectors cancel each other out; they are not of one face, so search with each alone.",
                    count);
  for (size_t k = 0; k < d; k++) mean[k] = (float)(sums[k] / length);
  return DPL_OK;
}
