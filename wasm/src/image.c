/* A photo's bytes into upright RGB8 pixels. One table says which decoder a format goes to; this file keeps it within
   limits, lays what is transparent on white and turns what the camera held sideways. */
#include "image.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "image_header.h"
#include "image_jpeg.h"
#include "image_stb.h"
#include "image_webp.h"
#include "parts.h"
#include "status.h"

enum {
  MAX_SIDE = 65535,
  LARGE_SIDE = 32768,
  DEFAULT_SIDE = 16384,
  LARGE_PIXELS = 250000000,
  DEFAULT_PIXELS = 100000000
};

/* `decode` fills an image, with pixels as stored, whose gaps are those of the stored picture. */
typedef struct codec {
  dpl_format format;
  const char *name; /* as in "a WebP picture", for builds that cannot decode it */
  int max_side, max_pixels;
  dpl_status (*header)(dpl_bytes file, dpl_image_header *header, dpl_error *error);
  dpl_status (*decode)(dpl_bytes file, const dpl_image_header *header, dpl_image *image, dpl_error *error);
} codec;

static dpl_status decode_jpeg(dpl_bytes file, const dpl_image_header *header, dpl_image *image, dpl_error *error);

/* JPEG alone is decoded reduced, so its limits are wider. */
static const codec CODECS[] = {
    {DPL_FORMAT_JPEG, "a JPEG picture", LARGE_SIDE, LARGE_PIXELS, dpl_jpeg_header, decode_jpeg},
    {DPL_FORMAT_PNG, "a PNG picture", DEFAULT_SIDE, DEFAULT_PIXELS, dpl_png_header, dpl_stb_decode},
    {DPL_FORMAT_GIF, "a GIF picture", DEFAULT_SIDE, DEFAULT_PIXELS, dpl_gif_header, dpl_stb_decode},
    {DPL_FORMAT_BMP, "a BMP picture", DEFAULT_SIDE, DEFAULT_PIXELS, dpl_bmp_header, dpl_stb_decode},
    {DPL_FORMAT_WEBP, "a WebP picture", DEFAULT_SIDE, DEFAULT_PIXELS, dpl_webp_header, dpl_webp_decode},
};

static uint8_t on_white(uint8_t colour, uint8_t alpha);
static bool turns_by_a_quarter(int orientation) {
  return orientation >= 5;
}

static dpl_status header_of(dpl_bytes file, const codec **found, dpl_image_header *header, dpl_error *error) {
  *header = (dpl_image_header){.orientation = 1};
  *found = CODECS;
  const dpl_status status = dpl_image_format(file, &header->format, error);
  if (status) return status;
  for (size_t i = 0; i < sizeof CODECS / sizeof *CODECS; i++)
    if (CODECS[i].format == header->format) *found = &CODECS[i];
  return (*found)->header ? (*found)->header(file, header, error) : dpl_unsupported_format((*found)->name, error);
}

static dpl_status check_limits(dpl_image_header header, const codec *limits, const dpl_decode_options *options,
                               dpl_error *error) {
  int max_side = options && options->max_side ? options->max_side : limits->max_side;
  const int64_t max_pixels = options && options->max_pixels ? options->max_pixels : limits->max_pixels;
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

dpl_status dpl_image_probe(dpl_bytes file, dpl_image_info *info, dpl_error *error) {
  if (!info) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  dpl_image_header header;
  const codec *used = NULL;
  const dpl_status status = header_of(file, &used, &header, error);
  if (status) return status;
  const bool turned = turns_by_a_quarter(header.orientation);
  *info = (dpl_image_info){.format = header.format,
                           .width = turned ? header.height : header.width,
                           .height = turned ? header.width : header.height,
                           .orientation = header.orientation};
  return DPL_OK;
}

/* From the stored picture's to the upright one's. */
static void turn_gaps(dpl_gaps *gaps, const dpl_image_header *header) {
  for (int i = 0; i < gaps->count; i++)
    gaps->rectangles[i] =
        dpl_upright_rectangle(gaps->rectangles[i], header->width, header->height, header->orientation);
}

/* `kept`, from malloc, holds the file where the photo may read from it later, which it then owns; else NULL. */
static dpl_status decode_photo(dpl_bytes file, uint8_t *kept, const codec *used, const dpl_image_header *header,
                               dpl_image **image, dpl_error *error) {
  dpl_image *decoded = calloc(1, sizeof *decoded);
  if (!decoded) return free(kept), dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  dpl_status status;
  if (kept) {
    status = dpl_parts_open((dpl_bytes){kept, file.size}, header, decoded, error);
  } else {
    status = used->decode(file, header, decoded, error);
    if (!status) status = dpl_image_turn_upright(decoded, header->orientation, error);
  }
  if (status) return dpl_image_close(decoded), status;
  if (decoded->gaps) turn_gaps(decoded->gaps, header);
  *image = decoded;
  return DPL_OK;
}

static dpl_status check_file(dpl_bytes file, const dpl_decode_options *options, dpl_image **image, const codec **used,
                             dpl_image_header *header, dpl_error *error) {
  if (!image) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  const dpl_status status = header_of(file, used, header, error);
  return status ? status : check_limits(*header, *used, options, error);
}

static bool keeps_file(const dpl_image_header *header) {
  return header->format == DPL_FORMAT_JPEG && dpl_parts_pay(header);
}

dpl_status dpl_image_decode(dpl_bytes file, const dpl_decode_options *options, dpl_image **image, dpl_error *error) {
  dpl_image_header header;
  const codec *used = NULL;
  const dpl_status status = check_file(file, options, image, &used, &header, error);
  return status ? status : decode_photo(file, NULL, used, &header, image, error);
}

dpl_status dpl_image_open(dpl_bytes file, const dpl_decode_options *options, dpl_image **image, dpl_error *error) {
  dpl_image_header header;
  const codec *used = NULL;
  const dpl_status status = check_file(file, options, image, &used, &header, error);
  if (status) return status;
  uint8_t *kept = keeps_file(&header) ? malloc(file.size) : NULL;
  if (keeps_file(&header) && !kept) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  if (kept) memcpy(kept, file.data, file.size);
  return decode_photo(file, kept, used, &header, image, error);
}

dpl_status dpl_image_take_file(uint8_t *file, size_t size, dpl_image **image, dpl_error *error) {
  const dpl_bytes bytes = {file, size};
  dpl_image_header header;
  const codec *used = NULL;
  dpl_status status = check_file(bytes, NULL, image, &used, &header, error);
  const bool kept = !status && keeps_file(&header);
  if (!status) status = decode_photo(bytes, kept ? file : NULL, used, &header, image, error);
  if (!kept) free(file);
  return status;
}

static dpl_status decode_jpeg(dpl_bytes file, const dpl_image_header *header, dpl_image *image, dpl_error *error) {
  dpl_jpeg_answer answer;
  dpl_status status = dpl_jpeg_decode(file, header, (dpl_jpeg_request){.reduce = 1}, &answer, error);
  if (status) return status;
  *image = answer.image;
  status = dpl_image_keep_gaps(image, &answer.gaps, error);
  if (status) free(image->pixels), image->pixels = NULL;
  return status;
}

/* ---- what is missing ---- */

dpl_status dpl_image_keep_gaps(dpl_image *image, const dpl_gaps *gaps, dpl_error *error) {
  if (!gaps->count) return DPL_OK;
  image->gaps = malloc(sizeof *image->gaps);
  if (!image->gaps) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  *image->gaps = *gaps;
  return DPL_OK;
}

/* The rectangle without `gap`, which reaches from one of its sides to the opposite one: the larger of what is left. */
static dpl_rectangle without(dpl_rectangle all, dpl_rectangle gap) {
  const int above = gap.first_y - all.first_y, below = all.end_y - gap.end_y, left = gap.first_x - all.first_x,
            right = all.end_x - gap.end_x;
  if (above > 0 && above >= below) return (dpl_rectangle){all.first_x, all.first_y, all.end_x, gap.first_y};
  if (below > 0) return (dpl_rectangle){all.first_x, gap.end_y, all.end_x, all.end_y};
  if (left > 0 && left >= right) return (dpl_rectangle){all.first_x, all.first_y, gap.first_x, all.end_y};
  if (right > 0) return (dpl_rectangle){gap.end_x, all.first_y, all.end_x, all.end_y};
  return (dpl_rectangle){0, 0, 0, 0};
}

bool dpl_image_is_incomplete(const dpl_image *image, dpl_box *whole) {
  dpl_rectangle left = {0, 0, image->width, image->height};
  const bool cut = image->gaps && image->gaps->cut;
  if (cut) left = without(left, image->gaps->rectangles[image->gaps->count - 1]);
  if (whole)
    *whole = (dpl_box){(float)left.first_x, (float)left.first_y, (float)(left.end_x - left.first_x),
                       (float)(left.end_y - left.first_y)};
  return cut;
}

bool dpl_image_has(const dpl_image *image, dpl_box box) {
  for (int i = 0; image->gaps && i < image->gaps->count; i++) {
    const dpl_rectangle gap = image->gaps->rectangles[i];
    if (box.x < (float)gap.end_x && box.x + box.width > (float)gap.first_x && box.y < (float)gap.end_y &&
        box.y + box.height > (float)gap.first_y)
      return false;
  }
  return true;
}

/* What the networks see of a face: its box and points, and a little around them. */
bool dpl_face_is_whole(const dpl_image *image, const dpl_face *face) {
  if (!image->gaps) return true;
  float left = face->box.x, top = face->box.y, right = left + face->box.width, bottom = top + face->box.height;
  for (int i = 0; i < DPL_POINTS; i++) {
    left = face->points[i].x < left ? face->points[i].x : left, top = face->points[i].y < top ? face->points[i].y : top;
    right = face->points[i].x > right ? face->points[i].x : right;
    bottom = face->points[i].y > bottom ? face->points[i].y : bottom;
  }
  const float x = (right - left) * 0.15f, y = (bottom - top) * 0.15f;
  return dpl_image_has(image, (dpl_box){left - x, top - y, right - left + 2 * x, bottom - top + 2 * y});
}

dpl_status dpl_face_is_cut(dpl_error *error) {
  return dpl_fail(error, DPL_DAMAGED_IMAGE,
                  "A part of this face is missing or damaged in the photo's file; save or download it again.");
}

/* ---- images ---- */

dpl_status dpl_image_size(int width, int height, size_t *size, dpl_error *error) {
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE)
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "An image of %d×%d pixels cannot be; each side must be 1 … %d.", width,
                    height, (int)MAX_SIDE);
  const uint64_t bytes = (uint64_t)width * (uint64_t)height * 3;
  if (bytes > PTRDIFF_MAX) return dpl_no_memory_for(width, height, error);
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
    return dpl_no_memory_for(width, height, error);
  }
  made->width = width;
  made->height = height;
  *image = made;
  return DPL_OK;
}

dpl_status dpl_image_from_rgba(const uint8_t *rgba, int width, int height, dpl_image **image, dpl_error *error) {
  if (!rgba || !image) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  const dpl_status status = dpl_image_new(width, height, image, error);
  if (!status) dpl_lay_on_white(rgba, (size_t)width * (size_t)height, (*image)->pixels);
  return status;
}

dpl_status dpl_image_take_rgba(uint8_t *rgba, int width, int height, dpl_image **image, dpl_error *error) {
  size_t size = 0;
  const dpl_status impossible = dpl_image_size(width, height, &size, error);
  if (impossible) return impossible;
  dpl_image *made = calloc(1, sizeof *made);
  if (!made) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  dpl_lay_on_white(rgba, size / 3, rgba);
  *made = (dpl_image){.width = width, .height = height, .pixels = rgba};
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
  dpl_parts_close(image->parts);
  free(image->gaps);
  free(image->pixels);
  free(image);
}

dpl_status dpl_no_memory_for(int width, int height, dpl_error *error) {
  return dpl_fail(error, DPL_OUT_OF_MEMORY, "There is not enough memory for %d×%d pixels; try a smaller photo.", width,
                  height);
}

/* Four pixels, and how their colours move together; the last quarter is of no meaning. */
typedef uint8_t four_pixels __attribute__((vector_size(16)));
#define CLOSE_UP(v) __builtin_shufflevector(v, v, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0, 0, 0, 0)

/* Photos are opaque, so four pixels that are need no arithmetic. What is written has been read. */
void dpl_lay_on_white(const uint8_t *rgba, size_t count, uint8_t *rgb) {
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

dpl_status dpl_image_turn_upright(dpl_image *image, int orientation, dpl_error *error) {
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
  image->pixels = upright->pixels, image->width = upright->width, image->height = upright->height;
  free(upright);
  return DPL_OK;
}
