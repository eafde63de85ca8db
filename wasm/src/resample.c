/* Images into other sizes and poses, and into the float tensors that networks eat. These loops stand in the way of
   every photo: rows go through whole, without a division or a branch a pixel, so that compilers can use vector
   instructions. */
#include "resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bilinear.h"
#include "geometry.h"
#include "image.h"
#include "status.h"

/* What one output pixel takes of one axis of the input: pixels first … last, the outer two in part, those between
   whole. An area filter where the axis shrinks, the two neighbours of a line between them where it grows. */
typedef struct span {
  int first, last;
  float head, tail; /* weights of first and last; tail is 0 where they are one */
} span;

typedef struct axis {
  span *spans;
  float norm; /* what the sum is multiplied by */
} axis;

typedef struct row_sums {
  float *total;      /* an input row, or the weighted sum of several, and one number more */
  uint16_t *partial; /* whole rows are added up here first: 16 numbers an instruction */
} row_sums;

/* 257 · 255 is the largest sum that 16 bits hold. */
enum { MAX_PARTIAL_ROWS = 257, MAX_BOX = 256 };

static dpl_status axis_init(axis *a, int from, int to, dpl_error *error);
static void sum_rows(const dpl_image *image, span rows, row_sums *sums);
static void add_whole_rows(const uint8_t *row, size_t stride, int count, size_t length, uint16_t *restrict sums);
static void sum_columns(const float *row, const span *columns, int count, float norm, uint8_t *output);
static dpl_status reduced_part(const dpl_image *image, dpl_similarity to_input, int width, int height, int factor,
                               dpl_image **part, int *left, int *top, dpl_error *error);
static void warp_bilinear(const dpl_image *image, dpl_similarity to_input, dpl_image *output);

dpl_status dpl_image_resize(const dpl_image *image, int width, int height, dpl_image **resized, dpl_error *error) {
  if (!image || !resized) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  dpl_image *output = NULL;
  dpl_status status = dpl_image_new(width, height, &output, error);
  if (status) return status;
  const size_t length = (size_t)image->width * 3;
  if (width == image->width && height == image->height) {
    memcpy(output->pixels, image->pixels, length * (size_t)height);
    *resized = output;
    return DPL_OK;
  }

  axis columns = {0}, rows = {0};
  row_sums sums = {calloc(length + 1, sizeof *sums.total), malloc(length * sizeof *sums.partial)};
  status = sums.total && sums.partial ? DPL_OK : dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  if (!status) status = axis_init(&columns, image->width, width, error);
  if (!status) status = axis_init(&rows, image->height, height, error);
  for (int y = 0; y < height && !status; y++) {
    sum_rows(image, rows.spans[y], &sums);
    sum_columns(sums.total, columns.spans, width, columns.norm * rows.norm,
                output->pixels + (size_t)y * (size_t)width * 3);
  }
  free(columns.spans);
  free(rows.spans);
  free(sums.total);
  free(sums.partial);
  if (status) {
    dpl_image_close(output);
    return status;
  }
  *resized = output;
  return DPL_OK;
}

dpl_status dpl_image_warp(const dpl_image *image, dpl_similarity to_output, int width, int height, dpl_image **warped,
                          dpl_error *error) {
  if (!image || !warped) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  dpl_similarity to_input = dpl_similarity_inverse(to_output);
  if (!isfinite(to_input.a) || !isfinite(to_input.b) || !isfinite(to_input.tx) || !isfinite(to_input.ty))
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "The similarity cannot be undone: its scale is 0 or not finite.");
  dpl_image *output = NULL;
  dpl_status status = dpl_image_new(width, height, &output, error);
  if (status) return status;

  /* Bilinear looks at two pixels an axis. Where an output pixel covers more than two, the part of the photo that is
     needed is first averaged over squares, so that it covers one to two. */
  const float shrink = hypotf(to_input.a, to_input.b);
  const int factor = shrink > 2 ? (int)fminf(shrink, MAX_BOX) : 1;
  if (factor == 1) {
    warp_bilinear(image, to_input, output);
  } else {
    dpl_image *part = NULL;
    int left = 0, top = 0;
    status = reduced_part(image, to_input, width, height, factor, &part, &left, &top, error);
    if (!status && !part) {
      memset(output->pixels, 0, (size_t)width * (size_t)height * 3);
    } else if (!status) {
      const float step = 1.0f / (float)factor;
      const dpl_similarity into_part = {step, 0, -(float)left * step, -(float)top * step};
      warp_bilinear(part, dpl_similarity_compose(into_part, to_input), output);
    }
    dpl_image_close(part);
  }
  if (status) {
    dpl_image_close(output);
    return status;
  }
  *warped = output;
  return DPL_OK;
}

dpl_status dpl_image_to_tensor(const dpl_image *image, dpl_normalisation normalisation, bool mirror, float *canvas,
                               int canvas_width, int canvas_height, dpl_error *error) {
  if (!image || !canvas || image->width > canvas_width || image->height > canvas_height)
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "The image does not fit into the network's input of %d×%d.",
                    canvas_width, canvas_height);
  /* Four pixels are twelve numbers, and then the three channels' figures repeat: whole vectors, whatever their width.
   */
  enum { PERIOD = 12 };
  float mean[PERIOD], scale[PERIOD], black[PERIOD];
  for (int i = 0; i < PERIOD; i++) {
    mean[i] = normalisation.mean[i % 3];
    scale[i] = normalisation.scale[i % 3];
    black[i] = (0.0f - mean[i]) * scale[i];
  }
  const size_t used = (size_t)image->width * 3, length = (size_t)canvas_width * 3;
  const size_t first = normalisation.bgr ? 2 : 0, last = 2 - first;
  uint8_t *turned = mirror || normalisation.bgr ? malloc(used) : NULL;
  if ((mirror || normalisation.bgr) && !turned) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);

  for (int y = 0; y < canvas_height; y++) {
    float *to = canvas + (size_t)y * length;
    size_t i = 0;
    if (y < image->height) {
      const uint8_t *from = image->pixels + (size_t)y * used;
      if (turned) {
        const ptrdiff_t step = mirror ? -3 : 3;
        const uint8_t *pixel = mirror ? from + used - 3 : from;
        for (uint8_t *t = turned; t < turned + used; t += 3, pixel += step) {
          t[0] = pixel[first];
          t[1] = pixel[1];
          t[2] = pixel[last];
        }
        from = turned;
      }
      for (; i + PERIOD <= used; i += PERIOD)
        for (size_t k = 0; k < PERIOD; k++) to[i + k] = ((float)from[i + k] - mean[k]) * scale[k];
      for (; i < used; i++) to[i] = ((float)from[i] - mean[i % 3]) * scale[i % 3];
    }
    for (; i < length; i++) to[i] = black[i % 3];
  }
  free(turned);
  return DPL_OK;
}

static dpl_status axis_init(axis *a, int from, int to, dpl_error *error) {
  a->spans = malloc((size_t)to * sizeof *a->spans);
  if (!a->spans) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  const double scale = (double)from / to;
  a->norm = from > to ? (float)(1 / scale) : 1.0f;
  for (int i = 0; i < to; i++) {
    span *s = &a->spans[i];
    if (from > to) {
      const double begin = i * scale, end = fmin((i + 1) * scale, from);
      s->first = (int)begin;
      s->last = (int)ceil(end) - 1;
      if (s->last <= s->first)
        *s = (span){s->first, s->first, (float)(end - begin), 0};
      else
        s->head = (float)(s->first + 1 - begin), s->tail = (float)(end - s->last);
    } else {
      const double centre = fmin(fmax((i + 0.5) * scale - 0.5, 0), from - 1);
      s->first = (int)centre;
      s->last = s->first + 1 < from ? s->first + 1 : s->first;
      s->tail = s->last > s->first ? (float)(centre - s->first) : 0.0f;
      s->head = 1 - s->tail;
    }
  }
  return DPL_OK;
}

static void sum_rows(const dpl_image *image, span rows, row_sums *sums) {
  const size_t length = (size_t)image->width * 3;
  float *restrict total = sums->total;
  const uint16_t *restrict partial = sums->partial;
  const uint8_t *restrict head = image->pixels + (size_t)rows.first * length;
  const uint8_t *restrict tail = image->pixels + (size_t)rows.last * length;
  for (size_t i = 0; i < length; i++) total[i] = (float)head[i] * rows.head + (float)tail[i] * rows.tail;

  for (int y = rows.first + 1; y < rows.last; y += MAX_PARTIAL_ROWS) {
    const int count = rows.last - y > MAX_PARTIAL_ROWS ? MAX_PARTIAL_ROWS : rows.last - y;
    add_whole_rows(image->pixels + (size_t)y * length, length, count, length, sums->partial);
    for (size_t i = 0; i < length; i++) total[i] += (float)partial[i];
  }
}

/* Writes the sums of `count` rows, at most MAX_PARTIAL_ROWS. Four rows a turn, so that the sums are fetched and put
   back a quarter as often. */
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

/* The part of the image that the output looks at, averaged over squares of factor × factor pixels; *left and *top say
   where in the image it begins. Squares that reach over the edge count what is outside as black. *part stays NULL
   where the output looks at nothing of the image. */
static dpl_status reduced_part(const dpl_image *image, dpl_similarity to_input, int width, int height, int factor,
                               dpl_image **part, int *left, int *top, dpl_error *error) {
  const float w = (float)width, h = (float)height;
  const dpl_point corners[4] = {{0, 0}, {w, 0}, {0, h}, {w, h}};
  float min_x = INFINITY, min_y = INFINITY, max_x = -INFINITY, max_y = -INFINITY;
  for (int i = 0; i < 4; i++) {
    const dpl_point p = dpl_similarity_apply(to_input, corners[i]);
    min_x = fminf(min_x, p.x), max_x = fmaxf(max_x, p.x);
    min_y = fminf(min_y, p.y), max_y = fmaxf(max_y, p.y);
  }
  const float margin = (float)(2 * factor);
  const int first_x = clamp_to(min_x - margin, image->width), end_x = clamp_to(max_x + margin, image->width);
  const int first_y = clamp_to(min_y - margin, image->height), end_y = clamp_to(max_y + margin, image->height);
  if (first_x >= end_x || first_y >= end_y) return DPL_OK;

  const int part_width = (end_x - first_x + factor - 1) / factor, part_height = (end_y - first_y + factor - 1) / factor;
  const size_t length = (size_t)(end_x - first_x) * 3;
  const size_t padded = (size_t)part_width * (size_t)factor * 3;
  dpl_image *reduced = NULL;
  uint16_t *sums = calloc(padded, sizeof *sums); /* what lies over the edge stays 0 */
  dpl_status status = sums ? DPL_OK : dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  if (!status) status = dpl_image_new(part_width, part_height, &reduced, error);
  if (status) {
    free(sums);
    return status;
  }
  /* sum · reciprocal / 2^40 is exactly what sum / factor² would be: a sum has at most 24 bits, factor² 17. */
  const uint64_t square = (uint64_t)factor * (uint64_t)factor;
  const uint64_t reciprocal = ((UINT64_C(1) << 40) + square - 1) / square;
  for (int y = 0; y < part_height; y++) {
    const int begin = first_y + y * factor, end = begin + factor < end_y ? begin + factor : end_y;
    const uint8_t *row = image->pixels + ((size_t)begin * (size_t)image->width + (size_t)first_x) * 3;
    add_whole_rows(row, (size_t)image->width * 3, end - begin, length, sums);
    uint8_t *to = reduced->pixels + (size_t)y * (size_t)part_width * 3;
    const uint16_t *from = sums;
    for (int x = 0; x < part_width; x++, to += 3) {
      uint32_t red = 0, green = 0, blue = 0;
      for (int i = 0; i < factor; i++, from += 3) red += from[0], green += from[1], blue += from[2];
      to[0] = (uint8_t)((red + square / 2) * reciprocal >> 40);
      to[1] = (uint8_t)((green + square / 2) * reciprocal >> 40);
      to[2] = (uint8_t)((blue + square / 2) * reciprocal >> 40);
    }
  }
  free(sums);
  *part = reduced;
  *left = first_x;
  *top = first_y;
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
