/* Where the rows of units of a JPEG begin in its data, so that a part of the picture is decoded without the data above
   it. For sequential JPEGs of one scan; image_jpeg.c keeps them and uses them. */
#ifndef DOPPEL_IMAGE_JPEG_ROWS_H
#define DOPPEL_IMAGE_JPEG_ROWS_H

#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

/* What the Huffman decoder knows where a row begins. */
typedef struct dpl_jpeg_row {
  const uint8_t *next; /* in the file */
  size_t left;
  uint64_t bits;
  int bits_left, dc[MAX_COMPS_IN_SCAN], unread_marker, next_restart;
  unsigned restarts_to_go;
  boolean insufficient_data;
} dpl_jpeg_row;

typedef struct dpl_jpeg_rows {
  dpl_jpeg_row *places; /* NULL: none were kept */
  size_t count;
} dpl_jpeg_rows;

typedef boolean (*dpl_jpeg_decode_unit)(j_decompress_ptr jpeg, JBLOCKROW *blocks);

/* The function that decodes a unit of the scan at hand, and another one in its place. */
dpl_jpeg_decode_unit dpl_jpeg_replace_decode_unit(j_decompress_ptr jpeg, dpl_jpeg_decode_unit other);

/* For a decoder that has just begun a row, and for another one of the same file that is to go on there. */
dpl_jpeg_row dpl_jpeg_row_here(j_decompress_ptr jpeg);
void dpl_jpeg_go_to_row(j_decompress_ptr jpeg, const dpl_jpeg_row *row);

#endif
