/* The search's dot products with WebAssembly's 128 bit vectors. Four rows at a time share the loads of the probe. They
   lie a quarter of the rows apart, because memory is read ahead in several places at once faster than in one. */
#include "dot.h"

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>

enum { STREAMS = 4 };

/* a's, b's, c's and d's four lanes added up, in this order. */
static v128_t sums_of(v128_t a, v128_t b, v128_t c, v128_t d) {
  const v128_t ab = wasm_i32x4_add(wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), wasm_i32x4_shuffle(a, b, 2, 6, 3, 7));
  const v128_t cd = wasm_i32x4_add(wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), wasm_i32x4_shuffle(c, d, 2, 6, 3, 7));
  return wasm_i32x4_add(wasm_i64x2_shuffle(ab, cd, 0, 2), wasm_i64x2_shuffle(ab, cd, 1, 3));
}

static v128_t step(v128_t sum, v128_t low, v128_t high, const int8_t *row) {
  const v128_t values = wasm_v128_load(row);
  sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(low, wasm_i16x8_extend_low_i8x16(values)));
  return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(high, wasm_i16x8_extend_high_i8x16(values)));
}

void dpl_dot_wasm(const int16_t *probe, const int8_t *rows, size_t stride, size_t count, int32_t *dots) {
  const size_t quarter = count / STREAMS, apart = quarter * stride;
  for (size_t i = 0; i < quarter; i++, rows += stride) {
    v128_t a = wasm_i32x4_splat(0), b = a, c = a, d = a;
    for (size_t k = 0; k < stride; k += DPL_DOT_STEP) {
      const v128_t low = wasm_v128_load(probe + k), high = wasm_v128_load(probe + k + 8);
      a = step(a, low, high, rows + k);
      b = step(b, low, high, rows + apart + k);
      c = step(c, low, high, rows + 2 * apart + k);
      d = step(d, low, high, rows + 3 * apart + k);
    }
    const v128_t sums = sums_of(a, b, c, d);
    dots[i] = wasm_i32x4_extract_lane(sums, 0);
    dots[i + quarter] = wasm_i32x4_extract_lane(sums, 1);
    dots[i + 2 * quarter] = wasm_i32x4_extract_lane(sums, 2);
    dots[i + 3 * quarter] = wasm_i32x4_extract_lane(sums, 3);
  }
  rows += 3 * apart;
  for (size_t i = STREAMS * quarter; i < count; i++, rows += stride) {
    v128_t sum = wasm_i32x4_splat(0);
    for (size_t k = 0; k < stride; k += DPL_DOT_STEP)
      sum = step(sum, wasm_v128_load(probe + k), wasm_v128_load(probe + k + 8), rows + k);
    dots[i] = wasm_i32x4_extract_lane(sums_of(sum, sum, sum, sum), 0);
  }
}
#endif
