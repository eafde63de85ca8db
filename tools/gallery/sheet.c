/* Laying portraits side by side. */
#include "sheet.h"

#include <stdlib.h>
#include <string.h>

#include "jpeg.h"

static const size_t sheet_width = (size_t)SHEET_COLUMNS * PORTRAIT_SIZE;

void sheet_add(sheet *page, const dpl_image *portrait) {
  if (!page->pixels) page->pixels = new_array(sheet_width * SHEET_ROWS * PORTRAIT_SIZE, 3);
  size_t column = page->count % SHEET_COLUMNS, row = page->count / SHEET_COLUMNS;
  const uint8_t *from = dpl_image_pixels(portrait);
  uint8_t *to = page->pixels + (row * PORTRAIT_SIZE * sheet_width + column * PORTRAIT_SIZE) * 3;
  for (size_t y = 0; y < PORTRAIT_SIZE; ++y) {
    memcpy(to + y * sheet_width * 3, from + y * PORTRAIT_SIZE * 3, PORTRAIT_SIZE * 3);
  }
  ++page->count;
}

bool sheet_take_jpeg(sheet *page, dpl_bytes *file, sentence *why) {
  size_t rows = (page->count + SHEET_COLUMNS - 1) / SHEET_COLUMNS;
  if (!jpeg_of_pixels(page->pixels, sheet_width, rows * PORTRAIT_SIZE, file, why)) return false;
  memset(page->pixels, 0, sheet_width * SHEET_ROWS * PORTRAIT_SIZE * 3);
  page->count = 0;
  return true;
}

void sheet_free(sheet *page) {
  free(page->pixels);
  *page = (sheet){0};
}
