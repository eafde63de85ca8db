/* Sheets through libjpeg-turbo. */
#include "sheet.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

static const int quality = 82;
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

typedef struct failure {
  struct jpeg_error_mgr manager;
  jmp_buf back;
} failure;

static void jump_back(j_common_ptr info) {
  longjmp(((failure *)info->err)->back, 1);
}

bool sheet_take_jpeg(sheet *page, uint8_t **file, size_t *size, sentence *why) {
  struct jpeg_compress_struct jpeg = {0};
  failure handler;
  unsigned char *written = NULL;
  unsigned long length = 0;
  jpeg.err = jpeg_std_error(&handler.manager);
  handler.manager.error_exit = jump_back;
  if (setjmp(handler.back)) {
    jpeg_destroy_compress(&jpeg);
    return fail(why, "A sheet of portraits could not be written as JPEG.");
  }
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, &written, &length);
  jpeg.image_width = (JDIMENSION)sheet_width;
  jpeg.image_height = (JDIMENSION)((page->count + SHEET_COLUMNS - 1) / SHEET_COLUMNS * PORTRAIT_SIZE);
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg.optimize_coding = TRUE;
  jpeg.dct_method = JDCT_ISLOW;
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row = page->pixels + (size_t)jpeg.next_scanline * sheet_width * 3;
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  memset(page->pixels, 0, sheet_width * SHEET_ROWS * PORTRAIT_SIZE * 3);
  page->count = 0;
  *file = written;
  *size = length;
  return true;
}

void sheet_free(sheet *page) {
  free(page->pixels);
  *page = (sheet){0};
}
