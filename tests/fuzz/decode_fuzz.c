/* Any bytes as a photo: decoded within a limit and made smaller, or refused with a sentence; the same each time,
   however the memory was filled before. */
#include <malloc.h>

#include "made_photos.h"
#include "seeds.h"

#if defined(DOPPEL_FILLS_MEMORY) /* not under valgrind, which would take what was filled for written */
/* The linker sends the library's calls of malloc and realloc here (cmake/Fuzzing.cmake). */
void *__real_malloc(size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *block, size_t size);

static int pattern; /* that new memory is filled with */

void *__wrap_malloc(size_t size) {
  void *block = __real_malloc(size);
  if (block && size) memset(block, pattern, size);
  return block;
}

void *__wrap_realloc(void *block, size_t size) {
  const size_t old = block ? malloc_usable_size(block) : 0;
  uint8_t *larger = __real_realloc(block, size);
  if (larger && size > old) memset(larger + old, pattern, size - old);
  return larger;
}

/* The stack that the decoders will use. */
static void __attribute__((noinline)) fill_stack(void) {
  volatile uint8_t stack[1 << 16];
  for (size_t i = 0; i < sizeof stack; i++) stack[i] = (uint8_t)pattern;
}

#else
static int pattern;
static void fill_stack(void) {}
#endif

static uint64_t hashed(uint64_t hash, const void *data, size_t size) {
  for (size_t i = 0; i < size; i++) hash = (hash ^ ((const uint8_t *)data)[i]) * 1099511628211u;
  return hash;
}

static uint64_t hash_and_close(uint64_t hash, dpl_image *image) {
  const size_t size = (size_t)dpl_image_width(image) * (size_t)dpl_image_height(image) * 3;
  hash = hashed(hash, dpl_image_pixels(image), size);
  dpl_image_close(image);
  return hash;
}

/* Everything that a caller can see of the photo. */
static uint64_t look_at(dpl_bytes file, int fill) {
  const dpl_decode_options limits = {.max_side = 4096, .max_pixels = 1 << 18};
  dpl_error error = {0};
  dpl_image_info info;
  dpl_image *image = NULL, *smaller = NULL;
  pattern = fill;
  fill_stack();
  const dpl_status probed = dpl_image_probe(file, &info, &error);
  if (probed && !error.message[0]) abort();
  if (dpl_image_decode(file, &limits, &image, &error)) {
    if (image || !error.message[0]) abort();
    return hashed(error.status, error.message, strlen(error.message));
  }
  /* The two must agree, and the limits hold. */
  if (probed || info.width != dpl_image_width(image) || info.height != dpl_image_height(image)) abort();
  if (info.width > 4096 || info.height > 4096 || info.width * info.height > 1 << 18) abort();
  dpl_box whole;
  const bool incomplete = dpl_image_is_incomplete(image, &whole);
  if (!incomplete && (whole.width != (float)info.width || whole.height != (float)info.height)) abort();
  uint64_t hash = hashed(incomplete, &whole, sizeof whole);
  if (dpl_image_resize(image, 1 + info.width / 3, 1 + info.height / 2, &smaller, &error)) abort();
  hash = hash_and_close(hash, smaller);
  const float number = (float)(file.size % 97);
  const dpl_similarity pose = {0.02f * number - 1, 0.013f * number, number - 40, 2 * number - 90};
  if (dpl_image_warp(image, pose, 32, 24, &smaller, &error) == DPL_OK) hash = hash_and_close(hash, smaller);
  hash = hash_and_close(hash, image);

  /* The same photo in parts, where it is large enough for them. */
  if (dpl_image_open(file, &limits, &image, &error)) return hash;
  if (dpl_image_warp(image, pose, 32, 24, &smaller, &error) == DPL_OK) hash = hash_and_close(hash, smaller);
  dpl_image_close(image);
  return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const dpl_bytes file = {data, size};
  if (look_at(file, 0x11) != look_at(file, 0xEE)) abort();
  return 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  uint8_t *pixels = slopes(20, 20);
  buffer app1 = make_app1(6, true), tiff = make_tiff(8, false);
  plant(folder, "baseline", make_jpeg(pixels, 20, 12, (jpeg_kind){.quality = 50}, &app1));
  plant(folder, "progressive", make_jpeg(pixels, 16, 9, (jpeg_kind){.progressive = true, .quality = 50}, NULL));
  uint8_t *wide = slopes(3300, 12);
  plant(folder, "parts", make_jpeg(wide, 3300, 12, (jpeg_kind){.quality = 30}, &app1));
  free(wide);
  plant(folder, "grey", make_jpeg(pixels, 16, 8, (jpeg_kind){.grey = true, .quality = 30}, NULL));
  plant(folder, "cmyk", make_jpeg(pixels, 8, 8, (jpeg_kind){.cmyk = true, .quality = 30}, NULL));
  plant(folder, "rgb", make_png(pixels, 5, 4, 3, NULL));
  plant(folder, "rgba", make_png(pixels, 4, 4, 4, &tiff));
  plant(folder, "grey-alpha", make_png(pixels, 4, 3, 2, NULL));
  free(pixels), free(app1.data), free(tiff.data);
  return 0;
}
