/* The people of a gallery who are most like a probe. Exact: every vector is looked at, and every photo of a person
   counts for that person. gallery.c has filled what is scanned here. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dot.h"
#include "gallery.h"
#include "status.h"

enum { BLOCK = 256 }; /* rows a call of the kernel */

/* The probe as whole numbers, `unit` of which make 1. */
typedef struct whole_probe {
  int16_t values[DPL_MAX_DIMENSION];
  int32_t sum;
  float unit;
} whole_probe;

typedef struct best_photo {
  float similarity;
  uint32_t photo;
} best_photo;

typedef struct looking {
  const dpl_gallery *gallery;
  const float *probe;
  whole_probe whole;
  float *coarse;    /* a similarity a photo, from the upper eight bits alone */
  best_photo *best; /* one a person */
} looking;

static dpl_status check_probe(const float *probe, int dimension, dpl_error *error);
static void round_probe(const float *probe, int dimension, size_t stride, whole_probe *whole);
static void look_at_eight_bits(looking *l);
static void look_at_twelve_bits(looking *l, float enough);
static size_t take_best(const best_photo *best, size_t people, size_t capacity, dpl_match *matches);

/* Two looks. The first takes the upper eight bits of every vector. What the lower four can add has a bound, so the
   first look tells which rows may still be among the best; the second takes all twelve bits of those. The result is the
   one that all twelve bits of every row would give. */
dpl_status dpl_gallery_search(const dpl_gallery *gallery, const float *probe, size_t capacity, dpl_match *matches,
                              size_t *count, dpl_error *error) {
  if (!gallery || !probe || !count || (!matches && capacity)) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  if (gallery->info.photos_loaded == 0) return dpl_fail_plain(error, DPL_EMPTY_GALLERY);
  dpl_status status = check_probe(probe, gallery->info.dimension, error);
  if (status) return status;

  const size_t people = gallery->info.people;
  looking l = {.gallery = gallery,
               .probe = probe,
               .coarse = malloc(gallery->info.photos_loaded * sizeof *l.coarse),
               .best = malloc(people * sizeof *l.best)};
  if (l.coarse && l.best) {
    round_probe(probe, gallery->info.dimension, gallery->stride, &l.whole);
    look_at_eight_bits(&l);
    const size_t certain = take_best(l.best, people, capacity, matches);
    const bool full = capacity && certain == capacity;
    look_at_twelve_bits(&l, full ? matches[capacity - 1].similarity - 1e-6f : -INFINITY);
    *count = take_best(l.best, people, capacity, matches);
    for (size_t i = 0; i < *count; i++) {
      matches[i].similarity = fmaxf(-1, fminf(1, matches[i].similarity)); /* rounding may carry it a hair beyond */
      matches[i].less_alike = dpl_gallery_less_alike(gallery, matches[i].similarity);
    }
  } else {
    status = dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  }
  free(l.coarse);
  free(l.best);
  return status;
}

static dpl_status check_probe(const float *probe, int dimension, dpl_error *error) {
  double square = 0;
  for (int i = 0; i < dimension; i++) square += (double)probe[i] * (double)probe[i];
  if (fabs(square - 1) < 0.01) return DPL_OK; /* false for a NaN too */
  return dpl_fail(error, DPL_INVALID_ARGUMENT,
                  "The probe is not a vector of unit length with the gallery's %d numbers; embed a face first.",
                  dimension);
}

/* 16 bits where the sum stays below 2^24 (see dot.h); the rounding is then far below that of the gallery's 8 bits. */
static void round_probe(const float *probe, int dimension, size_t stride, whole_probe *whole) {
  float largest = 0, sum = 0;
  for (int i = 0; i < dimension; i++) {
    largest = fmaxf(largest, fabsf(probe[i]));
    sum += fabsf(probe[i]);
  }
  whole->unit = fminf(32767.0f / largest, 16.7e6f / sum);
  memset(whole->values, 0, stride * sizeof *whole->values);
  whole->sum = 0;
  for (int i = 0; i < dimension; i++) {
    whole->values[i] = (int16_t)lrintf(probe[i] * whole->unit);
    whole->sum += whole->values[i];
  }
}

static void forget(best_photo *best, size_t people) {
  for (size_t i = 0; i < people; i++) best[i] = (best_photo){-INFINITY, 0};
}

/* The most by which the fine bits can change a similarity, in steps of the row's scale: d numbers of at most half a
   step each have a length of at most √d / 2, and the probe has length 1; a little more is allowed for rounding. */
static float reach_of_fine(const dpl_shard *shard, int dimension) {
  return shard->fine ? 0.51f * sqrtf((float)dimension) : 0;
}

/* probe · (mean + scale · row) = probe · mean + scale · (probe · row), for every row. */
static void scan(const looking *l, const dpl_shard *shard, float *coarse) {
  dpl_dot_kernel *const dot = dpl_dot_choose();
  const size_t stride = l->gallery->stride;
  double mean = 0;
  for (int i = 0; i < l->gallery->info.dimension; i++) mean += (double)l->probe[i] * (double)shard->mean[i];
  const float base = (float)mean, unit = 1 / l->whole.unit;
  int32_t dots[BLOCK];
  for (size_t begin = 0; begin < shard->count; begin += BLOCK) {
    const size_t rows = shard->count - begin < BLOCK ? shard->count - begin : BLOCK;
    dot(l->whole.values, shard->vectors + begin * stride, stride, rows, dots);
    for (size_t i = 0; i < rows; i++) coarse[begin + i] = base + shard->scale[begin + i] * unit * (float)dots[i];
  }
}

/* Fills `coarse`, and `best` with what each person's similarity is at least. */
static void look_at_eight_bits(looking *l) {
  forget(l->best, l->gallery->info.people);
  float *coarse = l->coarse;
  for (size_t s = 0; s < l->gallery->shard_count; s++) {
    const dpl_shard *shard = &l->gallery->shards[s];
    if (!shard->vectors) continue;
    scan(l, shard, coarse);
    const float reach = reach_of_fine(shard, l->gallery->info.dimension);
    for (size_t i = 0; i < shard->count; i++) {
      const float at_least = coarse[i] - shard->scale[i] * reach;
      best_photo *person = &l->best[shard->person[i]];
      if (at_least > person->similarity) person->similarity = at_least;
    }
    coarse += shard->count;
  }
}

static float with_fine_bits(const looking *l, const dpl_shard *shard, size_t row, float coarse) {
  if (!shard->fine) return coarse;
  const size_t pairs = l->gallery->stride / 2;
  const uint8_t *fine = shard->fine + row * pairs;
  int32_t sum = -8 * l->whole.sum; /* stored 0 … 15 stands for −8 … 7 */
  for (size_t i = 0; i < pairs; i++)
    sum += l->whole.values[2 * i] * (fine[i] & 15) + l->whole.values[2 * i + 1] * (fine[i] >> 4);
  return coarse + shard->scale[row] * (1 / l->whole.unit) * ((float)sum / 16);
}

/* Fills `best` with the people who have a photo that can reach `enough`. */
static void look_at_twelve_bits(looking *l, float enough) {
  forget(l->best, l->gallery->info.people);
  const float *coarse = l->coarse;
  for (size_t s = 0; s < l->gallery->shard_count; s++) {
    const dpl_shard *shard = &l->gallery->shards[s];
    if (!shard->vectors) continue;
    const float reach = reach_of_fine(shard, l->gallery->info.dimension);
    for (size_t i = 0; i < shard->count; i++) {
      if (coarse[i] + shard->scale[i] * reach < enough) continue;
      const float similarity = with_fine_bits(l, shard, i, coarse[i]);
      best_photo *person = &l->best[shard->person[i]];
      if (similarity > person->similarity) /* of equal photos the first stays, whichever shard came first */
        *person = (best_photo){similarity, (uint32_t)(shard->first_photo + i)};
    }
    coarse += shard->count;
  }
}

/* Equal people are ordered by their index. */
static bool is_better(dpl_match a, dpl_match b) {
  return a.similarity > b.similarity || (!(a.similarity < b.similarity) && a.person < b.person);
}

/* Puts `match` where it belongs in a heap whose root is the worst, from the root down. */
static void sink(dpl_match *heap, size_t count, dpl_match match) {
  size_t at = 0;
  for (size_t child = 1; child < count; child = 2 * at + 1) {
    if (child + 1 < count && is_better(heap[child], heap[child + 1])) child++;
    if (!is_better(match, heap[child])) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = match;
}

static size_t take_best(const best_photo *best, size_t people, size_t capacity, dpl_match *matches) {
  size_t count = 0;
  for (size_t i = 0; i < people && capacity; i++) {
    if (isinf(best[i].similarity)) continue; /* none of this person's photos is loaded, or can be among the best */
    const dpl_match match = {.person = (uint32_t)i, .photo = best[i].photo, .similarity = best[i].similarity};
    if (count < capacity) {
      size_t at = count++; /* up from the bottom, past what is better */
      for (; at && is_better(matches[(at - 1) / 2], match); at = (at - 1) / 2) matches[at] = matches[(at - 1) / 2];
      matches[at] = match;
    } else if (is_better(match, matches[0])) {
      sink(matches, count, match);
    }
  }
  /* Taking the worst away again and again leaves the best in front. */
  for (size_t left = count; left > 1; left--) {
    const dpl_match worst = matches[0];
    sink(matches, left - 1, matches[left - 1]);
    matches[left - 1] = worst;
  }
  return count;
}
