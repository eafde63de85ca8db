/* What a photo's header says, checked before anything is decoded. */
#ifndef DOPPEL_IMAGE_HEADER_H
#define DOPPEL_IMAGE_HEADER_H

#include "doppel.h"

typedef struct dpl_image_header {
  dpl_format format;
  int width, height; /* as stored, before turning upright */
} dpl_image_header;

/* DPL_UNSUPPORTED_FORMAT names what the file is instead, whatever its name says; DPL_DAMAGED_IMAGE. */
dpl_status dpl_image_header_read(dpl_bytes file, dpl_image_header *header, dpl_error *error);

#endif
