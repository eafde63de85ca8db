/* All that a gallery's shards know, taken out of them again. */
#ifndef TOOL_GALLERY_ROWS_H
#define TOOL_GALLERY_ROWS_H

#include "gallery_folder.h"

typedef struct gallery_rows {
  dpl_gallery_row *rows; /* in the order of the photos */
  float *vectors;        /* count × dimension, where the rows' vectors lie */
  size_t count, dimension;
} gallery_rows;

/* Checks each file against its sha256, and that they belong together. */
bool gallery_rows_read(const gallery_folder *gallery, gallery_rows *read, sentence *why);
void gallery_rows_free(gallery_rows *read);

#endif
