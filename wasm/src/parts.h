/* A large JPEG of which no more is decoded than somebody looks at: the whole photo reduced, and parts of it in greater
   detail. resample.c asks for them; no other file reads the pixels of such an image. */
#ifndef DOPPEL_PARTS_H
#define DOPPEL_PARTS_H

#include "image.h"
#include "image_header.h"

/* Pixels of the upright photo: each stands for a square of reduce × reduce, the first one's corner is at (x, y). */
typedef struct dpl_part {
  dpl_image image;
  int reduce, x, y;
} dpl_part;

/* Whether the photo is so large that detection gets by with less of it. */
bool dpl_parts_pay(const dpl_image_header *header);

/* Decodes the whole photo, reduced as far as detection allows, into image->parts; sets the image's size and its gaps,
   which are still those of the stored picture. `file`, from malloc, is freed by dpl_parts_close, or here where it
   fails. */
dpl_status dpl_parts_open(dpl_bytes file, const dpl_image_header *header, dpl_image *image, dpl_error *error);
void dpl_parts_close(struct dpl_parts *parts);

/* The pixels for an output whose pixel covers `shrink` pixels of the photo: all of the photo, or at least `needed` of
   it. Valid until the next call. For an image without parts it is the image itself. */
dpl_status dpl_part_whole(const dpl_image *image, float shrink, dpl_part *part, dpl_error *error);
dpl_status dpl_part_of(const dpl_image *image, dpl_rectangle needed, float shrink, dpl_part *part, dpl_error *error);

/* How much of it a part is reduced for such an output, whether it comes from a file or not: 1, 2, 4 or 8. */
int dpl_part_reduce(float shrink);

/* From the stored picture of width × height to the upright one. */
dpl_rectangle dpl_upright_rectangle(dpl_rectangle stored, int width, int height, int orientation);

#endif
