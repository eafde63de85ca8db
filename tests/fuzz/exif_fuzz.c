/* Any bytes as a block of EXIF, alone, in a JPEG and in a PNG: an orientation of 1 … 8 or none, the same in all. */
#include "image.h"
#include "made_photos.h"
#include "seeds.h"

static int orientation_of(buffer file) {
  dpl_image_info info;
  dpl_error error;
  if (dpl_image_probe(bytes_of(file), &info, &error)) abort();
  free(file.data);
  return info.orientation;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const uint8_t pixels[8 * 8 * 3];
  const dpl_bytes block = {data, size};
  const int in_png = dpl_exif_orientation_in(block, false), in_jpeg = dpl_exif_orientation_in(block, true);
  if (in_png < 0 || in_png > 8 || (in_jpeg && in_jpeg != in_png)) abort();
  if (size > 65533) return 0;
  buffer exif = {(uint8_t *)(uintptr_t)data, size};
  if (orientation_of(make_png(pixels, 2, 1, 3, &exif)) != (in_png ? in_png : 1)) abort();
  if (orientation_of(make_jpeg(pixels, 8, 8, (jpeg_kind){0}, &exif)) != (in_jpeg ? in_jpeg : 1)) abort();
  return 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  plant(folder, "big", make_app1(6, true));
  plant(folder, "little", make_app1(3, false));
  plant(folder, "bare", make_tiff(8, true));
  return 0;
}
