/* A progressive JPEG at an eighth of its size needs one coefficient of each block: the scans that bring others are
   passed over, and the others are not stored. Colour that is stored at half the size is decoded as before, since an
   eighth of the photo is a quarter of it. */
#ifndef DOPPEL_IMAGE_JPEG_DC_H
#define DOPPEL_IMAGE_JPEG_DC_H

#include <stdbool.h>
#include <stdio.h>

#include <jpeglib.h>

/* The first coefficients of a component, and the rows of blocks that libjpeg has at hand. */
typedef struct dpl_jpeg_plane {
  JCOEF *values;
  JBLOCKARRAY blocks;
  JDIMENSION width, height, most_rows, first, count;
  bool changed;
} dpl_jpeg_plane;

typedef struct dpl_jpeg_dc {
  dpl_jpeg_plane planes[MAX_COMPONENTS];
  int requested; /* one array per component, in their order */
  bool lost; /* a scan that was passed over has no end, so the file may be cut: decode it without passing over any */
  jvirt_barray_ptr (*request)(j_common_ptr, int, boolean, JDIMENSION, JDIMENSION, JDIMENSION);
  JBLOCKARRAY (*access)(j_common_ptr, jvirt_barray_ptr, JDIMENSION, JDIMENSION, boolean);
  void (*realize)(j_common_ptr);
  int (*consume)(j_decompress_ptr);
} dpl_jpeg_dc;

/* Between jpeg_read_header and jpeg_start_decompress. `dc` is zero; the decoder's client_data points to it. A scan
   without an end sets `lost` and leaves by the error manager. */
void dpl_jpeg_dc_only(j_decompress_ptr jpeg, dpl_jpeg_dc *dc);

#endif
