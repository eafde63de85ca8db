/* Writing JPEG through libjpeg-turbo. */
#include "jpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

const int jpeg_quality = 82;

typedef struct failure {
  struct jpeg_error_mgr manager;
  jmp_buf back;
} failure;

static void jump_back(j_common_ptr info) {
  longjmp(((failure *)info->err)->back, 1);
}

bool jpeg_of_pixels_at(const uint8_t *pixels, size_t width, size_t height, int quality, dpl_bytes *file,
                       sentence *why) {
  struct jpeg_compress_struct jpeg = {0};
  failure handler;
  unsigned char *written = NULL;
  unsigned long length = 0;
  jpeg.err = jpeg_std_error(&handler.manager);
  handler.manager.error_exit = jump_back;
  if (setjmp(handler.back)) {
    jpeg_destroy_compress(&jpeg);
    return fail(why, "A picture of %zu×%zu pixels could not be written as JPEG.", width, height);
  }
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, &written, &length);
  jpeg.image_width = (JDIMENSION)width;
  jpeg.image_height = (JDIMENSION)height;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg.optimize_coding = TRUE;
  jpeg.dct_method = JDCT_ISLOW;
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row = (JSAMPROW)(uintptr_t)(pixels + (size_t)jpeg.next_scanline * width * 3);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  *file = (dpl_bytes){written, length};
  return true;
}

bool jpeg_of_pixels(const uint8_t *pixels, size_t width, size_t height, dpl_bytes *file, sentence *why) {
  return jpeg_of_pixels_at(pixels, width, height, jpeg_quality, file, why);
}

bool jpeg_of_image(const dpl_image *image, dpl_bytes *file, sentence *why) {
  return jpeg_of_pixels(dpl_image_pixels(image), (size_t)dpl_image_width(image), (size_t)dpl_image_height(image), file,
                        why);
}
