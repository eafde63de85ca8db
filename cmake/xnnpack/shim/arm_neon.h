/* Two WebAssembly kernels of XNNPACK include <arm_neon.h> where they mean this. */
#include <wasm_simd128.h>
