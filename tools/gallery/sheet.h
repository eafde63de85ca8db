/* A sheet of portraits as a WebP file: 16 × 16 of one size, filled row by row. */
#ifndef TOOL_SHEET_H
#define TOOL_SHEET_H

#include "basics.h"
#include "doppel.h"

enum { SHEET_COLUMNS = 16, SHEET_ROWS = 16, SHEET_CELLS = 256, PORTRAIT_SIZE = 144 };

typedef struct sheet {
  size_t size;     /* pixels of a portrait's side */
  uint8_t *pixels; /* RGB8 */
  size_t count;    /* portraits on it */
} sheet;

/* Puts a portrait of size × size pixels into the next cell; the sheet must not be full. */
void sheet_add(sheet *page, const dpl_image *portrait);

/* The sheet as WebP, cut below the last row in use, and emptied. The bytes come from malloc: bytes_free. */
bool sheet_take_file(sheet *page, int quality, dpl_bytes *file, sentence *why);

void sheet_free(sheet *page);

#endif
