/* How alike strangers are in a gallery, and how alike photos of one person: the distributions that give a cosine its
   meaning. Counting only; gallery.c reads them back. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "status.h"

enum { DEFAULT_BUDGET = 4000000 };

typedef struct photo {
  uint32_t person, index; /* index into the vectors */
} photo;

/* Photos sorted by person, so that photo i makes pairs of one person with those behind it up to group_end[i], and pairs
   of different people with those from there on. */
typedef struct sorted {
  photo *photos;
  size_t *group_end;
  size_t count;
} sorted;

typedef enum kind { IMPOSTOR, GENUINE } kind;

static dpl_status sort_by_person(const uint32_t *person, size_t count, sorted *s, dpl_error *error);
static dpl_status count_pairs(const sorted *s, kind which, const float *vectors, int dimension, uint64_t budget,
                              uint64_t seed, uint64_t *bins, uint64_t *counted, dpl_error *error);

dpl_status dpl_calibrate(const float *vectors, const uint32_t *person, size_t count, int dimension, uint64_t budget,
                         uint64_t seed, dpl_calibration *calibration, dpl_error *error) {
  if (!calibration || (count && (!vectors || !person)) || dimension < 1 || dimension > DPL_MAX_DIMENSION ||
      count > UINT32_MAX)
    return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  for (size_t i = 0; i < count * (size_t)dimension; i++)
    if (!(fabsf(vectors[i]) <= 1.001f))
      return dpl_fail(error, DPL_INVALID_ARGUMENT, "Vector %zu is not of unit length or not finite; embed it again.",
                      i / (size_t)dimension);
  if (budget == 0) budget = DEFAULT_BUDGET;
  dpl_calibration *made = calloc(1, sizeof *made);
  sorted s = {0};
  dpl_status status = made ? sort_by_person(person, count, &s, error) : dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  if (!status)
    status = count_pairs(&s, IMPOSTOR, vectors, dimension, budget, seed, made->impostor, &made->impostor_pairs, error);
  if (!status)
    status = count_pairs(&s, GENUINE, vectors, dimension, budget, ~seed, made->genuine, &made->genuine_pairs, error);
  if (!status) *calibration = *made;
  free(made);
  free(s.photos);
  free(s.group_end);
  return status;
}

static int compare_photos(const void *left, const void *right) {
  const photo *a = left, *b = right;
  if (a->person != b->person) return a->person < b->person ? -1 : 1;
  return (a->index > b->index) - (a->index < b->index);
}

static dpl_status sort_by_person(const uint32_t *person, size_t count, sorted *s, dpl_error *error) {
  s->photos = malloc((count + 1) * sizeof *s->photos);
  s->group_end = malloc((count + 1) * sizeof *s->group_end);
  s->count = count;
  if (!s->photos || !s->group_end) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  for (size_t i = 0; i < count; i++) s->photos[i] = (photo){person[i], (uint32_t)i};
  qsort(s->photos, count, sizeof *s->photos, compare_photos);
  for (size_t i = count, end = count; i-- > 0;) {
    if (i + 1 < count && s->photos[i].person != s->photos[i + 1].person) end = i + 1;
    s->group_end[i] = end;
  }
  return DPL_OK;
}

/* The photos that make a pair of this kind with photo i: [first, end). */
static size_t first_partner(const sorted *s, kind which, size_t i) {
  return which == GENUINE ? i + 1 : s->group_end[i];
}
static size_t end_of_partners(const sorted *s, kind which, size_t i) {
  return which == GENUINE ? s->group_end[i] : s->count;
}

static size_t bin_of_pair(const sorted *s, size_t i, size_t j, const float *vectors, size_t dimension) {
  const float *a = vectors + s->photos[i].index * dimension, *b = vectors + s->photos[j].index * dimension;
  enum { LANES = 8 }; /* sums side by side, which compilers may put into one vector */
  float lanes[LANES] = {0}, cosine = 0;
  size_t k = 0;
  for (; k + LANES <= dimension; k += LANES)
    for (size_t l = 0; l < LANES; l++) lanes[l] += a[k + l] * b[k + l];
  for (; k < dimension; k++) cosine += a[k] * b[k];
  for (size_t l = 0; l < LANES; l++) cosine += lanes[l];
  const float place = (cosine + 1) / 2 * DPL_CALIBRATION_BINS;
  return (size_t)fminf(fmaxf(place, 0), DPL_CALIBRATION_BINS - 1);
}

/* SplitMix64 (G. Steele, D. Lea, C. Flood, 2014): enough to draw pairs with. */
static uint64_t next_random(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
  return z ^ z >> 31;
}

static dpl_status count_pairs(const sorted *s, kind which, const float *vectors, int dimension, uint64_t budget,
                              uint64_t seed, uint64_t *bins, uint64_t *counted, dpl_error *error) {
  const size_t d = (size_t)dimension;
  uint64_t *before = malloc((s->count + 1) * sizeof *before); /* pairs that begin with an earlier photo */
  if (!before) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  before[0] = 0;
  for (size_t i = 0; i < s->count; i++)
    before[i + 1] = before[i] + (end_of_partners(s, which, i) - first_partner(s, which, i));
  const uint64_t pairs = before[s->count];

  if (pairs <= budget) {
    for (size_t i = 0; i < s->count; i++)
      for (size_t j = first_partner(s, which, i); j < end_of_partners(s, which, i); j++)
        bins[bin_of_pair(s, i, j, vectors, d)]++;
    *counted = pairs;
  } else {
    for (uint64_t drawn = 0; drawn < budget; drawn++) {
      const uint64_t number = next_random(&seed) % pairs;
      size_t low = 0, high = s->count; /* before[low] ≤ number < before[high] */
      while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (before[middle] <= number)
          low = middle;
        else
          high = middle;
      }
      const size_t j = first_partner(s, which, low) + (size_t)(number - before[low]);
      bins[bin_of_pair(s, low, j, vectors, d)]++;
    }
    *counted = budget;
  }
  free(before);
  return DPL_OK;
}
