/* XNNPACK's depthwise convolution of nine taps, faster where the kernel is 3 × 3 with stride 1, as nearly all are.
   XNNPACK's own kernel goes pixel by pixel and loads nine inputs and nine weights for each; neighbours share six of the
   inputs. This one takes four channels at a time, keeps their weights in registers and goes along the row: each column
   of three inputs is loaded once and used for the three pixels that it belongs to. Everything else is left to XNNPACK's
   kernel, which is compiled under another name (see CMakeLists.txt). Same signature, same packed weights. */
#include <wasm_simd128.h>

#include "xnnpack/dwconv.h"

enum { TILE = 16 /* pixels whose inputs stay in the first cache */, GROUP = 8 /* channels that are packed together */ };

#define SIGNATURE(parameters)                                                                                          \
  size_t channels, size_t output_width, const float **input, const float *weights, float *output,                      \
      intptr_t input_stride, size_t output_increment, size_t input_offset, const float *zero, const parameters *params
#define CLAMPED SIGNATURE(union xnn_f32_minmax_params)
#define LINEAR  SIGNATURE(struct xnn_f32_default_params)

/* Compiled twice, as XNNPACK is: with relaxed SIMD a product is added without being rounded first. */
#ifdef __wasm_relaxed_simd__
#define KERNEL_CLAMPED          xnn_f32_dwconv_minmax_ukernel_9p8c__wasmrelaxedsimd_fma
#define KERNEL_LINEAR           xnn_f32_dwconv_ukernel_9p8c__wasmrelaxedsimd_fma
#define MULTIPLY_ADD(sum, a, b) wasm_f32x4_relaxed_madd(a, b, sum)
#else
#define KERNEL_CLAMPED          xnn_f32_dwconv_minmax_ukernel_9p8c__wasmsimd_x86
#define KERNEL_LINEAR           xnn_f32_dwconv_ukernel_9p8c__wasmsimd
#define MULTIPLY_ADD(sum, a, b) wasm_f32x4_add(sum, wasm_f32x4_mul(a, b))
#endif

void theirs_f32_dwconv_minmax_9p8c(CLAMPED);
void theirs_f32_dwconv_9p8c(LINEAR);

/* The weights of one column of the kernel, for four channels. */
typedef struct column {
  v128_t top, middle, bottom;
} column;

static inline column weights_at(const float *packed) {
  return (column){wasm_v128_load(packed), wasm_v128_load(packed + GROUP), wasm_v128_load(packed + 2 * GROUP)};
}

static inline column inputs_at(const float *const *rows, size_t channel) {
  return (column){wasm_v128_load(rows[0] + channel), wasm_v128_load(rows[1] + channel),
                  wasm_v128_load(rows[2] + channel)};
}

static inline v128_t add_product(v128_t sum, column in, column weight) {
  const v128_t two = MULTIPLY_ADD(wasm_f32x4_mul(in.top, weight.top), in.middle, weight.middle);
  return wasm_f32x4_add(sum, MULTIPLY_ADD(two, in.bottom, weight.bottom));
}

/* `rows` holds three pointers a column, two columns more than there are pixels. */
static inline void convolve_tile(const float *const *rows, size_t pixels, size_t channels, const float *weights,
                                 float *output, size_t pixel_size, const float *limits) {
  for (size_t channel = 0; channel < channels; channel += 4) {
    const float *packed = weights + channel / GROUP * (10 * GROUP) + channel % GROUP;
    const v128_t bias = wasm_v128_load(packed);
    const column left = weights_at(packed + GROUP), middle = weights_at(packed + 4 * GROUP),
                 right = weights_at(packed + 7 * GROUP);
    const column first = inputs_at(rows, channel), second = inputs_at(rows + 3, channel);
    v128_t here = add_product(add_product(bias, first, left), second, middle);
    v128_t next = add_product(bias, second, left);
    char *to = (char *)(output + channel);
    for (size_t x = 0; x < pixels; x++, to += pixel_size) {
      const column in = inputs_at(rows + 3 * (x + 2), channel);
      v128_t done = add_product(here, in, right);
      here = add_product(next, in, middle);
      next = add_product(bias, in, left);
      if (limits) {
        done = wasm_f32x4_pmax(wasm_v128_load32_splat(&limits[0]), done);
        done = wasm_f32x4_pmin(wasm_v128_load32_splat(&limits[1]), done);
      }
      wasm_v128_store(to, done);
    }
  }
}

static inline void convolve_row(size_t channels, size_t width, const float **input, const float *weights, float *output,
                                size_t output_increment, size_t input_offset, const float *zero, const float *limits) {
  const size_t pixel_size = channels * sizeof(float) + output_increment;
  for (size_t begin = 0; begin < width; begin += TILE) {
    const size_t pixels = width - begin < TILE ? width - begin : TILE;
    const float *rows[3 * (TILE + 2)];
    for (size_t i = 0; i < 3 * (pixels + 2); i++) {
      const float *row = input[3 * begin + i];
      rows[i] = row == zero ? zero : (const float *)((uintptr_t)row + input_offset);
    }
    convolve_tile(rows, pixels, channels, weights, (float *)((char *)output + begin * pixel_size), pixel_size, limits);
  }
}

static inline int shares_columns(size_t channels, intptr_t input_stride) {
  return channels % 4 == 0 && input_stride == 3 * (intptr_t)sizeof(float *);
}

void KERNEL_CLAMPED(CLAMPED) {
  const float limits[] = {params->scalar.min, params->scalar.max};
  if (shares_columns(channels, input_stride))
    convolve_row(channels, output_width, input, weights, output, output_increment, input_offset, zero, limits);
  else
    theirs_f32_dwconv_minmax_9p8c(channels, output_width, input, weights, output, input_stride, output_increment,
                                  input_offset, zero, params);
}

void KERNEL_LINEAR(LINEAR) {
  if (shares_columns(channels, input_stride))
    convolve_row(channels, output_width, input, weights, output, output_increment, input_offset, zero, 0);
  else
    theirs_f32_dwconv_9p8c(channels, output_width, input, weights, output, input_stride, output_increment, input_offset,
                           zero, params);
}
