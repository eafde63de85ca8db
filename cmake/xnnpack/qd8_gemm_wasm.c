/* Products of activations, rounded to int8 with a scale for each row, with int8 weights that have a scale for each
   column: kernels that take the place of XNNPACK's for WebAssembly, with its signatures and its way to pack weights.
   Where relaxed SIMD has the sum of four products, activations come as it takes them (qd8_activations.h); XNNPACK flips
   their sign again and again in its inner loop. Elsewhere they are widened to int16 once for all columns, and not once
   for every four of them. Sums of eight columns lie side by side, so that none has to be added up across.

   Packed weights: for every eight columns their sums (int32), the weights by groups of 2 or 4 of the inner dimension,
   eight columns each, then scales and biases (float32). */
#include "qd8_activations.h"

#include <wasm_simd128.h>

#include "xnnpack/config.h"
#include "xnnpack/gemm.h"
#include "xnnpack/igemm.h"
#include "xnnpack/microfnptr.h"
#include "xnnpack/microparams-init.h"
#include "xnnpack/pack.h"

enum {
  COLUMNS = 8,
  PAIRS_ROWS = 4, /* the most of which V8 keeps all sums in its 15 registers, with a product on the way to its sum */
  FOURS_ROWS = 6, /* and where the product is added at once */
  MOST_ROWS = 6,
  PANEL = 9 * 256,      /* numbers of a row that are widened at once */
  PANEL_ROW = PANEL + 8 /* widening goes on to a multiple of eight */
};

#define INLINE   static inline __attribute__((always_inline))
#define EACH_ROW _Pragma("unroll") for (size_t row = 0; row < rows; row++)

typedef struct xnn_qd8_quantization_params quantisation;
typedef union xnn_f32_minmax_params limits;

/* The rows that a kernel multiplies at once. Where there are fewer, the last one stands for those that are missing. */
typedef struct tile {
  float *to[MOST_ROWS];
  const quantisation *quantised[MOST_ROWS];
} tile;

/* What a kernel multiplies: for every tap (of a convolution; a plain product has one) and row, `inner` numbers. */
typedef struct factors {
  const int8_t *const *taps;
  size_t tap_count, inner;
  const void *weights;
} factors;

typedef struct sums {
  v128_t left[MOST_ROWS], right[MOST_ROWS];
} sums;

/* The products of the zero points are taken away first. */
INLINE sums begun(size_t rows, const int32_t *column_sums, const tile *tile) {
  const v128_t left = wasm_v128_load(column_sums), right = wasm_v128_load(column_sums + 4);
  sums sums;
  EACH_ROW {
    const v128_t zero_point = wasm_v128_load32_splat(&tile->quantised[row]->zero_point);
    sums.left[row] = wasm_i32x4_mul(left, zero_point);
    sums.right[row] = wasm_i32x4_mul(right, zero_point);
  }
  return sums;
}

INLINE void store(float *to, size_t columns, v128_t left, v128_t right) {
  if (columns >= COLUMNS) {
    wasm_v128_store(to, left);
    wasm_v128_store(to + 4, right);
    return;
  }
  if (columns & 4) wasm_v128_store(to, left), to += 4, left = right;
  if (columns & 2) wasm_v128_store64_lane(to, left, 0), to += 2, left = wasm_i64x2_shuffle(left, left, 1, 0);
  if (columns & 1) wasm_v128_store32_lane(to, left, 0);
}

INLINE v128_t finished(v128_t sum, v128_t row_scale, v128_t scale, v128_t bias, const limits *limits) {
  const v128_t scaled = wasm_f32x4_mul(wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sum), row_scale), scale);
  const v128_t above = wasm_f32x4_pmax(wasm_f32x4_add(scaled, bias), wasm_v128_load32_splat(&limits->scalar.min));
  return wasm_f32x4_pmin(above, wasm_v128_load32_splat(&limits->scalar.max));
}

INLINE void finish(size_t rows, sums sums, const float *scales, const tile *tile, size_t columns,
                   const limits *limits) {
  const v128_t left = wasm_v128_load(scales), right = wasm_v128_load(scales + 4),
               left_bias = wasm_v128_load(scales + COLUMNS), right_bias = wasm_v128_load(scales + COLUMNS + 4);
  EACH_ROW {
    const v128_t row_scale = wasm_v128_load32_splat(&tile->quantised[row]->inv_scale);
    store(tile->to[row], columns, finished(sums.left[row], row_scale, left, left_bias, limits),
          finished(sums.right[row], row_scale, right, right_bias, limits));
  }
}

/* Adds the products of one block of eight columns, and moves on to what is behind its weights. */
typedef sums add_products(size_t rows, sums sums, const factors *factors, int16_t *panel, const int8_t **weights);

INLINE void multiply(size_t rows, add_products *add, const factors *factors, int16_t *panel, tile *tile, size_t columns,
                     size_t next_columns, const limits *limits) {
  const int8_t *weights = factors->weights;
  for (;;) {
    sums sums = begun(rows, (const int32_t *)weights, tile);
    weights += COLUMNS * sizeof(int32_t);
    sums = add(rows, sums, factors, panel, &weights);
    finish(rows, sums, (const float *)weights, tile, columns, limits);
    weights += 2 * COLUMNS * sizeof(float);
    if (columns <= COLUMNS) return;
    columns -= COLUMNS;
    EACH_ROW tile->to[row] = (float *)((uintptr_t)tile->to[row] + next_columns);
  }
}

/* ---- by pairs of int16, which simd128 has
 * --------------------------------------------------------------------------*/

INLINE void widen(size_t rows, const int8_t *const *from, size_t begin, size_t count, int16_t *panel) {
  EACH_ROW for (size_t i = 0; i < count; i += 8)
      wasm_v128_store(panel + row * PANEL_ROW + i, wasm_i16x8_load8x8(from[row] + begin + i));
}

INLINE sums add_panel(size_t rows, sums sums, const int16_t *panel, size_t count, const int8_t **weights) {
  const int8_t *at = *weights;
  for (size_t i = 0; i < count; i += 2, at += 2 * COLUMNS) {
    const v128_t left = wasm_i16x8_load8x8(at), right = wasm_i16x8_load8x8(at + COLUMNS);
    EACH_ROW {
      const v128_t pair = wasm_v128_load32_splat(panel + row * PANEL_ROW + i);
      sums.left[row] = wasm_i32x4_add(sums.left[row], wasm_i32x4_dot_i16x8(pair, left));
      sums.right[row] = wasm_i32x4_add(sums.right[row], wasm_i32x4_dot_i16x8(pair, right));
    }
  }
  *weights = at;
  return sums;
}

/* Rows that fit are in the panel already; of longer ones it takes a part at a time. */
INLINE sums add_pairs(size_t rows, sums sums, const factors *factors, int16_t *panel, const int8_t **weights) {
  const size_t whole = factors->tap_count * factors->inner;
  if (whole <= PANEL) return add_panel(rows, sums, panel, whole, weights);
  for (size_t tap = 0; tap < factors->tap_count; tap++)
    for (size_t begin = 0; begin < factors->inner; begin += PANEL) {
      const size_t count = factors->inner - begin < PANEL ? factors->inner - begin : PANEL;
      widen(rows, factors->taps + tap * rows, begin, count, panel);
      sums = add_panel(rows, sums, panel, count, weights);
    }
  return sums;
}

INLINE void multiply_pairs(size_t rows, factors factors, tile tile, size_t columns, size_t next_columns,
                           const limits *limits) {
  int16_t panel[PAIRS_ROWS * PANEL_ROW];
  factors.inner = (factors.inner + 1) / 2 * 2;
  if (factors.tap_count * factors.inner <= PANEL)
    for (size_t tap = 0; tap < factors.tap_count; tap++)
      widen(rows, factors.taps + tap * rows, 0, factors.inner, panel + tap * factors.inner);
  multiply(rows, add_pairs, &factors, panel, &tile, columns, next_columns, limits);
}

/* ---- by fours, with relaxed SIMD
 * -----------------------------------------------------------------------------------*/

#ifdef __wasm_relaxed_simd__
INLINE sums add_fours(size_t rows, sums sums, const factors *factors, int16_t *panel, const int8_t **weights) {
  (void)panel;
  const int8_t *at = *weights;
  for (size_t tap = 0; tap < factors->tap_count; tap++) {
    const int8_t *const *from = factors->taps + tap * rows;
    for (size_t i = 0; i < factors->inner; i += 4, at += 4 * COLUMNS) {
      const v128_t left = wasm_v128_load(at), right = wasm_v128_load(at + 2 * COLUMNS);
      EACH_ROW {
        const v128_t four = wasm_v128_load32_splat(from[row] + i);
        sums.left[row] = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(left, four, sums.left[row]);
        sums.right[row] = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(right, four, sums.right[row]);
      }
    }
  }
  *weights = at;
  return sums;
}

INLINE void multiply_fours(size_t rows, factors factors, tile tile, size_t columns, size_t next_columns,
                           const limits *limits) {
  factors.inner = (factors.inner + 3) / 4 * 4;
  multiply(rows, add_fours, &factors, 0, &tile, columns, next_columns, limits);
}
#endif

/* ---- XNNPACK's signatures
 * ------------------------------------------------------------------------------------------*/

#define AS_XNNPACK_CALLS_THEM(way, rows)                                                                               \
  static void way##_##rows##_gemm(size_t mr, size_t nc, size_t kc, const int8_t *a, size_t a_stride, const void *w,    \
                                  float *c, size_t cm_stride, size_t cn_stride, const limits *limits,                  \
                                  const quantisation *quantised) {                                                     \
    const int8_t *taps[rows];                                                                                          \
    tile tile;                                                                                                         \
    for (size_t row = 0; row < rows; row++) {                                                                          \
      const size_t there = row < mr ? row : mr - 1;                                                                    \
      taps[row] = a + there * a_stride;                                                                                \
      tile.to[row] = (float *)((uintptr_t)c + there * cm_stride);                                                      \
      tile.quantised[row] = &quantised[there];                                                                         \
    }                                                                                                                  \
    multiply_##way(rows, (factors){taps, 1, kc, w}, tile, nc, cn_stride, limits);                                      \
  }                                                                                                                    \
  static void way##_##rows##_igemm(size_t mr, size_t nc, size_t kc, size_t ks, const int8_t **a, const void *w,        \
                                   float *c, size_t cm_stride, size_t cn_stride, size_t a_offset, const int8_t *zero,  \
                                   const int8_t *zero_data, const limits *limits, const quantisation *quantised) {     \
    const size_t count = ks / sizeof *a;                                                                               \
    const int8_t *taps[count];                                                                                         \
    for (size_t i = 0; i < count; i++) taps[i] = a[i] == zero ? zero_data : a[i] + a_offset;                           \
    tile tile;                                                                                                         \
    for (size_t row = 0; row < rows; row++) {                                                                          \
      const size_t there = row < mr ? row : mr - 1;                                                                    \
      tile.to[row] = (float *)((uintptr_t)c + there * cm_stride);                                                      \
      tile.quantised[row] = quantised;                                                                                 \
    }                                                                                                                  \
    multiply_##way(rows, (factors){taps, count / (rows), kc, w}, tile, nc, cn_stride, limits);                         \
  }

AS_XNNPACK_CALLS_THEM(pairs, 1)
AS_XNNPACK_CALLS_THEM(pairs, 4)
#ifdef __wasm_relaxed_simd__
AS_XNNPACK_CALLS_THEM(fours, 1)
AS_XNNPACK_CALLS_THEM(fours, 6)
#endif

#define GEMM(function)  xnn_init_hmp_dqgemm_ukernel((xnn_dqgemm_ukernel_fn)(function))
#define IGEMM(function) xnn_init_hmp_dqigemm_ukernel((xnn_dqigemm_ukernel_fn)(function))

static void use_pairs(struct xnn_gemm_config *config) {
  config->minmax.dqgemm[0] = GEMM(pairs_1_gemm), config->minmax.dqgemm[PAIRS_ROWS - 1] = GEMM(pairs_4_gemm);
  config->minmax.dqigemm[0] = IGEMM(pairs_1_igemm), config->minmax.dqigemm[PAIRS_ROWS - 1] = IGEMM(pairs_4_igemm);
  config->log2_kr = 1, config->mr = PAIRS_ROWS;
}

static void use_fours(struct xnn_gemm_config *config) {
#ifdef __wasm_relaxed_simd__
  config->minmax.dqgemm[0] = GEMM(fours_1_gemm), config->minmax.dqgemm[FOURS_ROWS - 1] = GEMM(fours_6_gemm);
  config->minmax.dqigemm[0] = IGEMM(fours_1_igemm), config->minmax.dqigemm[FOURS_ROWS - 1] = IGEMM(fours_6_igemm);
  config->log2_kr = 2, config->mr = FOURS_ROWS;
#else
  (void)config;
#endif
}

/* Which kernels there are, and how weights are packed for them. Asked for while a network is built, on one thread. */
const struct xnn_gemm_config *xnn_init_qd8_f32_qc8w_gemm_config(void) {
  static struct xnn_gemm_config config;
  if (config.mr) return &config;
  config.init.f32 = xnn_init_f32_minmax_scalar_params;
  config.pack_weights_and_biases = (xnn_pack_weights_and_biases_fn)xnn_pack_qs8_weights_and_biases;
  config.packed_stride_weights_and_biases =
      (xnn_packed_stride_weights_and_biases_fn)xnn_packed_stride_qs8_weights_and_biases;
  config.pack_gemm_gio = (xnn_packw_gemm_gio_ukernel_fn)xnn_pack_qs8_gemm_gio_w;
  config.pack_gemm_goi = (xnn_packw_gemm_goi_ukernel_fn)xnn_pack_qs8_gemm_goi_w;
  config.nr = COLUMNS;
  if (dot_product_here() == NO_DOT_PRODUCT)
    use_pairs(&config);
  else
    use_fours(&config);
  return &config;
}
