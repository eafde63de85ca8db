/* A picture that is drawn over again and again: what a detector shows to its networks, and an embedder to its own. Its
   memory grows to what the largest so far took, and then nothing is asked for any more. resample.c draws on it. */
#ifndef DOPPEL_SLATE_H
#define DOPPEL_SLATE_H

#include "image.h"

/* All zero at first. */
typedef struct dpl_slate {
  dpl_image image; /* what was drawn last */
  void *scratch;   /* what drawing takes beside it */
  size_t image_room, scratch_room;
} dpl_slate;

/* dpl_image_resize and dpl_image_warp, onto a slate; not of its own image. Where they fail there is no image. */
dpl_status dpl_slate_resize(dpl_slate *slate, const dpl_image *image, int width, int height, dpl_error *error);
dpl_status dpl_slate_warp(dpl_slate *slate, const dpl_image *image, dpl_similarity to_output, int width, int height,
                          dpl_error *error);

/* For those that draw: an image of this size, whose pixels are undefined; scratch of so many bytes, undefined as well,
   NULL where there is no memory. */
dpl_status dpl_slate_reshape(dpl_slate *slate, int width, int height, dpl_error *error);
void *dpl_slate_scratch(dpl_slate *slate, size_t size);

/* Clears the slate. What was drawn becomes an image of its own, where `drawn` says that it was; else returns `drawn`.
 */
dpl_status dpl_slate_give(dpl_slate *slate, dpl_status drawn, dpl_image **image, dpl_error *error);
void dpl_slate_clear(dpl_slate *slate);

#endif
