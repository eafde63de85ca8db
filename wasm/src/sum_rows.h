/* Rows of a photo as one row of sums, for the area filter. sum_rows.c has the plain form, which tests hold the other
   to, and the one with 128-bit vectors. */
#ifndef DOPPEL_SUM_ROWS_H
#define DOPPEL_SUM_ROWS_H

#include "doppel.h"

/* Of rows that lie one behind the other, the first and the last in part (their weights), those between whole. */
typedef struct dpl_rows {
  const uint8_t *first, *last; /* may be one */
  size_t length;               /* numbers in a row */
  float head, tail;
} dpl_rows;

/* Writes `length` sums. */
typedef void dpl_sum_rows(dpl_rows rows, float *sums);

dpl_sum_rows dpl_sum_rows_plain;
#if defined(__SSE2__)
dpl_sum_rows dpl_sum_rows_sse2; /* Emscripten makes simd128 of it */
#endif

/* The fastest that this machine can run. */
dpl_sum_rows dpl_sum_rows_of;

#endif
