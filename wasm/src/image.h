/* What an image is inside: RGB8 without padding. image.c decodes it, resample.c makes others of it. */
#ifndef DOPPEL_IMAGE_H
#define DOPPEL_IMAGE_H

#include "doppel.h"

/* Pixels first_x … end_x − 1 of rows first_y … end_y − 1. */
typedef struct dpl_rectangle {
  int first_x, first_y, end_x, end_y;
} dpl_rectangle;

/* What a file lacks, in pixels of the upright photo. */
enum { DPL_MAX_GAPS = 8 };
typedef struct dpl_gaps {
  dpl_rectangle rectangles[DPL_MAX_GAPS]; /* in the order of the file's rows */
  int count;
  bool cut; /* the last one reaches to the end of the file's rows */
} dpl_gaps;

struct dpl_image {
  int width, height;
  uint8_t *pixels;         /* width · height · 3, malloc; NULL where `parts` has them */
  struct dpl_parts *parts; /* the file, of which parts are decoded when they are needed; usually NULL */
  dpl_gaps *gaps;          /* NULL: nothing is missing */
};

/* Bytes that the pixels of such an image take. DPL_INVALID_ARGUMENT for a side outside 1 … 65535, DPL_OUT_OF_MEMORY. */
dpl_status dpl_image_size(int width, int height, size_t *size, dpl_error *error);

/* A new image with undefined pixels. */
dpl_status dpl_image_new(int width, int height, dpl_image **image, dpl_error *error);

/* dpl_image_from_rgba without a second buffer: `rgba`, from malloc, becomes the image's own. Where it fails, the
   caller keeps it. */
dpl_status dpl_image_take_rgba(uint8_t *rgba, int width, int height, dpl_image **image, dpl_error *error);

/* dpl_image_open without a copy of the file: `file`, from malloc, is the image's own, and is freed where it fails. */
dpl_status dpl_image_take_file(uint8_t *file, size_t size, dpl_image **image, dpl_error *error);

/* Turns stored pixels upright. On failure the image is as it was. */
dpl_status dpl_image_turn_upright(dpl_image *image, int orientation, dpl_error *error);

/* Four bytes a pixel, transparent ones on white, to three; `rgb` may begin where `rgba` does. */
void dpl_lay_on_white(const uint8_t *rgba, size_t count, uint8_t *rgb);

/* Whether nothing of the face is missing in the file, and the failure that says that something is. */
bool dpl_face_is_whole(const dpl_image *image, const dpl_face *face);
dpl_status dpl_face_is_cut(dpl_error *error);

/* A copy of the gaps, where there are any. */
dpl_status dpl_image_keep_gaps(dpl_image *image, const dpl_gaps *gaps, dpl_error *error);

dpl_status dpl_no_memory_for(int width, int height, dpl_error *error);

/* The orientation 1 … 8 that a block of EXIF gives, in either byte order; 0 where it gives none or is damaged. A JPEG's
   APP1 is EXIF only with "Exif" in front (`needs_prefix`); some writers of PNG and WebP put it there against the rule.
 */
int dpl_exif_orientation_in(dpl_bytes block, bool needs_prefix);

#endif
