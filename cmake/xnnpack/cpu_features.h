/* What XNNPACK asks the cpuinfo library about the CPU, answered by the compiler's run-time library (x86) or the kernel
   (64-bit ARM). Included into XNNPACK's own choice of kernels only. Features whose kernels are not built answer "no".
 */
#ifndef DOPPEL_CPU_FEATURES_H
#define DOPPEL_CPU_FEATURES_H

#include <stdbool.h>

#if defined(__x86_64__)
#include <cpuid.h>

/* Every __builtin_cpu_supports below also checks that the operating system keeps the wide registers. */
#define DOPPEL_CPU_FEATURE(name, feature)                                                                              \
  static inline bool cpuinfo_has_x86_##name(void) {                                                                    \
    return __builtin_cpu_supports(feature) != 0;                                                                       \
  }
DOPPEL_CPU_FEATURE(ssse3, "ssse3")
DOPPEL_CPU_FEATURE(sse4_1, "sse4.1")
DOPPEL_CPU_FEATURE(avx, "avx")
DOPPEL_CPU_FEATURE(fma3, "fma")
DOPPEL_CPU_FEATURE(avx2, "avx2")
DOPPEL_CPU_FEATURE(avx512f, "avx512f")
DOPPEL_CPU_FEATURE(avx512bw, "avx512bw")
DOPPEL_CPU_FEATURE(avx512dq, "avx512dq")
DOPPEL_CPU_FEATURE(avx512vl, "avx512vl")
DOPPEL_CPU_FEATURE(avx512vbmi, "avx512vbmi")
DOPPEL_CPU_FEATURE(avx512vnni, "avx512vnni")
#undef DOPPEL_CPU_FEATURE

static inline bool cpuinfo_has_x86_f16c(void) {
  unsigned eax, ebx, ecx, edx;
  return cpuinfo_has_x86_avx() && __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_F16C) != 0;
}

#elif defined(__aarch64__)
#if defined(__linux__)
#include <sys/auxv.h>
static inline bool cpuinfo_has_arm_neon_dot(void) {
  return (getauxval(AT_HWCAP) & (1ul << 20)) != 0; /* asimddp */
}
#else
static inline bool cpuinfo_has_arm_neon_dot(void) {
  return false;
}
#endif

#define DOPPEL_CPU_FEATURE(name, present)                                                                              \
  static inline bool cpuinfo_has_arm_##name(void) {                                                                    \
    return present;                                                                                                    \
  }
DOPPEL_CPU_FEATURE(vfpv3, true)
DOPPEL_CPU_FEATURE(neon, true)
DOPPEL_CPU_FEATURE(neon_fp16, true)
DOPPEL_CPU_FEATURE(neon_fma, true)
DOPPEL_CPU_FEATURE(neon_v8, true)
DOPPEL_CPU_FEATURE(fp16_arith, false)
DOPPEL_CPU_FEATURE(neon_fp16_arith, false)
DOPPEL_CPU_FEATURE(neon_bf16, false)
DOPPEL_CPU_FEATURE(i8mm, false)
DOPPEL_CPU_FEATURE(sve, false)
DOPPEL_CPU_FEATURE(sve2, false)
DOPPEL_CPU_FEATURE(sme, false)
DOPPEL_CPU_FEATURE(sme2, false)
#undef DOPPEL_CPU_FEATURE
#endif

/* Some kernels are chosen by the make of the core. AMD's first Zen splits 256-bit operations; of the ARM cores that
   are asked about none is a machine that one builds galleries on. */
enum { cpuinfo_uarch_unknown, cpuinfo_uarch_zen, cpuinfo_uarch_dhyana, cpuinfo_uarch_kryo };
struct cpuinfo_core {
  int uarch;
};
static inline const struct cpuinfo_core *cpuinfo_get_core(unsigned index) {
  static const struct cpuinfo_core zen = {cpuinfo_uarch_zen}, other = {cpuinfo_uarch_unknown};
  (void)index;
#if defined(__x86_64__)
  if (__builtin_cpu_is("znver1")) return &zen;
#endif
  (void)zen;
  return &other;
}

#endif
