/* The one place where the kernel that compares signatures is chosen. */
#include "hamming.h"

dpl_hamming_kernel *dpl_hamming_choose(void) {
#if defined(__wasm_simd128__)
  return dpl_hamming_wasm;
#elif defined(__x86_64__)
  return __builtin_cpu_supports("popcnt") ? dpl_hamming_popcnt : dpl_hamming_plain;
#else
  return dpl_hamming_plain;
#endif
}
