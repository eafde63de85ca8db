/* The best match of each person among all others (leave-one-out nearest neighbour): the distribution that chance.c
   reads. Eight bits per number find the candidates, the vectors themselves decide. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dot.h"
#include "gallery.h"
#include "status.h"

enum { EXACT_TO = 20000, SAMPLE = 10000, BLOCK = 512 };
static const float LAST_BIN = 1 - 1.0f / DPL_CALIBRATION_BINS; /* counted alike from here on */

/* Whose best match is looked for, and the one found so far. */
typedef struct probe {
  size_t index; /* into the vectors */
  float unit;   /* the rounded numbers are the vector's times this */
  float sum;    /* of the absolute values of the vector's numbers */
  float best;
} probe;

typedef struct nearest {
  const float *vectors;
  const uint32_t *person;
  size_t count, dimension, stride;
  probe *probes;
  int16_t *rounded; /* stride numbers per probe */
  size_t probe_count;
  int8_t *rows; /* BLOCK × stride */
  float scale[BLOCK];
  int32_t dots[BLOCK];
} nearest;

static dpl_status choose_people(const uint32_t *person, size_t count, uint64_t seed, uint32_t **chosen,
                                size_t *chosen_count, size_t *all, dpl_error *error);
static dpl_status make_probes(nearest *n, const uint32_t *chosen, size_t chosen_count, dpl_error *error);
static void compare_block(nearest *n, size_t first, size_t count);
static void count_best(const nearest *n, const uint32_t *chosen, size_t chosen_count, float *best,
                       dpl_calibration *calibration);

dpl_status dpl_calibrate_nearest(const float *vectors, const uint32_t *person, size_t count, int dimension,
                                 uint64_t seed, dpl_calibration *calibration, dpl_error *error) {
  if (!calibration || (count && (!vectors || !person)) || dimension < 1 || dimension > DPL_MAX_DIMENSION ||
      count > UINT32_MAX)
    return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  const size_t d = (size_t)dimension, stride = (d + DPL_DOT_STEP - 1) / DPL_DOT_STEP * DPL_DOT_STEP;
  nearest n = {.vectors = vectors, .person = person, .count = count, .dimension = d, .stride = stride};
  uint32_t *chosen = NULL;
  size_t chosen_count = 0, all = 0;
  dpl_status status = choose_people(person, count, seed, &chosen, &chosen_count, &all, error);
  float *best = malloc((chosen_count + 1) * sizeof *best);
  n.rows = calloc(BLOCK, stride);
  if (!status && (!best || !n.rows)) status = dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  if (!status) status = make_probes(&n, chosen, chosen_count, error);
  if (!status) {
    for (size_t first = 0; first < count; first += BLOCK)
      compare_block(&n, first, count - first < BLOCK ? count - first : BLOCK);
    count_best(&n, chosen, chosen_count, best, calibration);
    calibration->nearest_all = all > 1 ? all : 0;
  }
  free(n.probes);
  free(n.rounded);
  free(n.rows);
  free(chosen);
  free(best);
  return status;
}

static int compare_numbers(const void *left, const void *right) {
  const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return (a > b) - (a < b);
}

/* All people in rising order, or where they are too many one from each of SAMPLE stretches of them. */
static dpl_status choose_people(const uint32_t *person, size_t count, uint64_t seed, uint32_t **chosen,
                                size_t *chosen_count, size_t *all, dpl_error *error) {
  uint32_t *people = malloc((count + 1) * sizeof *people);
  if (!people) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  if (count) memcpy(people, person, count * sizeof *people);
  qsort(people, count, sizeof *people, compare_numbers);
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (!i || people[i] != people[i - 1]) people[kept++] = people[i];
  *all = kept;
  if (kept > EXACT_TO) {
    for (size_t k = 0; k < SAMPLE; k++) {
      const size_t begin = kept * k / SAMPLE, end = kept * (k + 1) / SAMPLE;
      people[k] = people[begin + (size_t)(dpl_next_random(&seed) % (end - begin))];
    }
    kept = SAMPLE;
  }
  *chosen = people;
  *chosen_count = kept > 1 ? kept : 0;
  return DPL_OK;
}

static bool is_chosen(const uint32_t *chosen, size_t count, uint32_t person) {
  return count && bsearch(&person, chosen, count, sizeof *chosen, compare_numbers) != NULL;
}

static void round_probe(const nearest *n, probe *p, int16_t *rounded) {
  const float *vector = n->vectors + p->index * n->dimension;
  float largest = 0;
  for (size_t i = 0; i < n->dimension; i++) {
    largest = fmaxf(largest, fabsf(vector[i]));
    p->sum += fabsf(vector[i]);
  }
  p->unit = largest > 0 ? fminf(32767.0f / largest, 16.7e6f / p->sum) : 1; /* dot.h: the sum stays below 2^24 */
  for (size_t i = 0; i < n->dimension; i++) rounded[i] = (int16_t)lrintf(vector[i] * p->unit);
}

static dpl_status make_probes(nearest *n, const uint32_t *chosen, size_t chosen_count, dpl_error *error) {
  for (size_t i = 0; i < n->count; i++) n->probe_count += is_chosen(chosen, chosen_count, n->person[i]);
  n->probes = calloc(n->probe_count + 1, sizeof *n->probes);
  n->rounded = calloc(n->probe_count + 1, n->stride * sizeof *n->rounded);
  if (!n->probes || !n->rounded) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  size_t made = 0;
  for (size_t i = 0; i < n->count; i++) {
    for (size_t k = 0; k < n->dimension; k++)
      if (!(fabsf(n->vectors[i * n->dimension + k]) <= 1.001f))
        return dpl_fail(error, DPL_INVALID_ARGUMENT, "Vector %zu is not of unit length or not finite; embed it again.",
                        i);
    if (!is_chosen(chosen, chosen_count, n->person[i])) continue;
    n->probes[made] = (probe){.index = i, .best = -INFINITY};
    round_probe(n, &n->probes[made], n->rounded + made * n->stride);
    made++;
  }
  return DPL_OK;
}

static float round_row(const float *vector, size_t dimension, int8_t *row) {
  float largest = 0;
  for (size_t i = 0; i < dimension; i++) largest = fmaxf(largest, fabsf(vector[i]));
  const float scale = largest / 127;
  for (size_t i = 0; i < dimension; i++) row[i] = scale > 0 ? (int8_t)lrintf(vector[i] / scale) : 0;
  return scale;
}

static float cosine(const nearest *n, size_t a, size_t b) {
  double sum = 0;
  for (size_t i = 0; i < n->dimension; i++)
    sum += (double)n->vectors[a * n->dimension + i] * (double)n->vectors[b * n->dimension + i];
  return (float)sum;
}

/* Rounding moves a similarity by at most half a step of the row per number of the probe, and the other way round. */
static float most_error(const nearest *n, const probe *p, float scale) {
  return 0.5f * scale * p->sum + 0.5f / p->unit * sqrtf((float)n->dimension) + 1e-4f;
}

static void compare_block(nearest *n, size_t first, size_t count) {
  dpl_dot_kernel *dot = dpl_dot_choose();
  for (size_t i = 0; i < count; i++)
    n->scale[i] = round_row(n->vectors + (first + i) * n->dimension, n->dimension, n->rows + i * n->stride);
  for (size_t k = 0; k < n->probe_count; k++) {
    probe *p = &n->probes[k];
    if (p->best >= LAST_BIN) continue;
    dot(n->rounded + k * n->stride, n->rows, n->stride, count, n->dots);
    for (size_t i = 0; i < count; i++) {
      const float about = (float)n->dots[i] * n->scale[i] / p->unit;
      if (about + most_error(n, p, n->scale[i]) <= p->best || n->person[first + i] == n->person[p->index]) continue;
      p->best = fmaxf(p->best, cosine(n, p->index, first + i));
    }
  }
}

/* Of several photos of a person the best counts. */
static void count_best(const nearest *n, const uint32_t *chosen, size_t chosen_count, float *best,
                       dpl_calibration *calibration) {
  for (size_t i = 0; i < chosen_count; i++) best[i] = -INFINITY;
  for (size_t k = 0; k < n->probe_count; k++) {
    const uint32_t *at = bsearch(&n->person[n->probes[k].index], chosen, chosen_count, sizeof *chosen, compare_numbers);
    best[at - chosen] = fmaxf(best[at - chosen], n->probes[k].best);
  }
  memset(calibration->nearest, 0, sizeof calibration->nearest);
  for (size_t i = 0; i < chosen_count; i++) {
    const float place = (best[i] + 1) / 2 * DPL_CALIBRATION_BINS;
    calibration->nearest[(size_t)fminf(fmaxf(place, 0), DPL_CALIBRATION_BINS - 1)]++;
  }
  calibration->nearest_people = chosen_count;
}
