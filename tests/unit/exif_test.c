/* Photos come out upright: EXIF orientations 1 … 8, both byte orders, in JPEG and PNG, and damaged EXIF ignored. */
#include "image.h"
#include "made_photos.h"

enum { WIDTH = 48, HEIGHT = 32 }; /* upright */

/* What a camera held that way stores, by the words of the EXIF standard: where the stored picture's row 0 and column 0
   are seen when the picture is upright. */
static uint8_t *stored_as(int orientation, const uint8_t *upright, int *width, int *height) {
  static const struct {
    char row_0, column_0;
  } SEEN[9] = {{0, 0}, {'t', 'l'}, {'t', 'r'}, {'b', 'r'}, {'b', 'l'}, {'l', 't'}, {'r', 't'}, {'r', 'b'}, {'l', 'b'}};
  const char row_0 = SEEN[orientation].row_0, column_0 = SEEN[orientation].column_0;
  const bool quarter = row_0 == 'l' || row_0 == 'r';
  *width = quarter ? HEIGHT : WIDTH;
  *height = quarter ? WIDTH : HEIGHT;
  uint8_t *stored = malloc((size_t)WIDTH * HEIGHT * 3);
  assert_non_null(stored);
  for (int row = 0; row < *height; row++)
    for (int column = 0; column < *width; column++) {
      int x = 0, y = 0;
      if (row_0 == 't') y = row;
      if (row_0 == 'b') y = HEIGHT - 1 - row;
      if (row_0 == 'l') x = row;
      if (row_0 == 'r') x = WIDTH - 1 - row;
      if (column_0 == 't') y = column;
      if (column_0 == 'b') y = HEIGHT - 1 - column;
      if (column_0 == 'l') x = column;
      if (column_0 == 'r') x = WIDTH - 1 - column;
      memcpy(stored + (row * *width + column) * 3, upright + (y * WIDTH + x) * 3, 3);
    }
  return stored;
}

static void assert_upright(buffer file, int orientation, const uint8_t *upright, int tolerance) {
  dpl_error error;
  dpl_image_info info;
  assert_ok(dpl_image_probe(bytes_of(file), &info, &error), &error);
  assert_int_equal(info.orientation, orientation);
  assert_int_equal(info.width, WIDTH);
  assert_int_equal(info.height, HEIGHT);
  dpl_image *image = NULL;
  assert_ok(dpl_image_decode(bytes_of(file), NULL, &image, &error), &error);
  assert_int_equal(dpl_image_width(image), WIDTH);
  assert_int_equal(dpl_image_height(image), HEIGHT);
  assert_true(largest_difference(dpl_image_pixels(image), upright, (size_t)WIDTH * HEIGHT * 3) <= tolerance);
  dpl_image_close(image);
}

static void every_orientation_comes_out_upright(void **state) {
  (void)state;
  uint8_t *upright = slopes(WIDTH, HEIGHT);
  for (int orientation = 1; orientation <= 8; orientation++)
    for (int big = 0; big <= 1; big++) {
      int width, height;
      uint8_t *stored = stored_as(orientation, upright, &width, &height);
      buffer app1 = make_app1(orientation, big), tiff = make_tiff(orientation, big);
      buffer jpeg = make_jpeg(stored, width, height, (jpeg_kind){0}, &app1);
      buffer png = make_png(stored, width, height, 3, &tiff), prefixed = make_png(stored, width, height, 3, &app1);
      assert_upright(jpeg, orientation, upright, 40); /* the blue spot's edge rings */
      assert_upright(png, orientation, upright, 0);
      assert_upright(prefixed, orientation, upright, 0);
      free(stored), free(app1.data), free(tiff.data), free(jpeg.data), free(png.data), free(prefixed.data);
    }
  free(upright);
}

static void sides_longer_than_a_tile_are_turned_whole(void **state) {
  (void)state;
  enum { LONG = 100, SHORT = 70 };
  uint8_t *stored = slopes(LONG, SHORT);
  buffer tiff = make_tiff(6, true), png = make_png(stored, LONG, SHORT, 3, &tiff);
  dpl_error error;
  dpl_image *image = NULL;
  assert_ok(dpl_image_decode(bytes_of(png), NULL, &image, &error), &error);
  assert_int_equal(dpl_image_width(image), SHORT);
  for (int y = 0; y < LONG; y++)
    for (int x = 0; x < SHORT; x++) /* column 0 is the top, row 0 the right */
      assert_memory_equal(dpl_image_pixels(image) + (y * SHORT + x) * 3, stored + ((SHORT - 1 - x) * LONG + y) * 3, 3);
  dpl_image_close(image);
  free(stored), free(tiff.data), free(png.data);
}

/* 1 for what is no photo. */
static int orientation_of_file(dpl_bytes file) {
  dpl_image_info info = {.orientation = 1};
  dpl_image_probe(file, &info, NULL);
  return info.orientation;
}

static int orientation_of(const buffer *app1) {
  uint8_t *pixels = slopes(16, 8);
  buffer jpeg = make_jpeg(pixels, 16, 8, (jpeg_kind){0}, app1);
  const dpl_bytes copy = exact_copy(bytes_of(jpeg));
  const int orientation = orientation_of_file(copy);
  free((void *)(uintptr_t)copy.data), free(jpeg.data), free(pixels);
  return orientation;
}

static void damaged_exif_means_upright(void **state) {
  (void)state;
  for (int big = 0; big <= 1; big++) {
    buffer app1 = make_app1(6, big);
    assert_int_equal(orientation_of(&app1), 6);
    for (size_t i = 0; i < app1.size; i++) { /* cut anywhere: 6 or nothing, and never a read outside */
      const buffer cut = {app1.data, i};
      const int orientation = orientation_of(&cut);
      assert_true(orientation == 1 || orientation == 6);
    }
    for (size_t i = 0; i < app1.size; i++) { /* any byte at its extremes */
      const uint8_t kept = app1.data[i];
      for (int value = 0; value <= 255; value += 51) {
        app1.data[i] = (uint8_t)value;
        const int orientation = orientation_of(&app1);
        assert_true(orientation >= 1 && orientation <= 8);
      }
      app1.data[i] = kept;
    }
    free(app1.data);
  }
  for (int value = 0; value < 70000; value += 9) {
    if (value >= 1 && value <= 8) continue;
    buffer app1 = make_app1(value, false);
    const int expected = (value & 0xFFFF) >= 1 && (value & 0xFFFF) <= 8 ? value & 0xFFFF : 1;
    if (value % 17 == 0) assert_int_equal(orientation_of(&app1), expected);
    free(app1.data);
  }
}

static void another_app1_first_is_passed_over(void **state) {
  (void)state;
  buffer xmp = {0};
  append(&xmp, "http://ns.example/xap/1.0/", 26);
  uint8_t *pixels = slopes(16, 8);
  buffer jpeg = make_jpeg(pixels, 16, 8, (jpeg_kind){0}, &xmp), app1 = make_app1(8, true), both = {0};
  append(&both, jpeg.data, 2);
  append(&both, jpeg.data + 2, 18); /* JFIF */
  append(&both, "\xFF\xE1", 2);
  append_big_endian(&both, (uint32_t)xmp.size + 2, 2);
  append(&both, xmp.data, xmp.size);
  append(&both, "\xFF\xE1", 2);
  append_big_endian(&both, (uint32_t)app1.size + 2, 2);
  append(&both, app1.data, app1.size);
  append(&both, jpeg.data + 20, jpeg.size - 20);
  assert_int_equal(orientation_of_file(bytes_of(both)), 8);
  assert_int_equal(orientation_of_file((dpl_bytes){NULL, 0}), 1);
  assert_int_equal(orientation_of_file(text_bytes("no photo at all")), 1);
  free(xmp.data), free(pixels), free(jpeg.data), free(app1.data), free(both.data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_orientation_comes_out_upright),
      cmocka_unit_test(sides_longer_than_a_tile_are_turned_whole),
      cmocka_unit_test(damaged_exif_means_upright),
      cmocka_unit_test(another_app1_first_is_passed_over),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
