/* Which scale a part of a photo is decoded at, and which decoded parts are kept. */
#include "parts.h"

#include <stdlib.h>

#include "image_jpeg.h"
#include "status.h"

/* Long sides from which the photo is decoded at a half and at an eighth: enough for all looks but that for a crowd, for
   which it is decoded once more. A quarter of 4,000 pixels moves the points of some faces by a hundredth of the face.
 */
static const int LARGE_SIDE = 3200, HUGE_SIDE = 6400;
enum {
  MOST_REDUCED = 8,
  KEPT = 8,   /* parts */
  MARGIN = 16 /* decoded pixels around a part: its outermost lack a neighbour to take their colour from */
};

/* A part costs about as much as the rows that it lies in: when as many were decoded as the photo has, as in a group
   photo, the whole photo is. All data of a progressive JPEG is read for every part. */
static const double ROWS_FOR_PARTS = 1;
static const int64_t MOST_WHOLE_BYTES = 400000000;

/* By how much finer than an output pixel a decoded one must be. libjpeg's reduced pixels are the means of the full ones
   (jidctred.c), so an output of whole squares of them is the same. */
static const float PHOTO_FINER = 1.25f, FACE_FINER = 2;

struct dpl_parts {
  dpl_bytes file;
  dpl_image_header header;
  dpl_part whole, parts[KEPT];
  size_t next; /* of `parts` to be replaced */
  dpl_jpeg_rows rows;
  bool passed_over;
  double decoded; /* for parts so far, in shares of all rows */
};

static int longer_side(const dpl_image_header *header) {
  return header->width > header->height ? header->width : header->height;
}

/* The largest step of the decoder that leaves pixels of at most this side. */
static int reduce_for(float side) {
  int reduce = 1;
  while (reduce < MOST_REDUCED && (float)(reduce * 2) <= side) reduce *= 2;
  return reduce;
}

int dpl_part_reduce(float shrink) {
  return reduce_for(shrink / FACE_FINER);
}

static int detection_reduce(const dpl_image_header *header) {
  const int side = longer_side(header);
  return side >= HUGE_SIDE ? MOST_REDUCED : side >= LARGE_SIDE ? 2 : 1;
}

bool dpl_parts_pay(const dpl_image_header *header) {
  return detection_reduce(header) > 1;
}

/* ---- stored and upright ---- */

dpl_rectangle dpl_upright_rectangle(dpl_rectangle stored, int width, int height, int orientation) {
  const dpl_rectangle s = stored;
  const dpl_rectangle mirrored = {width - s.end_x, height - s.end_y, width - s.first_x, height - s.first_y};
  switch (orientation) {
  case 2:
    return (dpl_rectangle){mirrored.first_x, s.first_y, mirrored.end_x, s.end_y};
  case 3:
    return mirrored;
  case 4:
    return (dpl_rectangle){s.first_x, mirrored.first_y, s.end_x, mirrored.end_y};
  case 5:
    return (dpl_rectangle){s.first_y, s.first_x, s.end_y, s.end_x};
  case 6:
    return (dpl_rectangle){mirrored.first_y, s.first_x, mirrored.end_y, s.end_x};
  case 7:
    return (dpl_rectangle){mirrored.first_y, mirrored.first_x, mirrored.end_y, mirrored.end_x};
  case 8:
    return (dpl_rectangle){s.first_y, mirrored.first_x, s.end_y, mirrored.end_x};
  default:
    return s;
  }
}

/* The other way: the same map, but that a quarter turn is undone by the opposite one. */
static dpl_rectangle stored_rectangle(dpl_rectangle upright, const dpl_image_header *header) {
  const bool turned = header->orientation >= 5;
  const int width = turned ? header->height : header->width, height = turned ? header->width : header->height;
  const int inverse = header->orientation == 6 ? 8 : header->orientation == 8 ? 6 : header->orientation;
  return dpl_upright_rectangle(upright, width, height, inverse);
}

static bool contains(dpl_rectangle outer, dpl_rectangle inner) {
  return outer.first_x <= inner.first_x && outer.first_y <= inner.first_y && outer.end_x >= inner.end_x &&
         outer.end_y >= inner.end_y;
}

static dpl_rectangle extent_of(const dpl_part *part) {
  return (dpl_rectangle){part->x, part->y, part->x + part->image.width * part->reduce,
                         part->y + part->image.height * part->reduce};
}

/* ---- decoding ---- */

/* `gaps` may be NULL. The part's pixels are new. */
static dpl_status decode_part(struct dpl_parts *parts, dpl_jpeg_request request, dpl_part *part, dpl_gaps *gaps,
                              dpl_error *error) {
  const dpl_image_header *header = &parts->header;
  dpl_jpeg_answer answer;
  dpl_status status = dpl_jpeg_decode(parts->file, header, request, &answer, error);
  if (status) return status;
  if (gaps) {
    *gaps = answer.gaps;
    parts->passed_over = answer.passed_over;
  } else if (parts->passed_over && answer.gaps.count) {
    free(answer.image.pixels);
    return dpl_face_is_cut(error);
  }
  *part = (dpl_part){answer.image, request.reduce, answer.first_x, answer.first_y};
  const dpl_rectangle upright =
      dpl_upright_rectangle(extent_of(part), header->width, header->height, header->orientation);
  part->x = upright.first_x, part->y = upright.first_y;
  status = dpl_image_turn_upright(&part->image, header->orientation, error);
  if (status) free(part->image.pixels), part->image.pixels = NULL;
  return status;
}

dpl_status dpl_parts_open(dpl_bytes file, const dpl_image_header *header, dpl_image *image, dpl_error *error) {
  struct dpl_parts *parts = calloc(1, sizeof *parts);
  if (!parts) return free((void *)(uintptr_t)file.data), dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  parts->file = file;
  parts->header = *header;
  image->parts = parts;
  const bool turned = header->orientation >= 5;
  image->width = turned ? header->height : header->width;
  image->height = turned ? header->width : header->height;
  dpl_gaps gaps;
  const dpl_jpeg_request request = {.reduce = detection_reduce(header), .rows = &parts->rows};
  const dpl_status status = decode_part(parts, request, &parts->whole, &gaps, error);
  return status ? status : dpl_image_keep_gaps(image, &gaps, error);
}

void dpl_parts_close(struct dpl_parts *parts) {
  if (!parts) return;
  free((void *)(uintptr_t)parts->file.data);
  free(parts->whole.image.pixels);
  for (int i = 0; i < KEPT; i++) free(parts->parts[i].image.pixels);
  free(parts->rows.places);
  free(parts);
}

static dpl_status decode_whole(struct dpl_parts *parts, int reduce, dpl_error *error) {
  dpl_part whole;
  const dpl_status status = decode_part(parts, (dpl_jpeg_request){.reduce = reduce}, &whole, NULL, error);
  if (status) return status;
  free(parts->whole.image.pixels);
  parts->whole = whole;
  for (int i = 0; i < KEPT; i++) /* what is no finer is of no more use */
    if (parts->parts[i].reduce >= reduce) free(parts->parts[i].image.pixels), parts->parts[i] = (dpl_part){0};
  return DPL_OK;
}

static dpl_part itself(const dpl_image *image) {
  return (dpl_part){.image = {.width = image->width, .height = image->height, .pixels = image->pixels}, .reduce = 1};
}

dpl_status dpl_part_whole(const dpl_image *image, float shrink, dpl_part *part, dpl_error *error) {
  if (!image->parts) return *part = itself(image), DPL_OK;
  const int reduce = reduce_for(shrink / PHOTO_FINER);
  if (image->parts->whole.reduce > reduce) {
    const dpl_status status = decode_whole(image->parts, reduce, error);
    if (status) return status;
  }
  *part = image->parts->whole;
  return DPL_OK;
}

/* With room around it, so that the next look at the same face finds what it needs. */
static dpl_rectangle with_room(dpl_rectangle needed, int reduce, const dpl_image *image) {
  const int x = (needed.end_x - needed.first_x) / 4 + MARGIN * reduce,
            y = (needed.end_y - needed.first_y) / 4 + MARGIN * reduce;
  const int right = image->width - needed.end_x, bottom = image->height - needed.end_y;
  return (dpl_rectangle){needed.first_x > x ? needed.first_x - x : 0, needed.first_y > y ? needed.first_y - y : 0,
                         right > x ? needed.end_x + x : image->width, bottom > y ? needed.end_y + y : image->height};
}

static double area_of(dpl_rectangle r) {
  return (double)(r.end_x - r.first_x) * (r.end_y - r.first_y);
}

/* Of all rows, those that have to be decoded for a part. */
static double rows_share(const struct dpl_parts *parts, dpl_rectangle stored) {
  return parts->rows.places ? (double)(stored.end_y - stored.first_y) / parts->header.height : 1;
}

/* Whether the whole photo at this scale is cheaper than the part, and what will follow it. */
static bool whole_pays(const struct dpl_parts *parts, dpl_rectangle stored, int reduce) {
  const double all = (double)parts->header.width * parts->header.height;
  if (all / (reduce * reduce) * 3 > (double)MOST_WHOLE_BYTES) return false;
  return area_of(stored) > all / 2 || parts->decoded >= ROWS_FOR_PARTS;
}

dpl_status dpl_part_of(const dpl_image *image, dpl_rectangle needed, float shrink, dpl_part *part, dpl_error *error) {
  struct dpl_parts *parts = image->parts;
  if (!parts) return *part = itself(image), DPL_OK;
  const int reduce = dpl_part_reduce(shrink);
  if (parts->whole.reduce <= reduce) return *part = parts->whole, DPL_OK;
  for (int i = 0; i < KEPT; i++)
    if (parts->parts[i].image.pixels && parts->parts[i].reduce <= reduce &&
        contains(extent_of(&parts->parts[i]), needed))
      return *part = parts->parts[i], DPL_OK;
  const dpl_rectangle upright = with_room(needed, reduce, image);
  const dpl_rectangle stored = stored_rectangle(upright, &parts->header);
  dpl_status status;
  if (whole_pays(parts, stored, reduce)) {
    status = decode_whole(parts, reduce, error);
    if (!status) *part = parts->whole;
    return status;
  }
  dpl_part decoded;
  const dpl_jpeg_request request = {.reduce = reduce, .part = &stored, .rows = &parts->rows};
  status = decode_part(parts, request, &decoded, NULL, error);
  if (status) return status;
  free(parts->parts[parts->next].image.pixels);
  *part = parts->parts[parts->next] = decoded;
  parts->next = (parts->next + 1) % KEPT;
  parts->decoded += rows_share(parts, stored);
  return DPL_OK;
}
