/* Large JPEGs of which parts are decoded: what is cut out of them is what is cut out of the photo decoded in full. */
#include "parts.h"

#include "image_jpeg.h"

#include "made_photos.h"

enum { WIDTH = 3344, HEIGHT = 1208 }; /* multiples of 8: another width would shift the grid of squares */

/* Photographic enough: slopes with detail of some pixels on them. */
static uint8_t *large_picture(void) {
  uint8_t *pixels = slopes(WIDTH, HEIGHT);
  uint64_t seed = 3;
  for (int y = 0; y < HEIGHT; y += 8)
    for (int x = 0; x < WIDTH; x += 8) {
      const int more = (int)(random_bits(&seed) % 60);
      for (int i = 0; i < 64; i++) {
        uint8_t *p = pixels + ((y + i / 8) * WIDTH + x + i % 8) * 3;
        for (int c = 0; c < 3; c++) p[c] = (uint8_t)(p[c] / 2 + more);
      }
    }
  return pixels;
}

static void open_both(const buffer *file, dpl_image **full, dpl_image **parts) {
  dpl_error error;
  assert_ok(dpl_image_decode(bytes_of(*file), NULL, full, &error), &error);
  assert_ok(dpl_image_open(bytes_of(*file), NULL, parts, &error), &error);
  assert_null(dpl_image_pixels(*parts));
  assert_int_equal(dpl_image_width(*full), dpl_image_width(*parts));
  assert_int_equal(dpl_image_height(*full), dpl_image_height(*parts));
}

static int warp_difference(const dpl_image *full, const dpl_image *parts, dpl_similarity to_output) {
  dpl_image *a, *b;
  dpl_error error;
  assert_ok(dpl_image_warp(full, to_output, 60, 60, &a, &error), &error);
  assert_ok(dpl_image_warp(parts, to_output, 60, 60, &b, &error), &error);
  const int difference = largest_difference(dpl_image_pixels(a), dpl_image_pixels(b), 60 * 60 * 3);
  dpl_image_close(a);
  dpl_image_close(b);
  return difference;
}

/* At full detail to the last bit, reduced within rounding; colour that is stored at half the size differs a little
 * more. */
static void parts_show_what_the_full_photo_shows(void **state) {
  (void)state;
  uint8_t *pixels = large_picture();
  const dpl_point corners[] = {{0, 0}, {0.5f, 0.3f}, {0.93f, 0.9f}, {0.2f, 0.97f}};
  for (int orientation = 1; orientation <= 8; orientation++) {
    buffer app1 = make_app1(orientation, false);
    const jpeg_kind kind = {.progressive = orientation % 3 == 0, .quality = 90, .restart = orientation % 2 ? 37 : 0};
    buffer file = make_jpeg(pixels, WIDTH, HEIGHT, kind, &app1);
    dpl_image *full, *parts;
    open_both(&file, &full, &parts);
    for (int i = 0; i < 4; i++) {
      const float x = corners[i].x * (float)dpl_image_width(full), y = corners[i].y * (float)dpl_image_height(full);
      assert_int_equal(warp_difference(full, parts, (dpl_similarity){1, 0, 10 - x, 10 - y}), 0);
      assert_int_equal(warp_difference(full, parts, (dpl_similarity){0.3f, 0.2f, -0.3f * x + 0.2f * y, -0.3f * y}), 0);
      assert_in_range(warp_difference(full, parts, (dpl_similarity){0.09f, 0, -0.09f * x + 20, -0.09f * y + 20}), 0, 6);
    }
    dpl_image *a, *b;
    assert_ok(dpl_image_resize(full, 320, 320, &a, NULL), NULL);
    assert_ok(dpl_image_resize(parts, 320, 320, &b, NULL), NULL);
    assert_in_range(largest_difference(dpl_image_pixels(a), dpl_image_pixels(b), 320 * 320 * 3), 0, 6);
    dpl_image_close(a), dpl_image_close(b);
    dpl_image_close(full), dpl_image_close(parts);
    free(file.data), free(app1.data);
  }
  free(pixels);
}

/* The upright part that is there, for a picture that was stored upright and one that was stored on its side. */
static void a_cut_photo_says_which_part_is_there(void **state) {
  (void)state;
  uint8_t *pixels = large_picture();
  for (int orientation = 1; orientation <= 8; orientation++) {
    buffer app1 = make_app1(orientation, true);
    buffer file = make_jpeg(pixels, WIDTH, HEIGHT, (jpeg_kind){.quality = 90}, &app1);
    file.size = file.size * 6 / 10;
    dpl_image *full, *parts;
    open_both(&file, &full, &parts);
    dpl_box whole, same;
    assert_true(dpl_image_is_incomplete(full, &whole));
    assert_true(dpl_image_is_incomplete(parts, &same));
    assert_memory_equal(&whole, &same, sizeof whole);
    const bool turned = orientation >= 5, mirrored = orientation == 3 || orientation == 4;
    const bool from_right = orientation == 6 || orientation == 7;
    assert_true((turned ? whole.height : whole.width) == WIDTH);
    const float rows = turned ? whole.width : whole.height;
    assert_true(rows > 0.3f * HEIGHT && rows < 0.9f * HEIGHT);
    assert_true((turned ? whole.x : whole.y) == (mirrored || from_right ? HEIGHT - rows : 0));
    assert_true(dpl_image_has(full, whole));
    assert_false(dpl_image_has(full, (dpl_box){0, 0, (float)dpl_image_width(full), (float)dpl_image_height(full)}));
    dpl_image_close(full), dpl_image_close(parts);
    free(file.data), free(app1.data);
  }
  free(pixels);
}

/* Without its end marker a file may be cut, so that all scans are read. */
static void an_eighth_of_a_progressive_jpeg_is_the_same_from_some_scans_as_from_all(void **state) {
  (void)state;
  uint8_t *pixels = large_picture();
  buffer file = make_jpeg(pixels, WIDTH, HEIGHT, (jpeg_kind){.progressive = true, .quality = 90}, NULL);
  dpl_image_header header = {.orientation = 1};
  dpl_error error;
  assert_ok(dpl_jpeg_header(bytes_of(file), &header, &error), &error);
  dpl_jpeg_answer some, all;
  assert_ok(dpl_jpeg_decode(bytes_of(file), &header, (dpl_jpeg_request){.reduce = 8}, &some, &error), &error);
  file.size -= 2;
  assert_ok(dpl_jpeg_decode(bytes_of(file), &header, (dpl_jpeg_request){.reduce = 8}, &all, &error), &error);
  assert_true(some.passed_over && !all.passed_over);
  assert_int_equal(some.gaps.count + all.gaps.count, 0);
  const size_t size = (size_t)some.image.width * (size_t)some.image.height * 3;
  assert_int_equal(size, WIDTH / 8 * HEIGHT / 8 * 3);
  assert_memory_equal(some.image.pixels, all.image.pixels, size);
  file.size = file.size * 9 / 10;
  free(all.image.pixels);
  assert_ok(dpl_jpeg_decode(bytes_of(file), &header, (dpl_jpeg_request){.reduce = 8}, &all, &error), &error);
  assert_true(!all.passed_over && all.gaps.count == 1);
  free(some.image.pixels), free(all.image.pixels);
  free(file.data), free(pixels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parts_show_what_the_full_photo_shows),
      cmocka_unit_test(a_cut_photo_says_which_part_is_there),
      cmocka_unit_test(an_eighth_of_a_progressive_jpeg_is_the_same_from_some_scans_as_from_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
