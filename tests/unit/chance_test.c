/* Best matches are counted exactly, and strangers reach each number of chance matches as often as it says. */
#include "calibration_json.h"
#include "galleries.h"

static dpl_calibration *calibrated(const float *vectors, const uint32_t *person, size_t count, size_t dimension) {
  dpl_calibration *made = calloc(1, sizeof *made);
  assert_non_null(made);
  dpl_error error;
  assert_ok(dpl_calibrate(vectors, person, count, (int)dimension, 0, 1, made, &error), &error);
  assert_ok(dpl_calibrate_nearest(vectors, person, count, (int)dimension, 1, made, &error), &error);
  return made;
}

static size_t bin_of(double similarity) {
  return (size_t)fmin((similarity + 1) / 2 * DPL_CALIBRATION_BINS, DPL_CALIBRATION_BINS - 1);
}

static void the_best_match_of_each_person_is_counted(void **state) {
  (void)state;
  enum { PHOTOS = 1400, PEOPLE = 600, DIMENSION = 37 };
  const double cones[] = {0, 0.83};
  for (size_t c = 0; c < 2; c++) {
    float *vectors = make_vectors(PHOTOS, DIMENSION, cones[c], 5);
    uint32_t person[PHOTOS];
    for (uint32_t i = 0; i < PHOTOS; i++) person[i] = i < PEOPLE ? i : i * i % PEOPLE;
    dpl_calibration *made = calibrated(vectors, person, PHOTOS, DIMENSION);
    double best[PEOPLE];
    for (size_t i = 0; i < PEOPLE; i++) best[i] = -1;
    for (size_t i = 0; i < PHOTOS; i++)
      for (size_t j = 0; j < PHOTOS; j++)
        if (person[i] != person[j])
          best[person[i]] = fmax(best[person[i]], cosine(vectors + i * DIMENSION, vectors + j * DIMENSION, DIMENSION));
    uint64_t expected[DPL_CALIBRATION_BINS] = {0}, moved = 0;
    for (size_t i = 0; i < PEOPLE; i++) expected[bin_of(best[i])]++;
    for (size_t i = 0; i < DPL_CALIBRATION_BINS; i++)
      moved += (uint64_t)llabs((long long)made->nearest[i] - (long long)expected[i]);
    assert_true(moved <= 2); /* float and double may differ at the border of a bin */
    assert_int_equal(made->nearest_people, PEOPLE);
    assert_int_equal(made->nearest_all, PEOPLE);
    free(vectors), free(made);
  }
}

static void one_person_has_no_best_match(void **state) {
  (void)state;
  float *vectors = make_vectors(4, 16, 0, 5);
  const uint32_t person[] = {7, 7, 7, 7};
  dpl_calibration *made = calibrated(vectors, person, 4, 16);
  assert_int_equal(made->nearest_people, 0);
  assert_int_equal(made->nearest_all, 0);
  dpl_error error;
  vectors[3] = NAN;
  assert_failure(DPL_INVALID_ARGUMENT, dpl_calibrate_nearest(vectors, person, 4, 16, 1, made, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_calibrate_nearest(NULL, person, 4, 16, 1, made, &error), &error);
  free(vectors), free(made);
}

static void beyond_20000_people_a_seeded_sample_is_counted(void **state) {
  (void)state;
  enum { PEOPLE = 20001, DIMENSION = 16 };
  float *vectors = make_vectors(PEOPLE, DIMENSION, 0, 5);
  uint32_t *person = malloc(PEOPLE * sizeof *person);
  for (uint32_t i = 0; i < PEOPLE; i++) person[i] = i;
  dpl_calibration *made = calloc(1, sizeof *made), *again = calloc(1, sizeof *again);
  assert_ok(dpl_calibrate_nearest(vectors, person, PEOPLE, DIMENSION, 1, made, NULL), NULL);
  assert_ok(dpl_calibrate_nearest(vectors, person, PEOPLE, DIMENSION, 1, again, NULL), NULL);
  assert_memory_equal(made, again, sizeof *made);
  assert_int_equal(made->nearest_people, 10000);
  assert_int_equal(made->nearest_all, PEOPLE);
  free(vectors), free(person), free(made), free(again);
}

/* ---- strangers ---- */

enum { STRANGERS = 1000, LIMITS = 4, MOST_PEOPLE = 5000 };
static const double LIMIT[LIMITS] = {0.05, 0.25, 1, 3}; /* web/levels.js */

/* People of many groups of different sizes, as faces are: the more alike a group is, the longer the tail. */
static float *make_people(size_t count, size_t dimension, uint64_t seed) {
  enum { GROUPS = 12 };
  uint64_t fixed = 77;
  float *groups = malloc(GROUPS * dimension * sizeof *groups), *vectors = malloc(count * dimension * sizeof *vectors);
  assert_non_null(groups);
  assert_non_null(vectors);
  for (size_t i = 0; i < GROUPS * dimension; i++) groups[i] = random_normal(&fixed);
  for (size_t i = 0; i < count; i++) {
    const float part = fabsf(random_normal(&seed));
    const size_t group = (size_t)(part * part * 4) % GROUPS;
    for (size_t k = 0; k < dimension; k++)
      vectors[i * dimension + k] = 0.35f * groups[group * dimension + k] + random_normal(&seed);
    make_unit(vectors + i * dimension, dimension);
  }
  free(groups);
  return vectors;
}

static dpl_gallery *gallery_of(const float *vectors, size_t people, size_t dimension, bool with_nearest) {
  uint32_t person[MOST_PEOPLE];
  for (uint32_t i = 0; i < people; i++) person[i] = i;
  dpl_calibration *made = calibrated(vectors, person, people, dimension);
  cJSON *json = calibration_json(made);
  if (!with_nearest) cJSON_DeleteItemFromObject(json, "nearest");
  char *text = cJSON_PrintUnformatted(json);
  dpl_gallery *gallery = make_gallery(vectors, person, people, people, dimension, text);
  cJSON_Delete(json);
  cJSON_free(text);
  free(made);
  return gallery;
}

/* Adds to below[i] the strangers whose best match has fewer than LIMIT[i] chance matches. */
static void count_strangers(const dpl_gallery *gallery, const float *strangers, size_t count, size_t dimension,
                            const uint32_t *allowed, size_t people, size_t below[LIMITS]) {
  for (size_t i = 0; i < count; i++) {
    dpl_match best;
    size_t found;
    assert_ok(dpl_gallery_search_each(gallery, strangers + i * dimension, 1, allowed, 1, &best, &found, NULL), NULL);
    const double chance = (double)dpl_gallery_chance_matches(gallery, best.similarity, people);
    for (size_t k = 0; k < LIMITS; k++) below[k] += chance < LIMIT[k];
  }
}

static void assert_shares(const size_t below[LIMITS], size_t count, const char *what) {
  for (size_t k = 0; k < LIMITS; k++) {
    const double share = (double)below[k] / (double)count, claimed = 1 - exp(-LIMIT[k]);
    print_message("# %s: %.3f of strangers below %.2f chance matches, %.3f claimed\n", what, share, LIMIT[k], claimed);
    assert_true(share <= claimed + (k ? 0.04 : 0.01)); /* 0.06 at 0.05 chance matches */
    assert_true(share >= claimed - (k ? 0.11 : 0.03));
  }
}

static void strangers_reach_each_level_as_often_as_it_says(void **state) {
  (void)state;
  enum { DIMENSION = 64 };
  const size_t sizes[] = {20, 500, 5000};
  for (size_t s = 0; s < 3; s++) {
    for (int with_nearest = 0; with_nearest < 2; with_nearest++) {
      size_t below[LIMITS] = {0}, galleries = sizes[s] == 20 ? 50 : sizes[s] == 500 ? 10 : 1;
      for (size_t g = 0; g < galleries; g++) {
        float *people = make_people(sizes[s], DIMENSION, 100 + g);
        float *strangers = make_people(STRANGERS / galleries, DIMENSION, 900 + g);
        dpl_gallery *gallery = gallery_of(people, sizes[s], DIMENSION, with_nearest);
        count_strangers(gallery, strangers, STRANGERS / galleries, DIMENSION, NULL, 0, below);
        dpl_gallery_close(gallery);
        free(people), free(strangers);
      }
      char what[80];
      snprintf(what, sizeof what, "%zu people, %s", sizes[s], with_nearest ? "version 2" : "version 1");
      assert_shares(below, STRANGERS, what);
    }
  }
}

static void a_filter_counts_the_people_searched(void **state) {
  (void)state;
  enum { DIMENSION = 64, PEOPLE = 2000 };
  float *people = make_people(PEOPLE, DIMENSION, 3), *strangers = make_people(STRANGERS, DIMENSION, 4);
  dpl_gallery *gallery = gallery_of(people, PEOPLE, DIMENSION, true);
  uint32_t allowed[(PEOPLE + 31) / 32] = {0};
  for (size_t i = 0; i < PEOPLE; i += 10) allowed[i / 32] |= UINT32_C(1) << i % 32;
  size_t below[LIMITS] = {0};
  count_strangers(gallery, strangers, STRANGERS, DIMENSION, allowed, PEOPLE / 10, below);
  assert_shares(below, STRANGERS, "200 of 2,000 people");
  dpl_gallery_close(gallery);
  free(people), free(strangers);
}

static void chances_fall_as_similarity_rises(void **state) {
  (void)state;
  enum { DIMENSION = 64, PEOPLE = 300 };
  float *people = make_people(PEOPLE, DIMENSION, 3);
  for (int with_nearest = 0; with_nearest < 2; with_nearest++) {
    dpl_gallery *gallery = gallery_of(people, PEOPLE, DIMENSION, with_nearest);
    float before = PEOPLE, share_before = 0;
    for (float s = -1; s <= 1; s += 0.001f) {
      const float chance = dpl_gallery_chance_matches(gallery, s, 0), share = dpl_gallery_best_share(gallery, s, 0);
      assert_true(chance >= 0 && chance <= before * 1.00001f);
      before = chance;
      if (!with_nearest) {
        assert_true(share < 0);
        continue;
      }
      assert_true(share >= share_before && share <= 1);
      share_before = share;
    }
    assert_true(dpl_gallery_chance_matches(gallery, 1, 0) < 0.01f);
    assert_true(dpl_gallery_chance_matches(gallery, -1, 30) == 30);
    dpl_gallery_close(gallery);
  }
  free(people);
}

static void without_enough_pairs_nothing_is_said(void **state) {
  (void)state;
  float *people = make_people(3, 16, 3);
  dpl_gallery *gallery = gallery_of(people, 3, 16, true);
  assert_true(dpl_gallery_chance_matches(gallery, 0.9f, 0) < 0);
  dpl_gallery_close(gallery);
  const uint32_t person[] = {0, 1, 2};
  gallery = make_gallery(people, person, 3, 3, 16, NULL);
  assert_true(dpl_gallery_chance_matches(gallery, 0.9f, 0) < 0);
  assert_true(dpl_gallery_best_share(gallery, 0.9f, 0) < 0);
  dpl_gallery_close(gallery);
  free(people);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_best_match_of_each_person_is_counted),
      cmocka_unit_test(one_person_has_no_best_match),
      cmocka_unit_test(beyond_20000_people_a_seeded_sample_is_counted),
      cmocka_unit_test(strangers_reach_each_level_as_often_as_it_says),
      cmocka_unit_test(a_filter_counts_the_people_searched),
      cmocka_unit_test(chances_fall_as_similarity_rises),
      cmocka_unit_test(without_enough_pairs_nothing_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
