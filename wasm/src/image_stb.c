/* PNG, BMP and GIF through stb_image: what it is given, which memory it gets, and in whose words it fails. */
#include "image_stb.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "chunks.h"
#include "status.h"

/* A few hundred kilobytes of a PNG can be made to unpack into gigabytes that no pixel needs. stb_image asks for memory
   through these, and the photo at hand says how much can be right. All of it is zeroed, so that what a damaged file
   leaves out does not show what was there before. stb_image's own settings are kept a thread, too. */
static _Thread_local struct {
  size_t largest; /* block that the photo at hand may ask for */
  bool exceeded;  /* it asked for more */
  bool exhausted; /* there was no memory */
} memory;

static void *limited_realloc(void *block, size_t old, size_t size) {
  memory.exceeded = memory.exceeded || size > memory.largest;
  uint8_t *given = NULL;
  if (size <= memory.largest) given = block ? realloc(block, size) : calloc(1, size);
  if (given && block && size > old) memset(given + old, 0, size - old);
  memory.exhausted = memory.exhausted || !given;
  return given;
}

#define STBI_MALLOC(size)                    limited_realloc(NULL, 0, size)
#define STBI_REALLOC_SIZED(block, old, size) limited_realloc(block, old, size)
#define STBI_REALLOC(block, size)            limited_realloc(block, size, size)
#define STBI_FREE(block)                     free(block)
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STBI_ONLY_GIF
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_NO_FAILURE_STRINGS
#define STBI_MAX_DIMENSIONS 65535
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#if defined(__wasm_simd128__) && defined(__SSE2__)
#define STBI__X64_TARGET /* clang compiles stb_image's SSE2 code to simd128 */
#endif
#include <stb_image.h>

static const char *name_of(dpl_format format) {
  return format == DPL_FORMAT_PNG ? "PNG" : format == DPL_FORMAT_GIF ? "GIF" : "BMP";
}

static dpl_status damaged_picture(dpl_format format, dpl_error *error) {
  return dpl_fail(error, DPL_DAMAGED_IMAGE, "The %s is damaged or cut short; save or download it again.",
                  name_of(format));
}

static size_t number_at(dpl_bytes file, size_t at, int bytes) {
  size_t number = 0;
  for (int i = bytes - 1; i >= 0; i--) number = number << 8 | file.data[at + (size_t)i];
  return number;
}

/* Whether the file holds a row of pixels for each of the header's: stb_image would take zeros for those that are not
   there. */
static bool bmp_is_whole(dpl_bytes file, const dpl_image_header *header) {
  if (file.size < 34) return false;
  const bool old = number_at(file, 14, 4) == 12;
  const size_t begin = number_at(file, 10, 4), bits = number_at(file, old ? 24 : 28, 2);
  const uint64_t row = ((uint64_t)header->width * bits + 31) / 32 * 4, needed = row * (uint64_t)header->height;
  return begin <= file.size && needed <= file.size - begin;
}

/* The same for the first frame of a GIF: its blocks of pixels must end inside the file. */
static bool gif_is_whole(dpl_bytes file) {
  const size_t size = file.size;
  size_t at = 13;
  if (size < at) return false;
  if (file.data[10] & 0x80) at += (size_t)3 << ((file.data[10] & 7) + 1);
  while (at + 2 < size) {
    const bool frame = file.data[at] == 0x2C;
    if (!frame && file.data[at] != 0x21) return false;
    at += 2; /* an extension's label, or the first byte of a frame's place */
    if (frame) {
      if (size - at < 10) return false;
      const uint8_t flags = file.data[at + 7];
      at += 8;
      if (flags & 0x80) at += (size_t)3 << ((flags & 7) + 1);
      at += 1; /* bits of the first code */
    }
    while (at < size && file.data[at]) at += (size_t)file.data[at] + 1;
    if (at >= size) return false;
    if (frame) return true;
    at++;
  }
  return false;
}

/* Two channels, grey and alpha, or one, or four to three. */
static dpl_status into_rgb(dpl_image *image, int channels, dpl_error *error) {
  if (channels == 3) return DPL_OK;
  const size_t count = (size_t)image->width * (size_t)image->height;
  uint8_t *stored = image->pixels;
  uint8_t *rgb = channels == 4 ? stored : malloc(count * 3); /* four bytes shrink to three in place */
  if (!rgb) return dpl_no_memory_for(image->width, image->height, error);
  if (channels == 4)
    dpl_lay_on_white(stored, count, rgb);
  else
    for (size_t i = 0; i < count; i++) {
      const uint8_t *from = stored + i * (size_t)channels;
      const uint8_t rgba[4] = {from[0], from[0], from[0], channels == 2 ? from[1] : 255};
      dpl_lay_on_white(rgba, 1, rgb + i * 3);
    }
  if (rgb != stored) free(stored);
  image->pixels = rgb;
  return DPL_OK;
}

static dpl_status load(dpl_bytes file, const dpl_image_header *header, dpl_image *image, dpl_error *error) {
  /* The largest block that a sound photo needs: four channels of 16 bits, sides rounded up by PNG's filter bytes,
     doubled because stb_image doubles; or the file itself, doubled for the same reason. */
  const uint64_t pixels = ((uint64_t)header->width + 64) * ((uint64_t)header->height + 64);
  const uint64_t needed = 2 * (pixels * 8 + file.size);
  memory.largest = needed < PTRDIFF_MAX ? (size_t)needed : PTRDIFF_MAX;
  memory.exceeded = memory.exhausted = false;
  stbi_convert_iphone_png_to_rgb_thread(1);
  stbi_set_unpremultiply_on_load_thread(1);
  int width, height, channels;
  uint8_t *loaded = stbi_load_from_memory(file.data, (int)file.size, &width, &height, &channels, 0);
  /* stb_image must see the same picture as the header that the limits were checked on. */
  if (loaded && (width != header->width || height != header->height)) free(loaded), loaded = NULL;
  if (loaded) {
    *image = (dpl_image){.width = width, .height = height, .pixels = loaded};
    const dpl_status status = into_rgb(image, channels, error);
    if (status) free(image->pixels), image->pixels = NULL;
    return status;
  }
  if (memory.exceeded)
    return dpl_fail(error, DPL_DAMAGED_IMAGE,
                    "The %s is damaged: it unpacks into more than its pixels need; save or download it again.",
                    name_of(header->format));
  if (memory.exhausted) return dpl_no_memory_for(header->width, header->height, error);
  return damaged_picture(header->format, error);
}

dpl_status dpl_stb_decode(dpl_bytes file, const dpl_image_header *header, dpl_image *image, dpl_error *error) {
  if (file.size > INT_MAX - 4096)
    return dpl_fail(error, DPL_IMAGE_TOO_LARGE, "The file is larger than 2 GiB; make the photo smaller.");
  if (header->format == DPL_FORMAT_BMP && !bmp_is_whole(file, header)) return damaged_picture(header->format, error);
  if (header->format == DPL_FORMAT_GIF && !gif_is_whole(file)) return damaged_picture(header->format, error);
  if (header->format != DPL_FORMAT_PNG) return load(file, header, image, error);
  uint8_t *tidy;
  size_t size;
  dpl_status status = dpl_png_tidy(file, &tidy, &size, error);
  if (status) return status;
  status = load((dpl_bytes){tidy, size}, header, image, error);
  free(tidy);
  return status;
}
