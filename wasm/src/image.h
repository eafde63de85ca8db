/* What an image is inside: RGB8 without padding. image.c decodes it, resample.c makes others of it. */
#ifndef DOPPEL_IMAGE_H
#define DOPPEL_IMAGE_H

#include "doppel.h"

struct dpl_image {
  int width, height;
  uint8_t *pixels; /* width · height · 3, malloc */
};

/* Bytes that the pixels of such an image take. DPL_INVALID_ARGUMENT for a side outside 1 … 65535, DPL_OUT_OF_MEMORY. */
dpl_status dpl_image_size(int width, int height, size_t *size, dpl_error *error);

/* A new image with undefined pixels. */
dpl_status dpl_image_new(int width, int height, dpl_image **image, dpl_error *error);

/* dpl_image_from_rgba without a second buffer: `rgba`, from malloc, becomes the image's own. Where it fails, the
   caller keeps it. */
dpl_status dpl_image_take_rgba(uint8_t *rgba, int width, int height, dpl_image **image, dpl_error *error);

/* EXIF orientation 1 … 8 of a JPEG (APP1) or PNG (eXIf), both byte orders; 1 where there is none or it is damaged. */
int dpl_exif_orientation(dpl_bytes file);

#endif
