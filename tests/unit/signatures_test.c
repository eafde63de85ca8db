/* Signatures leave the right people for the exact scan: how many of the true ten most alike survive, and that nothing
   else about a search changes. */
#include "galleries.h"
#include "gallery.h"
#include "hamming.h"

/* ---- the kernels ---- */

static void assert_kernel_agrees(dpl_hamming_kernel *kernel) {
  uint64_t seed = 3;
  for (size_t words = DPL_HAMMING_STEP; words <= 32; words += DPL_HAMMING_STEP)
    for (size_t count = 0; count <= 5; count++) {
      uint64_t probe[32], *rows = malloc((count * words + 1) * sizeof *rows);
      uint16_t expected[6], distances[6];
      assert_non_null(rows);
      for (size_t i = 0; i < words; i++) probe[i] = random_bits(&seed);
      for (size_t i = 0; i < count * words; i++) rows[i] = random_bits(&seed);
      for (size_t i = 0; count > 1 && i < words; i++) rows[i] = ~probe[i]; /* as far as can be */
      memset(expected, 0x55, sizeof expected);
      memset(distances, 0x55, sizeof distances);
      for (size_t i = 0; i < count; i++) {
        expected[i] = 0;
        for (size_t k = 0; k < words * 64; k++)
          expected[i] = (uint16_t)(expected[i] + ((probe[k / 64] ^ rows[i * words + k / 64]) >> k % 64 & 1));
      }
      kernel(probe, rows, words, count, distances);
      assert_memory_equal(distances, expected, sizeof distances); /* and nothing written behind */
      free(rows);
    }
}

static void every_kernel_counts_the_bits_that_differ(void **state) {
  (void)state;
  assert_kernel_agrees(dpl_hamming_plain);
  assert_kernel_agrees(dpl_hamming_choose());
}

/* ---- who is found ---- */

/* Vectors as networks give them: a mean, and around it fewer directions than numbers. */
static float *make_faces(size_t count, size_t dimension, size_t directions, double cone, uint64_t seed) {
  float *faces = make_vectors(count + directions, dimension, 0, seed), *mixed = calloc(dimension, sizeof *mixed);
  const float *axes = faces + count * dimension;
  float *mean = make_vectors(1, dimension, 0, seed + 1);
  assert_non_null(mixed);
  for (size_t i = 0; i < count; i++) {
    memset(mixed, 0, dimension * sizeof *mixed);
    for (size_t a = 0; a < directions; a++) {
      const float much = random_normal(&seed);
      for (size_t k = 0; k < dimension; k++) mixed[k] += much * axes[a * dimension + k];
    }
    make_unit(mixed, dimension);
    for (size_t k = 0; k < dimension; k++)
      faces[i * dimension + k] = (float)(sqrt(cone) * (double)mean[k] + sqrt(1 - cone) * (double)mixed[k]);
    make_unit(faces + i * dimension, dimension);
  }
  free(mixed), free(mean);
  return faces;
}

/* Another photo of the face, of which the cosine is about `likeness`. */
static void make_another_photo(const float *face, size_t dimension, double likeness, uint64_t *seed, float *photo) {
  const double spread = sqrt((1 / (likeness * likeness) - 1) / (double)dimension);
  for (size_t k = 0; k < dimension; k++) photo[k] = (float)((double)face[k] + spread * (double)random_normal(seed));
  make_unit(photo, dimension);
}

typedef struct survived {
  double ten;     /* of the ten most alike */
  size_t changed; /* probes that show somebody of the gallery, and find another first than the exact search does */
} survived;

static survived search_through_signatures(size_t dimension, size_t directions, double cone) {
  enum { PEOPLE = 20000, SHORTLIST = PEOPLE / 16, PROBES = 100, TOP = 10 };
  float *faces = make_faces(PEOPLE + PROBES, dimension, directions, cone, 5), *strangers = faces + PEOPLE * dimension;
  uint32_t *person = malloc(PEOPLE * sizeof *person);
  float *photo = malloc(dimension * sizeof *photo);
  assert_true(person && photo);
  for (uint32_t i = 0; i < PEOPLE; i++) person[i] = i;
  dpl_gallery *gallery = make_gallery(faces, person, PEOPLE, PEOPLE, dimension, NULL);
  assert_ok(dpl_gallery_sign(gallery, NULL), NULL);
  const dpl_search_options exactly = {.exact = true}, shortly = {.shortlist = SHORTLIST};
  dpl_match expected[TOP], found[TOP];
  size_t ten = 0, changed = 0, count;
  uint64_t seed = 8;
  for (size_t p = 0; p < PROBES; p++) {
    const float *stranger = strangers + p * dimension;
    assert_ok(dpl_gallery_search_each(gallery, stranger, 1, &exactly, TOP, expected, &count, NULL), NULL);
    assert_ok(dpl_gallery_search_each(gallery, stranger, 1, &shortly, TOP, found, &count, NULL), NULL);
    assert_int_equal(count, TOP);
    for (size_t i = 0; i < TOP; i++)
      for (size_t k = 0; k < TOP; k++) ten += memcmp(&expected[i], &found[k], sizeof *found) == 0;
    /* In a cone everybody is alike, and what is left for likeness is small. */
    make_another_photo(faces + p * dimension, dimension, 1 - 0.4 * (1 - cone), &seed, photo);
    assert_ok(dpl_gallery_search_each(gallery, photo, 1, &exactly, 1, expected, &count, NULL), NULL);
    assert_ok(dpl_gallery_search_each(gallery, photo, 1, &shortly, 1, found, &count, NULL), NULL);
    changed += memcmp(expected, found, sizeof *found) != 0;
  }
  dpl_gallery_close(gallery);
  free(faces), free(person), free(photo);
  return (survived){(double)ten / (PROBES * TOP), changed};
}

/* A sixteenth of the people is looked at exactly, as by default. In a larger gallery the ten most alike stand out more.
 */
static void the_most_alike_survive(void **state) {
  (void)state;
  const struct {
    size_t dimension, directions;
    double cone;
  } kinds[] = {{128, 32, 0.83}, {128, 64, 0}, {512, 128, 0}};
  for (size_t i = 0; i < 3; i++) {
    const survived s = search_through_signatures(kinds[i].dimension, kinds[i].directions, kinds[i].cone);
    print_message("%zu numbers, %zu directions, mean cosine %.2f: %.3f of the ten most alike strangers; another first "
                  "for %zu of 100 faces\n",
                  kinds[i].dimension, kinds[i].directions, kinds[i].cone, s.ten, s.changed);
    assert_true(s.ten >= 0.98);
    assert_int_equal(s.changed, 0);
  }
}

/* Several photos a person, one shard before signing and one after, some people only. */
static void the_shortlist_has_everybody_or_those_allowed(void **state) {
  (void)state;
  enum { PHOTOS = 900, PEOPLE = 300, DIMENSION = 130, WORDS = (PEOPLE + 31) / 32, TOP = 40 };
  float *vectors = make_vectors(PHOTOS, DIMENSION, 0.3, 4), *probe = make_vectors(1, DIMENSION, 0.3, 6);
  float *mean = mean_of(vectors, PHOTOS, DIMENSION);
  uint32_t person[PHOTOS], allowed[WORDS] = {0};
  for (uint32_t i = 0; i < PHOTOS; i++) person[i] = i % PEOPLE;
  for (uint32_t i = 0; i < 30; i++) allowed[i * 10 / 32] |= UINT32_C(1) << i * 10 % 32;
  char *manifest = make_manifest(PEOPLE, (size_t[]){500, 400}, 2, DIMENSION, NULL);
  dpl_gallery *gallery = open_manifest(manifest);
  for (size_t i = 0; i < 2; i++) {
    const size_t first = i ? 500 : 0;
    buffer shard =
        make_shard(vectors + first * DIMENSION, person + first, i ? 400 : 500, DIMENSION, mean, first, SHA256);
    assert_ok(dpl_gallery_add(gallery, bytes_of(shard), NULL), NULL);
    if (i == 0) assert_ok(dpl_gallery_sign(gallery, NULL), NULL);
    free(shard.data);
  }
  assert_ok(dpl_gallery_sign(gallery, NULL), NULL); /* twice does no harm */
  for (size_t i = 0; i < 2; i++) assert_non_null(gallery->shards[i].signs);

  dpl_match expected[TOP], found[TOP];
  size_t count, found_count;
  for (int some = 0; some < 2; some++) {
    const uint32_t *who = some ? allowed : NULL;
    const dpl_search_options exactly = {.exact = true, .allowed = who}, usually = {.allowed = who},
                             shortly = {.shortlist = 60, .allowed = who};
    assert_ok(dpl_gallery_search_each(gallery, probe, 1, &exactly, TOP, expected, &count, NULL), NULL);
    assert_int_equal(count, some ? 30 : TOP);
    assert_ok(dpl_gallery_search_each(gallery, probe, 1, &usually, TOP, found, &found_count, NULL), NULL);
    assert_int_equal(found_count, count); /* 4096 would be more than there are */
    assert_memory_equal(found, expected, count * sizeof *found);
    assert_ok(dpl_gallery_search_each(gallery, probe, 1, &shortly, TOP, found, &found_count, NULL), NULL);
    assert_int_equal(found_count, count);
    if (some) assert_memory_equal(found, expected, count * sizeof *found); /* 60 are more than the 30 allowed */
    for (size_t i = 1; i < count; i++) assert_true(found[i].similarity <= found[i - 1].similarity);
  }
  dpl_gallery_close(gallery);
  free(vectors), free(probe), free(mean), free(manifest);
}

static void galleries_beyond_a_million_sign_themselves(void **state) {
  (void)state;
  enum { DIMENSION = 16 };
  float *vectors = make_vectors(2, DIMENSION, 0, 3);
  const float flat[DIMENSION] = {0};
  const uint32_t person[] = {0, 1};
  for (size_t more = 0; more < 2; more++) {
    char *manifest = make_manifest(2, (size_t[]){2, DPL_SIGNED_FROM - 2 + more}, 2, DIMENSION, NULL);
    dpl_gallery *gallery = open_manifest(manifest);
    buffer shard = make_shard(vectors, person, 2, DIMENSION, flat, 0, SHA256);
    assert_ok(dpl_gallery_add(gallery, bytes_of(shard), NULL), NULL);
    assert_int_equal(gallery->shards[0].signs != NULL, more);
    dpl_gallery_close(gallery);
    free(manifest), free(shard.data);
  }
  dpl_error error;
  assert_failure(DPL_INVALID_ARGUMENT, dpl_gallery_sign(NULL, &error), &error);
  free(vectors);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_kernel_counts_the_bits_that_differ),
      cmocka_unit_test(the_most_alike_survive),
      cmocka_unit_test(the_shortlist_has_everybody_or_those_allowed),
      cmocka_unit_test(galleries_beyond_a_million_sign_themselves),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
