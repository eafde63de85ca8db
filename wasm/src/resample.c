/* Images into other sizes and poses, and into the float tensors that networks eat. These loops stand in the way of
   every photo: rows go through whole, without a division or a branch a pixel, so that compilers can use vector
   instructions. */
#include "resample.h"

#include <math.h>
#include <string.h>

#include "bilinear.h"
#include "geometry.h"
#include "parts.h"
#include "slate.h"
#include "status.h"
#include "sum_rows.h"

/* What one output pixel takes of one axis of the input: pixels first … last, the outer two in part, those between
   whole. An area filter where the axis shrinks, the two neighbours of a line between them where it grows. */
typedef struct span {
  int first, last;
  float head, tail; /* weights of first and last; tail is 0 where they are one */
} span;

typedef struct axis {
  int from, to; /* how many pixels there are, and shall be */
  double begin; /* where the first of those that shall be begins */
  double scale;
  float norm; /* what the sum is multiplied by */
} axis;

enum { MAX_BOX = 256 };

static void turn_part(const uint8_t *row, size_t length, size_t begin, size_t count, bool mirror, bool bgr,
                      uint8_t *part);
static axis axis_of(int from, int to, double begin, double extent);
static span span_of(const axis *a, int i);
static void add_whole_rows(const uint8_t *row, size_t stride, int count, size_t length, uint16_t *restrict sums);
static void sum_columns(const float *row, const span *columns, int count, float norm, uint8_t *output);
static bool part_seen(const dpl_image *image, dpl_similarity to_input, int width, int height, int factor, int grid,
                      dpl_rectangle *seen);
static dpl_rectangle inside_part(dpl_rectangle seen, const dpl_part *part);
static dpl_status reduced(const dpl_image *image, dpl_rectangle seen, int factor, dpl_slate *slate, dpl_image *part,
                          dpl_error *error);
static void warp_bilinear(const dpl_image *image, dpl_similarity to_input, dpl_image *output);

dpl_status dpl_image_resize(const dpl_image *image, int width, int height, dpl_image **resized, dpl_error *error) {
  if (!image || !resized) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  dpl_slate slate = {0};
  const dpl_status drawn = dpl_slate_resize(&slate, image, width, height, error);
  return dpl_slate_give(&slate, drawn, resized, error);
}

dpl_status dpl_image_warp(const dpl_image *image, dpl_similarity to_output, int width, int height, dpl_image **warped,
                          dpl_error *error) {
  if (!image || !warped) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  dpl_slate slate = {0};
  const dpl_status drawn = dpl_slate_warp(&slate, image, to_output, width, height, error);
  return dpl_slate_give(&slate, drawn, warped, error);
}

dpl_status dpl_slate_resize(dpl_slate *slate, const dpl_image *image, int width, int height, dpl_error *error) {
  dpl_part part;
  dpl_status status = dpl_slate_reshape(slate, width, height, error);
  const float across = (float)image->width / (float)width, down = (float)image->height / (float)height;
  if (!status) status = dpl_part_whole(image, fminf(across, down), &part, error);
  if (status) return status;
  const dpl_image *from = &part.image;
  const size_t length = (size_t)from->width * 3;
  uint8_t *output = slate->image.pixels;
  if (width == from->width && height == from->height && part.reduce == 1)
    return memcpy(output, from->pixels, length * (size_t)height), DPL_OK;

  /* what a row takes of each column, and the sums of rows, with one number more */
  span *spans = dpl_slate_scratch(slate, (size_t)width * sizeof *spans + (length + 1) * sizeof(float));
  if (!spans) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  const double step = part.reduce;
  const axis columns = axis_of(from->width, width, -part.x / step, image->width / step),
             rows = axis_of(from->height, height, -part.y / step, image->height / step);
  for (int x = 0; x < width; x++) spans[x] = span_of(&columns, x);
  float *sums = (float *)(spans + width);
  sums[length] = 0;
  for (int y = 0; y < height; y++, output += (size_t)width * 3) {
    const span s = span_of(&rows, y);
    const uint8_t *first = from->pixels + (size_t)s.first * length, *last = from->pixels + (size_t)s.last * length;
    dpl_sum_rows_of((dpl_rows){first, last, length, s.head, s.tail}, sums);
    sum_columns(sums, spans, width, columns.norm * rows.norm, output);
  }
  return DPL_OK;
}

dpl_status dpl_slate_warp(dpl_slate *slate, const dpl_image *image, dpl_similarity to_output, int width, int height,
                          dpl_error *error) {
  dpl_similarity to_input = dpl_similarity_inverse(to_output);
  if (!isfinite(to_input.a) || !isfinite(to_input.b) || !isfinite(to_input.tx) || !isfinite(to_input.ty))
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "The similarity cannot be undone: its scale is 0 or not finite.");
  dpl_status status = dpl_slate_reshape(slate, width, height, error);
  if (status) return status;
  const size_t size = (size_t)width * (size_t)height * 3;

  /* Bilinear looks at two pixels an axis. Where an output pixel covers more than two, the part of the photo that is
     needed is first averaged over squares, so that it covers one to two. The squares are those of a reduced photo, or
     whole numbers of them, so that it makes no difference whether the photo was decoded in full. */
  const float shrink = hypotf(to_input.a, to_input.b);
  const int grid = dpl_part_reduce(shrink), factor = shrink > 2 ? (int)fminf(shrink, MAX_BOX) / grid * grid : 1;
  dpl_rectangle seen = {0, 0, image->width, image->height};
  if ((image->parts || factor > 1) && !part_seen(image, to_input, width, height, factor, grid, &seen))
    return memset(slate->image.pixels, 0, size), DPL_OK;
  dpl_part part;
  status = dpl_part_of(image, seen, shrink, &part, error);
  if (status) return status;
  const float step = 1.0f / (float)part.reduce;
  if (image->parts) {
    const dpl_similarity into_part = {step, 0, -(float)part.x * step, -(float)part.y * step};
    to_input = dpl_similarity_compose(into_part, to_input);
    seen = inside_part(seen, &part);
  }
  const int squares = factor / part.reduce;
  if (squares <= 1) return warp_bilinear(&part.image, to_input, &slate->image), DPL_OK;
  dpl_image small;
  status = reduced(&part.image, seen, squares, slate, &small, error);
  if (status) return status;
  const float side = 1.0f / (float)squares;
  const dpl_similarity into_small = {side, 0, -(float)seen.first_x * side, -(float)seen.first_y * side};
  warp_bilinear(&small, dpl_similarity_compose(into_small, to_input), &slate->image);
  return DPL_OK;
}

dpl_status dpl_image_to_tensor(const dpl_image *image, dpl_normalisation normalisation, bool mirror, float *canvas,
                               int canvas_width, int canvas_height, dpl_error *error) {
  if (!image || !canvas || image->width > canvas_width || image->height > canvas_height)
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "The image does not fit into the network's input of %d×%d.",
                    canvas_width, canvas_height);
  /* Sixteen pixels are as many numbers as fill whole vectors of bytes, and then the three channels' figures repeat. */
  enum { PERIOD = 48, PART = 8 * PERIOD };
  float mean[PERIOD], scale[PERIOD], black[PERIOD];
  for (int i = 0; i < PERIOD; i++) {
    mean[i] = normalisation.mean[i % 3];
    scale[i] = normalisation.scale[i % 3];
    black[i] = (0.0f - mean[i]) * scale[i];
  }
  const size_t used = (size_t)image->width * 3, length = (size_t)canvas_width * 3;
  const bool turned = mirror || normalisation.bgr;
  for (int y = 0; y < canvas_height; y++) {
    float *to = canvas + (size_t)y * length;
    const uint8_t *row = y < image->height ? image->pixels + (size_t)y * used : NULL;
    size_t done = 0;
    while (row && done < used) {
      const size_t count = used - done < PART ? used - done : PART;
      uint8_t part[PART];
      if (turned) turn_part(row, used, done, count, mirror, normalisation.bgr, part);
      const uint8_t *from = turned ? part : row + done;
      size_t i = 0;
      for (; i + PERIOD <= count; i += PERIOD)
        for (size_t k = 0; k < PERIOD; k++) to[i + k] = ((float)from[i + k] - mean[k]) * scale[k];
      for (; i < count; i++) to[i] = ((float)from[i] - mean[i % 3]) * scale[i % 3];
      done += count, to += count;
    }
    for (; done < length; done++) *to++ = black[done % 3];
  }
  return DPL_OK;
}

/* `count` numbers of a row from `begin` on, as the row reads mirrored, or with red and blue exchanged, or both. */
static void turn_part(const uint8_t *row, size_t length, size_t begin, size_t count, bool mirror, bool bgr,
                      uint8_t *part) {
  const uint8_t *pixel = mirror ? row + length - 3 - begin : row + begin;
  const ptrdiff_t step = mirror ? -3 : 3;
  const size_t first = bgr ? 2 : 0, last = 2 - first;
  for (uint8_t *to = part; to < part + count; to += 3, pixel += step) {
    to[0] = pixel[first];
    to[1] = pixel[1];
    to[2] = pixel[last];
  }
}

static axis axis_of(int from, int to, double begin, double extent) {
  const double scale = extent / to;
  return (axis){from, to, begin, scale, scale > 1 ? (float)(1 / scale) : 1.0f};
}

static span span_of(const axis *a, int i) {
  span s;
  if (a->scale > 1) {
    const double begin = a->begin + i * a->scale, end = fmin(a->begin + (i + 1) * a->scale, a->from);
    s.first = (int)begin;
    s.last = (int)ceil(end) - 1;
    if (s.last <= s.first) return (span){s.first, s.first, (float)(end - begin), 0};
    s.head = (float)(s.first + 1 - begin), s.tail = (float)(end - s.last);
  } else {
    const double centre = fmin(fmax((i + 0.5) * a->scale - 0.5, 0), a->from - 1);
    s.first = (int)centre;
    s.last = s.first + 1 < a->from ? s.first + 1 : s.first;
    s.tail = s.last > s.first ? (float)(centre - s.first) : 0.0f;
    s.head = 1 - s.tail;
  }
  return s;
}

/* Writes the sums of `count` rows, at most MAX_BOX, which 16 bits hold. Four rows a turn, so that the sums are fetched
   and put back a quarter as often. */
static void add_whole_rows(const uint8_t *row, size_t stride, int count, size_t length, uint16_t *restrict sums) {
  memset(sums, 0, length * sizeof *sums);
  for (; count >= 4; count -= 4, row += 4 * stride) {
    const uint8_t *a = row, *b = row + stride, *c = b + stride, *d = c + stride;
    for (size_t i = 0; i < length; i++) sums[i] = (uint16_t)(sums[i] + (a[i] + b[i]) + (c[i] + d[i]));
  }
  for (; count > 0; count--, row += stride)
    for (size_t i = 0; i < length; i++) sums[i] = (uint16_t)(sums[i] + row[i]);
}

/* A pixel as one vector. The fourth number is the next pixel's red, or what lies behind the row; nobody looks at it. */
typedef float pixel_sums __attribute__((vector_size(16)));
typedef int32_t whole_pixel __attribute__((vector_size(16)));

static inline pixel_sums sums_at(const float *place) {
  pixel_sums sums;
  memcpy(&sums, place, sizeof sums);
  return sums;
}

static void sum_columns(const float *row, const span *columns, int count, float norm, uint8_t *output) {
  for (int x = 0; x < count; x++, output += 3) {
    const span s = columns[x];
    const float *head = row + (size_t)s.first * 3, *tail = row + (size_t)s.last * 3;
    pixel_sums sums = sums_at(head) * s.head + sums_at(tail) * s.tail;
    for (const float *p = head + 3; p < tail; p += 3) sums += sums_at(p);
    const whole_pixel rounded = __builtin_convertvector(sums * norm + 0.5f, whole_pixel);
    output[0] = (uint8_t)rounded[0]; /* the weights add up to 1 / norm: never above 255.5 */
    output[1] = (uint8_t)rounded[1];
    output[2] = (uint8_t)rounded[2];
  }
}

static int clamp_to(float value, int limit) {
  return (int)fminf(fmaxf(value, 0), (float)limit);
}

/* The part of the image that the output looks at, beginning on a grid; false where it looks at nothing of it. */
static bool part_seen(const dpl_image *image, dpl_similarity to_input, int width, int height, int factor, int grid,
                      dpl_rectangle *seen) {
  const float w = (float)width, h = (float)height, margin = (float)(2 * factor);
  const dpl_point corners[4] = {{0, 0}, {w, 0}, {0, h}, {w, h}};
  float min_x = INFINITY, min_y = INFINITY, max_x = -INFINITY, max_y = -INFINITY;
  for (int i = 0; i < 4; i++) {
    const dpl_point p = dpl_similarity_apply(to_input, corners[i]);
    min_x = fminf(min_x, p.x), max_x = fmaxf(max_x, p.x);
    min_y = fminf(min_y, p.y), max_y = fmaxf(max_y, p.y);
  }
  *seen = (dpl_rectangle){clamp_to(min_x - margin, image->width), clamp_to(min_y - margin, image->height),
                          clamp_to(max_x + margin, image->width), clamp_to(max_y + margin, image->height)};
  seen->first_x -= seen->first_x % grid, seen->first_y -= seen->first_y % grid;
  return seen->first_x < seen->end_x && seen->first_y < seen->end_y;
}

static int clamp_whole(int value, int limit) {
  return value < 0 ? 0 : value > limit ? limit : value;
}

/* What is seen, in pixels of the part. */
static dpl_rectangle inside_part(dpl_rectangle seen, const dpl_part *part) {
  const int reduce = part->reduce, width = part->image.width, height = part->image.height;
  return (dpl_rectangle){clamp_whole((seen.first_x - part->x) / reduce, width),
                         clamp_whole((seen.first_y - part->y) / reduce, height),
                         clamp_whole((seen.end_x - part->x + reduce - 1) / reduce, width),
                         clamp_whole((seen.end_y - part->y + reduce - 1) / reduce, height)};
}

/* That part, averaged over squares of factor × factor pixels; it lies in the slate's scratch. Squares that reach over
   the edge count what is outside as black. */
static dpl_status reduced(const dpl_image *image, dpl_rectangle seen, int factor, dpl_slate *slate, dpl_image *part,
                          dpl_error *error) {
  const int width = (seen.end_x - seen.first_x + factor - 1) / factor,
            height = (seen.end_y - seen.first_y + factor - 1) / factor;
  const size_t length = (size_t)(seen.end_x - seen.first_x) * 3, padded = (size_t)width * (size_t)factor * 3;
  size_t size = 0;
  const dpl_status impossible = dpl_image_size(width, height, &size, error);
  if (impossible) return impossible;
  uint16_t *sums = dpl_slate_scratch(slate, padded * sizeof *sums + size);
  if (!sums) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  memset(sums + length, 0, (padded - length) * sizeof *sums); /* what lies over the edge */
  *part = (dpl_image){.width = width, .height = height, .pixels = (uint8_t *)(sums + padded)};
  /* sum · reciprocal / 2^40 is exactly what sum / factor² would be: a sum has at most 24 bits, factor² 17. */
  const uint64_t square = (uint64_t)factor * (uint64_t)factor;
  const uint64_t reciprocal = ((UINT64_C(1) << 40) + square - 1) / square;
  uint8_t *to = part->pixels;
  for (int begin = seen.first_y; begin < seen.end_y; begin += factor) {
    const int end = begin + factor < seen.end_y ? begin + factor : seen.end_y;
    const uint8_t *row = image->pixels + ((size_t)begin * (size_t)image->width + (size_t)seen.first_x) * 3;
    add_whole_rows(row, (size_t)image->width * 3, end - begin, length, sums);
    const uint16_t *from = sums;
    for (int x = 0; x < width; x++, to += 3) {
      uint32_t red = 0, green = 0, blue = 0;
      for (int i = 0; i < factor; i++, from += 3) red += from[0], green += from[1], blue += from[2];
      to[0] = (uint8_t)((red + square / 2) * reciprocal >> 40);
      to[1] = (uint8_t)((green + square / 2) * reciprocal >> 40);
      to[2] = (uint8_t)((blue + square / 2) * reciprocal >> 40);
    }
  }
  return DPL_OK;
}

/* Of the columns first … end − 1 of a row those whose place on one axis lies in the image or less than a pixel beside
   it. */
static void limit_to(int extent, double start, double step, int *first, int *end) {
  if (step == 0) {
    if (!(start > -1 && start < extent)) *end = *first;
    return;
  }
  const double one = (-1 - start) / step, other = (extent - start) / step;
  *first = (int)fmin(fmax(*first, ceil(fmin(one, other))), *end);
  *end = (int)fmax(fmin(*end, floor(fmax(one, other)) + 1), *first);
}

static int64_t fixed(double x) {
  return (int64_t)floor(x * 4294967296.0 + 0.5);
}

static void warp_bilinear(const dpl_image *image, dpl_similarity to_input, dpl_image *output) {
  const double a = (double)to_input.a, b = (double)to_input.b;
  const size_t length = (size_t)output->width * 3;
  for (int row = 0; row < output->height; row++) {
    /* From the centre of an output pixel to the input, counted from the centre of its first pixel. */
    const double x = a * 0.5 - b * (row + 0.5) + (double)to_input.tx - 0.5;
    const double y = b * 0.5 + a * (row + 0.5) + (double)to_input.ty - 0.5;
    int first = 0, end = output->width;
    limit_to(image->width, x, a, &first, &end);
    limit_to(image->height, y, b, &first, &end);
    uint8_t *to = output->pixels + (size_t)row * length;
    memset(to, 0, (size_t)first * 3);
    memset(to + (size_t)end * 3, 0, length - (size_t)end * 3);
    if (first == end) continue;
    const dpl_place from = {fixed(x + a * first), fixed(y + b * first)};
    const dpl_place step = end - first > 1 ? (dpl_place){fixed(a), fixed(b)} : (dpl_place){0, 0};
    dpl_bilinear_row_of(image, from, step, end - first, to + (size_t)first * 3);
  }
}
