/* Exact search: the people of a gallery who are most like each probe; every photo of a person counts for that person.
   gallery.c fills what is scanned here. A first pass compares the upper eight bits of every vector and bounds each
   similarity; a second pass computes all twelve bits of the rows that can still be among the best. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dot.h"
#include "gallery.h"
#include "matches.h"
#include "status.h"
#include "vector.h"

enum {
  CACHE_LINE = 64,
  BLOCK = 512,         /* rows per call of the kernel: they stay in the cache from one probe to the next */
  PROBES_PER_PASS = 4, /* memory per probe: 1 float per photo and 3 per person */
};

/* The probe rounded to integers: value i is values[i] / unit. */
typedef struct quantised_query {
  int16_t values[DPL_MAX_DIMENSION];
  int32_t sum;
  float unit;
} quantised_query;

typedef struct best_photo {
  float similarity;
  uint32_t photo;
} best_photo;

/* One probe and the bounds found for it so far. */
typedef struct query {
  const dpl_gallery *gallery;
  const float *probe;
  const uint32_t *allowed; /* one bit per person; NULL: everybody */
  quantised_query quantised;
  float *coarse;      /* per photo: the similarity by the upper eight bits; −∞: may not match */
  float *upper_bound; /* per block of photos: no photo's similarity is greater */
  float *lower_bound; /* per person: the best photo's similarity is at least this */
  best_photo *best;   /* per person with a photo in the second pass */
} query;

static dpl_status check_probe(const float *probe, int dimension, dpl_error *error);
static void quantise(const float *probe, int dimension, size_t stride, quantised_query *quantised);
static void scan_coarse(query *queries, size_t count);
static size_t rank_people(query *q, float threshold, size_t capacity, dpl_match *matches);
static float lowest_of_best(const float *lower_bound, size_t people, size_t capacity, dpl_match *heap);
static void search_pass(query *queries, size_t count, size_t capacity, dpl_match *matches, size_t *counts);

dpl_status dpl_gallery_search(const dpl_gallery *gallery, const float *probe, size_t capacity, dpl_match *matches,
                              size_t *count, dpl_error *error) {
  return dpl_gallery_search_each(gallery, probe, 1, NULL, capacity, matches, count, error);
}

dpl_status dpl_gallery_search_each(const dpl_gallery *gallery, const float *probes, size_t probe_count,
                                   const uint32_t *allowed, size_t capacity, dpl_match *matches, size_t *counts,
                                   dpl_error *error) {
  if (!gallery || !probes || !counts || probe_count == 0 || (!matches && capacity))
    return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  if (gallery->info.photos_loaded == 0) return dpl_fail_plain(error, DPL_EMPTY_GALLERY);
  const size_t dimension = (size_t)gallery->info.dimension;
  for (size_t i = 0; i < probe_count; i++) {
    const dpl_status status = check_probe(probes + i * dimension, gallery->info.dimension, error);
    if (status) return status;
  }

  /* All memory first, so that a failure comes before anything has been written. */
  const size_t per_pass = probe_count < PROBES_PER_PASS ? probe_count : PROBES_PER_PASS;
  const size_t photos = gallery->info.photos_loaded, people = gallery->info.people;
  const size_t blocks = photos / BLOCK + gallery->shard_count; /* the last block of each shard may be partial */
  query *queries = calloc(per_pass, sizeof *queries);
  float *coarse = malloc(per_pass * photos * sizeof *coarse);
  float *upper_bound = malloc(per_pass * blocks * sizeof *upper_bound);
  float *lower_bound = malloc(per_pass * people * sizeof *lower_bound);
  best_photo *best = malloc(per_pass * people * sizeof *best);
  const bool has_room = queries && coarse && upper_bound && lower_bound && best;
  for (size_t begin = 0; has_room && begin < probe_count; begin += per_pass) {
    const size_t count = probe_count - begin < per_pass ? probe_count - begin : per_pass;
    for (size_t i = 0; i < count; i++) {
      queries[i].gallery = gallery;
      queries[i].probe = probes + (begin + i) * dimension;
      queries[i].allowed = allowed;
      queries[i].coarse = coarse + i * photos;
      queries[i].upper_bound = upper_bound + i * blocks;
      queries[i].lower_bound = lower_bound + i * people;
      queries[i].best = best + i * people;
    }
    search_pass(queries, count, capacity, capacity ? matches + begin * capacity : NULL, counts + begin);
  }
  free(queries);
  free(coarse);
  free(upper_bound);
  free(lower_bound);
  free(best);
  return has_room ? DPL_OK : dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
}

static void search_pass(query *queries, size_t count, size_t capacity, dpl_match *matches, size_t *counts) {
  const dpl_gallery *gallery = queries->gallery;
  for (size_t p = 0; p < count; p++)
    quantise(queries[p].probe, gallery->info.dimension, gallery->stride, &queries[p].quantised);
  scan_coarse(queries, count);
  for (size_t p = 0; p < count; p++) {
    query *q = &queries[p];
    dpl_match *found = capacity ? matches + p * capacity : NULL;
    const float threshold = lowest_of_best(q->lower_bound, gallery->info.people, capacity, found) - 1e-6f;
    counts[p] = rank_people(q, threshold, capacity, found);
    for (size_t i = 0; i < counts[p]; i++) {
      found[i].similarity = fmaxf(-1, fminf(1, found[i].similarity)); /* rounding may exceed the range slightly */
      found[i].less_alike = dpl_gallery_less_alike(gallery, found[i].similarity);
    }
  }
}

static dpl_status check_probe(const float *probe, int dimension, dpl_error *error) {
  if (dpl_vector_is_unit(probe, dimension)) return DPL_OK;
  return dpl_fail(error, DPL_INVALID_ARGUMENT,
                  "The probe is not a vector of unit length with the gallery's %d numbers; embed a face first.",
                  dimension);
}

/* To 16 bits, or fewer where the sum would reach 2^24 (see dot.h): far finer than the gallery's 8 bits. */
static void quantise(const float *probe, int dimension, size_t stride, quantised_query *quantised) {
  float largest = 0, sum = 0;
  for (int i = 0; i < dimension; i++) {
    largest = fmaxf(largest, fabsf(probe[i]));
    sum += fabsf(probe[i]);
  }
  quantised->unit = fminf(32767.0f / largest, 16.7e6f / sum);
  memset(quantised->values, 0, stride * sizeof *quantised->values);
  quantised->sum = 0;
  for (int i = 0; i < dimension; i++) {
    quantised->values[i] = (int16_t)lrintf(probe[i] * quantised->unit);
    quantised->sum += quantised->values[i];
  }
}

/* The most by which the residual codes can change a similarity, in steps of the row's scale: d numbers of at most half
   a step each have a length of at most √d / 2, and the probe has length 1; 0.51 instead of 1 / 2 allows for rounding.
 */
static float reach_of_residual(const dpl_shard *shard, int dimension) {
  return shard->fine ? 0.51f * sqrtf((float)dimension) : 0;
}

/* probe · (mean + scale · row) = probe · mean + scale · (probe · row), for `count` rows from `row`. Returns an upper
   bound of their similarities. */
static float scan(const query *q, const dpl_shard *shard, float base, size_t row, size_t count, float *coarse) {
  const size_t stride = q->gallery->stride;
  const float unit = 1 / q->quantised.unit, reach = reach_of_residual(shard, q->gallery->info.dimension);
  int32_t dots[BLOCK];
  float upper = -INFINITY;
  dpl_dot_choose()(q->quantised.values, shard->vectors + row * stride, stride, count, dots);
  for (size_t i = row; i < row + count; i++) {
    coarse[i] = base + shard->scale[i] * unit * (float)dots[i - row];
    const float residual = shard->scale[i] * reach, lower = coarse[i] - residual;
    float *person = &q->lower_bound[shard->person[i]];
    if (lower > *person) *person = lower;
    if (coarse[i] + residual > upper) upper = coarse[i] + residual;
  }
  return upper;
}

/* The same for those rows from `begin` to `end` whose people may match. Few of them lie far apart in memory, so all are
   listed first (without a branch) and read once, which prefetches them, before the first product. */
static float scan_allowed(const query *q, const dpl_shard *shard, float base, size_t begin, size_t end, float *coarse) {
  const size_t stride = q->gallery->stride;
  size_t rows[BLOCK + 1], count = 0;
  for (size_t i = begin; i < end; i++) {
    coarse[i] = -INFINITY;
    rows[count] = i;
    count += dpl_is_allowed(q->allowed, shard->person[i]);
  }
  for (size_t k = 0; k < count; k++)
    for (size_t line = 0; line < stride; line += CACHE_LINE)
      (void)*(const volatile int8_t *)(shard->vectors + rows[k] * stride + line);
  float upper = -INFINITY;
  for (size_t first = 0, next; first < count; first = next) {
    for (next = first + 1; next < count && rows[next] == rows[next - 1] + 1;) next++;
    upper = fmaxf(upper, scan(q, shard, base, rows[first], next - first, coarse));
  }
  return upper;
}

static float dot_with_mean(const query *q, const dpl_shard *shard) {
  double sum = 0;
  for (int i = 0; i < q->gallery->info.dimension; i++) sum += (double)q->probe[i] * (double)shard->mean[i];
  return (float)sum;
}

/* Fills `coarse`, `upper_bound` and `lower_bound` of all queries in one pass over the gallery. */
static void scan_coarse(query *queries, size_t query_count) {
  const dpl_gallery *gallery = queries->gallery;
  for (size_t p = 0; p < query_count; p++)
    for (size_t i = 0; i < gallery->info.people; i++) queries[p].lower_bound[i] = -INFINITY;
  size_t before = 0, block = 0; /* photos of the shards already scanned, and blocks */
  for (size_t s = 0; s < gallery->shard_count; s++) {
    const dpl_shard *shard = &gallery->shards[s];
    if (!shard->vectors) continue;
    float base[PROBES_PER_PASS];
    for (size_t p = 0; p < query_count; p++) base[p] = dot_with_mean(&queries[p], shard);
    for (size_t begin = 0; begin < shard->count; begin += BLOCK, block++) {
      const size_t end = shard->count - begin < BLOCK ? shard->count : begin + BLOCK;
      for (size_t p = 0; p < query_count; p++) {
        query *q = &queries[p];
        float *coarse = q->coarse + before;
        q->upper_bound[block] = q->allowed ? scan_allowed(q, shard, base[p], begin, end, coarse)
                                           : scan(q, shard, base[p], begin, end - begin, coarse);
      }
    }
    before += shard->count;
  }
}

static float with_residual(const query *q, const dpl_shard *shard, size_t row, float coarse) {
  if (!shard->fine) return coarse;
  const size_t pairs = q->gallery->stride / 2;
  const uint8_t *fine = shard->fine + row * pairs;
  int32_t sum = -8 * q->quantised.sum; /* stored 0 … 15 stands for −8 … 7 */
  for (size_t i = 0; i < pairs; i++)
    sum += q->quantised.values[2 * i] * (fine[i] & 15) + q->quantised.values[2 * i + 1] * (fine[i] >> 4);
  return coarse + shard->scale[row] * (1 / q->quantised.unit) * ((float)sum / 16);
}

/* The lower bound of the last of the `capacity` best people; −∞ if there are fewer people. */
static float lowest_of_best(const float *lower_bound, size_t people, size_t capacity, dpl_match *heap) {
  size_t count = 0;
  float lowest = -INFINITY;
  for (size_t i = 0; i < people && capacity; i++) {
    if (!(lower_bound[i] > lowest)) continue;
    dpl_matches_offer(heap, &count, capacity, (dpl_match){.person = (uint32_t)i, .similarity = lower_bound[i]});
    if (count == capacity) lowest = heap[0].similarity;
  }
  return lowest;
}

/* The second pass: over the photos whose similarity can reach `threshold`. */
typedef struct ranking {
  query *q;
  float threshold;
  dpl_match *heap;
  size_t count, capacity;
} ranking;

typedef void visitor(ranking *r, const dpl_shard *shard, size_t row, float coarse);

/* Skips blocks whose upper bound is too low. */
static void visit_candidates(ranking *r, visitor *visit) {
  const dpl_gallery *gallery = r->q->gallery;
  const float *upper_bound = r->q->upper_bound;
  const float *coarse = r->q->coarse;
  for (size_t s = 0; s < gallery->shard_count; s++) {
    const dpl_shard *shard = &gallery->shards[s];
    if (!shard->vectors) continue;
    const float reach = reach_of_residual(shard, gallery->info.dimension);
    for (size_t begin = 0; begin < shard->count; begin += BLOCK, upper_bound++) {
      if (*upper_bound < r->threshold) continue;
      const size_t end = shard->count - begin < BLOCK ? shard->count : begin + BLOCK;
      for (size_t i = begin; i < end; i++)
        if (!isinf(coarse[i]) && coarse[i] + shard->scale[i] * reach >= r->threshold) visit(r, shard, i, coarse[i]);
    }
    coarse += shard->count;
  }
}

static void reset_person(ranking *r, const dpl_shard *shard, size_t row, float coarse) {
  (void)coarse;
  r->q->best[shard->person[row]] = (best_photo){-INFINITY, 0};
}

static void compare_photo(ranking *r, const dpl_shard *shard, size_t row, float coarse) {
  const float similarity = with_residual(r->q, shard, row, coarse);
  best_photo *person = &r->q->best[shard->person[row]];
  if (similarity > person->similarity) /* of equal photos the first wins, whichever shard was loaded first */
    *person = (best_photo){similarity, (uint32_t)(shard->first_photo + row)};
}

static void offer_best(ranking *r, const dpl_shard *shard, size_t row, float coarse) {
  (void)coarse;
  const uint32_t person = shard->person[row];
  const best_photo best = r->q->best[person];
  if (best.photo != shard->first_photo + row) return;
  dpl_matches_offer(r->heap, &r->count, r->capacity,
                    (dpl_match){.person = person, .photo = best.photo, .similarity = best.similarity});
}

/* The best people among those with a photo that can reach `threshold`. Returns how many. */
static size_t rank_people(query *q, float threshold, size_t capacity, dpl_match *matches) {
  if (!capacity) return 0;
  ranking r = {.q = q, .threshold = threshold, .heap = matches, .capacity = capacity};
  visit_candidates(&r, reset_person);
  visit_candidates(&r, compare_photo);
  visit_candidates(&r, offer_best);
  dpl_matches_sort(matches, r.count);
  return r.count;
}
