/* The task of XNNPACK's operator "max pooling" where four pixels become one. XNNPACK's own always looks at nine, most
   of which then are the first one over again. Everything else is left to XNNPACK's task, which is compiled under
   another name (see CMakeLists.txt). */
#include <wasm_simd128.h>

#include "xnnpack/compute.h"
#include "xnnpack/maxpool.h"

enum { TAPS = 4, THEIR_TAPS = 9 };

static inline v128_t larger(const char *a, const char *b) {
  return wasm_f32x4_pmax(wasm_v128_load(a), wasm_v128_load(b));
}

static void pool_row(const struct max_pooling_context *context, const char **table, size_t offset, char *output) {
  const v128_t least = wasm_f32x4_splat(context->params.f32.scalar.min),
               most = wasm_f32x4_splat(context->params.f32.scalar.max);
  const size_t pixel_size = context->channels * sizeof(float);
  for (size_t x = 0; x < context->output_width; x++) {
    const char *in[TAPS];
    for (size_t tap = 0; tap < TAPS; tap++) in[tap] = table[tap] + offset;
    for (size_t at = 0; at < pixel_size; at += sizeof(v128_t)) {
      const v128_t largest = wasm_f32x4_pmax(larger(in[0] + at, in[1] + at), larger(in[2] + at, in[3] + at));
      wasm_v128_store(output + at, wasm_f32x4_pmin(most, wasm_f32x4_pmax(least, largest)));
    }
    table = (const char **)((char *)(table + THEIR_TAPS) + context->input_increment);
    output += pixel_size + context->output_increment;
  }
}

void theirs_compute_max_pooling(const struct max_pooling_context *context, size_t image, size_t y);

void xnn_compute_max_pooling(const struct max_pooling_context *context, size_t image, size_t y) {
  const bool is_float =
      context->ukernel == (xnn_maxpool_ukernel_fn)xnn_f32_maxpool_minmax_ukernel_9p8x__wasmsimd_x86_c4 ||
      context->ukernel == (xnn_maxpool_ukernel_fn)xnn_f32_maxpool_minmax_ukernel_9p8x__wasmsimd_arm_c4;
  if (is_float && context->pooling_size == TAPS && context->channels % 4 == 0)
    pool_row(context, (const char **)((char *)context->indirect_input + y * context->indirect_input_height_stride),
             context->input_offset + image * context->input_batch_stride,
             (char *)context->output + image * context->output_batch_stride + y * context->output_height_stride);
  else
    theirs_compute_max_pooling(context, image, y);
}
