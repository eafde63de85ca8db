/* Opens a gallery from its manifest and fills it with shards of vectors. Both may come from anybody: nothing is kept
   before all of it has been checked. search.c looks for people in it, shard.c writes what is read here. */
#include "gallery.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dot.h"
#include "json.h"
#include "safetensors.h"
#include "status.h"

enum {
  MAX_MANIFEST = 16 << 20,
  MAX_PHOTOS = 1 << 24,
  MAX_BINS = 1 << 16,
  NEWEST_VERSION = 2,
  SHA256_DIGITS = 64,
};

static dpl_status read_manifest(const cJSON *manifest, dpl_gallery *gallery, dpl_error *error);
static dpl_status read_files(const cJSON *manifest, dpl_gallery *gallery, dpl_error *error);
static dpl_status read_calibration(const cJSON *manifest, dpl_gallery *gallery, dpl_error *error);
static dpl_status read_shard(const dpl_gallery *gallery, const dpl_safetensors *file, dpl_shard **place,
                             dpl_shard *filled, dpl_error *error);
static dpl_status check_shard_metadata(const dpl_gallery *gallery, const char *metadata, uint64_t *first_photo,
                                       dpl_error *error);
static dpl_status copy_rows(const dpl_gallery *gallery, const dpl_safetensors *file, dpl_shard *filled,
                            dpl_error *error);
static void release_rows(dpl_shard *shard);
static bool is_sha256(const char *text);
static bool same_digits(const char *left, const char *right);

dpl_status dpl_gallery_open(dpl_bytes manifest, dpl_gallery **gallery, dpl_error *error) {
  if (!gallery || !manifest.data) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  if (manifest.size > MAX_MANIFEST)
    return dpl_fail(error, DPL_DAMAGED_GALLERY, "The gallery's manifest has %zu bytes; the limit is %d.", manifest.size,
                    (int)MAX_MANIFEST);
  cJSON *tree = dpl_json_parse((const char *)manifest.data, manifest.size);
  if (!tree)
    return dpl_fail(error, DPL_DAMAGED_GALLERY, "gallery.json is damaged or cut short; build or fetch it again.");
  dpl_gallery *opened = calloc(1, sizeof *opened);
  dpl_status status = opened ? read_manifest(tree, opened, error) : dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  if (!status) status = read_files(tree, opened, error);
  if (!status) status = read_calibration(tree, opened, error);
  cJSON_Delete(tree);
  if (status) {
    dpl_gallery_close(opened);
    return status;
  }
  *gallery = opened;
  return DPL_OK;
}

dpl_status dpl_gallery_add(dpl_gallery *gallery, dpl_bytes shard, dpl_error *error) {
  if (!gallery || !shard.data) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  dpl_safetensors *file;
  dpl_status status = dpl_safetensors_open(shard, DPL_DAMAGED_GALLERY, &file, error);
  if (status) return status;
  dpl_shard *place = NULL, filled = {0};
  status = read_shard(gallery, file, &place, &filled, error);
  dpl_safetensors_close(file);
  if (status) {
    release_rows(&filled);
    return status;
  }
  *place = filled;
  gallery->info.photos_loaded += filled.count;
  return DPL_OK;
}

void dpl_gallery_describe(const dpl_gallery *gallery, dpl_gallery_info *info) {
  *info = gallery->info;
}

dpl_status dpl_gallery_accepts(const dpl_gallery *gallery, const char *embedder_sha256, dpl_error *error) {
  if (!gallery || !embedder_sha256 || !is_sha256(embedder_sha256))
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "The sha256 of a network must have 64 hexadecimal digits.");
  if (same_digits(gallery->info.embedder_sha256, embedder_sha256)) return DPL_OK;
  return dpl_fail(error, DPL_WRONG_NETWORK,
                  "The gallery was made with the network %s (sha256 %.8s…), not with the one in use (%.8s…); use that "
                  "one or build the gallery again.",
                  gallery->info.embedder, gallery->info.embedder_sha256, embedder_sha256);
}

float dpl_gallery_less_alike(const dpl_gallery *gallery, float similarity) {
  return dpl_histogram_share_below(&gallery->impostor, similarity);
}

float dpl_gallery_less_alike_same(const dpl_gallery *gallery, float similarity) {
  return dpl_histogram_share_below(&gallery->genuine, similarity);
}

size_t dpl_gallery_false_matches(const dpl_gallery *gallery, dpl_false_match rows[DPL_FALSE_MATCH_RATES]) {
  return dpl_histogram_false_matches(&gallery->impostor, &gallery->genuine, rows);
}

void dpl_gallery_close(dpl_gallery *gallery) {
  if (!gallery) return;
  for (size_t i = 0; i < gallery->shard_count; i++) release_rows(&gallery->shards[i]);
  free(gallery->shards);
  free(gallery->impostor.below);
  free(gallery->genuine.below);
  free(gallery->nearest.below);
  free(gallery);
}

/* ---- the manifest ---- */

static dpl_status damaged(dpl_error *error, const char *what) {
  return dpl_fail(error, DPL_DAMAGED_GALLERY, "gallery.json is damaged: %s; build or fetch it again.", what);
}

static dpl_status read_manifest(const cJSON *manifest, dpl_gallery *gallery, dpl_error *error) {
  if (strcmp(dpl_json_string(manifest, "format", ""), "doppel-gallery") != 0)
    return dpl_fail(error, DPL_DAMAGED_GALLERY, "The file is not a gallery of doppel; give it a gallery.json.");
  uint64_t version, people, photos, dimension;
  if (!dpl_json_whole(dpl_json_get(manifest, "version"), &version)) return damaged(error, "it has no version");
  if (version < 1 || version > NEWEST_VERSION)
    return dpl_fail(error, DPL_DAMAGED_GALLERY,
                    "The gallery is of version %llu, which this version cannot read; update doppel.",
                    (unsigned long long)version);
  if (!dpl_json_whole(dpl_json_get(manifest, "people"), &people) ||
      !dpl_json_whole(dpl_json_get(manifest, "photos"), &photos))
    return damaged(error, "it does not count its people and photos");
  if (photos > MAX_PHOTOS || people > photos) return damaged(error, "its counts of people and photos cannot be");
  if (strcmp(dpl_json_string(manifest, "metric", ""), "cosine") != 0)
    return damaged(error, "its metric is another than cosine");

  const cJSON *embedder = dpl_json_get(manifest, "embedder");
  const char *name = dpl_json_string(embedder, "name", ""), *sha256 = dpl_json_string(embedder, "sha256", "");
  if (!name[0] || strlen(name) >= sizeof gallery->info.embedder || !is_sha256(sha256))
    return damaged(error, "it does not name the network that made it");
  if (!dpl_json_whole(dpl_json_get(embedder, "dimension"), &dimension) || dimension < 1 ||
      dimension > DPL_MAX_DIMENSION)
    return damaged(error, "the dimension of its vectors cannot be");

  dpl_gallery_info *info = &gallery->info;
  info->people = (size_t)people;
  info->photos = (size_t)photos;
  info->dimension = (int)dimension;
  strcpy(info->embedder, name);
  for (size_t i = 0; i < SHA256_DIGITS; i++) info->embedder_sha256[i] = (char)tolower((unsigned char)sha256[i]);
  gallery->stride = ((size_t)dimension + DPL_DOT_STEP - 1) / DPL_DOT_STEP * DPL_DOT_STEP;
  return DPL_OK;
}

static dpl_status read_files(const cJSON *manifest, dpl_gallery *gallery, dpl_error *error) {
  const cJSON *list = dpl_json_get(dpl_json_get(manifest, "files"), "embeddings");
  if (!cJSON_IsArray(list)) return damaged(error, "it does not list its files");
  size_t count = 0;
  for (const cJSON *entry = list->child; entry; entry = entry->next) count++;
  gallery->shards = calloc(count + 1, sizeof *gallery->shards);
  if (!gallery->shards) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  size_t photos = 0;
  for (const cJSON *entry = list->child; entry; entry = entry->next) {
    uint64_t rows;
    if (!dpl_json_whole(dpl_json_get(entry, "count"), &rows) || rows < 1 || rows > gallery->info.photos - photos)
      return damaged(error, "the counts of its embeddings files cannot be");
    gallery->shards[gallery->shard_count++] = (dpl_shard){.first_photo = photos, .count = (size_t)rows};
    photos += (size_t)rows;
  }
  if (photos != gallery->info.photos) return damaged(error, "its embeddings files hold another number of photos");
  return DPL_OK;
}

static dpl_status read_histogram(const cJSON *json, size_t bins, dpl_histogram *histogram, dpl_error *error) {
  uint64_t pairs, first;
  const cJSON *counts = dpl_json_get(json, "counts");
  const cJSON *counted = dpl_json_get(json, "pairs"); /* of photos, or people */
  if (!dpl_json_whole(counted ? counted : dpl_json_get(json, "people"), &pairs) ||
      !dpl_json_whole(dpl_json_get(json, "first"), &first) || !cJSON_IsArray(counts) || first > bins)
    return damaged(error, "its calibration has no counts");
  uint64_t all = pairs; /* that there are; those that were counted may be a sample */
  const cJSON *of = dpl_json_get(json, "of");
  if (of && (!dpl_json_whole(of, &all) || all < pairs)) return damaged(error, "its calibration counts too many pairs");
  if (pairs == 0) return DPL_OK;
  histogram->below = calloc(bins + 1, sizeof *histogram->below);
  if (!histogram->below) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  size_t bin = (size_t)first;
  uint64_t sum = 0, number;
  for (const cJSON *item = counts->child; item; item = item->next) {
    if (bin == bins || !dpl_json_whole(item, &number) || number > pairs - sum)
      return damaged(error, "the counts of its calibration cannot be");
    sum += number;
    histogram->below[++bin] = sum;
  }
  if (sum != pairs) return damaged(error, "the counts of its calibration do not add up");
  while (bin < bins) histogram->below[++bin] = sum;
  histogram->bins = bins;
  histogram->pairs = pairs;
  return DPL_OK;
}

/* The table stands in the manifest for whoever reads that without this library. It may say no more than the counts do:
   each row is one that they carry. */
static dpl_status check_false_matches(const dpl_gallery *gallery, const cJSON *table, dpl_error *error) {
  if (!table) return DPL_OK; /* galleries of before have none */
  if (!cJSON_IsArray(table)) return damaged(error, "its false-match rates are no list");
  dpl_false_match rows[DPL_FALSE_MATCH_RATES];
  const size_t count = dpl_gallery_false_matches(gallery, rows);
  size_t i = 0;
  for (const cJSON *item = table->child; item; item = item->next, i++) {
    double rate, similarity, genuine = -1;
    uint64_t pairs;
    const cJSON *share = dpl_json_get(item, "genuine");
    if (i == count || !dpl_json_number(dpl_json_get(item, "rate"), &rate) ||
        !dpl_json_number(dpl_json_get(item, "similarity"), &similarity) ||
        !dpl_json_whole(dpl_json_get(item, "pairs"), &pairs) || (share && !dpl_json_number(share, &genuine)) ||
        fabs(rate - rows[i].rate) > 1e-9 || fabs(similarity - (double)rows[i].similarity) > 1e-6 ||
        pairs != rows[i].pairs || fabs(genuine - (double)rows[i].genuine) > 1e-6)
      return damaged(error, "its false-match rates are not those of its calibration");
  }
  return DPL_OK;
}

static dpl_status read_calibration(const cJSON *manifest, dpl_gallery *gallery, dpl_error *error) {
  const cJSON *calibration = dpl_json_get(manifest, "calibration");
  if (!calibration || cJSON_IsNull(calibration)) return DPL_OK;
  uint64_t bins;
  if (!dpl_json_whole(dpl_json_get(calibration, "bins"), &bins) || bins < 1 || bins > MAX_BINS)
    return damaged(error, "the bins of its calibration cannot be");
  const cJSON *range = dpl_json_get(calibration, "range");
  double low, high;
  if (!cJSON_IsArray(range) || !dpl_json_number(range->child, &low) || !dpl_json_number(range->child->next, &high) ||
      low > -1 || low < -1 || high > 1 || high < 1)
    return damaged(error, "its calibration has another range than [-1, 1]");
  dpl_status status = read_histogram(dpl_json_get(calibration, "impostor"), (size_t)bins, &gallery->impostor, error);
  if (!status) status = read_histogram(dpl_json_get(calibration, "genuine"), (size_t)bins, &gallery->genuine, error);
  const cJSON *nearest = dpl_json_get(calibration, "nearest"); /* missing in version 1 */
  if (!status && nearest) status = read_histogram(nearest, (size_t)bins, &gallery->nearest, error);
  if (!status && gallery->nearest.pairs > gallery->info.people)
    status = damaged(error, "its calibration counts more best matches than people");
  if (!status) status = check_false_matches(gallery, dpl_json_get(calibration, "false_matches"), error);
  gallery->info.impostor_pairs = gallery->impostor.pairs;
  gallery->info.genuine_pairs = gallery->genuine.pairs;
  return status;
}

/* ---- a shard ---- */

/* Finds the shard's place in the gallery and reads its rows into *filled, which the caller releases on failure. */
static dpl_status read_shard(const dpl_gallery *gallery, const dpl_safetensors *file, dpl_shard **place,
                             dpl_shard *filled, dpl_error *error) {
  uint64_t first_photo = 0;
  const dpl_status status =
      check_shard_metadata(gallery, dpl_safetensors_metadata(file, "doppel"), &first_photo, error);
  if (status) return status;
  for (size_t i = 0; i < gallery->shard_count && !*place; i++)
    if (gallery->shards[i].first_photo == first_photo) *place = &gallery->shards[i];
  if (!*place)
    return dpl_fail(error, DPL_DAMAGED_GALLERY,
                    "No embeddings file of this gallery begins at photo %llu; the file belongs to another gallery.",
                    (unsigned long long)first_photo);
  if ((*place)->vectors)
    return dpl_fail(error, DPL_DAMAGED_GALLERY, "The embeddings file that begins at photo %llu is there already.",
                    (unsigned long long)first_photo);
  filled->first_photo = (*place)->first_photo;
  filled->count = (*place)->count;
  return copy_rows(gallery, file, filled, error);
}

static dpl_status check_shard_metadata(const dpl_gallery *gallery, const char *metadata, uint64_t *first_photo,
                                       dpl_error *error) {
  cJSON *tree = metadata ? dpl_json_parse(metadata, strlen(metadata)) : NULL;
  uint64_t format;
  const char *sha256 = dpl_json_string(tree, "embedder_sha256", "");
  dpl_status status = DPL_OK;
  if (strcmp(dpl_json_string(tree, "kind", ""), "embeddings") != 0 || !is_sha256(sha256))
    status = dpl_fail(error, DPL_DAMAGED_GALLERY, "The file is not an embeddings file of a gallery.");
  else if (!dpl_json_whole(dpl_json_get(tree, "format"), &format) || format != 1)
    status = dpl_fail(error, DPL_DAMAGED_GALLERY,
                      "The embeddings file is of a format that this version cannot read; update doppel.");
  else if (!dpl_json_whole(dpl_json_get(tree, "first_photo"), first_photo))
    status = dpl_fail(error, DPL_DAMAGED_GALLERY, "The embeddings file does not say at which photo it begins.");
  else if (!same_digits(sha256, gallery->info.embedder_sha256))
    status = dpl_fail(error, DPL_WRONG_NETWORK,
                      "The embeddings file was made with another network (sha256 %.8s…) than its gallery (%s, %.8s…); "
                      "build the gallery again.",
                      sha256, gallery->info.embedder, gallery->info.embedder_sha256);
  cJSON_Delete(tree);
  return status;
}

/* The tensor if it has this type and shape (0: one axis only), or NULL with the error filled. */
static const dpl_tensor *expect(const dpl_safetensors *file, const char *name, dpl_dtype dtype, size_t rows,
                                size_t columns, dpl_error *error) {
  const dpl_tensor *tensor = dpl_safetensors_find(file, name);
  const size_t rank = columns ? 2 : 1;
  if (tensor && tensor->dtype == dtype && tensor->rank == rank && tensor->shape[0] == rows &&
      (!columns || tensor->shape[1] == columns))
    return tensor;
  dpl_fail(error, DPL_DAMAGED_GALLERY, "The embeddings file has no '%s' of the size that the gallery says (%zu rows).",
           name, rows);
  return NULL;
}

static dpl_status copy_rows(const dpl_gallery *gallery, const dpl_safetensors *file, dpl_shard *filled,
                            dpl_error *error) {
  const size_t n = filled->count, d = (size_t)gallery->info.dimension;
  const dpl_tensor *vectors = expect(file, "vectors", DPL_I8, n, d, error);
  const dpl_tensor *scale = vectors ? expect(file, "scale", DPL_F32, n, 0, error) : NULL;
  const dpl_tensor *mean = scale ? expect(file, "mean", DPL_F32, d, 0, error) : NULL;
  const dpl_tensor *person = mean ? expect(file, "person", DPL_U32, n, 0, error) : NULL;
  if (!person || !expect(file, "box", DPL_F32, n, 4, error) || !expect(file, "points", DPL_F32, n, 10, error) ||
      !expect(file, "score", DPL_F32, n, 0, error))
    return DPL_DAMAGED_GALLERY;

  /* Shards of before there were qualities have none; nothing here needs them. */
  if (dpl_safetensors_find(file, "quality") && !expect(file, "quality", DPL_F32, n, 4, error))
    return DPL_DAMAGED_GALLERY;
  const dpl_tensor *fine = dpl_safetensors_find(file, "fine"); /* four more bits a number, where the writer gave them */
  if (fine && !expect(file, "fine", DPL_U8, n, (d + 1) / 2, error)) return DPL_DAMAGED_GALLERY;

  filled->vectors = calloc(n, gallery->stride);
  filled->fine = fine ? calloc(n, gallery->stride / 2) : NULL;
  filled->scale = malloc(n * sizeof *filled->scale);
  filled->person = malloc(n * sizeof *filled->person);
  filled->mean = malloc(d * sizeof *filled->mean);
  if (!filled->vectors || (fine && !filled->fine) || !filled->scale || !filled->person || !filled->mean)
    return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  memcpy(filled->scale, scale->data, n * sizeof *filled->scale);
  memcpy(filled->person, person->data, n * sizeof *filled->person);
  memcpy(filled->mean, mean->data, d * sizeof *filled->mean);
  for (size_t i = 0; i < n; i++) {
    if (filled->person[i] >= gallery->info.people)
      return dpl_fail(error, DPL_DAMAGED_GALLERY, "Row %zu of the embeddings file belongs to person %u of %zu.", i,
                      filled->person[i], gallery->info.people);
    if (!(filled->scale[i] >= 0 && filled->scale[i] <= 1))
      return dpl_fail(error, DPL_DAMAGED_GALLERY, "Row %zu of the embeddings file has a scale that cannot be.", i);
    memcpy(filled->vectors + i * gallery->stride, vectors->data + i * d, d);
    if (fine) memcpy(filled->fine + i * (gallery->stride / 2), fine->data + i * ((d + 1) / 2), (d + 1) / 2);
  }
  for (size_t i = 0; i < d; i++)
    if (!(fabsf(filled->mean[i]) <= 1.001f))
      return dpl_fail(error, DPL_DAMAGED_GALLERY, "The mean of the embeddings file is not that of unit vectors.");
  return DPL_OK;
}

static void release_rows(dpl_shard *shard) {
  free(shard->vectors);
  free(shard->fine);
  free(shard->scale);
  free(shard->person);
  free(shard->mean);
}

/* ---- small things ---- */

static bool is_sha256(const char *text) {
  size_t digits = 0;
  while (isxdigit((unsigned char)text[digits])) digits++;
  return digits == SHA256_DIGITS && text[digits] == 0;
}

static bool same_digits(const char *left, const char *right) {
  while (*left && tolower((unsigned char)*left) == tolower((unsigned char)*right)) left++, right++;
  return !*left && !*right;
}
