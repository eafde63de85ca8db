/* The task of XNNPACK's operator "depthwise convolution" where its kernel is 3 × 3 with stride 1, as nearly all are.
   XNNPACK's own goes pixel by pixel and loads nine inputs and nine weights for each; neighbours share most of the
   inputs. This one takes four channels of two rows at a time and goes along them: each column of four inputs is loaded
   once and used for the six pixels that it belongs to. Everything else is left to XNNPACK's task, which is compiled
   under another name (see CMakeLists.txt). Same packed weights. */
#include <wasm_simd128.h>

#include "xnnpack/compute.h"
#include "xnnpack/dwconv.h"

enum {
  LEAST_COLUMNS = 8, /* of a tile */
  MOST_COLUMNS = 16,
  TILE_FLOATS = 512 /* of one of its rows: four of input and two of output stay in the first cache, and there is time
                       for what is read ahead to come */
};

/* Compiled twice, as XNNPACK is: with relaxed SIMD a product is added without being rounded first. */
#ifdef __wasm_relaxed_simd__
#define MULTIPLY_ADD(sum, a, b) wasm_f32x4_relaxed_madd(a, b, sum)
#else
#define MULTIPLY_ADD(sum, a, b) wasm_f32x4_add(sum, wasm_f32x4_mul(a, b))
#endif

/* The weights of one column of the kernel, for four channels. */
typedef struct weights {
  v128_t top, middle, bottom;
} weights;

/* What two rows of output look at in one column. */
typedef struct inputs {
  v128_t at[4];
} inputs;

/* One pixel of each row. */
typedef struct pair {
  v128_t upper, lower;
} pair;

static inline weights weights_at(const float *packed, size_t step) {
  return (weights){wasm_v128_load(packed), wasm_v128_load(packed + step), wasm_v128_load(packed + 2 * step)};
}

static inline inputs inputs_at(const float *const *column, size_t channel) {
  return (inputs){{wasm_v128_load(column[0] + channel), wasm_v128_load(column[1] + channel),
                   wasm_v128_load(column[2] + channel), wasm_v128_load(column[3] + channel)}};
}

static inline pair add_products(pair sum, v128_t upper, v128_t lower, v128_t weight) {
  return (pair){MULTIPLY_ADD(sum.upper, upper, weight), MULTIPLY_ADD(sum.lower, lower, weight)};
}

static inline pair add_columns(pair sum, inputs in, weights by) {
  sum = add_products(sum, in.at[0], in.at[1], by.top);
  sum = add_products(sum, in.at[1], in.at[2], by.middle);
  return add_products(sum, in.at[2], in.at[3], by.bottom);
}

static inline v128_t clamped(v128_t sum, const float *limits) {
  if (!limits) return sum;
  sum = wasm_f32x4_pmax(wasm_v128_load32_splat(&limits[0]), sum);
  return wasm_f32x4_pmin(wasm_v128_load32_splat(&limits[1]), sum);
}

/* Where two rows lie, or only the `upper` one, which then is `lower` too and is written last. */
typedef struct rows {
  float *upper, *lower;
} rows;

/* `columns` holds four pointers a column, two columns more than there are pixels; `packed` a bias and nine
   weights for each of the first `together` channels, for each of the next ones, … */
static inline void convolve_tile(const float *const *columns, size_t pixels, size_t channels, const float *packed,
                                 size_t together, rows output, size_t pixel_size, const float *limits) {
  for (size_t channel = 0; channel < channels; channel += 4) {
    const float *filter = packed + channel / together * (10 * together) + channel % together;
    const v128_t bias = wasm_v128_load(filter);
    const pair none = {bias, bias};
    const weights left = weights_at(filter + together, together), middle = weights_at(filter + 4 * together, together),
                  right = weights_at(filter + 7 * together, together);
    const inputs first = inputs_at(columns, channel), second = inputs_at(columns + 4, channel);
    pair here = add_columns(add_columns(none, first, left), second, middle), next = add_columns(none, second, left);
    char *upper = (char *)(output.upper + channel), *lower = (char *)(output.lower + channel);
    for (size_t x = 0; x < pixels; x++, upper += pixel_size, lower += pixel_size) {
      const inputs in = inputs_at(columns + 4 * (x + 2), channel);
      const pair done = add_columns(here, in, right);
      wasm_v128_store(lower, clamped(done.lower, limits));
      wasm_v128_store(upper, clamped(done.upper, limits));
      here = add_columns(next, in, middle);
      next = add_columns(none, in, left);
    }
  }
}

/* XNNPACK's tables of where the inputs lie: three pointers a column, for each row of output. */
typedef struct tables {
  const float **upper, **lower, *zero;
  size_t offset; /* of all but `zero` */
} tables;

/* The four pointers of one column. */
static inline v128_t column_at(tables from, size_t column) {
  const float *const *upper = from.upper + 3 * column, *const *lower = from.lower + 3 * column;
  v128_t all = wasm_v128_load64_zero(upper);
  all = wasm_v128_load32_lane(upper + 2, all, 2);
  all = wasm_v128_load32_lane(lower + 2, all, 3);
  const v128_t is_padding = wasm_i32x4_eq(all, wasm_i32x4_splat((int32_t)(uintptr_t)from.zero));
  return wasm_i32x4_add(all, wasm_v128_andnot(wasm_i32x4_splat((int32_t)from.offset), is_padding));
}

static inline void convolve_rows(const struct dwconv_context *context, tables from, size_t together, rows output,
                                 const float *limits) {
  const size_t channels = context->groups, width = context->output_width,
               pixel_size = channels * sizeof(float) + context->output_increment;
  const size_t fit = TILE_FLOATS / channels, tile = fit > MOST_COLUMNS    ? MOST_COLUMNS
                                                    : fit < LEAST_COLUMNS ? LEAST_COLUMNS
                                                                          : fit;
  for (size_t begin = 0; begin < width; begin += tile) {
    const size_t pixels = width - begin < tile ? width - begin : tile;
    const float *columns[4 * (MOST_COLUMNS + 2)];
    for (size_t i = 0; i < pixels + 2; i++) wasm_v128_store(columns + 4 * i, column_at(from, begin + i));
    const rows here = {(float *)((char *)output.upper + begin * pixel_size),
                       (float *)((char *)output.lower + begin * pixel_size)};
    convolve_tile(columns, pixels, channels, context->packed_weights, together, here, pixel_size, limits);
  }
}

/* Whether the lower row looks at the upper one's inputs but for the first: what one column outside of the padding says
   holds for all. */
static bool share_inputs(const struct dwconv_context *context, tables from) {
  for (size_t i = 0; i < context->output_width + 2; i++) {
    const float *const *upper = from.upper + 3 * i, *const *lower = from.lower + 3 * i;
    if (upper[1] != from.zero || upper[2] != from.zero || lower[0] != from.zero || lower[1] != from.zero)
      return upper[1] == lower[0] && upper[2] == lower[1];
  }
  return true;
}

/* What the kernel does that XNNPACK has chosen. */
typedef struct manner {
  size_t together; /* channels that it takes packed together; 0: a kernel of another kind */
  bool is_clamped;
} manner;

static manner manner_of(xnn_dwconv_unipass_ukernel_fn chosen) {
#define IS(kernel) (chosen == (xnn_dwconv_unipass_ukernel_fn)xnn_f32_dwconv_##kernel)
#ifdef __wasm_relaxed_simd__
  if (IS(minmax_ukernel_9p8c__wasmrelaxedsimd_fma)) return (manner){8, true};
  if (IS(ukernel_9p8c__wasmrelaxedsimd_fma)) return (manner){8, false};
#else
  if (IS(minmax_ukernel_9p8c__wasmsimd_x86)) return (manner){8, true};
  if (IS(ukernel_9p8c__wasmsimd)) return (manner){8, false};
  if (IS(minmax_ukernel_9p4c__wasmsimd_arm)) return (manner){4, true};
  if (IS(ukernel_9p4c__wasmsimd)) return (manner){4, false};
#endif
  return (manner){0, false};
}

void theirs_compute_dwconv_unipass(const struct dwconv_context *context, size_t image, size_t y);

/* XNNPACK asks row by row. Even ones are made together with the one below. */
void xnn_compute_dwconv_unipass(const struct dwconv_context *context, size_t image, size_t y) {
  const manner as = manner_of(context->unipass_ukernel);
  const bool goes_along = context->kernel_size == 9 && context->indirect_input_width_stride == 3 * sizeof(float *);
  const size_t upper = y & ~(size_t)1, lower = upper + 1 < context->output_height ? upper + 1 : upper;
  const char *table = (const char *)context->indirect_input;
  const tables from = {.upper = (const float **)(table + upper * context->indirect_input_height_stride),
                       .lower = (const float **)(table + lower * context->indirect_input_height_stride),
                       .zero = context->zero,
                       .offset = context->input_offset + image * context->input_batch_stride};
  if (!as.together || !goes_along || context->groups % 4 != 0 || (lower != upper && !share_inputs(context, from))) {
    theirs_compute_dwconv_unipass(context, image, y);
    return;
  }
  if (y != upper) return;
  char *output = (char *)context->output + image * context->output_batch_stride;
  const rows to = {(float *)(output + upper * context->output_height_stride),
                   (float *)(output + lower * context->output_height_stride)};
  const float limits[] = {context->params.f32.scalar.min, context->params.f32.scalar.max};
  /* Each with its own constants: a width that is not known costs a tenth. */
  if (as.together == 8 && as.is_clamped)
    convolve_rows(context, from, 8, to, limits);
  else if (as.together == 8)
    convolve_rows(context, from, 8, to, NULL);
  else if (as.is_clamped)
    convolve_rows(context, from, 4, to, limits);
  else
    convolve_rows(context, from, 4, to, NULL);
}
