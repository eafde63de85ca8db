/* Distributions as inline SVG: axes with words, the same numbers in a sentence for who does not see them. Colours are
   the page's (report_page.c). */
#ifndef TOOL_REPORT_PLOTS_H
#define TOOL_REPORT_PLOTS_H

#include <stdio.h>

#include "doppel.h"

/* How alike photos of different people are, and of one person, where there are such pairs; with the network's
   threshold, if it has one. */
void plot_scores(FILE *out, const dpl_calibration *calibration, float threshold);

/* A histogram of numbers from `low` on; with `high` no more than `low`, up to where nearly all of them lie, and the
   rest in the last bar. `title`, `axis` ("pixels") and `id` are words of ours. */
void plot_numbers(FILE *out, const char *id, const char *title, const char *axis, const float *numbers, size_t count,
                  double low, double high);

/* The number below which this share of them lies; sorts a copy. */
double share_of_numbers(const float *numbers, size_t count, double share);

#endif
