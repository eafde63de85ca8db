/* What a photo's header says, checked before any memory is taken; read once. */
#ifndef DOPPEL_IMAGE_HEADER_H
#define DOPPEL_IMAGE_HEADER_H

#include "doppel.h"

typedef struct dpl_image_header {
  dpl_format format;
  int width, height; /* as stored, before turning upright */
  int orientation;   /* EXIF 1 … 8 */
} dpl_image_header;

/* The file's format by its first bytes. DPL_UNSUPPORTED_FORMAT names what the file is instead, whatever its name says.
 */
dpl_status dpl_image_format(dpl_bytes file, dpl_format *format, dpl_error *error);

/* The sentence for a format that is known and not read here; `name` as in "a HEIC picture". */
dpl_status dpl_unsupported_format(const char *name, dpl_error *error);

/* One per format; `header->format` is set already, `header->orientation` is 1. DPL_UNSUPPORTED_FORMAT,
 * DPL_DAMAGED_IMAGE. */
dpl_status dpl_jpeg_header(dpl_bytes file, dpl_image_header *header, dpl_error *error);
dpl_status dpl_png_header(dpl_bytes file, dpl_image_header *header, dpl_error *error);
dpl_status dpl_gif_header(dpl_bytes file, dpl_image_header *header, dpl_error *error);
dpl_status dpl_bmp_header(dpl_bytes file, dpl_image_header *header, dpl_error *error);

#endif
