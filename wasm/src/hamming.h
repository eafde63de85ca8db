/* In how many bits one signature differs from each of many: the inner loop of signatures.c. One file an instruction
   set; hamming_plain.c is the twin that tests hold the others to; hamming.c chooses. */
#ifndef DOPPEL_HAMMING_H
#define DOPPEL_HAMMING_H

#include <stddef.h>
#include <stdint.h>

enum { DPL_HAMMING_STEP = 2 }; /* words of 64 bits: one vector of WebAssembly */

/* distances[i] = bits in which `probe` and rows[i · words …] differ. `words` is a multiple of DPL_HAMMING_STEP, and at
   most 32. */
typedef void dpl_hamming_kernel(const uint64_t *probe, const uint64_t *rows, size_t words, size_t count,
                                uint16_t *distances);

dpl_hamming_kernel dpl_hamming_plain;
#if defined(__wasm_simd128__)
dpl_hamming_kernel dpl_hamming_wasm;
#elif defined(__x86_64__)
dpl_hamming_kernel dpl_hamming_popcnt; /* only where the processor has it */
#endif

/* The fastest one that this machine can run. */
dpl_hamming_kernel *dpl_hamming_choose(void);

#endif
