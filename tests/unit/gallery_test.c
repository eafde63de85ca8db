/* A gallery opens from its manifest, takes its own shards in any order, and refuses everything else unchanged. */
#include "galleries.h"
#include "safetensors.h"

static const char CALIBRATION[] =
    "{\"bins\":4,\"range\":[-1,1],\"impostor\":{\"pairs\":8,\"first\":1,\"counts\":[2,6]},"
    "\"genuine\":{\"pairs\":0,\"first\":0,\"counts\":[]}}";

static void a_manifest_is_described(void **state) {
  (void)state;
  char *manifest = make_manifest(3, (size_t[]){4, 2}, 2, 20, CALIBRATION);
  dpl_gallery *gallery = open_manifest(manifest);
  dpl_gallery_info info;
  dpl_gallery_describe(gallery, &info);
  assert_int_equal(info.people, 3);
  assert_int_equal(info.photos, 6);
  assert_int_equal(info.photos_loaded, 0);
  assert_int_equal(info.dimension, 20);
  assert_string_equal(info.embedder, "net");
  assert_string_equal(info.embedder_sha256, SHA256);
  assert_int_equal(info.impostor_pairs, 8);
  assert_int_equal(info.genuine_pairs, 0);
  dpl_gallery_close(gallery);
  dpl_gallery_close(NULL);
  free(manifest);
}

static void only_the_network_that_made_it_is_accepted(void **state) {
  (void)state;
  char *manifest = make_manifest(1, (size_t[]){1}, 1, 20, NULL);
  dpl_gallery *gallery = open_manifest(manifest);
  dpl_error error;
  assert_ok(dpl_gallery_accepts(gallery, SHA256, &error), &error);
  char upper[65];
  for (int i = 0; i < 65; i++) upper[i] = SHA256[i] >= 'a' ? (char)(SHA256[i] - 'a' + 'A') : SHA256[i];
  assert_ok(dpl_gallery_accepts(gallery, upper, &error), &error);
  assert_failure(DPL_WRONG_NETWORK, dpl_gallery_accepts(gallery, OTHER_SHA256, &error), &error);
  assert_non_null(strstr(error.message, "net"));
  assert_non_null(strstr(error.message, "00112233"));
  assert_non_null(strstr(error.message, "ff112233"));
  assert_failure(DPL_INVALID_ARGUMENT, dpl_gallery_accepts(gallery, "0011", &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_gallery_accepts(gallery, NULL, &error), &error);
  dpl_gallery_close(gallery);
  free(manifest);
}

static void less_alike_reads_between_the_bins(void **state) {
  (void)state;
  char *manifest = make_manifest(1, (size_t[]){1}, 1, 20, CALIBRATION);
  dpl_gallery *gallery = open_manifest(manifest);
  const float places[][2] = {{-1, 0},   {-0.6f, 0}, {-0.5f, 0}, {-0.25f, 0.125f}, {0, 0.25f}, {0.25f, 0.625f},
                             {0.5f, 1}, {0.9f, 1},  {1, 1},     {2, 1},           {-2, 0}};
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
    assert_true(fabsf(dpl_gallery_less_alike(gallery, places[i][0]) - places[i][1]) < 1e-6f);
  float before = 0;
  for (float s = -1.1f; s < 1.1f; s += 0.01f) {
    const float now = dpl_gallery_less_alike(gallery, s);
    assert_true(now >= before && now <= 1);
    before = now;
  }
  assert_true(dpl_gallery_less_alike(gallery, NAN) >= 0);
  assert_true(dpl_gallery_less_alike_same(gallery, 0.5f) < 0);
  dpl_gallery_close(gallery);
  free(manifest);
}

/* The manifest with one piece replaced. */
static char *changed(const char *manifest, const char *from, const char *to) {
  const char *at = strstr(manifest, from);
  assert_non_null(at);
  char *text = malloc(strlen(manifest) + strlen(to) + 1);
  assert_non_null(text);
  sprintf(text, "%.*s%s%s", (int)(at - manifest), manifest, to, at + strlen(from));
  return text;
}

static void manifests_that_lie_are_refused(void **state) {
  (void)state;
  char *manifest = make_manifest(3, (size_t[]){4, 2}, 2, 20, CALIBRATION);
  const char *changes[][2] = {
      {"doppel-gallery", "other"},
      {"\"version\":1", "\"version\":3"},
      {"\"version\":1", "\"version\":0"},
      {"\"version\":1", "\"version\":\"1\""},
      {"\"version\":1,", ""},
      {"\"people\":3", "\"people\":7"},
      {"\"people\":3", "\"people\":-3"},
      {"\"people\":3", "\"people\":2.5"},
      {"\"people\":3", "\"people\":1e300"},
      {"\"photos\":6", "\"photos\":5"},
      {"\"photos\":6", "\"photos\":7"},
      {"\"photos\":6", "\"photos\":4294967302"},
      {"\"photos\":6", "\"photos\":null"},
      {"\"metric\":\"cosine\"", "\"metric\":\"euclid\""},
      {"\"name\":\"net\"", "\"name\":\"\""},
      {"\"name\":\"net\"",
       "\"name\":\"a name that is much longer than what any network is called in any of the galleries\""},
      {"\"name\":\"net\"", "\"name\":3"},
      {SHA256, "0011"},
      {SHA256, "zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"},
      {"\"dimension\":20", "\"dimension\":0"},
      {"\"dimension\":20", "\"dimension\":2049"},
      {"\"dimension\":20", "\"dimension\":20.5"},
      {"\"embeddings\":[", "\"embeddings\":[{\"count\":0},"},
      {"\"embeddings\":[", "\"embeddings\":[3,"},
      {"\"embeddings\":[", "\"others\":["},
      {"\"count\":4", "\"count\":5"},
      {"\"count\":4", "\"count\":1e300"},
      {"\"count\":4", "\"count\":-4"},
      {"\"bins\":4", "\"bins\":0"},
      {"\"bins\":4", "\"bins\":4294967296"},
      {"\"bins\":4", "\"bins\":2"},
      {"[-1,1]", "[0,1]"},
      {"[-1,1]", "[-1]"},
      {"[-1,1]", "3"},
      {"\"pairs\":8", "\"pairs\":9"},
      {"\"pairs\":8", "\"pairs\":7"},
      {"\"first\":1", "\"first\":3"},
      {"\"first\":1", "\"first\":99"},
      {"[2,6]", "[2,6.5]"},
      {"[2,6]", "[9007199254740992,9007199254740992]"},
      {"[2,6]", "\"\""},
      {"\"calibration\":{", "\"calibration\":[],\"other\":{"},
  };
  dpl_error error;
  dpl_gallery *gallery = NULL;
  for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
    char *text = changed(manifest, changes[i][0], changes[i][1]);
    const dpl_status status = dpl_gallery_open(text_bytes(text), &gallery, &error);
    if (!status) print_message("accepted: %s\n", text);
    assert_failure(DPL_DAMAGED_GALLERY, status, &error);
    assert_null(gallery);
    free(text);
  }
  for (size_t size = 0; size < strlen(manifest); size++) {
    const dpl_bytes cut = exact_copy((dpl_bytes){(const uint8_t *)manifest, size});
    assert_failure(DPL_DAMAGED_GALLERY, dpl_gallery_open(cut, &gallery, &error), &error);
    free((void *)(uintptr_t)cut.data);
  }
  assert_failure(DPL_INVALID_ARGUMENT, dpl_gallery_open((dpl_bytes){NULL, 0}, &gallery, &error), &error);
  char *uncalibrated = changed(manifest, "\"calibration\":{", "\"calibration\":null,\"other\":{");
  gallery = open_manifest(uncalibrated);
  assert_true(dpl_gallery_less_alike(gallery, 0.5f) < 0);
  dpl_gallery_close(gallery);
  free(uncalibrated), free(manifest);
}

/* 1021 pairs over four bins: 31 of them in the last carry a rate of 0.1; nothing carries 0.01. */
#define COUNTS                                                                                                         \
  "\"bins\":4,\"range\":[-1,1],\"impostor\":{\"pairs\":1021,\"of\":5000,\"first\":0,\"counts\":[500,400,90,31]},"      \
  "\"genuine\":{\"pairs\":4,\"of\":4,\"first\":1,\"counts\":[1,0,3]}"
#define ROW "{\"rate\":0.1,\"similarity\":0.5,\"pairs\":31,\"genuine\":0.75}"

static void a_table_that_claims_more_than_the_counts_is_refused(void **state) {
  (void)state;
  char *plain = make_manifest(3, (size_t[]){4, 2}, 2, 20, "{" COUNTS "}");
  dpl_gallery *gallery = open_manifest(plain);
  dpl_false_match rows[DPL_FALSE_MATCH_RATES];
  assert_int_equal(dpl_gallery_false_matches(gallery, rows), 1); /* of a manifest that has none as well */
  assert_float_equal(rows[0].rate, 0.1, 1e-12);
  assert_float_equal(rows[0].similarity, 0.5, 1e-7);
  assert_int_equal(rows[0].pairs, 31);
  assert_float_equal(rows[0].genuine, 0.75, 1e-7);
  dpl_gallery_close(gallery);
  free(plain);

  char *manifest = make_manifest(3, (size_t[]){4, 2}, 2, 20, "{" COUNTS ",\"false_matches\":[" ROW "]}");
  dpl_gallery_close(open_manifest(manifest));
  const char *changes[][2] = {
      {"\"rate\":0.1", "\"rate\":0.01"},
      {"\"rate\":0.1", "\"rate\":\"0.1\""},
      {"\"similarity\":0.5", "\"similarity\":0.4"},
      {"\"similarity\":0.5", "\"similarity\":1e999"},
      {"\"pairs\":31", "\"pairs\":30"},
      {"\"pairs\":31", "\"pairs\":-31"},
      {",\"genuine\":0.75}", "}"},
      {"\"genuine\":0.75", "\"genuine\":0.9"},
      {"\"genuine\":0.75", "\"genuine\":[]"},
      {ROW, ROW "," ROW},
      {ROW, ROW ",{\"rate\":0.01,\"similarity\":1,\"pairs\":0,\"genuine\":0}"},
      {ROW, "0.1"},
      {"[" ROW "]", ROW},
      {"\"of\":5000", "\"of\":1020"},
      {"\"of\":5000", "\"of\":-1"},
  };
  for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
    char *text = changed(manifest, changes[i][0], changes[i][1]);
    dpl_error error;
    const dpl_status status = dpl_gallery_open(text_bytes(text), &gallery, &error);
    if (!status) print_message("accepted: %s\n", text);
    assert_failure(DPL_DAMAGED_GALLERY, status, &error);
    free(text);
  }
  free(manifest);
}

enum { PEOPLE = 5, PHOTOS = 12, DIMENSION = 20 };

static void shards_come_in_any_order_and_once(void **state) {
  (void)state;
  const size_t counts[] = {5, 4, 3};
  uint32_t person[PHOTOS];
  for (uint32_t i = 0; i < PHOTOS; i++) person[i] = i % PEOPLE;
  float *vectors = make_vectors(PHOTOS, DIMENSION, 0.3, 1), *mean = mean_of(vectors, PHOTOS, DIMENSION);
  char *manifest = make_manifest(PEOPLE, counts, 3, DIMENSION, NULL);
  dpl_gallery *gallery = open_manifest(manifest);
  dpl_match matches[PEOPLE + 2];
  size_t count = 99;
  dpl_error error;
  assert_failure(DPL_EMPTY_GALLERY, dpl_gallery_search(gallery, vectors, 3, matches, &count, &error), &error);
  assert_int_equal(count, 99);

  const size_t order[] = {2, 0, 1};
  size_t loaded = 0;
  for (int i = 0; i < 3; i++) {
    size_t first = 0;
    for (size_t k = 0; k < order[i]; k++) first += counts[k];
    buffer shard =
        make_shard(vectors + first * DIMENSION, person + first, counts[order[i]], DIMENSION, mean, first, SHA256);
    assert_ok(dpl_gallery_add(gallery, bytes_of(shard), &error), &error);
    assert_failure(DPL_DAMAGED_GALLERY, dpl_gallery_add(gallery, bytes_of(shard), &error), &error); /* there already */
    free(shard.data);
    dpl_gallery_info info;
    dpl_gallery_describe(gallery, &info);
    loaded += counts[order[i]];
    assert_int_equal(info.photos_loaded, loaded);
  }
  for (uint32_t i = 0; i < PHOTOS; i++) {
    assert_ok(dpl_gallery_search(gallery, vectors + i * DIMENSION, PEOPLE + 2, matches, &count, &error), &error);
    assert_int_equal(count, PEOPLE);
    assert_int_equal(matches[0].person, person[i]);
    assert_int_equal(matches[0].photo, i);
    assert_true(matches[0].similarity > 0.995f && matches[0].similarity <= 1);
    assert_true(matches[0].less_alike < 0); /* not calibrated */
  }
  dpl_gallery_close(gallery);
  free(vectors), free(mean), free(manifest);
}

/* Writes a shard tensor by tensor, so that any of them can be wrong. */
typedef struct shard_parts {
  dpl_tensor tensors[7];
  size_t count;
  char metadata[300];
} shard_parts;

static int8_t part_vectors[PHOTOS * DIMENSION];
static float part_scale[PHOTOS], part_mean[DIMENSION], part_box[PHOTOS * 4], part_points[PHOTOS * 10],
    part_score[PHOTOS];
static uint32_t part_person[PHOTOS];

static shard_parts sound_parts(void) {
  for (int i = 0; i < PHOTOS; i++) part_scale[i] = 0.01f, part_person[i] = (uint32_t)i % PEOPLE;
  for (int i = 0; i < DIMENSION; i++) part_mean[i] = 0.1f;
  shard_parts parts = {{{"vectors", DPL_I8, 2, {PHOTOS, DIMENSION}, PHOTOS * DIMENSION, (const uint8_t *)part_vectors},
                        {"scale", DPL_F32, 1, {PHOTOS}, PHOTOS, (const uint8_t *)part_scale},
                        {"mean", DPL_F32, 1, {DIMENSION}, DIMENSION, (const uint8_t *)part_mean},
                        {"person", DPL_U32, 1, {PHOTOS}, PHOTOS, (const uint8_t *)part_person},
                        {"box", DPL_F32, 2, {PHOTOS, 4}, PHOTOS * 4, (const uint8_t *)part_box},
                        {"points", DPL_F32, 2, {PHOTOS, 10}, PHOTOS * 10, (const uint8_t *)part_points},
                        {"score", DPL_F32, 1, {PHOTOS}, PHOTOS, (const uint8_t *)part_score}},
                       7,
                       ""};
  sprintf(parts.metadata, "{\"format\":1,\"kind\":\"embeddings\",\"embedder_sha256\":\"%s\",\"first_photo\":0}",
          SHA256);
  return parts;
}

static void assert_added(shard_parts parts, dpl_status expected) {
  const size_t count = PHOTOS;
  char *manifest = make_manifest(PEOPLE, &count, 1, DIMENSION, NULL);
  dpl_gallery *gallery = open_manifest(manifest);
  uint8_t *file;
  size_t size;
  dpl_error error;
  assert_ok(dpl_safetensors_write(parts.tensors, parts.count, parts.metadata, &file, &size, &error), &error);
  const dpl_bytes kept = exact_copy((dpl_bytes){file, size});
  const dpl_status status = dpl_gallery_add(gallery, kept, &error);
  dpl_gallery_info info;
  dpl_gallery_describe(gallery, &info);
  if (expected) {
    assert_failure(expected, status, &error);
    assert_int_equal(info.photos_loaded, 0); /* as it was: a sound one can still come */
    const shard_parts sound = sound_parts();
    uint8_t *good;
    size_t good_size;
    assert_ok(dpl_safetensors_write(sound.tensors, sound.count, sound.metadata, &good, &good_size, &error), &error);
    assert_ok(dpl_gallery_add(gallery, (dpl_bytes){good, good_size}, &error), &error);
    free(good);
  } else {
    assert_ok(status, &error);
    assert_int_equal(info.photos_loaded, PHOTOS);
  }
  dpl_gallery_close(gallery);
  free(manifest), free(file), free((void *)(uintptr_t)kept.data);
}

static void shards_that_lie_are_refused(void **state) {
  (void)state;
  assert_added(sound_parts(), DPL_OK);
  for (size_t i = 0; i < 7; i++) {
    shard_parts parts = sound_parts(); /* a tensor is missing */
    parts.tensors[i] = parts.tensors[6];
    parts.count = 6;
    if (i < 6) assert_added(parts, DPL_DAMAGED_GALLERY);
    parts = sound_parts(); /* one row too few */
    if (i != 2) {
      parts.tensors[i].shape[0]--;
      parts.tensors[i].count = parts.tensors[i].count / PHOTOS * (PHOTOS - 1);
      assert_added(parts, DPL_DAMAGED_GALLERY);
    }
    parts = sound_parts(); /* another type of the same size */
    parts.tensors[i].dtype = parts.tensors[i].dtype == DPL_I8 ? DPL_U8 : DPL_I32;
    assert_added(parts, DPL_DAMAGED_GALLERY);
  }
  shard_parts parts = sound_parts(); /* another dimension */
  parts.tensors[0].shape[1] = DIMENSION / 2, parts.tensors[0].count = PHOTOS * DIMENSION / 2;
  assert_added(parts, DPL_DAMAGED_GALLERY);
  parts = sound_parts(); /* the same numbers in another shape */
  parts.tensors[0].shape[0] = DIMENSION, parts.tensors[0].shape[1] = PHOTOS;
  assert_added(parts, DPL_DAMAGED_GALLERY);
}

/* The parts as they are now, also where a number has been changed behind them. */
static void assert_refused(shard_parts parts) {
  const size_t count = PHOTOS;
  char *manifest = make_manifest(PEOPLE, &count, 1, DIMENSION, NULL);
  dpl_gallery *gallery = open_manifest(manifest);
  uint8_t *file;
  size_t size;
  dpl_error error;
  assert_ok(dpl_safetensors_write(parts.tensors, parts.count, parts.metadata, &file, &size, &error), &error);
  assert_failure(DPL_DAMAGED_GALLERY, dpl_gallery_add(gallery, (dpl_bytes){file, size}, &error), &error);
  dpl_gallery_info info;
  dpl_gallery_describe(gallery, &info);
  assert_int_equal(info.photos_loaded, 0);
  dpl_gallery_close(gallery);
  free(file), free(manifest);
}

static void numbers_that_cannot_be_are_refused(void **state) {
  (void)state;
  const float bad[] = {NAN, INFINITY, -INFINITY, -2, 2};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    shard_parts parts = sound_parts();
    part_scale[PHOTOS - 1] = bad[i];
    assert_refused(parts);
    parts = sound_parts();
    part_mean[DIMENSION - 1] = bad[i];
    assert_refused(parts);
  }
  const uint32_t nobody[] = {PEOPLE, UINT32_MAX};
  for (size_t i = 0; i < 2; i++) {
    const shard_parts parts = sound_parts();
    part_person[PHOTOS - 1] = nobody[i];
    assert_refused(parts);
  }
}

static void shards_of_others_are_refused(void **state) {
  (void)state;
  shard_parts parts = sound_parts();
  sprintf(parts.metadata, "{\"format\":1,\"kind\":\"embeddings\",\"embedder_sha256\":\"%s\",\"first_photo\":0}",
          OTHER_SHA256);
  assert_added(parts, DPL_WRONG_NETWORK);
  const char *metadata[] = {"",
                            "{}",
                            "[]",
                            "{\"format\":2,\"kind\":\"embeddings\",\"embedder_sha256\":\"%s\",\"first_photo\":0}",
                            "{\"format\":1,\"kind\":\"network\",\"embedder_sha256\":\"%s\",\"first_photo\":0}",
                            "{\"format\":1,\"kind\":\"embeddings\",\"embedder_sha256\":\"%s\",\"first_photo\":1}",
                            "{\"format\":1,\"kind\":\"embeddings\",\"embedder_sha256\":\"%s\",\"first_photo\":-1}",
                            "{\"format\":1,\"kind\":\"embeddings\",\"embedder_sha256\":\"%s\"}",
                            "{\"format\":1,\"kind\":\"embeddings\",\"embedder_sha256\":\"%.9s\",\"first_photo\":0}"};
  for (size_t i = 0; i < sizeof metadata / sizeof metadata[0]; i++) {
    parts = sound_parts();
    const char *mark = strstr(metadata[i], "%");
    if (!mark)
      strcpy(parts.metadata, metadata[i]);
    else
      sprintf(parts.metadata, "%.*s%.*s%s", (int)(mark - metadata[i]), metadata[i], mark[1] == '.' ? 9 : 64, SHA256,
              strchr(mark, 's') + 1);
    assert_added(parts, DPL_DAMAGED_GALLERY);
  }
}

static void a_shard_cut_anywhere_is_refused(void **state) {
  (void)state;
  const shard_parts parts = sound_parts();
  uint8_t *file;
  size_t size;
  assert_ok(dpl_safetensors_write(parts.tensors, parts.count, parts.metadata, &file, &size, NULL), NULL);
  const size_t count = PHOTOS;
  char *manifest = make_manifest(PEOPLE, &count, 1, DIMENSION, NULL);
  dpl_gallery *gallery = open_manifest(manifest);
  for (size_t cut = 0; cut < size; cut += 7) {
    const dpl_bytes part = exact_copy((dpl_bytes){file, cut});
    dpl_error error;
    assert_failure(DPL_DAMAGED_GALLERY, dpl_gallery_add(gallery, part, &error), &error);
    free((void *)(uintptr_t)part.data);
  }
  dpl_gallery_close(gallery);
  free(file), free(manifest);
}

static void less_alike_than_one_of_many_millions_is_not_all(void **state) {
  (void)state;
  char *manifest = make_manifest(1, (size_t[]){1}, 1, 20,
                                 "{\"bins\":4,\"range\":[-1,1],\"impostor\":{\"pairs\":100000001,\"first\":1,"
                                 "\"counts\":[100000000,0,1]},\"genuine\":{\"pairs\":0,\"first\":0,\"counts\":[]}}");
  dpl_gallery *gallery = open_manifest(manifest);
  assert_true(dpl_gallery_less_alike(gallery, 0.25f) < 1);
  assert_true(dpl_gallery_less_alike(gallery, 0.25f) > 0.999999f);
  assert_true(dpl_gallery_less_alike(gallery, 1) == 1);
  dpl_gallery_close(gallery);
  free(manifest);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_manifest_is_described),
      cmocka_unit_test(only_the_network_that_made_it_is_accepted),
      cmocka_unit_test(less_alike_reads_between_the_bins),
      cmocka_unit_test(less_alike_than_one_of_many_millions_is_not_all),
      cmocka_unit_test(manifests_that_lie_are_refused),
      cmocka_unit_test(a_table_that_claims_more_than_the_counts_is_refused),
      cmocka_unit_test(shards_come_in_any_order_and_once),
      cmocka_unit_test(shards_that_lie_are_refused),
      cmocka_unit_test(numbers_that_cannot_be_are_refused),
      cmocka_unit_test(shards_of_others_are_refused),
      cmocka_unit_test(a_shard_cut_anywhere_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
