/* Which photos are one picture: on made vectors and greys for the rule, on real photos for its two numbers. */
#include "near_duplicates.h" /* before cmocka, which makes a macro of `fail` */

#include "made_photos.h"

#include <glob.h>

/* ---- the rule ---- */

typedef struct made_photo {
  size_t person;
  int content;
  double angle; /* of the vector, in the plane */
  int grey;     /* photos with the same number have the same grey portrait */
  float size, sharpness;
} made_photo;

static size_t greys_asked_for;

static bool made_grey(void *context, size_t photo, uint8_t pixels[GREY_PIXELS], sentence *why) {
  (void)why;
  ++greys_asked_for;
  uint64_t seed = (uint64_t)((const made_photo *)context)[photo].grey;
  for (int i = 0; i < GREY_PIXELS; i++) pixels[i] = (uint8_t)random_bits(&seed);
  return true;
}

static near_duplicates find(const made_photo *made, size_t count) {
  near_photo *photos = calloc(count, sizeof *photos);
  float *vectors = calloc(count * 2, sizeof *vectors);
  for (size_t i = 0; i < count; i++) {
    photos[i] = (near_photo){.person = made[i].person,
                             .content = {{(uint8_t)made[i].content}},
                             .quality = {made[i].size, made[i].sharpness, 0, 0}};
    vectors[i * 2] = (float)cos(made[i].angle), vectors[i * 2 + 1] = (float)sin(made[i].angle);
  }
  const near_search search = {photos, vectors, count, 2, made_grey, (void *)(uintptr_t)made};
  near_duplicates found;
  sentence why;
  greys_asked_for = 0;
  assert_true(near_duplicates_find(&search, &found, &why));
  free(photos), free(vectors);
  return found;
}

static void the_best_of_one_picture_is_kept(void **state) {
  (void)state;
  const made_photo made[] = {
      {7, 1, 0, 1, 50, 0.1f},    {7, 2, 0.1, 1, 100, 0.09f}, /* the same picture, larger */
      {7, 3, 0.1, 2, 300, 0.1f},                             /* as alike, but another picture */
      {7, 4, 1.5, 1, 200, 0.1f},                             /* another face */
      {7, 3, 0.1, 2, 300, 0.1f},                             /* the third file again */
      {8, 5, 0.1, 1, 100, 0.1f},                             /* the same picture under another name stays */
  };
  near_duplicates found = find(made, 6);
  assert_int_equal(found.folded_count, 2);
  assert_int_equal(found.folded[0].folded, 0);
  assert_int_equal(found.folded[0].kept, 1);
  assert_false(found.folded[0].same_file);
  assert_int_equal(found.folded[1].folded, 4);
  assert_int_equal(found.folded[1].kept, 2);
  assert_true(found.folded[1].same_file);
  assert_int_equal(found.shared_count, 0);
  near_duplicates_free(&found);
}

static void a_file_under_three_people_is_reported_and_stays(void **state) {
  (void)state;
  const made_photo made[] = {
      {3, 9, 0, 1, 1, 1}, {1, 9, 0, 1, 1, 1}, {3, 9, 0, 1, 1, 1}, {2, 9, 0, 1, 1, 1}, {2, 8, 0, 2, 1, 1}};
  near_duplicates found = find(made, 5);
  assert_int_equal(found.folded_count, 1); /* photo 2 is photo 0, of the same person */
  assert_int_equal(found.folded[0].folded, 2);
  assert_int_equal(found.shared_count, 2);
  assert_int_equal(found.shared[0].kept, 1);
  assert_int_equal(found.shared[0].folded, 0);
  assert_int_equal(found.shared[1].folded, 3);
  near_duplicates_free(&found);
}

static void portraits_are_opened_only_where_vectors_are_alike(void **state) {
  (void)state;
  made_photo made[200];
  for (int i = 0; i < 200; i++) made[i] = (made_photo){(size_t)i / 4, i, 1.5 * (i % 4), 1, 1, 1};
  near_duplicates found = find(made, 200);
  assert_int_equal(found.folded_count, 0);
  assert_int_equal(greys_asked_for, 0);
  near_duplicates_free(&found);
}

static void no_photos_make_no_duplicates(void **state) {
  (void)state;
  near_duplicates found = find(NULL, 0);
  assert_int_equal(found.folded_count + found.shared_count, 0);
  near_duplicates_free(&found);
}

/* ---- its numbers, on real photos ---- */

typedef struct seen {
  float vector[DPL_MAX_DIMENSION];
  uint8_t grey[GREY_PIXELS];
} seen;

static dpl_detector *detector;
static dpl_embedder *embedder;

/* The imported network of this name; NULL data, and a message, where there is none. */
static buffer network(const char *name) {
  buffer b = {0};
  char pattern[1024], block[65536];
  glob_t found;
  snprintf(pattern, sizeof pattern, "%s/build/networks/%s.*.safetensors", DOPPEL_SOURCE_DIR, name);
  FILE *file = glob(pattern, 0, NULL, &found) == 0 ? fopen(found.gl_pathv[0], "rb") : NULL;
  globfree(&found);
  if (!file) print_message("SKIPPED: there is no %s\n", pattern);
  for (size_t got; file && (got = fread(block, 1, sizeof block, file)) > 0;) append(&b, block, got);
  if (file) fclose(file);
  return b;
}

static bool look(const dpl_image *photo, seen *what) {
  dpl_face faces[8];
  dpl_detection found = {.faces = faces, .capacity = 8};
  dpl_image *portrait;
  dpl_error error;
  sentence why;
  assert_ok(dpl_detector_detect(detector, photo, &found, &error), &error);
  if (!found.count) return false;
  assert_ok(dpl_embedder_embed(embedder, photo, faces, 1, what->vector, &error), &error);
  assert_ok(dpl_face_portrait(photo, faces, 144, &portrait, &error), &error);
  buffer file = make_jpeg(dpl_image_pixels(portrait), 144, 144, (jpeg_kind){.quality = 82}, NULL);
  assert_true(grey_of_jpeg(bytes_of(file), what->grey, &why));
  free(file.data);
  dpl_image_close(portrait);
  return true;
}

static bool look_at_copy(const dpl_image *photo, double scale, int quality, seen *what) {
  const int width = (int)lrint(dpl_image_width(photo) * scale), height = (int)lrint(dpl_image_height(photo) * scale);
  dpl_image *resized, *copy;
  dpl_error error;
  assert_ok(dpl_image_resize(photo, width, height, &resized, &error), &error);
  buffer file = make_jpeg(dpl_image_pixels(resized), width, height, (jpeg_kind){.quality = quality}, NULL);
  assert_ok(dpl_image_decode(bytes_of(file), NULL, &copy, &error), &error);
  const bool fine = look(copy, what);
  free(file.data);
  dpl_image_close(resized);
  dpl_image_close(copy);
  return fine;
}

static bool is_one_picture(const seen *a, const seen *b) {
  double cosine = 0;
  for (int i = 0; i < dpl_embedder_dimension(embedder); i++) cosine += (double)a->vector[i] * (double)b->vector[i];
  return cosine >= NEAR_COSINE && grey_correlation(a->grey, b->grey) >= NEAR_CORRELATION;
}

static dpl_image *photo_of(const char *name, int number) {
  char path[256];
  snprintf(path, sizeof path, "data/lfw-dev/images/%s/%s_%04d.jpg", name, name, number);
  buffer file = read_shared(path);
  dpl_image *image = NULL;
  dpl_error error;
  assert_ok(dpl_image_decode(bytes_of(file), NULL, &image, &error), &error);
  free(file.data);
  return image;
}

static void pictures_saved_again_fold_and_other_photos_do_not(void **state) {
  (void)state;
  static const char *const people[] = {"Antonio_Trillanes",
                                       "Chang_Dae-whan",
                                       "Denzel_Washington",
                                       "Erika_Christensen",
                                       "Gilberto_Rodriguez_Orejuela",
                                       "James_Butts",
                                       "Jesse_Ventura",
                                       "Joseph_Deiss",
                                       "Leonid_Kuchma",
                                       "Mark_Dacey",
                                       "Mikhail_Youzhny",
                                       "Patti_Labelle",
                                       "Richard_Norton-Taylor",
                                       "Russell_Coutts"};
  static const struct {
    double scale;
    int quality;
  } copies[] = {{1, 75}, {1, 40}, {0.5, 85}, {2, 85}};
  buffer yunet = network("yunet"), mfn = network("mfn");
  if (!yunet.data || !mfn.data) {
    free(yunet.data), free(mfn.data);
    skip();
  }
  dpl_error error;
  assert_ok(dpl_detector_open((dpl_bytes[]){bytes_of(yunet)}, 1, NULL, &detector, &error), &error);
  assert_ok(dpl_embedder_open(bytes_of(mfn), NULL, &embedder, &error), &error);
  int folded = 0, copied = 0;
  for (size_t i = 0; i < sizeof people / sizeof people[0]; i++) {
    dpl_image *photo = photo_of(people[i], 1), *other = photo_of(people[i], 2);
    seen one, two, copy;
    assert_true(look(photo, &one) && look(other, &two));
    assert_false(is_one_picture(&one, &two));
    for (size_t k = 0; k < sizeof copies / sizeof copies[0]; k++, copied++)
      folded += look_at_copy(photo, copies[k].scale, copies[k].quality, &copy) && is_one_picture(&one, &copy);
    dpl_image_close(photo);
    dpl_image_close(other);
  }
  print_message("%d of %d pictures saved again are folded\n", folded, copied);
  assert_true(folded * 100 >= copied * 85);
  dpl_detector_close(detector);
  dpl_embedder_close(embedder);
  free(yunet.data), free(mfn.data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_best_of_one_picture_is_kept),
      cmocka_unit_test(a_file_under_three_people_is_reported_and_stays),
      cmocka_unit_test(portraits_are_opened_only_where_vectors_are_alike),
      cmocka_unit_test(no_photos_make_no_duplicates),
      cmocka_unit_test(pictures_saved_again_fold_and_other_photos_do_not),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
