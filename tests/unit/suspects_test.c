/* Names that look wrong: on galleries whose people are known, made of seeded vectors. */
#include "suspects.h"

#include "galleries.h"

enum { DIMENSION = 64, PER_PERSON = 4, PEOPLE = 30, PHOTOS = PEOPLE * PER_PERSON };

/* Everybody has a face; each photo is that face with noise, so that photos of one person have a cosine of about 0.8 and
   those of two about 0. `face_of` says whose face photo i shows. */
static float *photos_of(size_t (*face_of)(size_t photo)) {
  float *faces = make_vectors(PEOPLE + 1, DIMENSION, 0, 5), *noise = make_vectors(PHOTOS, DIMENSION, 0, 6);
  float *vectors = malloc(PHOTOS * DIMENSION * sizeof *vectors);
  for (size_t i = 0; i < PHOTOS; i++) {
    for (size_t k = 0; k < DIMENSION; k++)
      vectors[i * DIMENSION + k] = faces[face_of(i) * DIMENSION + k] + 0.5f * noise[i * DIMENSION + k];
    make_unit(vectors + i * DIMENSION, DIMENSION);
  }
  free(faces), free(noise);
  return vectors;
}

/* Three shards of a gallery, one at a time. */
enum { SHARDS = 3 };
static const size_t shard_counts[SHARDS] = {50, 1, PHOTOS - 51};

typedef struct made_gallery {
  const float *vectors;
  const uint32_t *person;
  dpl_gallery *gallery;
} made_gallery;

static bool open_shard(void *context, size_t shard, const dpl_gallery **gallery, sentence *why) {
  (void)why;
  made_gallery *made = context;
  size_t first = 0;
  for (size_t i = 0; i < shard; i++) first += shard_counts[i];
  char *manifest = make_manifest(PEOPLE, shard_counts, SHARDS, DIMENSION, NULL);
  float *mean = mean_of(made->vectors, PHOTOS, DIMENSION);
  buffer file = make_shard(made->vectors + first * DIMENSION, made->person + first, shard_counts[shard], DIMENSION,
                           mean, first, SHA256);
  dpl_gallery_close(made->gallery);
  made->gallery = open_manifest(manifest);
  dpl_error error;
  assert_ok(dpl_gallery_add(made->gallery, bytes_of(file), &error), &error);
  *gallery = made->gallery;
  free(manifest), free(mean), free(file.data);
  return true;
}

static suspects find(float *vectors, const uint32_t *person) {
  static dpl_face_quality qualities[PHOTOS];
  for (size_t i = 0; i < PHOTOS; i++) qualities[i] = (dpl_face_quality){100 + (float)i, 0.1f, 0, 0};
  made_gallery made = {vectors, person, NULL};
  const suspect_search search = {open_shard, &made, SHARDS, vectors, person, qualities, PHOTOS, DIMENSION, 0.55f, NULL};
  suspects found;
  sentence why;
  assert_true(suspects_find(&search, &found, &why));
  dpl_gallery_close(made.gallery);
  free(vectors);
  return found;
}

static void fill_people(uint32_t *person) {
  for (uint32_t i = 0; i < PHOTOS; i++) person[i] = i / PER_PERSON;
}

static size_t as_named(size_t photo) {
  return photo / PER_PERSON;
}

static void right_names_are_not_suspected(void **state) {
  (void)state;
  uint32_t person[PHOTOS];
  fill_people(person);
  suspects found = find(photos_of(as_named), person);
  assert_int_equal(found.two_names_found, 0);
  assert_int_equal(found.one_name_found, 0);
  assert_int_equal(found.probes, PHOTOS);
}

static size_t four_is_nine(size_t photo) {
  return photo / PER_PERSON == 9 ? 4 : photo / PER_PERSON;
}

static void one_person_under_two_names_is_one_pair(void **state) {
  (void)state;
  uint32_t person[PHOTOS];
  fill_people(person);
  suspects found = find(photos_of(four_is_nine), person);
  assert_int_equal(found.two_names_found, 1);
  assert_int_equal(found.two_names_count, 1);
  const suspect *pair = &found.two_names[0];
  assert_true(pair->similarity >= 0.55f);
  assert_int_equal(person[pair->photo] + person[pair->other], 4 + 9);
  assert_int_equal(found.one_name_found, 0);
}

static size_t a_stranger_at_eleven(size_t photo) {
  return photo == 11 * PER_PERSON + 2 ? PEOPLE : photo / PER_PERSON;
}

static void a_stranger_under_a_name_stands_apart(void **state) {
  (void)state;
  uint32_t person[PHOTOS];
  fill_people(person);
  suspects found = find(photos_of(a_stranger_at_eleven), person);
  assert_int_equal(found.two_names_found, 0);
  assert_int_equal(found.one_name_found, 1);
  const suspect *pair = &found.one_name[0];
  assert_true(pair->photo == 11 * PER_PERSON + 2 || pair->other == 11 * PER_PERSON + 2);
  assert_int_equal(person[pair->photo], 11);
  assert_int_equal(person[pair->other], 11);
  assert_int_equal(pair->groups, 2);
  assert_true(pair->similarity < 0.55f);
}

static size_t all_one(size_t photo) {
  (void)photo;
  return 0;
}

static void no_more_than_a_hundred_are_listed_most_alike_first(void **state) {
  (void)state;
  uint32_t person[PHOTOS];
  for (uint32_t i = 0; i < PHOTOS; i++) person[i] = i % PEOPLE;
  suspects found = find(photos_of(all_one), person);
  assert_true(found.two_names_found >= PEOPLE / 2);
  assert_true(found.two_names_count <= MOST_SUSPECTS && found.two_names_count <= found.two_names_found);
  for (size_t i = 1; i < found.two_names_count; i++)
    assert_true(found.two_names[i - 1].similarity >= found.two_names[i].similarity);
}

static void one_file_under_three_names_pairs_the_first_with_the_others(void **state) {
  (void)state;
  uint32_t person[PHOTOS];
  fill_people(person);
  float *vectors = photos_of(as_named);
  memcpy(vectors + 40 * DIMENSION, vectors, DIMENSION * sizeof *vectors);
  memcpy(vectors + 80 * DIMENSION, vectors, DIMENSION * sizeof *vectors);
  suspects found = find(vectors, person);
  assert_int_equal(found.probes, PHOTOS);
  assert_int_equal(found.two_names_found, 2);
  for (size_t i = 0; i < found.two_names_count; i++) {
    const suspect *pair = &found.two_names[i];
    assert_true(pair->similarity > 0.9999f);
    assert_int_equal(pair->photo % 40, 0);
    assert_int_equal(pair->other % 40, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(right_names_are_not_suspected),
      cmocka_unit_test(one_person_under_two_names_is_one_pair),
      cmocka_unit_test(a_stranger_under_a_name_stands_apart),
      cmocka_unit_test(no_more_than_a_hundred_are_listed_most_alike_first),
      cmocka_unit_test(one_file_under_three_names_pairs_the_first_with_the_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
