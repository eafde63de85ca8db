/* Weights as they lie in a file (u8, i8, f16, f32) into the float32 or int8 that the kernels are built from. */
#ifndef DOPPEL_WEIGHTS_H
#define DOPPEL_WEIGHTS_H

#include "safetensors.h"

/* How many bytes the expanded tensor takes, with the room behind it that XNNPACK may read. */
size_t dpl_weights_bytes(const dpl_tensor *tensor);

/* Expands `tensor` into `floats` (dpl_weights_bytes of them in bytes). U8 and I8 stand for q·scale + offset; scale and
   offset are the tensors `<name>.scale` and `<name>.offset` of `file`: F32 with one number, or one a channel of the
   first axis that is longer than 1 when that axis has as many. A missing offset is 0. DPL_DAMAGED_NETWORK,
   DPL_UNSUPPORTED_NETWORK. */
dpl_status dpl_weights_expand(const dpl_safetensors *file, const dpl_tensor *tensor, float *floats, dpl_error *error);

float dpl_half_to_float(uint16_t half); /* IEEE 754 binary16 */

/* The weights as int8, symmetric, with one positive scale for each channel of the first axis: as they are stored where
   they are stored so, otherwise rounded, the largest of a channel to ±127. `bytes` has room for count, `scales` for
   shape[0]. Same errors, and DPL_OUT_OF_MEMORY. */
dpl_status dpl_weights_round(const dpl_safetensors *file, const dpl_tensor *tensor, int8_t *bytes, float *scales,
                             dpl_error *error);

#endif
