/* Laying portraits side by side. */
#include "sheet.h"

#include <stdlib.h>
#include <string.h>

#include "webp.h"

void sheet_add(sheet *page, const dpl_image *portrait) {
  const size_t row_bytes = SHEET_COLUMNS * page->size * 3, cell_bytes = page->size * 3;
  if (!page->pixels) page->pixels = new_array(SHEET_ROWS * page->size, row_bytes);
  const uint8_t *from = dpl_image_pixels(portrait);
  uint8_t *to =
      page->pixels + page->count / SHEET_COLUMNS * page->size * row_bytes + page->count % SHEET_COLUMNS * cell_bytes;
  for (size_t y = 0; y < page->size; ++y) memcpy(to + y * row_bytes, from + y * cell_bytes, cell_bytes);
  ++page->count;
}

bool sheet_take_file(sheet *page, int quality, dpl_bytes *file, sentence *why) {
  const size_t width = SHEET_COLUMNS * page->size, rows = (page->count + SHEET_COLUMNS - 1) / SHEET_COLUMNS;
  if (!webp_of_pixels(page->pixels, width, rows * page->size, quality, file, why)) return false;
  memset(page->pixels, 0, width * SHEET_ROWS * page->size * 3);
  page->count = 0;
  return true;
}

void sheet_free(sheet *page) {
  free(page->pixels);
  *page = (sheet){0};
}
