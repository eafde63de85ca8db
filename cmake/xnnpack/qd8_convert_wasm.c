/* Rounds activations to int8, a row at a time (a pixel, or a whole image), with a scale and a zero point for each: the
   task of XNNPACK's operator "convert", in one piece. XNNPACK's own calls a kernel for the range and another for the
   rounding, whose minimum and maximum look for NaN; that took twice the time. Same numbers. */
#include "qd8_activations.h"

#include <wasm_simd128.h>

#include "xnnpack/compute.h"
#include "xnnpack/quantization.h"

typedef struct range {
  v128_t low, high;
} range;

static inline range widened(range seen, v128_t x) {
  return (range){wasm_f32x4_pmin(x, seen.low), wasm_f32x4_pmax(x, seen.high)};
}

static inline range joined(range a, range b) {
  return (range){wasm_f32x4_pmin(a.low, b.low), wasm_f32x4_pmax(a.high, b.high)};
}

/* Of a row and zero: in the first of the four numbers. */
static inline range range_of(const float *row, size_t count) {
  const v128_t zero = wasm_f32x4_const_splat(0);
  range seen[4] = {{zero, zero}, {zero, zero}, {zero, zero}, {zero, zero}};
  size_t at = 0;
  for (; at + 16 <= count; at += 16)
    for (size_t i = 0; i < 4; i++) seen[i] = widened(seen[i], wasm_v128_load(row + at + 4 * i));
  for (; at + 4 <= count; at += 4) seen[0] = widened(seen[0], wasm_v128_load(row + at));
  for (; at < count; at++) seen[0] = widened(seen[0], wasm_v128_load32_splat(row + at));
  range all = joined(joined(seen[0], seen[1]), joined(seen[2], seen[3]));
  all = joined(all, (range){wasm_i32x4_shuffle(all.low, all.low, 2, 3, 0, 1),
                            wasm_i32x4_shuffle(all.high, all.high, 2, 3, 0, 1)});
  return joined(all, (range){wasm_i32x4_shuffle(all.low, all.low, 1, 0, 3, 2),
                             wasm_i32x4_shuffle(all.high, all.high, 1, 0, 3, 2)});
}

/* Adding 1.5 · 2²³ leaves a small number, rounded, in the lowest bits of the sum. */
#define MAGIC      12582912.0f
#define MAGIC_BITS 0x4B400000

typedef struct rounding {
  v128_t scale, least, offset, flip;
} rounding;

static inline v128_t rounded(rounding to, v128_t x) {
  const v128_t shifted = wasm_f32x4_add(wasm_f32x4_mul(x, to.scale), wasm_f32x4_const_splat(MAGIC));
  return wasm_i32x4_sub(wasm_i32x4_max(shifted, to.least), to.offset);
}

static inline v128_t rounded_16(rounding to, const float *x) {
  const v128_t front = wasm_i16x8_narrow_i32x4(rounded(to, wasm_v128_load(x)), rounded(to, wasm_v128_load(x + 4))),
               back = wasm_i16x8_narrow_i32x4(rounded(to, wasm_v128_load(x + 8)), rounded(to, wasm_v128_load(x + 12)));
  return wasm_v128_xor(wasm_i8x16_narrow_i16x8(front, back), to.flip);
}

static inline void round_row(const float *row, size_t count, rounding to, int8_t *bytes) {
  size_t at = 0;
  for (; at + 16 <= count; at += 16) wasm_v128_store(bytes + at, rounded_16(to, row + at));
  for (; at < count; at++) {
    const v128_t four = rounded(to, wasm_v128_load32_splat(row + at)), eight = wasm_i16x8_narrow_i32x4(four, four);
    wasm_v128_store8_lane(bytes + at, wasm_v128_xor(wasm_i8x16_narrow_i16x8(eight, eight), to.flip), 0);
  }
}

void xnn_compute_f32_qd8_convert(const struct f32_qd8_convert_context *context, size_t index) {
  const float *row = (const float *)((uintptr_t)context->x + context->x_stride * index);
  int8_t *bytes = (int8_t *)((uintptr_t)context->y + context->y_stride * index);
  const size_t count = context->n / sizeof *row;
  const int shift = shift_of_activations();
  const range seen = range_of(row, count);
  struct xnn_qd8_quantization_params *found = &context->quantization_params[index];
  *found = xnn_f32_qd8_asymmetric_quantization_params(wasm_f32x4_extract_lane(seen.low, 0),
                                                      wasm_f32x4_extract_lane(seen.high, 0));
  const rounding to = {.scale = wasm_f32x4_splat(1.0f / found->inv_scale),
                       .least = wasm_f32x4_splat(MAGIC + (float)(INT8_MIN - found->zero_point)),
                       .offset = wasm_i32x4_splat(MAGIC_BITS - found->zero_point),
                       .flip = wasm_i8x16_splat((int8_t)shift)};
  round_row(row, count, to, bytes);
  found->zero_point += shift;
}
