/* A row of a warped picture: each pixel between four of the photo. Whole numbers only, so that every machine gives the
   same; bilinear.c has the plain form, which tests hold the other to, and the one with 128-bit vectors. */
#ifndef DOPPEL_BILINEAR_H
#define DOPPEL_BILINEAR_H

#include "doppel.h"

/* A place in the photo, counted from the centre of its first pixel, in pixels · 2^32. */
typedef struct dpl_place {
  int64_t x, y;
} dpl_place;

/* Writes `count` pixels, the first at `from`, the others `step` apart. Places outside the photo, and neighbours there,
   are black. All places lie within 65537 pixels of 0. */
typedef void dpl_bilinear_row(const dpl_image *image, dpl_place from, dpl_place step, int count, uint8_t *to);

dpl_bilinear_row dpl_bilinear_row_plain;
#if defined(__SSE2__)
dpl_bilinear_row dpl_bilinear_row_sse2; /* Emscripten makes simd128 of it */
#endif

/* The fastest that this machine can run. */
dpl_bilinear_row dpl_bilinear_row_of;

#endif
