/* The people of a gallery who are most like a probe, or like each of several. Exact: every vector of everybody who may
   match is looked at, and every photo of a person counts for that person. gallery.c has filled what is scanned here;
   signatures.c says who may match in galleries that are too large to be looked at whole. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dot.h"
#include "gallery.h"
#include "matches.h"
#include "signatures.h"
#include "status.h"
#include "vector.h"

enum {
  CACHE_LINE = 64,
  BLOCK = 512,       /* rows a call of the kernel: they stay in the cache from one probe to the next */
  PROBES_A_PASS = 4, /* each needs a number a photo and three a person of memory */
  SHORTLIST_SHARE = 16,
  SHORTLIST_LEAST = 4096,
};

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

/* What one probe looks for, and has found so far. */
typedef struct looking {
  const dpl_gallery *gallery;
  const float *probe;
  const uint32_t *allowed; /* one bit a person; NULL: everybody */
  whole_probe whole;
  float *coarse;    /* a similarity a photo, from the upper eight bits alone; −∞: may not match */
  float *at_most;   /* one a block of photos: the most that one of them can come to */
  float *at_least;  /* one a person: what their best photo comes to at least */
  best_photo *best; /* one a person, of whom a photo is looked at again */
} looking;

static dpl_status check_probe(const float *probe, int dimension, dpl_error *error);
static void round_probe(const float *probe, int dimension, size_t stride, whole_probe *whole);
static void look_at_eight_bits(looking *all, size_t probe_count);
static size_t look_at_twelve_bits(looking *l, float enough, size_t capacity, dpl_match *matches);
static float least_of_best(const float *at_least, size_t people, size_t capacity, dpl_match *heap);
static void look_for_each(looking *all, size_t probe_count, size_t capacity, dpl_match *matches, size_t *counts);
static size_t signed_shortlist(const dpl_gallery *gallery, const dpl_search_options *options, size_t capacity);

dpl_status dpl_gallery_search(const dpl_gallery *gallery, const float *probe, size_t capacity, dpl_match *matches,
                              size_t *count, dpl_error *error) {
  return dpl_gallery_search_each(gallery, probe, 1, NULL, capacity, matches, count, error);
}

dpl_status dpl_gallery_search_each(const dpl_gallery *gallery, const float *probes, size_t probe_count,
                                   const dpl_search_options *options, size_t capacity, dpl_match *matches,
                                   size_t *counts, dpl_error *error) {
  if (!gallery || !probes || !counts || probe_count == 0 || (!matches && capacity))
    return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  if (gallery->info.photos_loaded == 0) return dpl_fail_plain(error, DPL_EMPTY_GALLERY);
  const dpl_search_options chosen = options ? *options : (dpl_search_options){0};
  const size_t dimension = (size_t)gallery->info.dimension;
  for (size_t i = 0; i < probe_count; i++) {
    const dpl_status status = check_probe(probes + i * dimension, gallery->info.dimension, error);
    if (status) return status;
  }

  /* All memory first, so that a failure comes before anything has been written. */
  const size_t at_once = probe_count < PROBES_A_PASS ? probe_count : PROBES_A_PASS;
  const size_t photos = gallery->info.photos_loaded, people = gallery->info.people;
  looking *all = calloc(at_once, sizeof *all);
  const size_t blocks = photos / BLOCK + gallery->shard_count; /* the last of each shard may be a part */
  float *coarse = malloc(at_once * photos * sizeof *coarse);
  float *at_most = malloc(at_once * blocks * sizeof *at_most);
  float *at_least = malloc(at_once * people * sizeof *at_least);
  best_photo *best = malloc(at_once * people * sizeof *best);
  const size_t wanted = signed_shortlist(gallery, &chosen, capacity), words = (people + 31) / 32;
  uint16_t *nearest = wanted ? malloc(people * sizeof *nearest) : NULL;
  uint32_t *shortlists = wanted ? malloc(at_once * words * sizeof *shortlists) : NULL;
  const bool has_room = all && coarse && at_most && at_least && best && (!wanted || (nearest && shortlists));
  dpl_status status = has_room ? DPL_OK : dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  for (size_t begin = 0; !status && begin < probe_count; begin += at_once) {
    const size_t now = probe_count - begin < at_once ? probe_count - begin : at_once;
    for (size_t i = 0; i < now; i++) {
      all[i].gallery = gallery;
      all[i].probe = probes + (begin + i) * dimension;
      all[i].allowed = chosen.allowed;
      all[i].coarse = coarse + i * photos;
      all[i].at_most = at_most + i * blocks;
      all[i].at_least = at_least + i * people;
      all[i].best = best + i * people;
      if (wanted) {
        all[i].allowed = shortlists + i * words;
        dpl_signatures_shortlist(gallery, all[i].probe, chosen.allowed, wanted, nearest, shortlists + i * words);
      }
    }
    look_for_each(all, now, capacity, capacity ? matches + begin * capacity : NULL, counts + begin);
  }
  free(all);
  free(coarse);
  free(at_most);
  free(at_least);
  free(best);
  free(nearest);
  free(shortlists);
  return status;
}

/* How many people the signatures are to leave for the scan; 0: they are not asked. */
static size_t signed_shortlist(const dpl_gallery *gallery, const dpl_search_options *options, size_t capacity) {
  if (!gallery->is_signed || options->exact) return 0;
  const size_t share = gallery->info.people / SHORTLIST_SHARE;
  const size_t usual = share > SHORTLIST_LEAST ? share : SHORTLIST_LEAST;
  const size_t wanted = options->shortlist ? options->shortlist : usual, least = wanted > capacity ? wanted : capacity;
  return least < gallery->info.people ? least : 0;
}

/* Two looks. The first takes the upper eight bits of every vector. What the lower four can add has a bound, so the
   first look tells which rows may still be among the best; the second takes all twelve bits of those. The result is the
   one that all twelve bits of every row would give. */
static void look_for_each(looking *all, size_t probe_count, size_t capacity, dpl_match *matches, size_t *counts) {
  const dpl_gallery *gallery = all->gallery;
  for (size_t p = 0; p < probe_count; p++)
    round_probe(all[p].probe, gallery->info.dimension, gallery->stride, &all[p].whole);
  look_at_eight_bits(all, probe_count);
  for (size_t p = 0; p < probe_count; p++) {
    looking *l = &all[p];
    dpl_match *found = capacity ? matches + p * capacity : NULL;
    const float enough = least_of_best(l->at_least, gallery->info.people, capacity, found) - 1e-6f;
    counts[p] = look_at_twelve_bits(l, enough, capacity, found);
    for (size_t i = 0; i < counts[p]; i++) {
      found[i].similarity = fmaxf(-1, fminf(1, found[i].similarity)); /* rounding may carry it a hair beyond */
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

/* The most by which the fine bits can change a similarity, in steps of the row's scale: d numbers of at most half a
   step each have a length of at most √d / 2, and the probe has length 1; a little more is allowed for rounding. */
static float reach_of_fine(const dpl_shard *shard, int dimension) {
  return shard->fine ? 0.51f * sqrtf((float)dimension) : 0;
}

/* probe · (mean + scale · row) = probe · mean + scale · (probe · row), for `count` rows from `row`. Returns the most
   that one of them can come to. */
static float scan(const looking *l, const dpl_shard *shard, float base, size_t row, size_t count, float *coarse) {
  const size_t stride = l->gallery->stride;
  const float unit = 1 / l->whole.unit, reach = reach_of_fine(shard, l->gallery->info.dimension);
  int32_t dots[BLOCK];
  float at_most = -INFINITY;
  dpl_dot_choose()(l->whole.values, shard->vectors + row * stride, stride, count, dots);
  for (size_t i = row; i < row + count; i++) {
    coarse[i] = base + shard->scale[i] * unit * (float)dots[i - row];
    const float fine = shard->scale[i] * reach, at_least = coarse[i] - fine;
    float *person = &l->at_least[shard->person[i]];
    if (at_least > *person) *person = at_least;
    if (coarse[i] + fine > at_most) at_most = coarse[i] + fine;
  }
  return at_most;
}

/* Only the rows of people who may match, of the block from `begin` to `end`. Where they are few, they lie far apart in
   memory: all of them are listed, without a branch to guess wrong, and asked for before the first is multiplied. */
static float scan_allowed(const looking *l, const dpl_shard *shard, float base, size_t begin, size_t end,
                          float *coarse) {
  const size_t stride = l->gallery->stride;
  size_t rows[BLOCK + 1], count = 0;
  for (size_t i = begin; i < end; i++) {
    coarse[i] = -INFINITY;
    rows[count] = i;
    count += dpl_is_allowed(l->allowed, shard->person[i]);
  }
  for (size_t k = 0; k < count; k++)
    for (size_t line = 0; line < stride; line += CACHE_LINE)
      (void)*(const volatile int8_t *)(shard->vectors + rows[k] * stride + line);
  float at_most = -INFINITY;
  for (size_t first = 0, next; first < count; first = next) {
    for (next = first + 1; next < count && rows[next] == rows[next - 1] + 1;) next++;
    at_most = fmaxf(at_most, scan(l, shard, base, rows[first], next - first, coarse));
  }
  return at_most;
}

static float dot_with_mean(const looking *l, const dpl_shard *shard) {
  double sum = 0;
  for (int i = 0; i < l->gallery->info.dimension; i++) sum += (double)l->probe[i] * (double)shard->mean[i];
  return (float)sum;
}

/* Fills `coarse`, `at_most` and `at_least`. The gallery goes by once for all. */
static void look_at_eight_bits(looking *all, size_t probe_count) {
  const dpl_gallery *gallery = all->gallery;
  for (size_t p = 0; p < probe_count; p++)
    for (size_t i = 0; i < gallery->info.people; i++) all[p].at_least[i] = -INFINITY;
  size_t before = 0, block = 0; /* photos of the shards already seen, and blocks */
  for (size_t s = 0; s < gallery->shard_count; s++) {
    const dpl_shard *shard = &gallery->shards[s];
    if (!shard->vectors) continue;
    float base[PROBES_A_PASS];
    for (size_t p = 0; p < probe_count; p++) base[p] = dot_with_mean(&all[p], shard);
    for (size_t begin = 0; begin < shard->count; begin += BLOCK, block++) {
      const size_t end = shard->count - begin < BLOCK ? shard->count : begin + BLOCK;
      for (size_t p = 0; p < probe_count; p++) {
        float *coarse = all[p].coarse + before;
        all[p].at_most[block] = all[p].allowed ? scan_allowed(&all[p], shard, base[p], begin, end, coarse)
                                               : scan(&all[p], shard, base[p], begin, end - begin, coarse);
      }
    }
    before += shard->count;
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

/* What the last of the `capacity` best people comes to at least; −∞ where there are not as many. */
static float least_of_best(const float *at_least, size_t people, size_t capacity, dpl_match *heap) {
  size_t count = 0;
  float beaten = -INFINITY;
  for (size_t i = 0; i < people && capacity; i++) {
    if (!(at_least[i] > beaten)) continue;
    dpl_matches_offer(heap, &count, capacity, (dpl_match){.person = (uint32_t)i, .similarity = at_least[i]});
    if (count == capacity) beaten = heap[0].similarity;
  }
  return beaten;
}

/* What a sweep over the photos that can reach `enough` does with each. */
typedef struct second_look {
  looking *l;
  float enough;
  dpl_match *heap;
  size_t count, capacity;
} second_look;

typedef void visit(second_look *look, const dpl_shard *shard, size_t row, float coarse);

/* Blocks none of whose photos can reach it are passed over. */
static void sweep(second_look *look, visit *act) {
  const dpl_gallery *gallery = look->l->gallery;
  const float *at_most = look->l->at_most;
  const float *coarse = look->l->coarse;
  for (size_t s = 0; s < gallery->shard_count; s++) {
    const dpl_shard *shard = &gallery->shards[s];
    if (!shard->vectors) continue;
    const float reach = reach_of_fine(shard, gallery->info.dimension);
    for (size_t begin = 0; begin < shard->count; begin += BLOCK, at_most++) {
      if (*at_most < look->enough) continue;
      const size_t end = shard->count - begin < BLOCK ? shard->count : begin + BLOCK;
      for (size_t i = begin; i < end; i++)
        if (!isinf(coarse[i]) && coarse[i] + shard->scale[i] * reach >= look->enough) act(look, shard, i, coarse[i]);
    }
    coarse += shard->count;
  }
}

static void forget_person(second_look *look, const dpl_shard *shard, size_t row, float coarse) {
  (void)coarse;
  look->l->best[shard->person[row]] = (best_photo){-INFINITY, 0};
}

static void compare_photo(second_look *look, const dpl_shard *shard, size_t row, float coarse) {
  const float similarity = with_fine_bits(look->l, shard, row, coarse);
  best_photo *person = &look->l->best[shard->person[row]];
  if (similarity > person->similarity) /* of equal photos the first stays, whichever shard came first */
    *person = (best_photo){similarity, (uint32_t)(shard->first_photo + row)};
}

static void offer_best(second_look *look, const dpl_shard *shard, size_t row, float coarse) {
  (void)coarse;
  const uint32_t person = shard->person[row];
  const best_photo best = look->l->best[person];
  if (best.photo != shard->first_photo + row) return;
  dpl_matches_offer(look->heap, &look->count, look->capacity,
                    (dpl_match){.person = person, .photo = best.photo, .similarity = best.similarity});
}

/* The best people, of those who have a photo that can reach `enough`. Returns how many. */
static size_t look_at_twelve_bits(looking *l, float enough, size_t capacity, dpl_match *matches) {
  if (!capacity) return 0;
  second_look look = {.l = l, .enough = enough, .heap = matches, .capacity = capacity};
  sweep(&look, forget_person);
  sweep(&look, compare_photo);
  sweep(&look, offer_best);
  dpl_matches_sort(matches, look.count);
  return look.count;
}
