/* One bit a number: made of a shard's rows, and compared to find whom the exact scan should look at. search.c is that
 * scan. */
#include "signatures.h"

#include <stdlib.h>
#include <string.h>

#include "hamming.h"

enum { BLOCK = 256, MAX_WORDS = DPL_MAX_DIMENSION / 64, FAR = UINT16_MAX };

size_t dpl_signature_words(int dimension) {
  const size_t bits = 64 * DPL_HAMMING_STEP;
  return ((size_t)dimension + bits - 1) / bits * DPL_HAMMING_STEP;
}

uint64_t *dpl_signatures_make(const dpl_gallery *gallery, const dpl_shard *shard) {
  const size_t words = dpl_signature_words(gallery->info.dimension);
  uint64_t *signs = calloc(shard->count * words, sizeof *signs);
  if (!signs) return NULL;
  for (size_t i = 0; i < shard->count; i++) {
    const int8_t *row = shard->vectors + i * gallery->stride;
    for (size_t k = 0; k < (size_t)gallery->info.dimension; k++)
      signs[i * words + k / 64] |= (uint64_t)(row[k] < 0) << k % 64;
  }
  return signs;
}

static void sign_probe(const dpl_gallery *gallery, const float *probe, const float *mean, uint64_t *sign) {
  memset(sign, 0, dpl_signature_words(gallery->info.dimension) * sizeof *sign);
  for (size_t k = 0; k < (size_t)gallery->info.dimension; k++) sign[k / 64] |= (uint64_t)(probe[k] < mean[k]) << k % 64;
}

/* The smallest distance of each person's photos. */
static void measure(const dpl_gallery *gallery, const float *probe, uint16_t *nearest) {
  dpl_hamming_kernel *const hamming = dpl_hamming_choose();
  const size_t words = dpl_signature_words(gallery->info.dimension);
  memset(nearest, 0xFF, gallery->info.people * sizeof *nearest);
  for (size_t s = 0; s < gallery->shard_count; s++) {
    const dpl_shard *shard = &gallery->shards[s];
    if (!shard->signs) continue;
    uint64_t sign[MAX_WORDS];
    uint16_t distances[BLOCK];
    sign_probe(gallery, probe, shard->mean, sign);
    for (size_t begin = 0; begin < shard->count; begin += BLOCK) {
      const size_t rows = shard->count - begin < BLOCK ? shard->count - begin : BLOCK;
      hamming(sign, shard->signs + begin * words, words, rows, distances);
      for (size_t i = 0; i < rows; i++) {
        uint16_t *person = &nearest[shard->person[begin + i]];
        if (distances[i] < *person) *person = distances[i];
      }
    }
  }
}

void dpl_signatures_shortlist(const dpl_gallery *gallery, const float *probe, const uint32_t *allowed, size_t wanted,
                              uint16_t *nearest, uint32_t *shortlist) {
  const size_t people = gallery->info.people;
  measure(gallery, probe, nearest);
  size_t at[DPL_MAX_DIMENSION + 1] = {0}; /* how many people are that far */
  for (size_t i = 0; i < people; i++) {
    if (!dpl_is_allowed(allowed, (uint32_t)i)) nearest[i] = FAR;
    if (nearest[i] != FAR) at[nearest[i]]++;
  }
  size_t limit = 0;
  for (size_t sum = at[0]; sum < wanted && limit < DPL_MAX_DIMENSION; sum += at[++limit]) continue;
  memset(shortlist, 0, (people + 31) / 32 * sizeof *shortlist);
  for (size_t i = 0; i < people; i++) shortlist[i / 32] |= (uint32_t)(nearest[i] <= limit) << i % 32;
}
