/* Bars, lines and axes. */
#include "report_plots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "basics.h"
#include "output.h"

enum { WIDTH = 400, HEIGHT = 190, LEFT = 10, RIGHT = 10, TOP = 10, BOTTOM = 40, BARS = 24, SCORE_BINS = 128 };

typedef struct scale {
  double low, high;
} scale;

static double across(const scale *axis, double value) {
  const double share = (value - axis->low) / (axis->high - axis->low);
  return LEFT + share * (WIDTH - LEFT - RIGHT);
}

static double up(double share) {
  return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
}

/* ---------------------------------------------------------------------------------------------- the frame */

static void begin(FILE *out, const char *id, const char *title) {
  fprintf(out,
          "<figure>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-title\" "
          "aria-describedby=\"%s-words\">\n<title id=\"%s-title\">%s</title>\n",
          WIDTH, HEIGHT, id, id, id, title);
}

/* 1, 2 or 5 times a power of ten, so that five to ten of them make the range. */
static double step_of(double range) {
  const double power = pow(10, floor(log10(range / 5)));
  const double times = range / 5 / power;
  return power * (times >= 5 ? 5 : times >= 2 ? 2 : 1);
}

static void put_axis(FILE *out, const scale *axis, const char *words, bool open_end) {
  const double step = step_of(axis->high - axis->low);
  const int digits = step < 0.095 ? 2 : step < 0.95 ? 1 : 0;
  fprintf(out, "<path class=\"axis\" d=\"M%d %.1fH%d\"/>\n", LEFT, up(0), WIDTH - RIGHT);
  const long first = lround(ceil(axis->low / step - 1e-9)), last = lround(floor(axis->high / step + 1e-9));
  for (long i = first; i <= last; ++i) {
    const double value = (double)i * step, x = across(axis, value);
    const bool at_end = i == last && value > axis->high - step / 2;
    fprintf(out,
            "<path class=\"axis\" d=\"M%.1f %.1fv5\"/><text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%.*f%s</text>\n",
            x, up(0), x, up(0) + 17,
            i == first && x < LEFT + 12 ? "start"
            : at_end                    ? "end"
                                        : "middle",
            digits, fabs(value) < 1e-9 ? 0 : value, at_end && open_end ? "+" : "");
  }
  fprintf(out, "<text class=\"words\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", WIDTH / 2, HEIGHT - 5,
          words);
}

static void end(FILE *out, const char *id) {
  fprintf(out, "</svg>\n<figcaption id=\"%s-words\">", id);
}

/* ---------------------------------------------------------------------------------------------- scores */

typedef struct curve {
  double shares[SCORE_BINS]; /* of the pairs, a bin */
  double median, high;       /* cosines */
} curve;

static double score_at(const uint64_t *counts, uint64_t pairs, double share) {
  uint64_t below = 0;
  for (size_t i = 0; i < DPL_CALIBRATION_BINS; ++i) {
    below += counts[i];
    if ((double)below >= share * (double)pairs) return ((double)i + 0.5) / DPL_CALIBRATION_BINS * 2 - 1;
  }
  return 1;
}

static curve curve_of(const uint64_t *counts, uint64_t pairs) {
  curve made = {0};
  for (size_t i = 0; i < DPL_CALIBRATION_BINS && pairs; ++i)
    made.shares[i * SCORE_BINS / DPL_CALIBRATION_BINS] += (double)counts[i] / (double)pairs;
  made.median = score_at(counts, pairs, 0.5);
  made.high = score_at(counts, pairs, 0.99);
  return made;
}

static double middle_of(int bin) {
  return (bin + 0.5) / SCORE_BINS * 2 - 1;
}

/* From the first bin in use to the last of both curves, in tenths. */
static scale range_of(const curve *one, const curve *other) {
  scale axis = {1, -1};
  for (int i = 0; i < SCORE_BINS; ++i) {
    if (one->shares[i] + other->shares[i] <= 0) continue;
    axis.low = fmin(axis.low, floor((middle_of(i) - 0.02) * 10) / 10);
    axis.high = fmax(axis.high, ceil((middle_of(i) + 0.02) * 10) / 10);
  }
  return (scale){fmax(axis.low, -1), fmin(axis.high, 1)};
}

static void put_curve(FILE *out, const scale *axis, const curve *what, double highest, const char *class) {
  fprintf(out, "<path class=\"%s\" d=\"M%.1f %.1f", class, across(axis, axis->low), up(0));
  for (int i = 0; i < SCORE_BINS; ++i) {
    const double from = middle_of(i) - 1.0 / SCORE_BINS, to = middle_of(i) + 1.0 / SCORE_BINS;
    if (to <= axis->low || from >= axis->high) continue;
    fprintf(out, "H%.1fV%.1fH%.1f", across(axis, fmax(from, axis->low)), up(what->shares[i] / highest),
            across(axis, fmin(to, axis->high)));
  }
  fprintf(out, "V%.1fZ\"/>\n", up(0));
}

void plot_scores(FILE *out, const dpl_calibration *calibration, float threshold) {
  const curve strangers = curve_of(calibration->impostor, calibration->impostor_pairs);
  const curve same = curve_of(calibration->genuine, calibration->genuine_pairs);
  const scale axis = range_of(&strangers, &same);
  double highest = 0;
  for (int i = 0; i < SCORE_BINS; ++i) highest = fmax(highest, fmax(strangers.shares[i], same.shares[i]));

  begin(out, "scores", "How alike photos of different people are, and photos of one person");
  put_curve(out, &axis, &strangers, highest, "strangers");
  if (calibration->genuine_pairs) put_curve(out, &axis, &same, highest, "same");
  const double x = across(&axis, (double)threshold);
  if (threshold > 0 && (double)threshold > axis.low && (double)threshold < axis.high)
    fprintf(out, "<path class=\"threshold\" d=\"M%.1f %.1fV%d\"/>\n", x, up(0), TOP);
  put_axis(out, &axis, "similarity (cosine); height: share of the pairs", false);
  end(out, "scores");
  fprintf(
      out,
      "<span class=\"key strangers\"></span> %s pairs of different people: half of them below %.2f, 99 %% below %.2f.",
      grouped(calibration->impostor_pairs), strangers.median, strangers.high);
  if (calibration->genuine_pairs)
    fprintf(out, " <span class=\"key same\"></span> %s pairs of photos of one person: half of them below %.2f.",
            grouped(calibration->genuine_pairs), same.median);
  if (threshold > 0) fprintf(out, " The dashed line is the network's own threshold, %.2f.", (double)threshold);
  fputs("</figcaption>\n</figure>\n", out);
}

/* ---------------------------------------------------------------------------------------------- numbers */

static int compare_numbers(const void *left, const void *right) {
  const float a = *(const float *)left, b = *(const float *)right;
  return (a > b) - (a < b);
}

double share_of_numbers(const float *numbers, size_t count, double share) {
  if (!count) return 0;
  float *sorted = new_array(count, sizeof *sorted);
  memcpy(sorted, numbers, count * sizeof *sorted);
  qsort(sorted, count, sizeof *sorted, compare_numbers);
  const double value = (double)sorted[(size_t)(share * (double)(count - 1))];
  free(sorted);
  return value;
}

void plot_numbers(FILE *out, const char *id, const char *title, const char *axis_words, const float *numbers,
                  size_t count, double low, double high) {
  const bool open_end = high <= low;
  scale axis = {low, high};
  if (open_end) {
    const double most = fmax(share_of_numbers(numbers, count, 0.99) - low, 1e-6), step = step_of(most);
    axis.high = low + ceil(most / step) * step;
  }
  size_t bars[BARS] = {0}, highest = 1;
  for (size_t i = 0; i < count; ++i) {
    const double place = ((double)numbers[i] - axis.low) / (axis.high - axis.low) * BARS;
    const size_t bar = (size_t)fmin(fmax(place, 0), BARS - 1);
    if (++bars[bar] > highest) highest = bars[bar];
  }
  begin(out, id, title);
  const double width = (double)(WIDTH - LEFT - RIGHT) / BARS;
  for (int i = 0; i < BARS; ++i) {
    if (!bars[i]) continue;
    const double top = up((double)bars[i] / (double)highest);
    fprintf(out, "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", LEFT + i * width + 1,
            top, width - 2, up(0) - top);
  }
  put_axis(out, &axis, axis_words, open_end);
  end(out, id);
  const int digits = axis.high - axis.low < 5 ? 3 : 0;
  fprintf(out, "%s: half of the faces below %.*f, nine in ten between %.*f and %.*f.</figcaption>\n</figure>\n", title,
          digits, share_of_numbers(numbers, count, 0.5), digits, share_of_numbers(numbers, count, 0.05), digits,
          share_of_numbers(numbers, count, 0.95));
}
