/* The rows of sum_rows.h. Whole numbers as long as possible: a sum of bytes is exact, and a float holds all that can
 * be. */
#include "sum_rows.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

static void sum_from(size_t begin, dpl_rows rows, float *sums) {
  for (size_t i = begin; i < rows.length; i++) sums[i] = 0;
  for (const uint8_t *row = rows.first + rows.length; row < rows.last; row += rows.length)
    for (size_t i = begin; i < rows.length; i++) sums[i] += (float)row[i];
  for (size_t i = begin; i < rows.length; i++)
    sums[i] = (float)rows.first[i] * rows.head + (float)rows.last[i] * rows.tail + sums[i];
}

void dpl_sum_rows_plain(dpl_rows rows, float *sums) {
  sum_from(0, rows, sums);
}

#if defined(__SSE2__)
/* Eight numbers of 16 bits become floats, four and four. */
static inline __m128 lower(__m128i numbers) {
  return _mm_cvtepi32_ps(_mm_unpacklo_epi16(numbers, _mm_setzero_si128()));
}

static inline __m128 upper(__m128i numbers) {
  return _mm_cvtepi32_ps(_mm_unpackhi_epi16(numbers, _mm_setzero_si128()));
}

static inline __m128 weighed(__m128 head, __m128 tail, dpl_rows rows, __m128 whole) {
  return _mm_add_ps(_mm_add_ps(_mm_mul_ps(head, _mm_set1_ps(rows.head)), _mm_mul_ps(tail, _mm_set1_ps(rows.tail))),
                    whole);
}

static inline void put_eight(__m128i head, __m128i tail, dpl_rows rows, __m128i whole, float *sums) {
  _mm_storeu_ps(sums, weighed(lower(head), lower(tail), rows, lower(whole)));
  _mm_storeu_ps(sums + 4, weighed(upper(head), upper(tail), rows, upper(whole)));
}

static inline __m128i sixteen_at(const uint8_t *place) {
  return _mm_loadu_si128((const __m128i *)(const void *)place);
}

/* Sixteen numbers from the first row to the last, and then the next sixteen: their sums never leave the registers. */
void dpl_sum_rows_sse2(dpl_rows rows, float *sums) {
  enum { MOST_ROWS = 257 }; /* 257 · 255 is the largest sum that 16 bits hold */
  const __m128i zero = _mm_setzero_si128();
  size_t i = 0;
  if ((size_t)(rows.last - rows.first) > MOST_ROWS * rows.length) return dpl_sum_rows_plain(rows, sums);
  for (; i + 16 <= rows.length; i += 16) {
    __m128i left = zero, right = zero;
    for (const uint8_t *row = rows.first + rows.length; row < rows.last; row += rows.length) {
      const __m128i numbers = sixteen_at(row + i);
      left = _mm_add_epi16(left, _mm_unpacklo_epi8(numbers, zero));
      right = _mm_add_epi16(right, _mm_unpackhi_epi8(numbers, zero));
    }
    const __m128i head = sixteen_at(rows.first + i), tail = sixteen_at(rows.last + i);
    put_eight(_mm_unpacklo_epi8(head, zero), _mm_unpacklo_epi8(tail, zero), rows, left, sums + i);
    put_eight(_mm_unpackhi_epi8(head, zero), _mm_unpackhi_epi8(tail, zero), rows, right, sums + i + 8);
  }
  sum_from(i, rows, sums);
}
#endif

void dpl_sum_rows_of(dpl_rows rows, float *sums) {
#if defined(__SSE2__)
  dpl_sum_rows_sse2(rows, sums);
#else
  dpl_sum_rows_plain(rows, sums);
#endif
}
