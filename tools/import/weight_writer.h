/* Weights on their way into our file: rearranged, scaled a channel, and stored in the form that was asked for. */
#ifndef DOPPEL_IMPORT_WEIGHT_WRITER_H
#define DOPPEL_IMPORT_WEIGHT_WRITER_H

#include "lower.h"

/* Where each element of the written tensor comes from. */
typedef struct arrangement {
  size_t rank, shape[4], count;
  size_t channels; /* along the first axis, or the last one */
  bool channel_last;
  size_t *from; /* [count] */
} arrangement;

arrangement arrangement_new(size_t count);
void arrangement_free(arrangement *made);

/* Writes the tensor and, where it is int8, `<name>.scale` beside it. `scale`: a factor a channel, or NULL. Weights that
   are int8 already stay so. Returns the name, which lives as long as the writer. */
const char *weight_write(network_writer *writer, const char *name, const arrangement *arranged,
                         const model_tensor *weight, const float *scale, weight_form form);

/* The nearest half, ties to even; too large numbers become the largest. */
uint16_t half_of(float number);

#endif
