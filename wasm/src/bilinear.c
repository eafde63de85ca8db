/* The rows of bilinear.h. */
#include "bilinear.h"

#include <string.h>

#include "image.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Weights of 11 bits; what the upper and the lower pair of pixels give is rounded to 15 bits, so that products of 16
   bits are all it takes. */
enum { WEIGHT_BITS = 11, WEIGHT = 1 << WEIGHT_BITS, PAIR_SHIFT = 4, SHIFT = 2 * WEIGHT_BITS - PAIR_SHIFT };

/* The pixel left of and above a place, and how far it lies from there. */
typedef struct corner {
  int left, up, right, down;
} corner;

static inline int whole(int64_t x) {
  return (int)((x + (INT64_C(1) << (31 - WEIGHT_BITS))) >> 32);
}

static inline int part(int64_t x) {
  return (int)((x + (INT64_C(1) << (31 - WEIGHT_BITS))) >> (32 - WEIGHT_BITS)) & (WEIGHT - 1);
}

static inline corner corner_of(dpl_place place) {
  return (corner){whole(place.x), whole(place.y), part(place.x), part(place.y)};
}

static const uint8_t *pixel_or_black(const dpl_image *image, int x, int y) {
  static const uint8_t BLACK[3] = {0};
  if (x < 0 || y < 0 || x >= image->width || y >= image->height) return BLACK;
  return image->pixels + ((size_t)y * (size_t)image->width + (size_t)x) * 3;
}

static inline int between(int first, int second, int weight) {
  return (first * (WEIGHT - weight) + second * weight + (1 << (PAIR_SHIFT - 1))) >> PAIR_SHIFT;
}

static inline void blend(const dpl_image *image, corner at, uint8_t *to) {
  const uint8_t *p00 = pixel_or_black(image, at.left, at.up), *p01 = pixel_or_black(image, at.left + 1, at.up),
                *p10 = pixel_or_black(image, at.left, at.up + 1), *p11 = pixel_or_black(image, at.left + 1, at.up + 1);
  for (int i = 0; i < 3; i++) {
    const int upper = between(p00[i], p01[i], at.right), lower = between(p10[i], p11[i], at.right);
    to[i] = (uint8_t)((upper * (WEIGHT - at.down) + lower * at.down + (1 << (SHIFT - 1))) >> SHIFT);
  }
}

void dpl_bilinear_row_plain(const dpl_image *image, dpl_place from, dpl_place step, int count, uint8_t *to) {
  for (; count > 0; count--, to += 3, from.x += step.x, from.y += step.y) blend(image, corner_of(from), to);
}

#if defined(__SSE2__)
/* Both pixels of a row, side by side: red, red, green, green, blue, blue. Reads eight bytes for the six. */
static inline __m128i pairs_at(const uint8_t *pixel) {
  const __m128i numbers = _mm_unpacklo_epi8(_mm_loadl_epi64((const __m128i *)(const void *)pixel), _mm_setzero_si128());
  return _mm_unpacklo_epi16(numbers, _mm_srli_si128(numbers, 6));
}

static inline __m128i weights(int second) {
  return _mm_set1_epi32(second << 16 | (WEIGHT - second));
}

static inline __m128i between_pairs(__m128i pairs, __m128i weight) {
  return _mm_srai_epi32(_mm_add_epi32(_mm_madd_epi16(pairs, weight), _mm_set1_epi32(1 << (PAIR_SHIFT - 1))),
                        PAIR_SHIFT);
}

static inline int blend_inside(const uint8_t *pixel, size_t stride, corner at) {
  const __m128i right = weights(at.right), upper = between_pairs(pairs_at(pixel), right),
                lower = between_pairs(pairs_at(pixel + stride), right), both = _mm_packs_epi32(upper, lower),
                pairs = _mm_unpacklo_epi16(both, _mm_srli_si128(both, 8)),
                sums = _mm_add_epi32(_mm_madd_epi16(pairs, weights(at.down)), _mm_set1_epi32(1 << (SHIFT - 1))),
                numbers = _mm_srai_epi32(sums, SHIFT), halves = _mm_packs_epi32(numbers, numbers);
  return _mm_cvtsi128_si32(_mm_packus_epi16(halves, halves));
}

void dpl_bilinear_row_sse2(const dpl_image *image, dpl_place from, dpl_place step, int count, uint8_t *to) {
  const size_t stride = (size_t)image->width * 3;
  for (; count > 0; count--, to += 3, from.x += step.x, from.y += step.y) {
    const corner at = corner_of(from);
    /* one pixel more to the right, because eight bytes are read */
    if (at.left >= 0 && at.up >= 0 && at.left < image->width - 2 && at.up < image->height - 1) {
      const int colour = blend_inside(image->pixels + (size_t)at.up * stride + (size_t)at.left * 3, stride, at);
      memcpy(to, &colour, 3);
    } else {
      blend(image, at, to);
    }
  }
}
#endif

void dpl_bilinear_row_of(const dpl_image *image, dpl_place from, dpl_place step, int count, uint8_t *to) {
#if defined(__SSE2__)
  dpl_bilinear_row_sse2(image, from, step, count, to);
#else
  dpl_bilinear_row_plain(image, from, step, count, to);
#endif
}
