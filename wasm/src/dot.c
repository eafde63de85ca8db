/* The one place where the kernel of the search is chosen. */
#include "dot.h"

dpl_dot_kernel *dpl_dot_choose(void) {
#if defined(__wasm_simd128__)
  return dpl_dot_wasm;
#elif defined(__x86_64__)
  return __builtin_cpu_supports("avx2") ? dpl_dot_avx2 : dpl_dot_sse2;
#else
  return dpl_dot_plain;
#endif
}
