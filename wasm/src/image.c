/* A photo's bytes into upright RGB8 pixels. stb_image does the decoding; this file decides what it is given, keeps it
   within limits, lays what is transparent on white and turns what the camera held sideways. */
#include "image.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "image_header.h"
#include "status.h"

enum { DEFAULT_MAX_SIDE = 16384, DEFAULT_MAX_PIXELS = 100000000, MAX_SIDE = 65535 };

/* A few hundred kilobytes of a PNG can be made to unpack into gigabytes that no pixel needs. stb_image asks for memory
   through these, and the photo at hand says how much can be right. stb_image's own settings are kept a thread, too. */
static _Thread_local struct {
  size_t largest; /* block that the photo at hand may ask for */
  bool exceeded;  /* it asked for more */
  bool exhausted; /* there was no memory */
} memory;

static void *limited_realloc(void *block, size_t size) {
  memory.exceeded = memory.exceeded || size > memory.largest;
  void *given = size <= memory.largest ? realloc(block, size) : NULL;
  memory.exhausted = memory.exhausted || !given;
  return given;
}

#define STBI_MALLOC(size)         limited_realloc(NULL, size)
#define STBI_REALLOC(block, size) limited_realloc(block, size)
#define STBI_FREE(block)          free(block)
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_GIF
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_MAX_DIMENSIONS 65535
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#if defined(__wasm_simd128__) && defined(__SSE2__)
#define STBI__X64_TARGET /* clang compiles stb_image's SSE2 code to simd128 */
#endif
#include <stb_image.h>

static dpl_status no_memory_for(int width, int height, dpl_error *error);
static dpl_status check_limits(dpl_image_header header, const dpl_decode_options *options, dpl_error *error);
static dpl_status decode(dpl_bytes file, dpl_image_header header, dpl_image *image, int *channels, dpl_error *error);
static dpl_status stb_failure(dpl_error *error);
static dpl_status into_rgb(dpl_image *image, int channels, dpl_error *error);
static dpl_status turn_upright(dpl_image *image, int orientation, dpl_error *error);
static void lay_on_white(const uint8_t *rgba, size_t count, uint8_t *rgb);
static uint8_t on_white(uint8_t colour, uint8_t alpha);
static bool turns_by_a_quarter(int orientation) {
  return orientation >= 5;
}

dpl_status dpl_image_probe(dpl_bytes file, dpl_image_info *info, dpl_error *error) {
  if (!info) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  dpl_image_header header;
  const dpl_status status = dpl_image_header_read(file, &header, error);
  if (status) return status;
  const int orientation = dpl_exif_orientation(file);
  const bool turned = turns_by_a_quarter(orientation);
  *info = (dpl_image_info){.format = header.format,
                           .width = turned ? header.height : header.width,
                           .height = turned ? header.width : header.height,
                           .orientation = orientation};
  return DPL_OK;
}

dpl_status dpl_image_decode(dpl_bytes file, const dpl_decode_options *options, dpl_image **image, dpl_error *error) {
  if (!image) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  dpl_image_header header;
  dpl_status status = dpl_image_header_read(file, &header, error);
  if (!status) status = check_limits(header, options, error);
  if (status) return status;

  dpl_image *decoded = calloc(1, sizeof *decoded);
  if (!decoded) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  int channels = 0;
  status = decode(file, header, decoded, &channels, error);
  if (!status) status = into_rgb(decoded, channels, error);
  if (!status) status = turn_upright(decoded, dpl_exif_orientation(file), error);
  if (status) {
    dpl_image_close(decoded);
    return status;
  }
  *image = decoded;
  return DPL_OK;
}

dpl_status dpl_image_size(int width, int height, size_t *size, dpl_error *error) {
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE)
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "An image of %d×%d pixels cannot be; each side must be 1 … %d.", width,
                    height, (int)MAX_SIDE);
  const uint64_t bytes = (uint64_t)width * (uint64_t)height * 3;
  if (bytes > PTRDIFF_MAX) return no_memory_for(width, height, error);
  *size = (size_t)bytes;
  return DPL_OK;
}

dpl_status dpl_image_new(int width, int height, dpl_image **image, dpl_error *error) {
  size_t size = 0;
  const dpl_status impossible =
      image ? dpl_image_size(width, height, &size, error) : dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  if (impossible) return impossible;
  dpl_image *made = calloc(1, sizeof *made);
  if (made) made->pixels = malloc(size);
  if (!made || !made->pixels) {
    free(made);
    return no_memory_for(width, height, error);
  }
  made->width = width;
  made->height = height;
  *image = made;
  return DPL_OK;
}

dpl_status dpl_image_from_rgba(const uint8_t *rgba, int width, int height, dpl_image **image, dpl_error *error) {
  if (!rgba || !image) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  const dpl_status status = dpl_image_new(width, height, image, error);
  if (!status) lay_on_white(rgba, (size_t)width * (size_t)height, (*image)->pixels);
  return status;
}

dpl_status dpl_image_take_rgba(uint8_t *rgba, int width, int height, dpl_image **image, dpl_error *error) {
  size_t size = 0;
  const dpl_status impossible = dpl_image_size(width, height, &size, error);
  if (impossible) return impossible;
  dpl_image *made = calloc(1, sizeof *made);
  if (!made) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  lay_on_white(rgba, size / 3, rgba);
  *made = (dpl_image){width, height, rgba};
  uint8_t *smaller = realloc(rgba, size); /* gives a quarter back, where it lies */
  if (smaller) made->pixels = smaller;
  *image = made;
  return DPL_OK;
}

dpl_status dpl_image_from_rgb(const uint8_t *rgb, int width, int height, dpl_image **image, dpl_error *error) {
  if (!rgb || !image) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  const dpl_status status = dpl_image_new(width, height, image, error);
  if (!status) memcpy((*image)->pixels, rgb, (size_t)width * (size_t)height * 3);
  return status;
}

int dpl_image_width(const dpl_image *image) {
  return image->width;
}

int dpl_image_height(const dpl_image *image) {
  return image->height;
}

const uint8_t *dpl_image_pixels(const dpl_image *image) {
  return image->pixels;
}

void dpl_image_close(dpl_image *image) {
  if (!image) return;
  free(image->pixels);
  free(image);
}

static dpl_status no_memory_for(int width, int height, dpl_error *error) {
  return dpl_fail(error, DPL_OUT_OF_MEMORY, "There is not enough memory for %d×%d pixels; try a smaller photo.", width,
                  height);
}

static dpl_status check_limits(dpl_image_header header, const dpl_decode_options *options, dpl_error *error) {
  int max_side = options && options->max_side ? options->max_side : DEFAULT_MAX_SIDE;
  const int64_t max_pixels = options && options->max_pixels ? options->max_pixels : DEFAULT_MAX_PIXELS;
  if (max_side > MAX_SIDE) max_side = MAX_SIDE;
  if (header.width > max_side || header.height > max_side)
    return dpl_fail(error, DPL_IMAGE_TOO_LARGE, "The photo is %d×%d pixels; the limit is %d per side; make it smaller.",
                    header.width, header.height, max_side);
  if ((int64_t)header.width * header.height > max_pixels)
    return dpl_fail(error, DPL_IMAGE_TOO_LARGE,
                    "The photo is %d×%d pixels; the limit is %.3g million pixels in all; make it smaller.",
                    header.width, header.height, (double)max_pixels / 1e6);
  return DPL_OK;
}

/* Fills the image with pixels of `channels` bytes each, as stored. */
static dpl_status decode(dpl_bytes file, dpl_image_header header, dpl_image *image, int *channels, dpl_error *error) {
  if (file.size > INT_MAX)
    return dpl_fail(error, DPL_IMAGE_TOO_LARGE, "The file is larger than 2 GiB; make the photo smaller.");
  /* The largest block that a sound photo needs: four channels of 16 bits, sides rounded up to JPEG's blocks or by
     PNG's filter bytes, doubled because stb_image doubles; or the file itself, doubled for the same reason. */
  const uint64_t pixels = ((uint64_t)header.width + 64) * ((uint64_t)header.height + 64);
  const uint64_t needed = 2 * (pixels * 8 + file.size);
  memory.largest = needed < PTRDIFF_MAX ? (size_t)needed : PTRDIFF_MAX;
  memory.exceeded = memory.exhausted = false;
  stbi_convert_iphone_png_to_rgb_thread(1);
  stbi_set_unpremultiply_on_load_thread(1);

  int width, height, stored;
  const bool jpeg = header.format == DPL_FORMAT_JPEG;
  /* stb_image must see the same picture as the header that the limits were checked on. */
  if (!stbi_info_from_memory(file.data, (int)file.size, &width, &height, &stored)) return stb_failure(error);
  if (width != header.width || height != header.height) return dpl_fail_plain(error, DPL_DAMAGED_IMAGE);
  image->pixels = stbi_load_from_memory(file.data, (int)file.size, &width, &height, &stored, jpeg ? 3 : 0);
  if (!image->pixels) return stb_failure(error);
  *channels = jpeg ? 3 : stored;
  image->width = width;
  image->height = height;
  return DPL_OK;
}

static dpl_status stb_failure(dpl_error *error) {
  const char *reason = stbi_failure_reason();
  if (memory.exceeded)
    reason = "it unpacks into more than its pixels need";
  else if (memory.exhausted)
    return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  if (!reason) reason = "unknown reason";
  return dpl_fail(error, DPL_DAMAGED_IMAGE, "The photo is damaged or cut short (%s); save or download it again.",
                  reason);
}

static dpl_status into_rgb(dpl_image *image, int channels, dpl_error *error) {
  if (channels == 3) return DPL_OK;
  const size_t count = (size_t)image->width * (size_t)image->height;
  uint8_t *stored = image->pixels;
  uint8_t *rgb = channels == 4 ? stored : malloc(count * 3); /* four bytes shrink to three in place */
  if (!rgb) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  if (channels == 4)
    lay_on_white(stored, count, rgb);
  else
    for (size_t i = 0; i < count; i++) {
      const uint8_t *from = stored + i * (size_t)channels;
      memset(rgb + i * 3, on_white(from[0], channels == 2 ? from[1] : 255), 3);
    }
  if (rgb != stored) free(stored);
  image->pixels = rgb;
  return DPL_OK;
}

/* Four pixels, and how their colours move together; the last quarter is of no meaning. */
typedef uint8_t four_pixels __attribute__((vector_size(16)));
#define CLOSE_UP(v) __builtin_shufflevector(v, v, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0, 0, 0, 0)

/* `rgb` may begin where `rgba` does: what is written has been read. Photos are opaque, so four pixels that are need no
   arithmetic. */
static void lay_on_white(const uint8_t *rgba, size_t count, uint8_t *rgb) {
  static const uint8_t alphas[8] = {0, 0, 0, 255, 0, 0, 0, 255};
  uint64_t opaque;
  memcpy(&opaque, alphas, sizeof opaque);
  for (size_t i = 0; i < count;) {
    const uint8_t *from = rgba + i * 4;
    uint8_t *to = rgb + i * 3;
    uint64_t pairs[2] = {0, 0};
    if (count - i >= 6) memcpy(pairs, from, sizeof pairs); /* 16 bytes of `rgb` are left as well */
    if ((pairs[0] & pairs[1] & opaque) == opaque) {
      four_pixels pixels;
      memcpy(&pixels, from, sizeof pixels);
      pixels = CLOSE_UP(pixels);
      memcpy(to, &pixels, sizeof pixels);
      i += 4;
    } else {
      const uint8_t pixel[3] = {on_white(from[0], from[3]), on_white(from[1], from[3]), on_white(from[2], from[3])};
      memcpy(to, pixel, sizeof pixel);
      i++;
    }
  }
}

/* colour · alpha + white · (1 − alpha), rounded. */
static uint8_t on_white(uint8_t colour, uint8_t alpha) {
  const unsigned product = (unsigned)colour * alpha + 255u * (255u - alpha) + 128u;
  return (uint8_t)((product + (product >> 8)) >> 8);
}

static dpl_status turn_upright(dpl_image *image, int orientation, dpl_error *error) {
  if (orientation == 1) return DPL_OK;
  const ptrdiff_t width = image->width, height = image->height;
  /* Upright pixel (x, y) is stored at first + x·across + y·down; the comment says where the upright picture's first row
     lies in the stored one. */
  ptrdiff_t first = 0, across = 1, down = width;
  switch (orientation) {
  case 2:
    first = width - 1, across = -1, down = width;
    break; /* top, from the right */
  case 3:
    first = width * height - 1, across = -1, down = -width;
    break; /* bottom, from the right */
  case 4:
    first = width * (height - 1), across = 1, down = -width;
    break; /* bottom, from the left */
  case 5:
    first = 0, across = width, down = 1;
    break; /* left, from the top */
  case 6:
    first = width * (height - 1), across = -width, down = 1;
    break; /* left, from the bottom */
  case 7:
    first = width * height - 1, across = -width, down = -1;
    break; /* right, from the bottom */
  case 8:
    first = width - 1, across = width, down = -1;
    break; /* right, from the top */
  default:
    break;
  }
  dpl_image *upright;
  const bool quarter = turns_by_a_quarter(orientation);
  const dpl_status status =
      dpl_image_new((int)(quarter ? height : width), (int)(quarter ? width : height), &upright, error);
  if (status) return status;

  /* Tiles, because a quarter turn reads down a column and a row of a photo is longer than the cache is wide. */
  enum { TILE = 32 };
  for (ptrdiff_t top = 0; top < upright->height; top += TILE)
    for (ptrdiff_t left = 0; left < upright->width; left += TILE) {
      const ptrdiff_t bottom = top + TILE < upright->height ? top + TILE : upright->height;
      const ptrdiff_t right = left + TILE < upright->width ? left + TILE : upright->width;
      for (ptrdiff_t y = top; y < bottom; y++) {
        const uint8_t *from = image->pixels + 3 * (first + left * across + y * down);
        uint8_t *to = upright->pixels + 3 * (y * upright->width + left);
        for (ptrdiff_t x = left; x < right; x++, from += 3 * across, to += 3) memcpy(to, from, 3);
      }
    }
  free(image->pixels);
  *image = *upright;
  free(upright);
  return DPL_OK;
}
