/* Verification figures. */
#include "measure.h"

#include <math.h>
#include <stdlib.h>

scored_pair scored_pair_of(bool found, double similarity, bool same) {
  if (found) return (scored_pair){.similarity = similarity, .same = same};
  return (scored_pair){.similarity = same ? -INFINITY : INFINITY, .same = same, .missing = true};
}

static int most_alike_first(const void *a, const void *b) {
  double first = ((const scored_pair *)a)->similarity, second = ((const scored_pair *)b)->similarity;
  return first > second ? -1 : first < second ? 1 : 0;
}

/* Mann and Whitney's U over runs of equal similarity. */
static double area_under_curve(const scored_pair *pairs, size_t count, size_t same, size_t different) {
  if (!same || !different) return NAN;
  double ordered = 0;
  size_t different_left = different;
  for (size_t i = 0; i < count;) {
    size_t run_same = 0, run_different = 0, j = i;
    for (; j < count && !(pairs[j].similarity < pairs[i].similarity); ++j) {
      if (pairs[j].same)
        ++run_same;
      else
        ++run_different;
    }
    different_left -= run_different;
    ordered += (double)run_same * ((double)different_left + 0.5 * (double)run_different);
    i = j;
  }
  return ordered / ((double)same * (double)different);
}

/* Looks at every cut between two different finite similarities, and at those above and below all. */
static void find_best_threshold(const scored_pair *pairs, size_t count, size_t different, pair_figures *figures) {
  const double margin = 0.01; /* how far from the outermost similarity a threshold beyond it lies */
  size_t accepted_same = 0, accepted_different = 0;
  double widest = -1;
  for (size_t i = 0; i <= count; ++i) {
    bool above = i > 0 && isfinite(pairs[i - 1].similarity), below = i < count && isfinite(pairs[i].similarity);
    if (above || below) {
      double upper = above ? pairs[i - 1].similarity : pairs[i].similarity + 2 * margin;
      double lower = below ? pairs[i].similarity : pairs[i - 1].similarity - 2 * margin;
      size_t correct = accepted_same + (different - accepted_different);
      bool better = correct > figures->best_correct || (correct == figures->best_correct && upper - lower > widest);
      if (upper > lower && better) {
        figures->best_correct = correct;
        figures->threshold = (upper + lower) / 2;
        widest = upper - lower;
      }
    }
    if (i < count && pairs[i].same) ++accepted_same;
    if (i < count && !pairs[i].same) ++accepted_different;
  }
}

pair_figures figures_of(scored_pair *pairs, size_t count, double own_threshold) {
  pair_figures figures = {.pairs = count, .own_threshold = own_threshold, .threshold = own_threshold};
  if (count) qsort(pairs, count, sizeof *pairs, most_alike_first);
  double sum_same = 0, sum_different = 0;
  size_t found_same = 0;
  for (size_t i = 0; i < count; ++i) {
    const scored_pair *pair = &pairs[i];
    if (pair->same) ++figures.same;
    if (pair->missing) ++figures.missing;
    if (pair->same == (pair->similarity >= own_threshold)) ++figures.own_correct;
    if (pair->missing) continue;
    if (pair->same) ++found_same;
    if (pair->same)
      sum_same += pair->similarity;
    else
      sum_different += pair->similarity;
  }
  size_t found_different = count - figures.missing - found_same;
  figures.mean_same = found_same ? sum_same / (double)found_same : NAN;
  figures.mean_different = found_different ? sum_different / (double)found_different : NAN;
  figures.auc = area_under_curve(pairs, count, figures.same, count - figures.same);
  find_best_threshold(pairs, count, count - figures.same, &figures);
  return figures;
}
