/* Galleries for tests: vectors from seeded distributions, manifests and shards made as `doppel build` makes them. */
#ifndef DOPPEL_TESTS_GALLERIES_H
#define DOPPEL_TESTS_GALLERIES_H

#include "support.h"

static const char SHA256[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
static const char OTHER_SHA256[] = "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

static inline void make_unit(float *vector, size_t dimension) {
  double square = 0;
  for (size_t i = 0; i < dimension; i++) square += (double)vector[i] * (double)vector[i];
  for (size_t i = 0; i < dimension; i++) vector[i] = (float)((double)vector[i] / sqrt(square));
}

/* The slow searches of the tests spend their time here, so it goes without the sanitizers. */
__attribute__((no_sanitize("address", "undefined"))) static inline double cosine(const float *a, const float *b,
                                                                                 size_t dimension) {
  double lanes[8] = {0}, sum = 0;
  const size_t whole = dimension / 8 * 8;
  for (size_t i = 0; i < whole; i += 8)
    for (size_t k = 0; k < 8; k++) lanes[k] += (double)a[i + k] * (double)b[i + k];
  for (size_t i = whole; i < dimension; i++) lanes[0] += (double)a[i] * (double)b[i];
  for (size_t k = 0; k < 8; k++) sum += lanes[k];
  return sum;
}

/* `cone` is the mean cosine between strangers: 0 spreads them out, 0.83 is the narrow cone of dlib's network. */
static inline float *make_vectors(size_t count, size_t dimension, double cone, uint64_t seed) {
  float *vectors = malloc((count + 1) * dimension * sizeof *vectors), *axis = vectors + count * dimension;
  assert_non_null(vectors);
  for (size_t i = 0; i < dimension; i++) axis[i] = random_normal(&seed);
  make_unit(axis, dimension);
  const double spread = sqrt((1 - cone) / (double)dimension);
  for (size_t i = 0; i < count; i++) {
    float *v = vectors + i * dimension;
    for (size_t k = 0; k < dimension; k++)
      v[k] = (float)(sqrt(cone) * (double)axis[k] + spread * (double)random_normal(&seed));
    make_unit(v, dimension);
  }
  return vectors;
}

static inline float *mean_of(const float *vectors, size_t count, size_t dimension) {
  float *mean = calloc(dimension, sizeof *mean);
  assert_non_null(mean);
  for (size_t k = 0; k < dimension; k++) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (double)vectors[i * dimension + k];
    mean[k] = (float)(sum / (double)count);
  }
  return mean;
}

static inline buffer make_shard(const float *vectors, const uint32_t *person, size_t count, size_t dimension,
                                const float *mean, size_t first_photo, const char *sha256) {
  dpl_gallery_row *rows = calloc(count, sizeof *rows);
  assert_non_null(rows);
  for (size_t i = 0; i < count; i++)
    rows[i] = (dpl_gallery_row){
        .vector = vectors + i * dimension, .person = person[i], .face = {.box = {1, 2, 30, 40}, .score = 0.9f}};
  buffer shard = {0};
  dpl_error error;
  assert_ok(dpl_shard_write(rows, count, (int)dimension, mean, (uint32_t)first_photo, sha256, &shard.data, &shard.size,
                            &error),
            &error);
  free(rows);
  return shard;
}

/* The manifest of a gallery whose shards have these counts; `calibration` is the text of that member, or NULL. */
static inline char *make_manifest(size_t people, const size_t *counts, size_t shards, size_t dimension,
                                  const char *calibration) {
  const size_t size = 1024 + shards * 100 + (calibration ? strlen(calibration) : 0);
  char *text = malloc(size), *end = text;
  assert_non_null(text);
  size_t photos = 0;
  for (size_t i = 0; i < shards; i++) photos += counts[i];
  end += sprintf(end,
                 "{\"format\":\"doppel-gallery\",\"version\":1,\"title\":\"t\",\"people\":%zu,\"photos\":%zu,"
                 "\"embedder\":{\"name\":\"net\",\"sha256\":\"%s\",\"dimension\":%zu},\"metric\":\"cosine\",",
                 people, photos, SHA256, dimension);
  if (calibration) end += sprintf(end, "\"calibration\":%s,", calibration);
  end += sprintf(end, "\"files\":{\"embeddings\":[");
  for (size_t i = 0; i < shards; i++)
    end += sprintf(end, "%s{\"path\":\"embeddings-%04zu.safetensors\",\"bytes\":1,\"count\":%zu}", i ? "," : "", i,
                   counts[i]);
  sprintf(end, "]}}");
  return text;
}

static inline dpl_gallery *open_manifest(const char *manifest) {
  dpl_gallery *gallery = NULL;
  dpl_error error;
  assert_ok(dpl_gallery_open(text_bytes(manifest), &gallery, &error), &error);
  return gallery;
}

/* A gallery of one shard. */
static inline dpl_gallery *make_gallery(const float *vectors, const uint32_t *person, size_t people, size_t count,
                                        size_t dimension, const char *calibration) {
  char *manifest = make_manifest(people, &count, 1, dimension, calibration);
  dpl_gallery *gallery = open_manifest(manifest);
  float *mean = mean_of(vectors, count, dimension);
  buffer shard = make_shard(vectors, person, count, dimension, mean, 0, SHA256);
  dpl_error error;
  assert_ok(dpl_gallery_add(gallery, bytes_of(shard), &error), &error);
  free(manifest), free(mean), free(shard.data);
  return gallery;
}

#endif
