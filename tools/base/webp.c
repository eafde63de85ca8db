/* Writing WebP through libwebp. */
#include "webp.h"

#include <string.h>

#include <webp/encode.h>

bool webp_of_pixels(const uint8_t *pixels, size_t width, size_t height, int quality, dpl_bytes *file, sentence *why) {
  uint8_t *written = NULL;
  const size_t size = WebPEncodeRGB(pixels, (int)width, (int)height, (int)(width * 3), (float)quality, &written);
  if (!size) return fail(why, "A picture of %zu×%zu pixels could not be written as WebP.", width, height);
  uint8_t *copy = new_array(size, 1);
  memcpy(copy, written, size);
  WebPFree(written);
  *file = (dpl_bytes){copy, size};
  return true;
}

bool webp_of_image(const dpl_image *image, int quality, dpl_bytes *file, sentence *why) {
  return webp_of_pixels(dpl_image_pixels(image), (size_t)dpl_image_width(image), (size_t)dpl_image_height(image),
                        quality, file, why);
}
