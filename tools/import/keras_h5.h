/* Weights that Keras has saved as HDF5: layer by layer, each weight an array of floats. Knows no network. */
#ifndef DOPPEL_IMPORT_KERAS_H5_H
#define DOPPEL_IMPORT_KERAS_H5_H

#include "basics.h"

enum { KERAS_MAX_RANK = 4 };

typedef struct keras_h5 keras_h5;

typedef struct keras_shape {
  size_t rank; /* 0: there is no such weight, or none that is made of floats in this file */
  size_t sides[KERAS_MAX_RANK];
} keras_shape;

keras_h5 *keras_h5_open(const char *path, sentence *why); /* NULL with a sentence */
void keras_h5_close(keras_h5 *file);

/* `weight` is Keras's word: "kernel", "beta" … */
keras_shape keras_h5_shape(const keras_h5 *file, const char *layer, const char *weight);

/* Fills `floats`, as many as the shape says. False where the file is damaged. */
bool keras_h5_read(const keras_h5 *file, const char *layer, const char *weight, float *floats);

#endif
