/* The rows of an embeddings shard as they were written, for whoever wants them out of a gallery. gallery.c reads the
   same files for searching, and keeps them as they are. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "safetensors.h"
#include "status.h"

typedef struct shard_columns {
  const dpl_tensor *vectors, *fine, *scale, *mean, *person, *box, *points, *score, *quality;
} shard_columns;

static dpl_status find_columns(const dpl_safetensors *file, shard_columns *found, dpl_error *error);
static bool decode_vector(const shard_columns *c, size_t row, float *vector);
static void read_row(const shard_columns *c, size_t row, dpl_gallery_row *read);
static dpl_status read_rows(const shard_columns *c, dpl_gallery_row *rows, dpl_error *error);

dpl_status dpl_shard_read(dpl_bytes shard, dpl_gallery_row **rows, size_t *count, int *dimension, dpl_error *error) {
  if (!shard.data || !rows || !count || !dimension) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  dpl_safetensors *file;
  shard_columns c = {0};
  dpl_status status = dpl_safetensors_open(shard, DPL_DAMAGED_GALLERY, &file, error);
  if (status) return status;
  status = find_columns(file, &c, error);
  if (!status) {
    const size_t n = c.vectors->shape[0], d = c.vectors->shape[1];
    dpl_gallery_row *read = calloc(n, sizeof *read + d * sizeof(float));
    status = read ? read_rows(&c, read, error) : dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
    if (status) {
      free(read);
    } else {
      *rows = read;
      *count = n;
      *dimension = (int)d;
    }
  }
  dpl_safetensors_close(file);
  return status;
}

static dpl_status read_rows(const shard_columns *c, dpl_gallery_row *rows, dpl_error *error) {
  const size_t n = c->vectors->shape[0], d = c->vectors->shape[1];
  float *vectors = (float *)(void *)(rows + n);
  for (size_t i = 0; i < n; i++) {
    if (!decode_vector(c, i, vectors + i * d))
      return dpl_fail(error, DPL_DAMAGED_GALLERY,
                      "The embeddings file is damaged: row %zu has no direction; build or fetch the gallery again.", i);
    read_row(c, i, &rows[i]);
    rows[i].vector = vectors + i * d;
  }
  return DPL_OK;
}

/* ---- columns */

/* The tensor if it has this type and shape (numbers 0: one axis only), else NULL. */
static const dpl_tensor *find_column(const dpl_safetensors *file, const char *name, dpl_dtype dtype, size_t rows,
                                     size_t numbers) {
  const dpl_tensor *tensor = dpl_safetensors_find(file, name);
  const bool fits = tensor && tensor->dtype == dtype && tensor->rank == (numbers ? 2u : 1u) &&
                    tensor->shape[0] == rows && (!numbers || tensor->shape[1] == numbers);
  return fits ? tensor : NULL;
}

static dpl_status find_columns(const dpl_safetensors *file, shard_columns *found, dpl_error *error) {
  const dpl_tensor *vectors = dpl_safetensors_find(file, "vectors");
  if (!vectors || vectors->dtype != DPL_I8 || vectors->rank != 2 || vectors->shape[0] < 1 || vectors->shape[1] < 1 ||
      vectors->shape[1] > DPL_MAX_DIMENSION)
    return dpl_fail(error, DPL_DAMAGED_GALLERY, "The file is not an embeddings file of a gallery.");
  const size_t n = vectors->shape[0], d = vectors->shape[1];
  *found = (shard_columns){
      .vectors = vectors,
      .fine = find_column(file, "fine", DPL_U8, n, (d + 1) / 2), /* this and quality: NULL in older files */
      .scale = find_column(file, "scale", DPL_F32, n, 0),
      .mean = find_column(file, "mean", DPL_F32, d, 0),
      .person = find_column(file, "person", DPL_U32, n, 0),
      .box = find_column(file, "box", DPL_F32, n, 4),
      .points = find_column(file, "points", DPL_F32, n, 2 * DPL_POINTS),
      .score = find_column(file, "score", DPL_F32, n, 0),
      .quality = find_column(file, "quality", DPL_F32, n, 4)};
  if (found->scale && found->mean && found->person && found->box && found->points && found->score) return DPL_OK;
  return dpl_fail(error, DPL_DAMAGED_GALLERY, "The embeddings file is damaged: not all it needs has %zu rows.", n);
}

/* ---- rows */

static float number_in(const dpl_tensor *tensor, size_t index) {
  float value;
  memcpy(&value, tensor->data + index * sizeof value, sizeof value);
  return value;
}

/* Made unit length, which rounding has changed a little. False where the numbers have no direction. */
static bool decode_vector(const shard_columns *c, size_t row, float *vector) {
  const size_t d = c->vectors->shape[1], half = (d + 1) / 2;
  const float scale = number_in(c->scale, row);
  double square = 0;
  for (size_t i = 0; i < d; i++) {
    const float upper = (float)(int8_t)c->vectors->data[row * d + i];
    const int lower = c->fine ? (c->fine->data[row * half + i / 2] >> (i % 2 * 4) & 15) - 8 : 0;
    vector[i] = number_in(c->mean, i) + scale * (upper + (float)lower / 16);
    square += (double)vector[i] * (double)vector[i];
  }
  if (!(square > 0) || !isfinite(square)) return false;
  for (size_t i = 0; i < d; i++) vector[i] = (float)((double)vector[i] / sqrt(square));
  return true;
}

static void read_row(const shard_columns *c, size_t row, dpl_gallery_row *read) {
  memcpy(&read->person, c->person->data + row * sizeof read->person, sizeof read->person);
  read->face.box = (dpl_box){number_in(c->box, 4 * row), number_in(c->box, 4 * row + 1), number_in(c->box, 4 * row + 2),
                             number_in(c->box, 4 * row + 3)};
  for (size_t i = 0; i < DPL_POINTS; i++) {
    const size_t at = 2 * (row * DPL_POINTS + i);
    read->face.points[i] = (dpl_point){number_in(c->points, at), number_in(c->points, at + 1)};
  }
  const dpl_point left = read->face.points[DPL_LEFT_EYE], right = read->face.points[DPL_RIGHT_EYE];
  read->face.roll = atan2f(right.y - left.y, right.x - left.x) * 57.29578f;
  read->face.score = number_in(c->score, row);
  if (c->quality)
    read->quality = (dpl_face_quality){number_in(c->quality, 4 * row), number_in(c->quality, 4 * row + 1),
                                       number_in(c->quality, 4 * row + 2), number_in(c->quality, 4 * row + 3)};
}
