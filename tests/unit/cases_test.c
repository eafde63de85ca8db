/* Photos that other programs had trouble with (../shared/cases/photos): each gives what its README says, and the same
   pixels however memory was filled before. */
#include "image.h"
#include "support.h"

static buffer case_file(const char *name) {
  char path[256];
  snprintf(path, sizeof path, "cases/photos/%s", name);
  return read_shared(path);
}

static dpl_image *decoded(const char *name) {
  buffer file = case_file(name);
  dpl_image *image = NULL;
  dpl_error error;
  assert_ok(dpl_image_decode(bytes_of(file), NULL, &image, &error), &error);
  free(file.data);
  return image;
}

static double mean_difference(const dpl_image *a, const dpl_image *b) {
  assert_int_equal(dpl_image_width(a), dpl_image_width(b));
  assert_int_equal(dpl_image_height(a), dpl_image_height(b));
  const size_t size = (size_t)dpl_image_width(a) * (size_t)dpl_image_height(a) * 3;
  double sum = 0;
  for (size_t i = 0; i < size; i++) sum += abs(dpl_image_pixels(a)[i] - dpl_image_pixels(b)[i]);
  return sum / (double)size;
}

/* The photo of most files, in `other`'s pixels: the mean difference is at most so much. */
static void assert_shows(const char *name, const char *other, double most, bool incomplete) {
  dpl_image *image = decoded(name), *expected = decoded(other);
  const double difference = mean_difference(image, expected);
  if (difference > most) print_message("%s: %.2f from %s\n", name, difference, other);
  assert_true(difference <= most);
  assert_int_equal(dpl_image_is_incomplete(image, NULL), incomplete);
  dpl_image_close(image);
  dpl_image_close(expected);
}

static void markers_and_headers_out_of_order_cost_no_pixel(void **state) {
  (void)state;
  const char *same[] = {"prog_zero_between.jpg", "rst_9junk_one.jpg", "trns_after_idat.png", "trns_rgba.png"};
  for (int i = 0; i < 4; i++) assert_shows(same[i], "ff00_header.jpg", 0, false);
  assert_shows("cr.bmp", "cr.jpg", 0, false);
  dpl_image_close(decoded("jpeg_ff00_header.jpg"));
}

static void a_missing_restart_marker_costs_a_strip(void **state) {
  (void)state;
  dpl_image *image = decoded("rst_missing_one.jpg"), *sound = decoded("ff00_header.jpg");
  int damaged = 0;
  for (int y = 0; y < 250; y++)
    damaged += memcmp(dpl_image_pixels(image) + y * 750, dpl_image_pixels(sound) + y * 750, 750) != 0;
  assert_in_range(damaged, 1, 64);
  assert_false(dpl_image_is_incomplete(image, NULL));
  assert_false(dpl_image_has(image, (dpl_box){0, 0, 250, 250}));
  dpl_image_close(image);
  dpl_image_close(sound);
}

static void a_progressive_jpeg_that_lacks_its_end_marker_is_whole(void **state) {
  (void)state;
  dpl_image *image = decoded("progressive-without-end.jpg"), *cut = decoded("progressive-cut-6000-bytes.jpg");
  assert_false(dpl_image_is_incomplete(image, NULL));
  dpl_box whole;
  assert_true(dpl_image_is_incomplete(cut, &whole));
  assert_true(whole.y == 0 && whole.width == 250 && whole.height > 50 && whole.height < 250);
  const size_t above = (size_t)whole.height * 750 - 8 * 750;
  assert_memory_equal(dpl_image_pixels(image), dpl_image_pixels(cut), above);
  assert_true(dpl_image_has(cut, (dpl_box){0, 0, 250, whole.height}));
  assert_false(dpl_image_has(cut, (dpl_box){0, 0, 250, whole.height + 1}));
  dpl_image_close(image);
  dpl_image_close(cut);
}

static void a_jpeg_without_its_scans_of_colour_is_grey_and_incomplete(void **state) {
  (void)state;
  dpl_image *image = decoded("jp2_ni_cut.jpg");
  dpl_box whole;
  assert_true(dpl_image_is_incomplete(image, &whole));
  assert_true(whole.width == 0 && whole.height == 0);
  const uint8_t *pixels = dpl_image_pixels(image);
  for (int i = 0; i < 250 * 250; i++)
    assert_true(pixels[3 * i] == pixels[3 * i + 1] && pixels[3 * i] == pixels[3 * i + 2]);
  dpl_image_close(image);
}

static void a_short_palette_is_black_and_misplaced_transparency_is_passed_over(void **state) {
  (void)state;
  dpl_image *image = decoded("pal_short.png"), *full = decoded("pal_trns_before_plte.png");
  const uint8_t *a = dpl_image_pixels(image), *b = dpl_image_pixels(full);
  int black = 0;
  for (int i = 0; i < 250 * 250; i++) {
    const bool is_black = a[3 * i] == 0 && a[3 * i + 1] == 0 && a[3 * i + 2] == 0;
    if (!is_black) assert_memory_equal(a + (size_t)i * 3, b + (size_t)i * 3, 3);
    black += is_black;
  }
  assert_true(black > 1000);
  dpl_image_close(image);
  dpl_image_close(full);
}

static void a_webp_is_upright(void **state) {
  (void)state;
  buffer file = case_file("rot6.webp");
  dpl_image_info info;
  dpl_error error;
  assert_ok(dpl_image_probe(bytes_of(file), &info, &error), &error);
  assert_int_equal(info.format, DPL_FORMAT_WEBP);
  assert_int_equal(info.orientation, 6);
  dpl_image *image = decoded("rot6.webp");
  assert_int_equal(dpl_image_width(image), info.width);
  assert_int_equal(dpl_image_height(image), info.height);
  assert_true(info.height > info.width);
  dpl_image_close(image);
  free(file.data);
}

static void refusals_hold_no_byte_of_the_file(void **state) {
  (void)state;
  const char *names[] = {"chunk.png", "no_iend.png", "broken_data_stream.png"};
  for (int i = 0; i < 3; i++) {
    buffer file = case_file(names[i]);
    dpl_image *image = NULL;
    dpl_error error;
    assert_failure(DPL_DAMAGED_IMAGE, dpl_image_decode(bytes_of(file), NULL, &image, &error), &error);
    for (const char *c = error.message; *c; c++) assert_in_range(*c, ' ', '~');
    assert_null(strstr(error.message, "()"));
    free(file.data);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(markers_and_headers_out_of_order_cost_no_pixel),
      cmocka_unit_test(a_missing_restart_marker_costs_a_strip),
      cmocka_unit_test(a_progressive_jpeg_that_lacks_its_end_marker_is_whole),
      cmocka_unit_test(a_jpeg_without_its_scans_of_colour_is_grey_and_incomplete),
      cmocka_unit_test(a_short_palette_is_black_and_misplaced_transparency_is_passed_over),
      cmocka_unit_test(a_webp_is_upright),
      cmocka_unit_test(refusals_hold_no_byte_of_the_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
