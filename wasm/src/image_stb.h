/* PNG, BMP and GIF (first frame) through stb_image. */
#ifndef DOPPEL_IMAGE_STB_H
#define DOPPEL_IMAGE_STB_H

#include "image.h"
#include "image_header.h"

/* The stored picture, transparent pixels on white, into `image`, whose pixels are then the caller's. DPL_DAMAGED_IMAGE,
   DPL_OUT_OF_MEMORY. */
dpl_status dpl_stb_decode(dpl_bytes file, const dpl_image_header *header, dpl_image *image, dpl_error *error);

/* A PNG with only those chunks that its pixels need, each where it belongs: what is misplaced or malformed but can be
   done without is left out, as browsers do, and a palette is filled up with black. *tidy is from malloc. */
dpl_status dpl_png_tidy(dpl_bytes file, uint8_t **tidy, size_t *size, dpl_error *error);

#endif
