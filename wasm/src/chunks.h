/* The boxes that photos come in: segments of a JPEG, chunks of a PNG. Walking only; what is inside is for others. */
#ifndef DOPPEL_CHUNKS_H
#define DOPPEL_CHUNKS_H

#include "doppel.h"

typedef struct dpl_chunk {
  uint32_t kind; /* a JPEG marker (0xE1), or the four letters of a PNG chunk, first letter highest */
  dpl_bytes body;
} dpl_chunk;

enum { DPL_JPEG_APP1 = 0xE1, DPL_JPEG_APP14 = 0xEE, DPL_JPEG_SCAN = 0xDA, DPL_JPEG_END = 0xD9 };

#define DPL_PNG_KIND(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

bool dpl_is_jpeg(dpl_bytes file);
bool dpl_is_png(dpl_bytes file);

/* The next one behind *at, which begins at 0 and is moved on; false at the end, or where the file is cut short. The
   compressed data behind a JPEG's scan header is stepped over. */
bool dpl_jpeg_next(dpl_bytes file, size_t *at, dpl_chunk *segment);
bool dpl_png_next(dpl_bytes file, size_t *at, dpl_chunk *chunk);

#endif
