/* The distributions count every pair once, of the right kind, and a sample looks like the whole. */
#include "galleries.h"

static uint64_t sum_of(const uint64_t *bins) {
  uint64_t sum = 0;
  for (int i = 0; i < DPL_CALIBRATION_BINS; i++) sum += bins[i];
  return sum;
}

static void every_pair_is_counted_once(void **state) {
  (void)state;
  enum { PHOTOS = 60, DIMENSION = 9 };
  float *vectors = make_vectors(PHOTOS, DIMENSION, 0.2, 4);
  uint32_t person[PHOTOS];
  for (uint32_t i = 0; i < PHOTOS; i++) person[i] = 1000 - i * i % 7;
  dpl_calibration *made = malloc(sizeof *made), *expected = calloc(1, sizeof *expected);
  assert_non_null(made);
  assert_non_null(expected);
  for (size_t i = 0; i < PHOTOS; i++)
    for (size_t j = 0; j < i; j++) {
      const double place = (cosine(vectors + i * DIMENSION, vectors + j * DIMENSION, DIMENSION) + 1) / 2;
      const size_t bin = (size_t)fmin(place * DPL_CALIBRATION_BINS, DPL_CALIBRATION_BINS - 1);
      (person[i] == person[j] ? expected->genuine : expected->impostor)[bin]++;
      (*(person[i] == person[j] ? &expected->genuine_pairs : &expected->impostor_pairs))++;
    }
  dpl_error error;
  assert_ok(dpl_calibrate(vectors, person, PHOTOS, DIMENSION, 0, 1, made, &error), &error);
  assert_int_equal(made->impostor_pairs, expected->impostor_pairs);
  assert_int_equal(made->genuine_pairs, expected->genuine_pairs);
  uint64_t moved = 0; /* float and double may part at the border of a bin */
  for (size_t i = 0; i < DPL_CALIBRATION_BINS; i++)
    moved += (uint64_t)llabs((long long)made->impostor[i] - (long long)expected->impostor[i]) +
             (uint64_t)llabs((long long)made->genuine[i] - (long long)expected->genuine[i]);
  assert_true(moved <= 4);
  assert_int_equal(sum_of(made->impostor), made->impostor_pairs);
  assert_int_equal(sum_of(made->genuine), made->genuine_pairs);
  free(vectors), free(made), free(expected);
}

static double mean_cosine(const uint64_t *bins) {
  double sum = 0;
  for (int i = 0; i < DPL_CALIBRATION_BINS; i++) sum += (double)bins[i] * ((i + 0.5) / DPL_CALIBRATION_BINS * 2 - 1);
  return sum / (double)sum_of(bins);
}

static void a_sample_looks_like_the_whole(void **state) {
  (void)state;
  enum { PHOTOS = 800, DIMENSION = 32, BUDGET = 20000 };
  float *vectors = make_vectors(PHOTOS, DIMENSION, 0.5, 4);
  uint32_t person[PHOTOS];
  for (uint32_t i = 0; i < PHOTOS; i++) person[i] = i % 5 ? i % 11 : 99; /* 99 has many */
  dpl_calibration *whole = malloc(sizeof *whole), *sample = malloc(sizeof *sample), *again = malloc(sizeof *again);
  assert_ok(dpl_calibrate(vectors, person, PHOTOS, DIMENSION, 0, 1, whole, NULL), NULL);
  assert_ok(dpl_calibrate(vectors, person, PHOTOS, DIMENSION, BUDGET, 1, sample, NULL), NULL);
  assert_ok(dpl_calibrate(vectors, person, PHOTOS, DIMENSION, BUDGET, 1, again, NULL), NULL);
  assert_memory_equal(sample, again, sizeof *sample); /* the seed decides */
  assert_int_equal(sample->impostor_pairs, BUDGET);
  assert_int_equal(sample->genuine_pairs, BUDGET);
  assert_int_equal(sum_of(sample->impostor), BUDGET);
  assert_true(fabs(mean_cosine(sample->impostor) - mean_cosine(whole->impostor)) < 0.005);
  assert_true(fabs(mean_cosine(sample->genuine) - mean_cosine(whole->genuine)) < 0.005);
  assert_ok(dpl_calibrate(vectors, person, PHOTOS, DIMENSION, BUDGET, 2, again, NULL), NULL);
  assert_memory_not_equal(sample, again, sizeof *sample);
  free(vectors), free(whole), free(sample), free(again);
}

static void a_sample_draws_no_pair_twice(void **state) {
  (void)state;
  enum { PHOTOS = 90, DIMENSION = 6 };
  float *vectors = make_vectors(PHOTOS, DIMENSION, 0.3, 4);
  uint32_t person[PHOTOS];
  for (uint32_t i = 0; i < PHOTOS; i++) person[i] = i % 4 ? i % 7 : i;
  dpl_calibration *whole = malloc(sizeof *whole), *sample = malloc(sizeof *sample);
  assert_ok(dpl_calibrate(vectors, person, PHOTOS, DIMENSION, 0, 1, whole, NULL), NULL);
  assert_int_equal(whole->impostor_all, whole->impostor_pairs);
  assert_int_equal(whole->genuine_all, whole->genuine_pairs);
  assert_int_equal(whole->impostor_all + whole->genuine_all, PHOTOS * (PHOTOS - 1) / 2);
  /* One pair fewer than there are, and so on: no bin can hold more than it holds of all pairs. */
  for (uint64_t budget = whole->impostor_all - 1; budget > 100; budget = budget * 9 / 10) {
    assert_ok(dpl_calibrate(vectors, person, PHOTOS, DIMENSION, budget, budget, sample, NULL), NULL);
    assert_int_equal(sample->impostor_pairs, budget);
    assert_int_equal(sample->impostor_all, whole->impostor_all);
    assert_int_equal(sample->budget, budget);
    assert_int_equal(sample->seed, budget);
    for (size_t i = 0; i < DPL_CALIBRATION_BINS; i++) assert_true(sample->impostor[i] <= whole->impostor[i]);
  }
  free(vectors), free(whole), free(sample);
}

static int falling(const void *left, const void *right) {
  const double a = *(const double *)left, b = *(const double *)right;
  return (a < b) - (a > b);
}

/* Against the cosines themselves, sorted: the threshold is the lowest border of a bin that is high enough. */
static void the_false_match_table_says_what_the_pairs_say(void **state) {
  (void)state;
  enum { PHOTOS = 600, DIMENSION = 24, COUPLES = PHOTOS / 2 };
  float *vectors = make_vectors(PHOTOS, DIMENSION, 0.4, 9);
  uint32_t person[PHOTOS];
  for (uint32_t i = 0; i < PHOTOS; i++) person[i] = i / 2;
  dpl_calibration *made = malloc(sizeof *made);
  assert_ok(dpl_calibrate(vectors, person, PHOTOS, DIMENSION, 0, 1, made, NULL), NULL);
  double *strangers = malloc(PHOTOS * PHOTOS / 2 * sizeof *strangers), same[COUPLES];
  size_t count = 0;
  for (size_t i = 0; i < PHOTOS; i++)
    for (size_t j = 0; j < i; j++) {
      const double c = cosine(vectors + i * DIMENSION, vectors + j * DIMENSION, DIMENSION);
      if (person[i] == person[j])
        same[i / 2] = c;
      else
        strangers[count++] = c;
    }
  qsort(strangers, count, sizeof *strangers, falling);
  assert_int_equal(made->false_match_count, 3); /* 179,400 pairs: 0.0001 of them are fewer than 30 */
  double rate = 1;
  for (size_t i = 0; i < made->false_match_count; i++) {
    const dpl_false_match *row = &made->false_matches[i];
    rate /= 10;
    assert_float_equal(row->rate, rate, 1e-12);
    assert_true((double)row->pairs <= rate * (double)count && row->pairs >= DPL_FALSE_MATCHES_NEEDED);
    assert_true(strangers[row->pairs - 1] > (double)row->similarity - 1e-6);
    assert_true(strangers[row->pairs] < (double)row->similarity + 1e-6);
    const double border_below = (double)row->similarity - 2.0 / DPL_CALIBRATION_BINS;
    assert_true(strangers[(size_t)(rate * (double)count)] > border_below - 1e-6); /* one bin lower would be too many */
    size_t alike = 0;
    for (size_t k = 0; k < COUPLES; k++) alike += same[k] >= (double)row->similarity;
    assert_true(fabs((double)alike / COUPLES - (double)row->genuine) < 0.004); /* one pair may lie on the border */
  }
  free(vectors), free(made), free(strangers);
}

static void one_photo_or_one_person_makes_no_pairs_of_that_kind(void **state) {
  (void)state;
  float *vectors = make_vectors(4, 8, 0, 1);
  const uint32_t same[] = {5, 5, 5, 5}, all_different[] = {3, 1, 2, 0};
  dpl_calibration *made = malloc(sizeof *made);
  assert_non_null(made);
  assert_ok(dpl_calibrate(NULL, NULL, 0, 8, 0, 1, made, NULL), NULL);
  assert_int_equal(made->impostor_pairs + made->genuine_pairs, 0);
  assert_ok(dpl_calibrate(vectors, same, 1, 8, 0, 1, made, NULL), NULL);
  assert_int_equal(made->impostor_pairs + made->genuine_pairs, 0);
  assert_ok(dpl_calibrate(vectors, same, 4, 8, 0, 1, made, NULL), NULL);
  assert_int_equal(made->impostor_pairs, 0);
  assert_int_equal(made->genuine_pairs, 6);
  assert_ok(dpl_calibrate(vectors, all_different, 4, 8, 2, 1, made, NULL), NULL);
  assert_int_equal(made->impostor_pairs, 2);
  assert_int_equal(made->genuine_pairs, 0);
  free(vectors), free(made);
}

static void the_ends_of_the_scale_have_their_bins(void **state) {
  (void)state;
  const float vectors[] = {1, 0, 1, 0, -1, 0};
  const uint32_t person[] = {0, 1, 2};
  dpl_calibration *made = malloc(sizeof *made);
  assert_non_null(made);
  assert_ok(dpl_calibrate(vectors, person, 3, 2, 0, 1, made, NULL), NULL);
  assert_int_equal(made->impostor[0], 2);
  assert_int_equal(made->impostor[DPL_CALIBRATION_BINS - 1], 1);
  free(made);
}

static void numbers_that_are_no_vectors_are_refused(void **state) {
  (void)state;
  const float bad[] = {NAN, INFINITY, 3};
  const uint32_t person[] = {0, 1};
  static dpl_calibration made;
  dpl_error error;
  for (size_t i = 0; i < 3; i++) {
    const float vectors[] = {1, 0, bad[i], 0};
    assert_failure(DPL_INVALID_ARGUMENT, dpl_calibrate(vectors, person, 2, 2, 0, 1, &made, &error), &error);
  }
  assert_failure(DPL_INVALID_ARGUMENT, dpl_calibrate(NULL, person, 2, 2, 0, 1, &made, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_calibrate(bad, person, 1, 0, 0, 1, &made, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_calibrate(bad, person, 1, 2, 0, 1, NULL, &error), &error);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_pair_is_counted_once),
      cmocka_unit_test(a_sample_looks_like_the_whole),
      cmocka_unit_test(a_sample_draws_no_pair_twice),
      cmocka_unit_test(the_false_match_table_says_what_the_pairs_say),
      cmocka_unit_test(one_photo_or_one_person_makes_no_pairs_of_that_kind),
      cmocka_unit_test(the_ends_of_the_scale_have_their_bins),
      cmocka_unit_test(numbers_that_are_no_vectors_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
