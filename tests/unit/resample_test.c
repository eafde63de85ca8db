/* Sizes, poses and tensors, each against the same thing written slowly with real numbers. */
#include "bilinear.h"
#include "geometry.h"
#include "image.h"
#include "made_photos.h"
#include "resample.h"
#include "sum_rows.h"

static dpl_image *noise(int width, int height, uint64_t seed) {
  dpl_image *image = NULL;
  assert_ok(dpl_image_new(width, height, &image, NULL), NULL);
  for (int i = 0; i < width * height * 3; i++) image->pixels[i] = (uint8_t)random_bits(&seed);
  return image;
}

static double pixel(const dpl_image *image, int x, int y, int channel) {
  return image->pixels[(y * image->width + x) * 3 + channel];
}

static double clamp(double value, double low, double high) {
  return value < low ? low : value > high ? high : value;
}

/* What an axis of `from` pixels gives output `i` of `to`: weights into `weights`, which add up to 1. */
static void weights_of(int from, int to, int i, double *weights) {
  memset(weights, 0, (size_t)from * sizeof *weights);
  const double scale = (double)from / to;
  if (from > to) {
    for (int k = 0; k < from; k++) weights[k] = clamp(fmin(k + 1, (i + 1) * scale) - fmax(k, i * scale), 0, 1) / scale;
  } else {
    const double centre = clamp((i + 0.5) * scale - 0.5, 0, from - 1);
    const int first = (int)centre;
    weights[first] += 1 - (centre - first);
    weights[first + 1 < from ? first + 1 : first] += centre - first;
  }
}

static void assert_resized_exactly(int from_width, int from_height, int width, int height) {
  dpl_image *image = noise(from_width, from_height, 5), *resized;
  dpl_error error;
  assert_ok(dpl_image_resize(image, width, height, &resized, &error), &error);
  assert_int_equal(dpl_image_width(resized), width);
  assert_int_equal(dpl_image_height(resized), height);
  double *columns = malloc((size_t)from_width * sizeof *columns), *rows = malloc((size_t)from_height * sizeof *rows);
  for (int y = 0; y < height; y++) {
    weights_of(from_height, height, y, rows);
    for (int x = 0; x < width; x++) {
      weights_of(from_width, width, x, columns);
      for (int channel = 0; channel < 3; channel++) {
        double sum = 0;
        for (int v = 0; v < from_height; v++)
          for (int u = 0; u < from_width && rows[v] > 0; u++) sum += rows[v] * columns[u] * pixel(image, u, v, channel);
        assert_true(fabs(pixel(resized, x, y, channel) - sum) < 0.502); /* rounded to the nearest */
      }
    }
  }
  free(columns), free(rows);
  dpl_image_close(image);
  dpl_image_close(resized);
}

static void resizing_is_the_area_filter_and_the_line_between(void **state) {
  (void)state;
  const int sizes[][4] = {{40, 30, 40, 30}, {40, 30, 20, 15}, {40, 30, 17, 7}, {41, 31, 40, 30}, {40, 30, 1, 1},
                          {40, 30, 39, 29}, {7, 5, 20, 17},   {1, 1, 5, 4},    {40, 9, 13, 27},  {9, 40, 27, 13},
                          {33, 33, 16, 33}, {33, 33, 33, 16}, {1, 50, 3, 7},   {50, 1, 7, 3},    {2, 2, 3, 3}};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
    assert_resized_exactly(sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3]);
}

static void a_tall_white_photo_stays_white(void **state) {
  (void)state;
  dpl_image *image, *resized; /* sums of more rows than 16 bits can hold */
  assert_ok(dpl_image_new(3, 65535, &image, NULL), NULL);
  memset(image->pixels, 255, 3 * 65535 * 3);
  for (int height = 1; height < 300; height += 97) {
    assert_ok(dpl_image_resize(image, 2, height, &resized, NULL), NULL);
    for (int i = 0; i < 2 * height * 3; i++) assert_int_equal(resized->pixels[i], 255);
    dpl_image_close(resized);
  }
  dpl_image_close(image);
}

static void sizes_that_cannot_be_are_refused(void **state) {
  (void)state;
  dpl_image *image = noise(4, 4, 1), *made = NULL;
  dpl_error error;
  const int sizes[][2] = {{0, 4}, {4, 0}, {-1, 4}, {65536, 1}, {1, 65536}};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    assert_failure(DPL_INVALID_ARGUMENT, dpl_image_resize(image, sizes[i][0], sizes[i][1], &made, &error), &error);
    assert_failure(DPL_INVALID_ARGUMENT,
                   dpl_image_warp(image, (dpl_similarity){1, 0, 0, 0}, sizes[i][0], sizes[i][1], &made, &error),
                   &error);
  }
  const dpl_similarity hopeless[] = {
      {0, 0, 1, 1}, {NAN, 0, 0, 0}, {1, 0, NAN, 0}, {INFINITY, 0, 0, 0}, {1e-30f, 0, 1, 1}};
  for (size_t i = 0; i < sizeof hopeless / sizeof hopeless[0]; i++)
    assert_failure(DPL_INVALID_ARGUMENT, dpl_image_warp(image, hopeless[i], 4, 4, &made, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_image_warp(NULL, (dpl_similarity){1, 0, 0, 0}, 4, 4, &made, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_image_resize(image, 4, 4, NULL, &error), &error);
  assert_null(made);
  dpl_image_close(image);
}

/* The colour at a point of the photo, with black outside. */
static double bilinear(const dpl_image *image, double x, double y, int channel) {
  x -= 0.5, y -= 0.5;
  const int left = (int)floor(x), up = (int)floor(y);
  double sum = 0;
  for (int dy = 0; dy < 2; dy++)
    for (int dx = 0; dx < 2; dx++) {
      const int u = left + dx, v = up + dy;
      if (u < 0 || v < 0 || u >= image->width || v >= image->height) continue;
      sum += (dx ? x - left : 1 - (x - left)) * (dy ? y - up : 1 - (y - up)) * pixel(image, u, v, channel);
    }
  return sum;
}

static void a_warp_is_bilinear_with_black_outside(void **state) {
  (void)state;
  dpl_image *image = noise(31, 23, 9);
  const dpl_similarity poses[] = {
      {1, 0, 0, 0}, {1, 0, 3.25f, -2.5f}, {0.6f, 0.3f, 4, 1}, {-1.7f, 2.1f, 30, 10}, {0.55f, 0, 0, 0}};
  for (size_t i = 0; i < sizeof poses / sizeof poses[0]; i++) {
    dpl_image *warped = NULL;
    assert_ok(dpl_image_warp(image, poses[i], 40, 37, &warped, NULL), NULL);
    const dpl_similarity back = dpl_similarity_inverse(poses[i]);
    for (int y = 0; y < 37; y++)
      for (int x = 0; x < 40; x++) {
        const double u = (double)back.a * (x + 0.5) - (double)back.b * (y + 0.5) + (double)back.tx;
        const double v = (double)back.b * (x + 0.5) + (double)back.a * (y + 0.5) + (double)back.ty;
        for (int channel = 0; channel < 3; channel++)
          assert_true(fabs(pixel(warped, x, y, channel) - bilinear(image, u, v, channel)) < 0.8);
      }
    dpl_image_close(warped);
  }
  dpl_image_close(image);
}

static dpl_place random_place(uint64_t *seed, int width, int height) {
  return (dpl_place){(int64_t)(random_bits(seed) % ((uint64_t)(width + 3) << 32)) - (INT64_C(2) << 32),
                     (int64_t)(random_bits(seed) % ((uint64_t)(height + 3) << 32)) - (INT64_C(2) << 32)};
}

/* Bit by bit, on noise of odd sizes, over every edge and beyond. */
static void vectors_warp_as_the_plain_form_does(void **state) {
  (void)state;
#if defined(__SSE2__)
  uint64_t seed = 11;
  for (int round = 0; round < 4000; round++) {
    const int width = 1 + (int)(random_bits(&seed) % 13), height = 1 + (int)(random_bits(&seed) % 9),
              count = 1 + (int)(random_bits(&seed) % 20);
    dpl_image *image = noise(width, height, random_bits(&seed));
    const dpl_place from = random_place(&seed, width, height), to = random_place(&seed, width, height),
                    step = {(to.x - from.x) / count, (to.y - from.y) / count};
    uint8_t plain[20 * 3] = {0}, vectors[20 * 3] = {0};
    dpl_bilinear_row_plain(image, from, step, count, plain);
    dpl_bilinear_row_sse2(image, from, step, count, vectors);
    assert_memory_equal(vectors, plain, sizeof plain);
    dpl_image_close(image);
  }
#else
  print_message("SKIPPED: there is only the plain form on this machine\n");
  skip();
#endif
}

/* Number by number, from one row to more than 16 bits can add up, in rows that end behind whole vectors and within. */
static void vectors_add_rows_as_the_plain_form_does(void **state) {
  (void)state;
#if defined(__SSE2__)
  static const int heights[] = {1, 2, 3, 7, 258, 259, 300};
  uint64_t seed = 5;
  for (size_t k = 0; k < sizeof heights / sizeof *heights; k++)
    for (int width = 1; width <= 40; width++) {
      dpl_image *image = noise(width, heights[k], random_bits(&seed));
      const size_t length = (size_t)width * 3;
      const dpl_rows rows = {image->pixels, image->pixels + (size_t)(heights[k] - 1) * length, length,
                             (float)random_unit(&seed), (float)random_unit(&seed)};
      if (width % 2) memset(image->pixels, 255, length * (size_t)heights[k]);
      float plain[40 * 3], vectors[40 * 3];
      dpl_sum_rows_plain(rows, plain);
      dpl_sum_rows_sse2(rows, vectors);
      assert_memory_equal(vectors, plain, length * sizeof *plain);
      dpl_image_close(image);
    }
#else
  print_message("SKIPPED: there is only the plain form on this machine\n");
  skip();
#endif
}

static void an_unmoved_warp_changes_nothing(void **state) {
  (void)state;
  dpl_image *image = noise(19, 11, 2), *warped;
  assert_ok(dpl_image_warp(image, (dpl_similarity){1, 0, 0, 0}, 19, 11, &warped, NULL), NULL);
  assert_memory_equal(warped->pixels, image->pixels, 19 * 11 * 3);
  dpl_image_close(warped);
  dpl_image_close(image);
}

/* A slope stays a slope, whatever it shrinks by: no shift creeps in with the reduction. */
static void shrinking_keeps_things_in_their_places(void **state) {
  (void)state;
  dpl_image *image = NULL;
  assert_ok(dpl_image_new(1000, 1000, &image, NULL), NULL);
  for (int y = 0; y < 1000; y++)
    for (int x = 0; x < 1000; x++) {
      uint8_t *p = image->pixels + (y * 1000 + x) * 3;
      p[0] = (uint8_t)(x / 4), p[1] = (uint8_t)(y / 4), p[2] = 77;
    }
  for (float scale = 0.9f; scale > 0.02f; scale *= 0.83f)
    for (int turn = 0; turn < 2; turn++) {
      const dpl_similarity pose =
          turn ? (dpl_similarity){scale * 0.8f, scale * 0.6f, 30 - 500 * 0.2f * scale, 30 - 500 * 1.4f * scale}
               : (dpl_similarity){scale, 0, 30 - 500 * scale, 30 - 500 * scale};
      dpl_image *warped = NULL;
      assert_ok(dpl_image_warp(image, pose, 60, 60, &warped, NULL), NULL);
      const dpl_similarity back = dpl_similarity_inverse(pose);
      int seen = 0;
      for (int y = 0; y < 60; y++)
        for (int x = 0; x < 60; x++) {
          const dpl_point p = dpl_similarity_apply(back, (dpl_point){(float)x + 0.5f, (float)y + 0.5f});
          const float margin = 3 / scale;
          if (p.x < margin || p.y < margin || p.x > 1000 - margin || p.y > 1000 - margin) continue;
          seen++;
          assert_true(fabs(pixel(warped, x, y, 0) - ((double)p.x / 4 - 0.5)) < 1.1);
          assert_true(fabs(pixel(warped, x, y, 1) - ((double)p.y / 4 - 0.5)) < 1.1);
          assert_true(fabs(pixel(warped, x, y, 2) - 77) <= 1);
        }
      assert_true(seen > 50);
      dpl_image_close(warped);
    }
  dpl_image_close(image);
}

/* Fine noise shrunk by ten is nearly even grey; without the area filter it would stay as rough as it was. */
static void shrinking_looks_at_every_pixel(void **state) {
  (void)state;
  dpl_image *image = noise(600, 600, 4), *warped;
  assert_ok(dpl_image_warp(image, (dpl_similarity){0.08f, 0.06f, 20, 0}, 30, 30, &warped, NULL), NULL);
  double sum = 0, squares = 0;
  int count = 0;
  for (int y = 16; y < 28; y++)
    for (int x = 12; x < 20; x++, count++) {
      sum += pixel(warped, x, y, 1);
      squares += pixel(warped, x, y, 1) * pixel(warped, x, y, 1);
    }
  const double mean = sum / count, deviation = sqrt(squares / count - mean * mean);
  assert_true(fabs(mean - 127.5) < 6);
  assert_true(deviation < 14); /* of noise that deviates by 74 */
  dpl_image_close(warped);
  dpl_image_close(image);
}

static void a_warp_that_misses_the_photo_is_black(void **state) {
  (void)state;
  dpl_image *image = noise(50, 50, 4), *warped;
  const dpl_similarity poses[] = {{1, 0, 500, 0},         {1, 0, 0, -500},  {0.1f, 0, 900, 900},
                                  {0.1f, 0.1f, -3e9f, 2}, {1, 0, 3e18f, 0}, {0.001f, 0, 1e9f, 1e9f}};
  for (size_t i = 0; i < sizeof poses / sizeof poses[0]; i++) {
    assert_ok(dpl_image_warp(image, poses[i], 8, 8, &warped, NULL), NULL);
    for (int k = 0; k < 8 * 8 * 3; k++) assert_int_equal(warped->pixels[k], 0);
    dpl_image_close(warped);
  }
  /* The whole photo in less than a pixel: still no read outside, and nearly black. */
  assert_ok(dpl_image_warp(image, (dpl_similarity){1e-4f, 0, 4, 4}, 8, 8, &warped, NULL), NULL);
  dpl_image_close(warped);
  dpl_image_close(image);
}

static void a_tensor_holds_what_the_network_expects(void **state) {
  (void)state;
  static const int widths[] = {1,  2,   5,   15,  16,  17, 32,
                               35, 127, 128, 129, 144, 160}; /* it goes in parts of 16 and 128 */
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
    const int width = widths[i];
    dpl_image *image = noise(width, 3, 8);
    for (int options = 0; options < 4; options++) {
      const bool mirror = options & 1, bgr = options & 2;
      const dpl_normalisation normalisation = {{122.782f, 117.001f, 104.298f}, {0.0039f, 1, 2}, bgr};
      enum { CANVAS_WIDTH = 160, CANVAS_HEIGHT = 5 };
      float canvas[CANVAS_HEIGHT][CANVAS_WIDTH][3];
      dpl_error error;
      assert_ok(
          dpl_image_to_tensor(image, normalisation, mirror, &canvas[0][0][0], CANVAS_WIDTH, CANVAS_HEIGHT, &error),
          &error);
      for (int y = 0; y < CANVAS_HEIGHT; y++)
        for (int x = 0; x < CANVAS_WIDTH; x++)
          for (int channel = 0; channel < 3; channel++) {
            const bool inside = x < width && y < 3;
            const float value =
                inside ? (float)pixel(image, mirror ? width - 1 - x : x, y, bgr ? 2 - channel : channel) : 0;
            const float expected = (value - normalisation.mean[channel]) * normalisation.scale[channel];
            assert_true(canvas[y][x][channel] <= expected && canvas[y][x][channel] >= expected);
          }
    }
    dpl_image_close(image);
  }
}

static void an_image_that_does_not_fit_is_refused(void **state) {
  (void)state;
  dpl_image *image = noise(5, 4, 8);
  float canvas[5 * 4 * 3] = {0};
  const dpl_normalisation plain = {{0, 0, 0}, {1, 1, 1}, false};
  dpl_error error;
  assert_failure(DPL_INVALID_ARGUMENT, dpl_image_to_tensor(image, plain, false, canvas, 4, 5, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_image_to_tensor(image, plain, false, canvas, 5, 3, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_image_to_tensor(NULL, plain, false, canvas, 5, 4, &error), &error);
  assert_ok(dpl_image_to_tensor(image, plain, true, canvas, 5, 4, &error), &error);
  dpl_image_close(image);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(resizing_is_the_area_filter_and_the_line_between),
      cmocka_unit_test(a_tall_white_photo_stays_white),
      cmocka_unit_test(sizes_that_cannot_be_are_refused),
      cmocka_unit_test(a_warp_is_bilinear_with_black_outside),
      cmocka_unit_test(vectors_warp_as_the_plain_form_does),
      cmocka_unit_test(vectors_add_rows_as_the_plain_form_does),
      cmocka_unit_test(an_unmoved_warp_changes_nothing),
      cmocka_unit_test(shrinking_keeps_things_in_their_places),
      cmocka_unit_test(shrinking_looks_at_every_pixel),
      cmocka_unit_test(a_warp_that_misses_the_photo_is_black),
      cmocka_unit_test(a_tensor_holds_what_the_network_expects),
      cmocka_unit_test(an_image_that_does_not_fit_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
