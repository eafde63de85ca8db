/* The task of XNNPACK's operator "convolution" for the layer that sees the picture: 3 × 3 over three channels, every
   other pixel. XNNPACK's own goes through a table of pointers and follows each for three numbers only. Away from the
   edges the window's three pixels of a row lie side by side, and so do the windows of neighbours: this one goes along
   those nine numbers, for four neighbours at once. Everything else is left to XNNPACK's task, which is compiled under
   another name (see CMakeLists.txt). Same packed weights. */
#include <wasm_simd128.h>

#include "xnnpack/compute.h"

enum { TAPS = 9, CHANNELS = 3, PIXELS = 4, STEP = 2 * CHANNELS /* from one pixel to the next */, GROUP = 8 };

/* Compiled twice, as XNNPACK is: with relaxed SIMD a product is added without being rounded first. */
#ifdef __wasm_relaxed_simd__
#define MULTIPLY_ADD(sum, a, b) wasm_f32x4_relaxed_madd(a, b, sum)
#else
#define MULTIPLY_ADD(sum, a, b) wasm_f32x4_add(sum, wasm_f32x4_mul(a, b))
#endif

/* Eight channels of one pixel. */
typedef struct eight {
  v128_t front, back;
} eight;

static inline eight eight_at(const float *from) {
  return (eight){wasm_v128_load(from), wasm_v128_load(from + 4)};
}

static inline v128_t clamped(v128_t sum, union xnn_f32_minmax_params limits) {
  sum = wasm_f32x4_pmax(wasm_f32x4_splat(limits.scalar.min), sum);
  return wasm_f32x4_pmin(wasm_f32x4_splat(limits.scalar.max), sum);
}

/* `packed` holds eight biases, then eight weights for each of the 27 numbers. */
static inline void convolve(const float *const rows[3], const float *packed, char *output, size_t pixel_size,
                            union xnn_f32_minmax_params limits) {
  eight sums[PIXELS];
  for (size_t pixel = 0; pixel < PIXELS; pixel++) sums[pixel] = eight_at(packed);
  for (size_t row = 0; row < 3; row++)
    for (size_t i = 0; i < 3 * CHANNELS; i++) {
      const eight weights = eight_at(packed += GROUP);
      for (size_t pixel = 0; pixel < PIXELS; pixel++) {
        const v128_t in = wasm_v128_load32_splat(rows[row] + pixel * STEP + i);
        sums[pixel].front = MULTIPLY_ADD(sums[pixel].front, in, weights.front);
        sums[pixel].back = MULTIPLY_ADD(sums[pixel].back, in, weights.back);
      }
    }
  for (size_t pixel = 0; pixel < PIXELS; pixel++, output += pixel_size) {
    wasm_v128_store(output, clamped(sums[pixel].front, limits));
    wasm_v128_store(output + sizeof(v128_t), clamped(sums[pixel].back, limits));
  }
}

/* Where the windows' three rows begin, if they lie side by side; `table` has a pointer for each tap of each pixel. */
static inline bool find_rows(const int32_t *table, const float *rows[3]) {
  const v128_t apart = wasm_i32x4_make(0, STEP * sizeof(float), 2 * STEP * sizeof(float), 3 * STEP * sizeof(float)),
               next = wasm_i32x4_const_splat(CHANNELS * sizeof(float));
  v128_t as_hoped = wasm_i32x4_const_splat(-1);
  for (size_t row = 0; row < 3; row++, table += 3 * PIXELS) {
    v128_t hoped = wasm_i32x4_add(wasm_v128_load32_splat(table), apart);
    for (size_t tap = 0; tap < 3; tap++, hoped = wasm_i32x4_add(hoped, next))
      as_hoped = wasm_v128_and(as_hoped, wasm_i32x4_eq(hoped, wasm_v128_load(table + tap * PIXELS)));
    rows[row] = (const float *)(uintptr_t)*table;
  }
  return wasm_i32x4_all_true(as_hoped);
}

void theirs_compute_igemm(const struct igemm_context *context, size_t pixel, size_t channel, size_t pixels,
                          size_t channels);

void xnn_compute_igemm(const struct igemm_context *context, size_t pixel, size_t channel, size_t pixels,
                       size_t channels) {
  const float *rows[3];
  const bool is_float = context->log2_csize == 2 && context->cn_stride == GROUP * sizeof(float);
  if (!is_float || context->ks != TAPS || context->kc != CHANNELS * sizeof(float) || pixels != PIXELS ||
      context->ks_scaled != TAPS * PIXELS * sizeof(void *) || channels % GROUP != 0 ||
      !find_rows((const int32_t *)context->indirect_a + pixel * TAPS, rows)) {
    theirs_compute_igemm(context, pixel, channel, pixels, channels);
    return;
  }
  for (size_t row = 0; row < 3; row++) rows[row] = (const float *)((uintptr_t)rows[row] + context->a_offset);
  char *output = (char *)context->c + pixel * context->cm_stride;
  for (const size_t end = channel + channels; channel < end; channel += GROUP)
    convolve(rows, (const float *)((const char *)context->packed_w + channel * context->w_stride),
             output + channel * sizeof(float), context->cm_stride, context->params.f32);
}
