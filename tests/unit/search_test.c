/* The search finds whom a slow search in real numbers finds, whatever the vectors, the shards and the machine. */
#include "dot.h"
#include "galleries.h"

/* ---- the kernels ---- */

static void assert_kernel_agrees(dpl_dot_kernel *kernel) {
  uint64_t seed = 11;
  for (size_t stride = DPL_DOT_STEP; stride <= 2048; stride = stride < 160 ? stride + DPL_DOT_STEP : stride * 2)
    for (size_t count = 0; count <= 9; count++) {
      /* One byte further than aligned, and no byte behind it: kernels must not ask for either. */
      int8_t *block = malloc(stride * count + 1);
      int16_t *probe = malloc(stride * sizeof *probe);
      assert_non_null(block);
      assert_non_null(probe);
      for (size_t i = 0; i < stride * count + 1; i++) block[i] = (int8_t)random_bits(&seed);
      for (size_t i = 0; i < stride; i++) probe[i] = (int16_t)((int)(random_bits(&seed) % 16001) - 8000);
      int32_t expected[10], dots[10];
      memset(expected, 0x55, sizeof expected);
      memset(dots, 0x55, sizeof dots);
      dpl_dot_plain(probe, block + 1, stride, count, expected);
      kernel(probe, block + 1, stride, count, dots);
      assert_memory_equal(dots, expected, sizeof dots); /* and nothing written behind */
      free(block), free(probe);
    }
}

static void assert_kernel_stands_the_extremes(dpl_dot_kernel *kernel) {
  enum { STRIDE = 512 };
  int16_t probe[STRIDE];
  int8_t rows[2 * STRIDE];
  int32_t dots[2];
  for (int i = 0; i < STRIDE; i++) {
    probe[i] = 32767; /* their sum is just below 2^24 */
    rows[i] = -128;
    rows[STRIDE + i] = 127;
  }
  kernel(probe, rows, STRIDE, 2, dots);
  assert_int_equal(dots[0], -128 * 32767 * STRIDE);
  assert_int_equal(dots[1], 127 * 32767 * STRIDE);
  for (int i = 0; i < STRIDE; i++) probe[i] = (int16_t)(i % 2 ? -32767 : 32767);
  kernel(probe, rows, STRIDE, 2, dots);
  assert_int_equal(dots[0], 0);
}

static void every_kernel_equals_its_plain_twin(void **state) {
  (void)state;
  assert_kernel_agrees(dpl_dot_choose());
  assert_kernel_stands_the_extremes(dpl_dot_plain);
  assert_kernel_stands_the_extremes(dpl_dot_choose());
#if defined(__x86_64__)
  assert_kernel_agrees(dpl_dot_sse2);
  assert_kernel_stands_the_extremes(dpl_dot_sse2);
  if (__builtin_cpu_supports("avx2")) {
    assert_kernel_agrees(dpl_dot_avx2);
    assert_kernel_stands_the_extremes(dpl_dot_avx2);
  } else {
    print_message("this processor has no AVX2: that kernel was not tried\n");
  }
#endif
}

/* ---- the slow search ---- */

typedef struct slow_match {
  uint32_t person, photo;
  double similarity;
} slow_match;

static int compare_slow(const void *left, const void *right) {
  const slow_match *a = left, *b = right;
  if (a->similarity > b->similarity || a->similarity < b->similarity) return a->similarity > b->similarity ? -1 : 1;
  return (a->person > b->person) - (a->person < b->person);
}

/* Every person's best photo, best person first. */
static slow_match *search_slowly(const float *vectors, const uint32_t *person, size_t people, size_t count,
                                 size_t dimension, const float *probe) {
  slow_match *best = malloc(people * sizeof *best);
  assert_non_null(best);
  for (size_t i = 0; i < people; i++) best[i] = (slow_match){(uint32_t)i, 0, -9};
  for (size_t i = 0; i < count; i++) {
    const double similarity = cosine(vectors + i * dimension, probe, dimension);
    if (similarity > best[person[i]].similarity) best[person[i]] = (slow_match){person[i], (uint32_t)i, similarity};
  }
  qsort(best, people, sizeof *best, compare_slow);
  return best;
}

static uint32_t *deal_people(size_t count, size_t people, uint64_t seed) {
  uint32_t *person = malloc(count * sizeof *person);
  assert_non_null(person);
  for (size_t i = 0; i < count; i++) person[i] = i < people ? (uint32_t)i : (uint32_t)(random_bits(&seed) % people);
  return person;
}

static void people_are_found_by_their_best_photo(void **state) {
  (void)state;
  enum { PHOTOS = 600, PEOPLE = 100, DIMENSION = 33, TOP = 10 };
  float *vectors = make_vectors(PHOTOS, DIMENSION, 0.1, 1), *probes = make_vectors(40, DIMENSION, 0.1, 1);
  uint32_t *person = deal_people(PHOTOS, PEOPLE, 5);
  dpl_gallery *gallery = make_gallery(vectors, person, PEOPLE, PHOTOS, DIMENSION, NULL);
  for (size_t p = 0; p < 40; p++) {
    slow_match *slow = search_slowly(vectors, person, PEOPLE, PHOTOS, DIMENSION, probes + p * DIMENSION);
    dpl_match matches[TOP];
    size_t count;
    dpl_error error;
    assert_ok(dpl_gallery_search(gallery, probes + p * DIMENSION, TOP, matches, &count, &error), &error);
    assert_int_equal(count, TOP);
    for (size_t i = 0; i < TOP; i++) {
      assert_int_equal(person[matches[i].photo], matches[i].person);
      assert_true(fabs((double)matches[i].similarity - slow[i].similarity) < 4e-3);
      assert_true(i == 0 || matches[i].similarity <= matches[i - 1].similarity);
      for (size_t k = 0; k < i; k++) assert_int_not_equal(matches[i].person, matches[k].person);
      const double real = cosine(vectors + matches[i].photo * DIMENSION, probes + p * DIMENSION, DIMENSION);
      assert_true(fabs((double)matches[i].similarity - real) < 4e-3);
    }
    free(slow);
  }
  dpl_gallery_close(gallery);
  free(vectors), free(probes), free(person);
}

static double recall_at_10(size_t photos, size_t dimension, double cone, size_t probe_count) {
  enum { TOP = 10 };
  float *vectors = make_vectors(photos + probe_count, dimension, cone, 77);
  const float *probes = vectors + photos * dimension;
  uint32_t *person = deal_people(photos, photos, 1);
  dpl_gallery *gallery = make_gallery(vectors, person, photos, photos, dimension, NULL);
  size_t hits = 0;
  for (size_t p = 0; p < probe_count; p++) {
    slow_match *slow = search_slowly(vectors, person, photos, photos, dimension, probes + p * dimension);
    dpl_match matches[TOP];
    size_t count;
    assert_ok(dpl_gallery_search(gallery, probes + p * dimension, TOP, matches, &count, NULL), NULL);
    for (size_t i = 0; i < TOP; i++)
      for (size_t k = 0; k < TOP; k++) hits += matches[i].person == slow[k].person;
    free(slow);
  }
  dpl_gallery_close(gallery);
  free(vectors), free(person);
  return (double)hits / (double)(probe_count * TOP);
}

/* One neighbour in some thousands is as near as the next one by less than the rounding: it may change places. */
static void twelve_bits_find_the_ten_nearest(void **state) {
  (void)state;
  const struct {
    size_t dimension;
    double cone; /* 0.83: the narrow cone of dlib's network */
  } kinds[] = {{128, 0}, {128, 0.83}, {512, 0}, {512, 0.83}};
  double sum = 0;
  for (size_t i = 0; i < 4; i++) {
    const double recall = recall_at_10(2000, kinds[i].dimension, kinds[i].cone, 400);
    print_message("recall@10 of %zu numbers, mean cosine %.2f: %.5f\n", kinds[i].dimension, kinds[i].cone, recall);
    assert_true(recall >= 0.998);
    sum += recall;
  }
  print_message("recall@10 of all: %.5f\n", sum / 4);
  assert_true(sum / 4 >= 0.999);
}

/* All people asked for means that every row is looked at with all its bits. */
static void the_short_way_gives_what_the_long_way_gives(void **state) {
  (void)state;
  enum { PHOTOS = 1500, PEOPLE = 700, DIMENSION = 64 };
  for (int cone = 0; cone <= 1; cone++) {
    float *vectors = make_vectors(PHOTOS, DIMENSION, cone ? 0.83 : 0, 21);
    float *probes = make_vectors(60, DIMENSION, cone ? 0.83 : 0, 22);
    uint32_t *person = deal_people(PHOTOS, PEOPLE, 5);
    dpl_gallery *gallery = make_gallery(vectors, person, PEOPLE, PHOTOS, DIMENSION, NULL);
    static dpl_match all[PEOPLE], few[25];
    for (size_t p = 0; p < 60; p++) {
      size_t all_count, few_count;
      assert_ok(dpl_gallery_search(gallery, probes + p * DIMENSION, PEOPLE, all, &all_count, NULL), NULL);
      assert_int_equal(all_count, PEOPLE);
      const size_t capacity = 1 + p % 25;
      assert_ok(dpl_gallery_search(gallery, probes + p * DIMENSION, capacity, few, &few_count, NULL), NULL);
      assert_int_equal(few_count, capacity);
      assert_memory_equal(few, all, capacity * sizeof *few);
    }
    dpl_gallery_close(gallery);
    free(vectors), free(probes), free(person);
  }
}

/* ---- several probes, some people ---- */

/* Eleven probes: two full passes and a part of one. */
static void several_probes_find_what_each_finds_alone(void **state) {
  (void)state;
  enum { PHOTOS = 1500, PEOPLE = 700, DIMENSION = 64, PROBES = 11, TOP = 7 };
  float *vectors = make_vectors(PHOTOS, DIMENSION, 0.5, 21), *probes = make_vectors(PROBES, DIMENSION, 0.5, 22);
  uint32_t *person = deal_people(PHOTOS, PEOPLE, 5);
  dpl_gallery *gallery = make_gallery(vectors, person, PEOPLE, PHOTOS, DIMENSION, NULL);
  dpl_match together[PROBES * TOP], alone[TOP];
  size_t counts[PROBES], count;
  assert_ok(dpl_gallery_search_each(gallery, probes, PROBES, NULL, TOP, together, counts, NULL), NULL);
  for (size_t p = 0; p < PROBES; p++) {
    assert_ok(dpl_gallery_search(gallery, probes + p * DIMENSION, TOP, alone, &count, NULL), NULL);
    assert_int_equal(counts[p], count);
    assert_memory_equal(together + p * TOP, alone, count * sizeof *alone);
  }
  assert_ok(dpl_gallery_search_each(gallery, probes, PROBES, NULL, 0, NULL, counts, NULL), NULL);
  for (size_t p = 0; p < PROBES; p++) assert_int_equal(counts[p], 0);

  dpl_error error;
  memset(probes + 6 * DIMENSION, 0, DIMENSION * sizeof *probes);
  memset(together, 0x55, sizeof together);
  const dpl_match untouched = together[0];
  assert_failure(DPL_INVALID_ARGUMENT,
                 dpl_gallery_search_each(gallery, probes, PROBES, NULL, TOP, together, counts, &error), &error);
  assert_memory_equal(&together[0], &untouched, sizeof untouched);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_gallery_search_each(gallery, probes, 0, NULL, TOP, together, counts, &error),
                 &error);
  dpl_gallery_close(gallery);
  free(vectors), free(probes), free(person);
}

/* Nobody, one, a third, most and all of the people; alone and in runs. */
static void only_those_who_may_match_are_found(void **state) {
  (void)state;
  enum { PHOTOS = 1500, PEOPLE = 700, DIMENSION = 33, TOP = 20, WORDS = (PEOPLE + 31) / 32 };
  float *vectors = make_vectors(PHOTOS, DIMENSION, 0.5, 21), *probes = make_vectors(5, DIMENSION, 0.5, 22);
  uint32_t *person = deal_people(PHOTOS, PEOPLE, 5);
  dpl_gallery *gallery = make_gallery(vectors, person, PEOPLE, PHOTOS, DIMENSION, NULL);
  static dpl_match all[PEOPLE], some[TOP], expected[TOP];
  for (int kind = 0; kind < 5; kind++) {
    uint32_t allowed[WORDS] = {0};
    for (uint32_t i = 0; i < PEOPLE; i++)
      if (kind == 4 || (kind == 3 && i / 50 % 4) || (kind == 2 && i % 3 == 1) || (kind == 1 && i == 699))
        allowed[i / 32] |= UINT32_C(1) << i % 32;
    for (size_t p = 0; p < 5; p++) {
      const float *probe = probes + p * DIMENSION;
      size_t all_count, count, left = 0;
      assert_ok(dpl_gallery_search(gallery, probe, PEOPLE, all, &all_count, NULL), NULL);
      for (size_t i = 0; i < all_count && left < TOP; i++)
        if (allowed[all[i].person / 32] >> all[i].person % 32 & 1) expected[left++] = all[i];
      assert_ok(dpl_gallery_search_each(gallery, probe, 1, allowed, TOP, some, &count, NULL), NULL);
      assert_int_equal(count, left);
      assert_memory_equal(some, expected, left * sizeof *some);
    }
  }
  dpl_gallery_close(gallery);
  free(vectors), free(probes), free(person);
}

static void a_mean_of_photos_is_nearer_to_the_next_one(void **state) {
  (void)state;
  enum { PHOTOS = 5, DIMENSION = 128 };
  float *photos = make_vectors(PHOTOS + 1, DIMENSION, 0.5, 9), mean[DIMENSION]; /* a cone is one person's photos */
  const float *next = photos + PHOTOS * DIMENSION;
  dpl_error error;
  assert_ok(dpl_vector_mean(photos, PHOTOS, DIMENSION, mean, &error), &error);
  assert_true(fabs(cosine(mean, mean, DIMENSION) - 1) < 1e-5);
  for (size_t i = 0; i < PHOTOS; i++)
    assert_true(cosine(mean, next, DIMENSION) > cosine(photos + i * DIMENSION, next, DIMENSION));
  assert_ok(dpl_vector_mean(photos, 1, DIMENSION, mean, &error), &error);
  assert_true(fabs(cosine(mean, photos, DIMENSION) - 1) < 1e-6);
  assert_ok(dpl_vector_mean(photos, PHOTOS, DIMENSION, mean, &error), &error);
  assert_ok(dpl_vector_mean(photos, PHOTOS, DIMENSION, photos, &error), &error); /* over its own first */
  assert_memory_equal(mean, photos, sizeof mean);

  for (size_t k = 0; k < DIMENSION; k++) photos[k] = -photos[DIMENSION + k];
  assert_failure(DPL_INVALID_ARGUMENT, dpl_vector_mean(photos, 2, DIMENSION, mean, &error), &error);
  photos[3] = NAN;
  assert_failure(DPL_INVALID_ARGUMENT, dpl_vector_mean(photos, 2, DIMENSION, mean, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_vector_mean(photos, 0, DIMENSION, mean, &error), &error);
  free(photos);
}

/* ---- order, what is missing, what is refused ---- */

static void ties_go_to_the_lower_person_and_photo(void **state) {
  (void)state;
  enum { PHOTOS = 9, DIMENSION = 16 };
  float *one = make_vectors(1, DIMENSION, 0, 3), vectors[PHOTOS * DIMENSION];
  const float flat[DIMENSION] = {0};
  uint32_t person[PHOTOS] = {4, 3, 2, 2, 1, 0, 4, 3, 1};
  for (size_t i = 0; i < PHOTOS; i++) memcpy(vectors + i * DIMENSION, one, DIMENSION * sizeof *one);
  for (int order = 0; order < 2; order++) { /* whichever shard comes first */
    const size_t counts[] = {5, 4};
    char *manifest = make_manifest(5, counts, 2, DIMENSION, NULL);
    dpl_gallery *gallery = open_manifest(manifest);
    for (int i = 0; i < 2; i++) {
      const bool second = i != order;
      buffer shard =
          make_shard(vectors, person + (second ? 5 : 0), second ? 4 : 5, DIMENSION, flat, second ? 5 : 0, SHA256);
      dpl_error error;
      assert_ok(dpl_gallery_add(gallery, bytes_of(shard), &error), &error);
      free(shard.data);
    }
    const uint32_t photos[] = {5, 4, 2, 1, 0};
    for (size_t capacity = 0; capacity <= 6; capacity++) {
      dpl_match matches[6];
      size_t count;
      assert_ok(dpl_gallery_search(gallery, one, capacity, matches, &count, NULL), NULL);
      assert_int_equal(count, capacity < 5 ? capacity : 5);
      for (size_t i = 0; i < count; i++) {
        assert_int_equal(matches[i].person, i);
        assert_int_equal(matches[i].photo, photos[i]);
      }
    }
    dpl_gallery_close(gallery);
    free(manifest);
  }
  free(one);
}

static void people_not_loaded_yet_are_not_found(void **state) {
  (void)state;
  enum { DIMENSION = 16 };
  float *vectors = make_vectors(4, DIMENSION, 0, 3);
  const float flat[DIMENSION] = {0};
  const uint32_t person[] = {0, 2, 1, 3};
  char *manifest = make_manifest(4, (size_t[]){2, 2}, 2, DIMENSION, NULL);
  dpl_gallery *gallery = open_manifest(manifest);
  buffer shard = make_shard(vectors, person, 2, DIMENSION, flat, 0, SHA256);
  assert_ok(dpl_gallery_add(gallery, bytes_of(shard), NULL), NULL);
  dpl_match matches[4];
  size_t count;
  assert_ok(dpl_gallery_search(gallery, vectors + DIMENSION, 4, matches, &count, NULL), NULL);
  assert_int_equal(count, 2);
  assert_int_equal(matches[0].person, 2);
  assert_int_equal(matches[1].person, 0);
  dpl_gallery_close(gallery);
  free(vectors), free(manifest), free(shard.data);
}

static void matches_say_how_many_strangers_are_less_alike(void **state) {
  (void)state;
  enum { DIMENSION = 16 };
  float *vectors = make_vectors(3, DIMENSION, 0, 3);
  const uint32_t person[] = {0, 1, 2};
  dpl_gallery *gallery =
      make_gallery(vectors, person, 3, 3, DIMENSION,
                   "{\"bins\":2,\"range\":[-1,1],\"impostor\":{\"pairs\":4,\"first\":0,\"counts\":[1,3]},"
                   "\"genuine\":{\"pairs\":2,\"first\":1,\"counts\":[2]}}");
  dpl_match matches[3];
  size_t count;
  assert_ok(dpl_gallery_search(gallery, vectors, 3, matches, &count, NULL), NULL);
  for (size_t i = 0; i < count; i++) {
    const float s = matches[i].similarity, expected = s < 0 ? (s + 1) * 0.25f : 0.25f + s * 0.75f;
    assert_true(fabsf(matches[i].less_alike - expected) < 1e-5f);
  }
  assert_true(matches[0].similarity <= 1 && matches[0].less_alike <= 1);
  assert_true(fabsf(dpl_gallery_less_alike_same(gallery, 0.5f) - 0.5f) < 1e-6f);
  dpl_gallery_close(gallery);
  free(vectors);
}

static void probes_that_are_no_vectors_are_refused(void **state) {
  (void)state;
  enum { DIMENSION = 16 };
  float *vectors = make_vectors(1, DIMENSION, 0, 3), probe[DIMENSION];
  const uint32_t person[] = {0};
  dpl_gallery *gallery = make_gallery(vectors, person, 1, 1, DIMENSION, NULL);
  dpl_match match;
  size_t count = 77;
  dpl_error error;
  const float bad[] = {0, 2, NAN, INFINITY, 1e30f};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    for (int k = 0; k < DIMENSION; k++) probe[k] = vectors[k] * bad[i];
    assert_failure(DPL_INVALID_ARGUMENT, dpl_gallery_search(gallery, probe, 1, &match, &count, &error), &error);
  }
  assert_failure(DPL_INVALID_ARGUMENT, dpl_gallery_search(gallery, vectors, 1, NULL, &count, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_gallery_search(gallery, vectors, 1, &match, NULL, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_gallery_search(NULL, vectors, 1, &match, &count, &error), &error);
  assert_int_equal(count, 77);
  memset(probe, 0, sizeof probe); /* all length in one number: the most that 16 bits must hold */
  probe[5] = -1;
  assert_ok(dpl_gallery_search(gallery, probe, 1, &match, &count, &error), &error);
  assert_true(fabs((double)match.similarity - cosine(probe, vectors, DIMENSION)) < 0.01);
  dpl_gallery_close(gallery);
  free(vectors);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_kernel_equals_its_plain_twin),
      cmocka_unit_test(people_are_found_by_their_best_photo),
      cmocka_unit_test(twelve_bits_find_the_ten_nearest),
      cmocka_unit_test(the_short_way_gives_what_the_long_way_gives),
      cmocka_unit_test(several_probes_find_what_each_finds_alone),
      cmocka_unit_test(only_those_who_may_match_are_found),
      cmocka_unit_test(a_mean_of_photos_is_nearer_to_the_next_one),
      cmocka_unit_test(ties_go_to_the_lower_person_and_photo),
      cmocka_unit_test(people_not_loaded_yet_are_not_found),
      cmocka_unit_test(matches_say_how_many_strangers_are_less_alike),
      cmocka_unit_test(probes_that_are_no_vectors_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
