/* How activations that were rounded to int8 lie in memory: what the kernel that writes them (qd8_convert_wasm.c) and
   those that multiply them (qd8_gemm_wasm.c) agree on. */
#ifndef DOPPEL_QD8_ACTIVATIONS_H
#define DOPPEL_QD8_ACTIVATIONS_H

#include "xnnpack/hardware-config.h"

/* What the CPU makes of relaxed SIMD's sum of four products. */
typedef enum dot_product { NO_DOT_PRODUCT, SIGNED_BY_SIGNED, SIGNED_BY_UNSIGNED } dot_product;

static inline dot_product dot_product_here(void) {
#ifdef __wasm_relaxed_simd__
  const struct xnn_hardware_config *here = xnn_init_hardware_config();
  if (here->use_wasm_sdot) return SIGNED_BY_SIGNED;
  if (here->use_wasm_usdot) return SIGNED_BY_UNSIGNED;
#endif
  return NO_DOT_PRODUCT;
}

/* Where the CPU takes one factor as unsigned, activations are kept as uint8, which is their value and that of their
   zero point, both shifted by this. Nothing else reads them. */
static inline int shift_of_activations(void) {
  return dot_product_here() == SIGNED_BY_UNSIGNED ? 128 : 0;
}

#endif
