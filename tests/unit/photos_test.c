/* Photos of ../shared: PngSuite, JPEGs of rare kinds and real faces decode, or are refused with a sentence. */
#include "image.h"
#include "support.h"

#include <dirent.h>

/* Calls `look` with every file in a folder of ../shared whose name ends so. Skips the test where there is none. */
static int in_folder(const char *folder, const char *ending, void (*look)(const char *name, buffer file)) {
  char path[1024], name[1400];
  shared_path(folder, path, sizeof path);
  DIR *list = opendir(path);
  if (!list) {
    print_message("SKIPPED: there is no %s\n", path);
    skip();
  }
  int seen = 0;
  for (struct dirent *entry; (entry = readdir(list));) {
    const size_t length = strlen(entry->d_name);
    if (length < strlen(ending) || strcmp(entry->d_name + length - strlen(ending), ending) != 0) continue;
    snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
    buffer file = read_shared(name);
    look(name, file);
    free(file.data);
    seen++;
  }
  closedir(list);
  assert_true(seen > 0);
  return seen;
}

static dpl_image *decode(const char *name, buffer file) {
  dpl_error error;
  dpl_image *image = NULL;
  const dpl_bytes exact = exact_copy(bytes_of(file));
  const dpl_status status = dpl_image_decode(exact, NULL, &image, &error);
  free((void *)(uintptr_t)exact.data);
  if (status) print_message("%s: %s\n", name, error.message);
  assert_int_equal(status, DPL_OK);
  return image;
}

static void look_at_sound_photo(const char *name, buffer file) {
  dpl_image_close(decode(name, file));
}

/* primary_check holds the same pictures as RGBA of 8 bits, without palette or interlacing. */
static void look_at_primary(const char *name, buffer file) {
  const char *base = strrchr(name, '/');
  char twin[1400];
  snprintf(twin, sizeof twin, "data/bad-images/pngsuite/primary_check%s", base);
  buffer check = read_shared(twin);
  dpl_image *image = decode(name, file), *expected = decode(twin, check);
  assert_int_equal(dpl_image_width(image), dpl_image_width(expected));
  assert_int_equal(dpl_image_height(image), dpl_image_height(expected));
  const size_t size = (size_t)dpl_image_width(image) * (size_t)dpl_image_height(image) * 3;
  if (memcmp(dpl_image_pixels(image), dpl_image_pixels(expected), size) != 0) print_message("%s differs\n", name);
  assert_memory_equal(dpl_image_pixels(image), dpl_image_pixels(expected), size);
  dpl_image_close(image);
  dpl_image_close(expected);
  free(check.data);
}

static void pngsuite_decodes_as_its_check_says(void **state) {
  (void)state;
  print_message("%d pictures\n", in_folder("data/bad-images/pngsuite/primary", ".png", look_at_primary));
}

static void sixteen_bits_iphone_and_odd_chunks_decode(void **state) {
  (void)state;
  in_folder("data/bad-images/pngsuite/16bit", ".png", look_at_sound_photo);
  in_folder("data/bad-images/pngsuite/iphone", ".png", look_at_sound_photo);
  in_folder("data/bad-images/pngsuite/unused", ".png", look_at_sound_photo);
}

static void look_at_corrupt(const char *name, buffer file) {
  dpl_error error;
  dpl_image *image = NULL;
  const dpl_status status = dpl_image_decode(bytes_of(file), NULL, &image, &error);
  /* Wrong check sums do not hurt the pixels, and are not looked at. */
  const bool check_sum_only = strstr(name, "xhdn0g08") || strstr(name, "xcsn0g01");
  if (check_sum_only)
    assert_int_equal(status, DPL_OK);
  else if (status != DPL_DAMAGED_IMAGE)
    assert_failure(DPL_UNSUPPORTED_FORMAT, status, &error);
  else
    assert_failure(DPL_DAMAGED_IMAGE, status, &error);
  dpl_image_close(image);
}

static void corrupt_pngs_are_refused_with_a_sentence(void **state) {
  (void)state;
  in_folder("data/bad-images/pngsuite/corrupt", ".png", look_at_corrupt);
}

static void assert_refused(const char *name, const char *word) {
  buffer file = read_shared(name);
  dpl_error error;
  dpl_image *image = NULL;
  assert_failure(DPL_UNSUPPORTED_FORMAT, dpl_image_decode(bytes_of(file), NULL, &image, &error), &error);
  if (!strstr(error.message, word)) print_message("%s: %s\n", name, error.message);
  assert_non_null(strstr(error.message, word));
  assert_null(image);
  free(file.data);
}

static void rare_jpegs_decode_or_are_named(void **state) {
  (void)state;
  assert_refused("data/bad-images/jpeg/monkey12.jpg", "12-bit");
  assert_refused("data/bad-images/jpeg/testimgari.jpg", "Arithmetic");
  const char *sound[] = {"data/bad-images/jpeg/testimgint.jpg", "data/bad-images/jpeg/testorig.jpg",
                         "data/bad-images/jpeg/testorig.png"};
  for (int i = 0; i < 3; i++) {
    buffer file = read_shared(sound[i]);
    dpl_image *image = decode(sound[i], file);
    assert_int_equal(dpl_image_width(image), 227);
    assert_int_equal(dpl_image_height(image), 149);
    dpl_image_close(image);
    free(file.data);
  }
}

static void photos_of_faces_decode(void **state) {
  (void)state;
  in_folder("data/deepface-pairs", ".jpg", look_at_sound_photo); /* one is a WebP */
  in_folder("data/dlib-faces", ".jpg", look_at_sound_photo);
}

static void a_real_photo_cut_anywhere_gives_a_photo_or_a_sentence(void **state) {
  (void)state;
  const char *names[] = {"data/bad-images/jpeg/testorig.jpg", "data/bad-images/pngsuite/primary/basi6a08.png",
                         "data/bad-images/pngsuite/16bit/basn6a16.png"};
  for (int i = 0; i < 3; i++) {
    buffer file = read_shared(names[i]);
    for (size_t size = 0; size < file.size; size += 1 + file.size / 400) {
      const dpl_bytes cut = exact_copy((dpl_bytes){file.data, size});
      dpl_error error;
      dpl_image *image = NULL;
      const dpl_status status = dpl_image_decode(cut, NULL, &image, &error);
      if (status) assert_failure(status, status, &error);
      assert_true((status == DPL_OK) == (image != NULL));
      dpl_image_close(image);
      free((void *)(uintptr_t)cut.data);
    }
    free(file.data);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pngsuite_decodes_as_its_check_says),
      cmocka_unit_test(sixteen_bits_iphone_and_odd_chunks_decode),
      cmocka_unit_test(corrupt_pngs_are_refused_with_a_sentence),
      cmocka_unit_test(rare_jpegs_decode_or_are_named),
      cmocka_unit_test(photos_of_faces_decode),
      cmocka_unit_test(a_real_photo_cut_anywhere_gives_a_photo_or_a_sentence),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
