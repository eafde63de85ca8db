/* Bits that differ, with WebAssembly's 128 bit vectors. */
#include "hamming.h"

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>

/* A byte's sum stays below 8 · 16 for the most words there can be. */
void dpl_hamming_wasm(const uint64_t *probe, const uint64_t *rows, size_t words, size_t count, uint16_t *distances) {
  for (size_t i = 0; i < count; i++, rows += words) {
    v128_t sum = wasm_i8x16_splat(0);
    for (size_t k = 0; k < words; k += DPL_HAMMING_STEP)
      sum = wasm_i8x16_add(sum, wasm_i8x16_popcnt(wasm_v128_xor(wasm_v128_load(probe + k), wasm_v128_load(rows + k))));
    sum = wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16(sum));
    distances[i] = (uint16_t)(wasm_u32x4_extract_lane(sum, 0) + wasm_u32x4_extract_lane(sum, 1) +
                              wasm_u32x4_extract_lane(sum, 2) + wasm_u32x4_extract_lane(sum, 3));
  }
}
#endif
