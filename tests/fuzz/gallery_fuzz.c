/* Any bytes as a manifest and a shard (a zero byte between them): searched, or refused with a sentence. */
#include "galleries.h"
#include "seeds.h"

static void look_for(const dpl_gallery *gallery) {
  dpl_gallery_info info;
  dpl_gallery_describe(gallery, &info);
  float probe[DPL_MAX_DIMENSION] = {0};
  probe[0] = 0.6f;
  probe[info.dimension - 1] = info.dimension > 1 ? 0.8f : 1.0f;
  dpl_match matches[5];
  size_t count = 0;
  dpl_error error = {0};
  if (dpl_gallery_search(gallery, probe, 5, matches, &count, &error) && !error.message[0]) abort();
  for (size_t i = 0; i < count; i++) {
    if (matches[i].person >= info.people || matches[i].photo >= info.photos) abort();
    if (!(matches[i].similarity >= -1 && matches[i].similarity <= 1)) abort();
    if (!(matches[i].less_alike >= -1 && matches[i].less_alike <= 1)) abort();
  }
  (void)dpl_gallery_less_alike_same(gallery, 0.3f);
  dpl_false_match rows[DPL_FALSE_MATCH_RATES];
  const size_t rates = dpl_gallery_false_matches(gallery, rows);
  for (size_t i = 0; i < rates; i++)
    if (rows[i].pairs < DPL_FALSE_MATCHES_NEEDED || !(rows[i].similarity >= -1 && rows[i].similarity <= 1)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
  const size_t manifest = zero ? (size_t)(zero - data) : size;
  dpl_error error = {0};
  dpl_gallery *gallery = NULL;
  if (dpl_gallery_open((dpl_bytes){data, manifest}, &gallery, &error)) {
    if (gallery || !error.message[0]) abort();
    return 0;
  }
  dpl_gallery_info before, after;
  dpl_gallery_describe(gallery, &before);
  const dpl_bytes shard = {zero ? zero + 1 : data, zero ? size - manifest - 1 : 0};
  const dpl_status added = dpl_gallery_add(gallery, shard, &error);
  dpl_gallery_describe(gallery, &after);
  if (added && (!error.message[0] || memcmp(&before, &after, sizeof before) != 0)) abort();
  if (before.photos <= 100000) look_for(gallery);
  dpl_gallery_close(gallery);
  return 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  enum { PHOTOS = 4, DIMENSION = 5 };
  float *vectors = make_vectors(PHOTOS, DIMENSION, 0.3, 1), *mean = mean_of(vectors, PHOTOS, DIMENSION);
  const uint32_t person[PHOTOS] = {0, 1, 1, 2};
  char *manifest = make_manifest(3, (size_t[]){PHOTOS}, 1, DIMENSION,
                                 "{\"bins\":4,\"range\":[-1,1],\"budget\":500,\"seed\":1,"
                                 "\"impostor\":{\"pairs\":331,\"of\":500,\"first\":2,\"counts\":[300,31]},"
                                 "\"genuine\":{\"pairs\":1,\"of\":1,\"first\":3,\"counts\":[1]},\"false_matches\":["
                                 "{\"rate\":0.1,\"similarity\":0.5,\"pairs\":31,\"genuine\":1}]}");
  buffer seed = {0}, shard = make_shard(vectors, person, PHOTOS, DIMENSION, mean, 0, SHA256);
  append(&seed, manifest, strlen(manifest) + 1);
  append(&seed, shard.data, shard.size);
  plant(folder, "whole", seed);
  free(vectors), free(mean), free(manifest), free(shard.data);
  return 0;
}
