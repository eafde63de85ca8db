/* Any bytes as a photo: decoded within a limit and made smaller, or refused with a sentence. */
#include "made_photos.h"
#include "seeds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const dpl_bytes file = {data, size};
  const dpl_decode_options limits = {.max_side = 4096, .max_pixels = 1 << 18};
  dpl_error error = {0};
  dpl_image_info info;
  dpl_image *image = NULL, *smaller = NULL;
  const dpl_status probed = dpl_image_probe(file, &info, &error);
  if (probed && !error.message[0]) abort();
  if (dpl_image_decode(file, &limits, &image, &error)) {
    if (image || !error.message[0]) abort();
    return 0;
  }
  /* The two must agree, and the limits hold. */
  if (probed || info.width != dpl_image_width(image) || info.height != dpl_image_height(image)) abort();
  if (info.width > 4096 || info.height > 4096 || info.width * info.height > 1 << 18) abort();
  if (dpl_image_resize(image, 1 + info.width / 3, 1 + info.height / 2, &smaller, &error)) abort();
  dpl_image_close(smaller);
  const float number = (float)(size % 97);
  const dpl_similarity pose = {0.02f * number - 1, 0.013f * number, number - 40, 2 * number - 90};
  if (dpl_image_warp(image, pose, 32, 24, &smaller, &error) == DPL_OK) dpl_image_close(smaller);
  dpl_image_close(image);
  return 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  uint8_t *pixels = slopes(20, 20);
  buffer app1 = make_app1(6, true), tiff = make_tiff(8, false);
  plant(folder, "baseline", make_jpeg(pixels, 20, 12, (jpeg_kind){.quality = 50}, &app1));
  plant(folder, "progressive", make_jpeg(pixels, 16, 9, (jpeg_kind){.progressive = true, .quality = 50}, NULL));
  plant(folder, "grey", make_jpeg(pixels, 16, 8, (jpeg_kind){.grey = true, .quality = 30}, NULL));
  plant(folder, "cmyk", make_jpeg(pixels, 8, 8, (jpeg_kind){.cmyk = true, .quality = 30}, NULL));
  plant(folder, "rgb", make_png(pixels, 5, 4, 3, NULL));
  plant(folder, "rgba", make_png(pixels, 4, 4, 4, &tiff));
  plant(folder, "grey-alpha", make_png(pixels, 4, 3, 2, NULL));
  free(pixels), free(app1.data), free(tiff.data);
  return 0;
}
