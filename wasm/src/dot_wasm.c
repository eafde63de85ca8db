/* The search's dot products with WebAssembly's 128 bit vectors. Two rows at a time share the loads of the probe. */
#include "dot.h"

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>

static int32_t sum_of(v128_t v) {
  return wasm_i32x4_extract_lane(v, 0) + wasm_i32x4_extract_lane(v, 1) + wasm_i32x4_extract_lane(v, 2) +
         wasm_i32x4_extract_lane(v, 3);
}

static v128_t step(v128_t sum, v128_t low, v128_t high, const int8_t *row) {
  const v128_t values = wasm_v128_load(row);
  sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(low, wasm_i16x8_extend_low_i8x16(values)));
  return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(high, wasm_i16x8_extend_high_i8x16(values)));
}

void dpl_dot_wasm(const int16_t *probe, const int8_t *rows, size_t stride, size_t count, int32_t *dots) {
  size_t i = 0;
  for (; i + 2 <= count; i += 2, rows += 2 * stride) {
    v128_t first = wasm_i32x4_splat(0), second = first;
    for (size_t k = 0; k < stride; k += DPL_DOT_STEP) {
      const v128_t low = wasm_v128_load(probe + k), high = wasm_v128_load(probe + k + 8);
      first = step(first, low, high, rows + k);
      second = step(second, low, high, rows + stride + k);
    }
    dots[i] = sum_of(first);
    dots[i + 1] = sum_of(second);
  }
  if (i < count) {
    v128_t sum = wasm_i32x4_splat(0);
    for (size_t k = 0; k < stride; k += DPL_DOT_STEP)
      sum = step(sum, wasm_v128_load(probe + k), wasm_v128_load(probe + k + 8), rows + k);
    dots[i] = sum_of(sum);
  }
}
#endif
