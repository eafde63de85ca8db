/* How long each operator of a network takes. For the bench alone: the library is linked as it is, and the linker leads
   its calls that make a runtime through profile.c (--wrap), which asks XNNPACK to look at the clock. */
#ifndef DOPPEL_BENCH_PROFILE_H
#define DOPPEL_BENCH_PROFILE_H

#include <xnnpack.h>

/* The runtime that was made last; NULL before the first. */
xnn_runtime_t profile_newest(void);

/* What it did in its last pass, a line an operator in their order: microseconds, a tab, XNNPACK's name for it. Static,
   until the next call; empty where it does not fit. */
const char *profile_lines(xnn_runtime_t runtime);

#endif
