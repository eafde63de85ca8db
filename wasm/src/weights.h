/* Weights as they lie in a file (u8, i8, f16, f32) into the float32 that the kernels are built from. */
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

/* The scales of int8 weights, one for each channel of the first axis (which has as many). Same errors. */
dpl_status dpl_weights_scales(const dpl_safetensors *file, const dpl_tensor *tensor, float *scales, dpl_error *error);
bool dpl_weights_have_offset(const dpl_safetensors *file, const dpl_tensor *tensor);

#endif
