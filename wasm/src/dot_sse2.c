/* The search's dot products with SSE2, which every x86-64 processor has. */
#include "dot.h"

#if defined(__x86_64__)
#include <emmintrin.h>

void dpl_dot_sse2(const int16_t *probe, const int8_t *rows, size_t stride, size_t count, int32_t *dots) {
  for (size_t i = 0; i < count; i++, rows += stride) {
    __m128i sum = _mm_setzero_si128();
    for (size_t k = 0; k < stride; k += DPL_DOT_STEP) {
      const __m128i values = _mm_loadu_si128((const __m128i *)(const void *)(rows + k));
      /* A byte beside itself, shifted right by eight with its sign, is the byte as 16 bits. */
      const __m128i low = _mm_srai_epi16(_mm_unpacklo_epi8(values, values), 8);
      const __m128i high = _mm_srai_epi16(_mm_unpackhi_epi8(values, values), 8);
      const __m128i *p = (const __m128i *)(const void *)(probe + k);
      sum = _mm_add_epi32(sum, _mm_madd_epi16(low, _mm_loadu_si128(p)));
      sum = _mm_add_epi32(sum, _mm_madd_epi16(high, _mm_loadu_si128(p + 1)));
    }
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, _MM_SHUFFLE(1, 0, 3, 2)));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, _MM_SHUFFLE(2, 3, 0, 1)));
    dots[i] = _mm_cvtsi128_si32(sum);
  }
}
#endif
