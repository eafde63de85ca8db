/* Writes an embeddings shard. Stands beside gallery.c, which reads it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "safetensors.h"
#include "status.h"

enum { FINE_STEPS = 16, MAX_FLIPS = 16 };

/* The columns of a shard, in one block of memory each. */
typedef struct columns {
  int8_t *vectors;
  uint8_t *fine;
  float *scale, *box, *points, *score, *quality;
  uint32_t *person;
} columns;

static void release(columns *c);
static dpl_status fill(const dpl_gallery_row *rows, size_t count, size_t dimension, const float *mean, columns *c,
                       dpl_error *error);
static float round_row(const float *vector, const float *mean, size_t dimension, int8_t *rounded, uint8_t *fine);
static void balance(const float *vector, const float *mean, size_t dimension, float scale, int *steps);

dpl_status dpl_shard_write(const dpl_gallery_row *rows, size_t count, int dimension, const float *mean,
                           uint32_t first_photo, const char *embedder_sha256, uint8_t **file, size_t *size,
                           dpl_error *error) {
  if (!rows || !mean || !embedder_sha256 || !file || !size || count < 1 || dimension < 1 ||
      dimension > DPL_MAX_DIMENSION || strlen(embedder_sha256) != 64 ||
      strspn(embedder_sha256, "0123456789abcdef") != 64)
    return dpl_fail(error, DPL_INVALID_ARGUMENT,
                    "A shard needs rows, a mean, a dimension of 1 … %d and a sha256 of 64 lower-case digits.",
                    DPL_MAX_DIMENSION);
  const size_t d = (size_t)dimension;
  columns c = {.vectors = malloc(count * d),
               .fine = calloc(count, (d + 1) / 2),
               .scale = malloc(count * sizeof(float)),
               .box = malloc(count * 4 * sizeof(float)),
               .points = malloc(count * 2 * DPL_POINTS * sizeof(float)),
               .score = malloc(count * sizeof(float)),
               .quality = malloc(count * 4 * sizeof(float)),
               .person = malloc(count * sizeof(uint32_t))};
  dpl_status status = c.vectors && c.fine && c.scale && c.box && c.points && c.score && c.quality && c.person
                          ? fill(rows, count, d, mean, &c, error)
                          : dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  if (!status) {
    char metadata[256];
    snprintf(metadata, sizeof metadata,
             "{\"format\":1,\"kind\":\"embeddings\",\"embedder_sha256\":\"%s\",\"first_photo\":%u}", embedder_sha256,
             (unsigned)first_photo);
    /* Numbers of four bytes first, so that all of them lie at multiples of four. */
    const dpl_tensor tensors[] = {
        {"mean", DPL_F32, 1, {d}, d, (const uint8_t *)mean},
        {"scale", DPL_F32, 1, {count}, count, (const uint8_t *)c.scale},
        {"person", DPL_U32, 1, {count}, count, (const uint8_t *)c.person},
        {"box", DPL_F32, 2, {count, 4}, count * 4, (const uint8_t *)c.box},
        {"points", DPL_F32, 2, {count, 2 * DPL_POINTS}, count * 2 * DPL_POINTS, (const uint8_t *)c.points},
        {"score", DPL_F32, 1, {count}, count, (const uint8_t *)c.score},
        {"quality", DPL_F32, 2, {count, 4}, count * 4, (const uint8_t *)c.quality},
        {"vectors", DPL_I8, 2, {count, d}, count * d, (const uint8_t *)c.vectors},
        {"fine", DPL_U8, 2, {count, (d + 1) / 2}, count * ((d + 1) / 2), c.fine},
    };
    status = dpl_safetensors_write(tensors, sizeof tensors / sizeof tensors[0], metadata, file, size, error);
  }
  release(&c);
  return status;
}

static void release(columns *c) {
  free(c->vectors);
  free(c->fine);
  free(c->scale);
  free(c->box);
  free(c->points);
  free(c->score);
  free(c->quality);
  free(c->person);
}

static dpl_status fill(const dpl_gallery_row *rows, size_t count, size_t dimension, const float *mean, columns *c,
                       dpl_error *error) {
  for (size_t i = 0; i < count; i++) {
    const dpl_gallery_row *row = &rows[i];
    c->scale[i] =
        round_row(row->vector, mean, dimension, c->vectors + i * dimension, c->fine + i * ((dimension + 1) / 2));
    if (!(c->scale[i] <= 1))
      return dpl_fail(error, DPL_INVALID_ARGUMENT, "Vector %zu is not of unit length or not finite; embed it again.",
                      i);
    c->person[i] = row->person;
    c->score[i] = row->face.score;
    const float box[4] = {row->face.box.x, row->face.box.y, row->face.box.width, row->face.box.height};
    memcpy(c->box + i * 4, box, sizeof box);
    memcpy(c->points + i * 2 * DPL_POINTS, row->face.points, sizeof row->face.points);
    const dpl_face_quality *q = &row->quality;
    const float quality[4] = {q->size, q->sharpness, q->yaw, q->pitch};
    memcpy(c->quality + i * 4, quality, sizeof quality);
  }
  return DPL_OK;
}

/* Rounds vector − mean to steps of scale / 16: 12 bits, the upper eight into `rounded`, the lower four into `fine`.
   Returns the scale, or NaN where a number is not finite. */
static float round_row(const float *vector, const float *mean, size_t dimension, int8_t *rounded, uint8_t *fine) {
  float largest = 0;
  for (size_t i = 0; i < dimension; i++) {
    const float distance = fabsf(vector[i] - mean[i]);
    if (!(distance <= 4)) return NAN;
    largest = fmaxf(largest, distance);
  }
  const float scale = largest / 127, inverse = largest > 0 ? FINE_STEPS * 127 / largest : 0;
  int steps[DPL_MAX_DIMENSION];
  for (size_t i = 0; i < dimension; i++) steps[i] = (int)lrintf((vector[i] - mean[i]) * inverse);
  if (largest > 0) balance(vector, mean, dimension, scale, steps);
  for (size_t i = 0; i < dimension; i++) {
    /* Rounded down; the 128 keeps the division among positive numbers, where C does the same. */
    const int upper = (steps[i] + FINE_STEPS / 2 + 128 * FINE_STEPS) / FINE_STEPS - 128;
    rounded[i] = (int8_t)upper;
    const unsigned lower = (unsigned)(steps[i] - FINE_STEPS * upper + FINE_STEPS / 2);
    fine[i / 2] = (uint8_t)(fine[i / 2] | lower << (i % 2 * 4));
  }
  return scale;
}

/* Every probe has much of the mean in it where vectors lie in a narrow cone, so what rounding errors add up to in that
   direction would disturb every search. A few numbers rounded the other way bring the sum to nearly nothing. */
static void balance(const float *vector, const float *mean, size_t dimension, float scale, int *steps) {
  const float step = scale / (float)FINE_STEPS;
  float error = 0; /* mean · (rounded − vector) */
  for (size_t i = 0; i < dimension; i++) error += mean[i] * (mean[i] + (float)steps[i] * step - vector[i]);
  for (int round = 0; round < MAX_FLIPS; round++) {
    size_t best = 0;
    float best_error = fabsf(error);
    int best_way = 0;
    for (size_t i = 0; i < dimension; i++) {
      const int way = mean[i] + (float)steps[i] * step > vector[i] ? -1 : 1; /* towards the vector and past it */
      const float after = fabsf(error + (float)way * step * mean[i]);
      if (after < best_error && abs(steps[i] + way) <= 127 * FINE_STEPS) best = i, best_error = after, best_way = way;
    }
    if (!best_way) return;
    steps[best] += best_way;
    error += (float)best_way * step * mean[best];
  }
}
