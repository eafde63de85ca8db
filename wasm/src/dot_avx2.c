/* The search's dot products with AVX2. Two rows at a time share the loads of the probe. */
#include "dot.h"

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static inline __m256i step(__m256i sum, __m256i probe, const int8_t *row) {
  const __m128i values = _mm_loadu_si128((const __m128i *)(const void *)row);
  return _mm256_add_epi32(sum, _mm256_madd_epi16(probe, _mm256_cvtepi8_epi16(values)));
}

__attribute__((target("avx2"))) static inline int32_t sum_of(__m256i v) {
  __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, _MM_SHUFFLE(1, 0, 3, 2)));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, _MM_SHUFFLE(2, 3, 0, 1)));
  return _mm_cvtsi128_si32(sum);
}

__attribute__((target("avx2"))) void dpl_dot_avx2(const int16_t *probe, const int8_t *rows, size_t stride, size_t count,
                                                  int32_t *dots) {
  size_t i = 0;
  for (; i + 2 <= count; i += 2, rows += 2 * stride) {
    __m256i first = _mm256_setzero_si256(), second = first;
    for (size_t k = 0; k < stride; k += DPL_DOT_STEP) {
      const __m256i p = _mm256_loadu_si256((const __m256i *)(const void *)(probe + k));
      first = step(first, p, rows + k);
      second = step(second, p, rows + stride + k);
    }
    dots[i] = sum_of(first);
    dots[i + 1] = sum_of(second);
  }
  if (i < count) {
    __m256i sum = _mm256_setzero_si256();
    for (size_t k = 0; k < stride; k += DPL_DOT_STEP)
      sum = step(sum, _mm256_loadu_si256((const __m256i *)(const void *)(probe + k)), rows + k);
    dots[i] = sum_of(sum);
  }
}
#endif
