/* Any bytes as a shard of embeddings: rows of unit length that can be written again, or a sentence; and a gallery of
   three people that takes it, or stays as it was. */
#include "scratch.h"

#include "galleries.h"
#include "shard_header.h"

enum { PEOPLE = 3, PHOTOS = 4, DIMENSION = 5 };

static void read_rows(dpl_bytes shard) {
  dpl_gallery_row *rows = NULL;
  size_t count = 0, size;
  int dimension = 0;
  dpl_error error = {0};
  if (dpl_shard_read(shard, &rows, &count, &dimension, &error)) {
    if (rows || count || dimension || !error.message[0]) abort();
    return;
  }
  if (!count || dimension < 1 || dimension > DPL_MAX_DIMENSION) abort();
  for (size_t i = 0; i < count; i++) {
    double square = 0;
    for (int k = 0; k < dimension; k++) square += (double)rows[i].vector[k] * (double)rows[i].vector[k];
    if (!(fabs(square - 1) < 1e-3)) abort();
  }
  uint8_t *again;
  float *mean = mean_of(rows[0].vector, 1, (size_t)dimension);
  if (dpl_shard_write(rows, count, dimension, mean, 0, SHA256, &again, &size, &error)) {
    if (!error.message[0]) abort();
  } else {
    free(again);
  }
  free(mean);
  free(rows);
}

static void add_to_gallery(dpl_bytes shard) {
  char *manifest = make_manifest(PEOPLE, (size_t[]){PHOTOS}, 1, DIMENSION, NULL);
  dpl_gallery *gallery = open_manifest(manifest);
  dpl_gallery_info info;
  dpl_match matches[PEOPLE];
  const float probe[DIMENSION] = {0.6f, 0, 0, 0, 0.8f};
  size_t count = 0;
  dpl_error error = {0};
  const dpl_status added = dpl_gallery_add(gallery, shard, &error);
  dpl_gallery_describe(gallery, &info);
  if (info.photos_loaded != (added ? 0 : PHOTOS) || (added && !error.message[0])) abort();
  if (!added && dpl_gallery_search(gallery, probe, PEOPLE, matches, &count, &error)) abort();
  for (size_t i = 0; i < count; i++) {
    if (matches[i].person >= PEOPLE || matches[i].photo >= PHOTOS || !(fabsf(matches[i].similarity) <= 1)) abort();
  }
  dpl_gallery_close(gallery);
  free(manifest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const dpl_bytes shard = {data, size};
  shard_header header;
  if (shard_header_read(shard, &header) && memchr(header.embedder_sha256, 0, SHA256_TEXT) == NULL) abort();
  read_rows(shard);
  add_to_gallery(shard);
  return 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  float *vectors = make_vectors(PHOTOS, DIMENSION, 0.3, 1), *mean = mean_of(vectors, PHOTOS, DIMENSION);
  const uint32_t person[PHOTOS] = {0, 1, 1, 2};
  plant(folder, "shard", make_shard(vectors, person, PHOTOS, DIMENSION, mean, 0, SHA256));
  free(vectors), free(mean);
  return 0;
}
