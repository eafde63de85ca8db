/* JPEG through libjpeg-turbo: the whole picture or a part of it, in full or reduced. */
#ifndef DOPPEL_IMAGE_JPEG_H
#define DOPPEL_IMAGE_JPEG_H

#include "image.h"
#include "image_header.h"

typedef struct dpl_jpeg_request {
  int reduce;                /* 1, 2, 4 or 8: the side of the square that becomes a pixel */
  const dpl_rectangle *part; /* of the stored picture, in full pixels; NULL: all of it */
} dpl_jpeg_request;

typedef struct dpl_jpeg_answer {
  dpl_image image;      /* as stored; the caller frees its pixels */
  int first_x, first_y; /* where it begins in the stored picture, in full pixels: at the part's corner or before it */
  dpl_gaps gaps;        /* of the stored picture; none where a part was asked for */
  bool progressive;     /* each part costs as much as the whole */
} dpl_jpeg_answer;

/* What the file lacks is one grey. DPL_DAMAGED_IMAGE where nothing could be decoded, DPL_OUT_OF_MEMORY. */
dpl_status dpl_jpeg_decode(dpl_bytes file, const dpl_image_header *header, dpl_jpeg_request request,
                           dpl_jpeg_answer *answer, dpl_error *error);

#endif
