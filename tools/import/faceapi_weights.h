/* The tensors of a face-api manifest, and their way into a network file: layouts turned to ours, normalisations folded
   into scale and offset a channel, so that u8 weights stay u8. */
#ifndef DOPPEL_IMPORT_FACEAPI_WEIGHTS_H
#define DOPPEL_IMPORT_FACEAPI_WEIGHTS_H

#include "network_writer.h"

typedef struct faceapi_weights faceapi_weights;

/* NULL with a sentence. */
faceapi_weights *faceapi_weights_read(const char *manifest, sentence *why);
void faceapi_weights_free(faceapi_weights *weights);
const char *faceapi_weights_sha256(const faceapi_weights *weights); /* of the .bin file */

/* False with a sentence once something that was asked for was missing or had another shape. */
bool faceapi_weights_fit(const faceapi_weights *weights, sentence *why);

/* The tensor's numbers, `count` of them; malloc, the caller's. NULL when they are not there. */
float *faceapi_weights_floats(faceapi_weights *weights, const char *name, size_t count);
size_t faceapi_weights_count(const faceapi_weights *weights, const char *name); /* 0 when it is not there */

typedef enum faceapi_layout {
  FACEAPI_HWIO,      /* convolution [height, width, in, out] → [out, height, width, in] */
  FACEAPI_DEPTHWISE, /* [height, width, channels, 1] → [1, height, width, channels] */
  FACEAPI_IO,        /* fully connected [in, out] → [out, in] */
} faceapi_layout;

/* Writes the weight with every output channel multiplied by factor[channel] (NULL: 1): u8 stays u8, float32 becomes
   float16, which is far finer than the u8 beside it. `factors`: how many there are; the weight must have as many
   channels. Returns its name in the file. */
const char *faceapi_write_weight(faceapi_weights *weights, network_writer *writer, const char *name,
                                 faceapi_layout layout, const float *factor, size_t factors);

/* Writes `count` floats as the F32 tensor `name`. */
const char *faceapi_write_floats(network_writer *writer, const char *name, const float *floats, size_t count);

#endif
