/* How alike strangers are in a gallery, and how alike photos of one person: the distributions that give a cosine its
   meaning. Counting only; gallery.c reads them back. */
#include <math.h>
#include <stdlib.h>

#include "gallery.h"
#include "status.h"

enum { DEFAULT_BUDGET = 4000000 };
static const double RATES[DPL_FALSE_MATCH_RATES] = {1e-1, 1e-2, 1e-3, 1e-4, 1e-5};

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
static uint64_t count_pairs(const sorted *s, kind which, const float *vectors, size_t dimension, uint64_t budget,
                            uint64_t seed, uint64_t *bins, uint64_t *all);
static dpl_status fill_false_matches(dpl_calibration *calibration, dpl_error *error);

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
  if (!status) {
    const size_t d = (size_t)dimension;
    made->budget = budget, made->seed = seed;
    made->impostor_pairs = count_pairs(&s, IMPOSTOR, vectors, d, budget, seed, made->impostor, &made->impostor_all);
    made->genuine_pairs = count_pairs(&s, GENUINE, vectors, d, budget, ~seed, made->genuine, &made->genuine_all);
    status = fill_false_matches(made, error);
  }
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
uint64_t dpl_next_random(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
  return z ^ z >> 31;
}

/* Counts all pairs, or one from each of `budget` stretches of them. Returns how many. */
static uint64_t count_pairs(const sorted *s, kind which, const float *vectors, size_t dimension, uint64_t budget,
                            uint64_t seed, uint64_t *bins, uint64_t *all) {
  uint64_t pairs = 0;
  for (size_t i = 0; i < s->count; i++) pairs += end_of_partners(s, which, i) - first_partner(s, which, i);
  *all = pairs;
  const uint64_t stretches = pairs < budget ? pairs : budget;
  if (!stretches) return 0;

  size_t i = 0;
  uint64_t before = 0; /* pairs that begin with a photo before i */
  for (uint64_t k = 0, begin = 0; k < stretches; k++) {
    const uint64_t length = pairs / stretches + (k < pairs % stretches);
    const uint64_t number = begin + (length > 1 ? dpl_next_random(&seed) % length : 0);
    begin += length;
    size_t partners;
    while (number - before >= (partners = end_of_partners(s, which, i) - first_partner(s, which, i)))
      before += partners, i++;
    const size_t j = first_partner(s, which, i) + (size_t)(number - before);
    bins[bin_of_pair(s, i, j, vectors, dimension)]++;
  }
  return stretches;
}

/* ---- the false-match-rate table ---- */

static uint64_t at_or_above(const dpl_histogram *histogram, size_t bin) {
  return histogram->pairs - histogram->below[bin];
}

size_t dpl_histogram_false_matches(const dpl_histogram *impostor, const dpl_histogram *genuine,
                                   dpl_false_match rows[DPL_FALSE_MATCH_RATES]) {
  size_t count = 0, bin = 0;
  for (size_t i = 0; i < DPL_FALSE_MATCH_RATES && impostor->pairs; i++) {
    while (bin < impostor->bins && (double)at_or_above(impostor, bin) > RATES[i] * (double)impostor->pairs) bin++;
    const uint64_t pairs = at_or_above(impostor, bin);
    if (pairs < DPL_FALSE_MATCHES_NEEDED) break;
    const double share = genuine->pairs ? (double)at_or_above(genuine, bin) / (double)genuine->pairs : -1;
    rows[count++] = (dpl_false_match){.rate = RATES[i],
                                      .similarity = (float)((double)bin / (double)impostor->bins * 2 - 1),
                                      .pairs = pairs,
                                      .genuine = (float)share};
  }
  return count;
}

static void sum_up(const uint64_t *counts, uint64_t pairs, uint64_t *below, dpl_histogram *histogram) {
  below[0] = 0;
  for (size_t i = 0; i < DPL_CALIBRATION_BINS; i++) below[i + 1] = below[i] + counts[i];
  *histogram = (dpl_histogram){.pairs = pairs, .bins = DPL_CALIBRATION_BINS, .below = below};
}

static dpl_status fill_false_matches(dpl_calibration *calibration, dpl_error *error) {
  enum { BORDERS = DPL_CALIBRATION_BINS + 1 };
  uint64_t *below = malloc(2 * BORDERS * sizeof *below);
  if (!below) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  dpl_histogram impostor, genuine;
  sum_up(calibration->impostor, calibration->impostor_pairs, below, &impostor);
  sum_up(calibration->genuine, calibration->genuine_pairs, below + BORDERS, &genuine);
  calibration->false_match_count = dpl_histogram_false_matches(&impostor, &genuine, calibration->false_matches);
  free(below);
  return DPL_OK;
}
