/* From similarities with labels to figures: AUC, the best threshold and its accuracy. Plain arithmetic. */
#ifndef TOOL_MEASURE_H
#define TOOL_MEASURE_H

#include "basics.h"

/* A pair with a missing face has no similarity; it counts as an error: −∞ for a pair of one person, +∞ for two. */
typedef struct scored_pair {
  double similarity;
  bool same, missing;
} scored_pair;

typedef struct pair_figures {
  size_t pairs, same, missing;
  double auc;           /* share of (same, different) that are in the right order; ties are half */
  double threshold;     /* with the fewest errors; of several such, the one in the middle of the widest gap */
  size_t best_correct;  /* at that threshold */
  size_t own_correct;   /* at own_threshold */
  double own_threshold; /* the network's */
  double mean_same, mean_different; /* of the pairs with both faces; NaN without any */
} pair_figures;

/* Sorts the pairs, most alike first. "Same" is said at and above a threshold. */
pair_figures figures_of(scored_pair *pairs, size_t count, double own_threshold);

scored_pair scored_pair_of(bool found, double similarity, bool same);

#endif
