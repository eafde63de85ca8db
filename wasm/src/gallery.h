/* What a gallery is inside. gallery.c opens and fills it, search.c scans it. */
#ifndef DOPPEL_GALLERY_H
#define DOPPEL_GALLERY_H

#include "doppel.h"

/* One file of vectors. Row i stands for mean + scale[i] · (vectors[i] + fine[i] / 16). */
typedef struct dpl_shard {
  size_t first_photo, count; /* as the manifest says */
  int8_t *vectors;           /* count × stride, the rest of a row 0; NULL until the file has been added */
  uint8_t *fine;    /* count × stride / 2: four more bits a number, −8 … 7 stored as 0 … 15, the even one low;
                       NULL where the file has none */
  float *scale;     /* count */
  uint32_t *person; /* count, each below the gallery's people */
  float *mean;      /* dimension */
} dpl_shard;

/* A distribution of cosines over [−1, 1]. */
typedef struct dpl_histogram {
  uint64_t pairs;
  size_t bins;
  uint64_t *below; /* bins + 1: how many pairs lie in the bins before; NULL where there are no pairs */
} dpl_histogram;

/* The share below `similarity`, linear within a bin; −1 without pairs. 1 only where nothing is above. */
float dpl_histogram_share_below(const dpl_histogram *histogram, float similarity);
/* The similarity that the share `share` is below, and by how much those above `from` are above it on average, at least
   one bin's width. Both need pairs. */
double dpl_histogram_quantile(const dpl_histogram *histogram, double share);
double dpl_histogram_mean_excess(const dpl_histogram *histogram, double from);

/* The rows that these distributions carry; see dpl_gallery_false_matches. In calibration.c. */
size_t dpl_histogram_false_matches(const dpl_histogram *impostor, const dpl_histogram *genuine,
                                   dpl_false_match rows[DPL_FALSE_MATCH_RATES]);

struct dpl_gallery {
  dpl_gallery_info info;
  size_t stride; /* dimension, rounded up to DPL_DOT_STEP */
  size_t shard_count;
  dpl_shard *shards; /* in the order of their photos */
  dpl_histogram impostor, genuine;
  dpl_histogram nearest; /* best match of each person among the others; none in galleries of version 1 */
};

/* The next number of a seeded sequence (SplitMix64). In calibration.c. */
uint64_t dpl_next_random(uint64_t *state);

/* Whether the bit set of those allowed has this person; NULL has everybody. */
static inline bool dpl_is_allowed(const uint32_t *allowed, uint32_t person) {
  return !allowed || (allowed[person / 32] >> person % 32 & 1);
}

#endif
