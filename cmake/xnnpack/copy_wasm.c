/* What XNNPACK copies numbers with: a channel or two, or all of a pixel's. XNNPACK's own ask the C library, which goes
   word by word in WebAssembly. */
#include <string.h>
#include <wasm_simd128.h>

#include "xnnpack/transpose.h"
#include "xnnpack/vunary.h"

static inline void copy(const char *from, char *to, size_t size) {
  enum { MOST = 4096 /* from here on the engine's own copy is faster */ };
  if (size >= MOST || size % sizeof(float) != 0) {
    memcpy(to, from, size);
    return;
  }
  size_t at = 0;
  for (; at + sizeof(v128_t) <= size; at += sizeof(v128_t)) wasm_v128_store(to + at, wasm_v128_load(from + at));
  for (; at < size; at += sizeof(float)) memcpy(to + at, from + at, sizeof(float));
}

void xnn_xx_copy_ukernel__scalar_memcpy(size_t size, const void *from, void *to, const void *params) {
  (void)params;
  copy(from, to, size);
}

void xnn_xx_transposev_ukernel__1x1_scalar_memcpy(const void *input, void *output, size_t input_row, size_t output_row,
                                                  size_t input_element, size_t output_element, size_t element_size,
                                                  size_t columns, size_t rows) {
  for (size_t x = 0; x < columns; x++)
    for (size_t y = 0; y < rows; y++)
      copy((const char *)input + y * input_row + x * input_element,
           (char *)output + x * output_row + y * output_element, element_size);
}
