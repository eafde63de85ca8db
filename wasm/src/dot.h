/* Dot products of one int16 vector with many int8 vectors, exact in int32: the inner loop of the search. One file an
   instruction set; dot_plain.c is the twin that tests hold the others to; dot.c chooses. */
#ifndef DOPPEL_DOT_H
#define DOPPEL_DOT_H

#include <stddef.h>
#include <stdint.h>

enum { DPL_DOT_STEP = 16 };

/* dots[i] = Σ probe · rows[i · stride …]. `stride` is a multiple of DPL_DOT_STEP and `probe` has as many numbers. The
   sum of the probe's absolute values must be below 2^24, so that nothing overflows. */
typedef void dpl_dot_kernel(const int16_t *probe, const int8_t *rows, size_t stride, size_t count, int32_t *dots);

dpl_dot_kernel dpl_dot_plain;
#if defined(__wasm_simd128__)
dpl_dot_kernel dpl_dot_wasm;
#elif defined(__x86_64__)
dpl_dot_kernel dpl_dot_sse2;
dpl_dot_kernel dpl_dot_avx2; /* only where the processor has it */
#endif

/* The fastest one that this machine can run. */
dpl_dot_kernel *dpl_dot_choose(void);

#endif
