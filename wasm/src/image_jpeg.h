/* JPEG through libjpeg-turbo: the whole picture or a part of it, in full or reduced. */
#ifndef DOPPEL_IMAGE_JPEG_H
#define DOPPEL_IMAGE_JPEG_H

#include "image.h"
#include "image_header.h"
#include "image_jpeg_rows.h"

typedef struct dpl_jpeg_request {
  int reduce;                /* 1, 2, 4 or 8: the side of the square that becomes a pixel */
  const dpl_rectangle *part; /* of the stored picture, in full pixels; NULL: all of it */
  dpl_jpeg_rows *rows;       /* kept when the whole picture is decoded, used for parts; may be NULL */
} dpl_jpeg_request;

typedef struct dpl_jpeg_answer {
  dpl_image image;      /* as stored; the caller frees its pixels */
  int first_x, first_y; /* where it begins in the stored picture, in full pixels: at the part's corner or before it */
  dpl_gaps gaps;        /* of the stored picture; none for a part of a picture of one scan */
  bool passed_over;     /* damage in scans that were not needed was not seen */
} dpl_jpeg_answer;

/* Returns the block, which is new and may be NULL. Linux then uses huge pages for it if it is large: filling it takes
   far fewer page faults. */
void *dpl_in_huge_pages(void *block, size_t size);

/* What the file lacks is one grey. DPL_DAMAGED_IMAGE where nothing could be decoded, DPL_OUT_OF_MEMORY. */
dpl_status dpl_jpeg_decode(dpl_bytes file, const dpl_image_header *header, dpl_jpeg_request request,
                           dpl_jpeg_answer *answer, dpl_error *error);

#endif
