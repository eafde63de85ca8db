/* Distributions of similarities as counts per bin over [−1, 1]. */
#include <math.h>

#include "gallery.h"

static double bin_width(const dpl_histogram *histogram) {
  return 2 / (double)histogram->bins;
}

float dpl_histogram_share_below(const dpl_histogram *histogram, float similarity) {
  if (!histogram->below) return -1;
  if (!(similarity > -1)) return 0;
  if (similarity >= 1) return 1;
  const double place = ((double)similarity + 1) / 2 * (double)histogram->bins;
  const size_t bin = (size_t)place < histogram->bins ? (size_t)place : histogram->bins - 1;
  const double before = (double)histogram->below[bin], inside = (double)histogram->below[bin + 1] - before;
  const double share = (before + (place - (double)bin) * inside) / (double)histogram->pairs;
  return share < 1 ? fminf((float)share, nextafterf(1, 0)) : 1; /* 1 says "all", which rounding must not */
}

double dpl_histogram_quantile(const dpl_histogram *histogram, double share) {
  const double count = share * (double)histogram->pairs;
  size_t low = 0, high = histogram->bins; /* below[low] ≤ count ≤ below[high] */
  while (high - low > 1) {
    const size_t middle = low + (high - low) / 2;
    if ((double)histogram->below[middle] <= count)
      low = middle;
    else
      high = middle;
  }
  const double before = (double)histogram->below[low], inside = (double)histogram->below[high] - before;
  const double part = inside > 0 ? (count - before) / inside : 0;
  return ((double)low + fmin(1, fmax(0, part))) * bin_width(histogram) - 1;
}

double dpl_histogram_mean_excess(const dpl_histogram *histogram, double from) {
  const double width = bin_width(histogram);
  const size_t first = (size_t)fmin((double)(histogram->bins - 1), fmax(0, (from + 1) / width));
  double sum = 0, count = 0;
  for (size_t bin = first; bin < histogram->bins; bin++) {
    const double end = (double)(bin + 1) * width - 1, begin = fmax(from, end - width);
    const double inside = (double)(histogram->below[bin + 1] - histogram->below[bin]) * (end - begin) / width;
    sum += inside * ((begin + end) / 2 - from);
    count += inside;
  }
  return fmax(width, count > 0 ? sum / count : 0);
}
