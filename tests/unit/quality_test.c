/* What is measured of a face: sharpness falls with blur and hardly with light or size, the pose turns with the head,
   covered parts lose their detail. */
#include "image.h"
#include "made_photos.h"

/* Photos of lfw-dev with one face each, and where YuNet finds it. */
static const struct {
  const char *name;
  dpl_face face;
} photos[] = {
    {"Adam_Kennedy/Adam_Kennedy_0001.jpg",
     {{62, 69, 102, 130},
      1,
      0,
      {{99.3f, 112.8f}, {145.6f, 111.2f}, {130.7f, 138.5f}, {104.2f, 160}, {144.7f, 160.9f}}}},
    {"Charley_Armey/Charley_Armey_0001.jpg",
     {{84, 70, 89, 111},
      1,
      0,
      {{123.2f, 110.3f}, {161.2f, 115}, {147.8f, 136.8f}, {119.7f, 155.2f}, {151.6f, 157.3f}}}},
    {"Jenna_Elfman/Jenna_Elfman_0001.jpg",
     {{74, 55, 97, 134},
      1,
      0,
      {{106.5f, 107.4f}, {148.5f, 107.2f}, {131.1f, 135.9f}, {110.6f, 154.5f}, {147.6f, 154.8f}}}},
    {"Shawn_Marion/Shawn_Marion_0001.jpg",
     {{89, 70, 84, 117},
      1,
      0,
      {{107.8f, 115.9f}, {148.7f, 113.5f}, {124.7f, 137.1f}, {114, 157.7f}, {148.2f, 154.5f}}}},
};
enum { PHOTOS = sizeof photos / sizeof photos[0] };

static dpl_image *photo(size_t index) {
  char path[256];
  snprintf(path, sizeof path, "data/lfw-dev/images/%s", photos[index].name);
  buffer file = read_shared(path);
  dpl_image *image = NULL;
  dpl_error error;
  assert_ok(dpl_image_decode(bytes_of(file), NULL, &image, &error), &error);
  free(file.data);
  return image;
}

static dpl_face_quality quality_of(const dpl_image *image, const dpl_face *face) {
  dpl_face_quality quality;
  dpl_error error;
  assert_ok(dpl_face_measure(image, face, &quality, &error), &error);
  return quality;
}

/* Gaussian blur, one axis after the other. */
static void blur(dpl_image *image, double sigma) {
  const int reach = (int)ceil(3 * sigma), width = image->width, height = image->height;
  uint8_t *from = malloc((size_t)width * (size_t)height * 3);
  assert_non_null(from);
  for (int axis = 0; axis < 2; axis++) {
    memcpy(from, image->pixels, (size_t)width * (size_t)height * 3);
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++)
        for (int c = 0; c < 3; c++) {
          double sum = 0, weights = 0;
          for (int k = -reach; k <= reach; k++) {
            const int at_x = x + (axis ? 0 : k), at_y = y + (axis ? k : 0);
            if (at_x < 0 || at_y < 0 || at_x >= width || at_y >= height) continue;
            const double weight = exp(-k * k / (2 * sigma * sigma));
            weights += weight;
            sum += weight * from[(at_y * width + at_x) * 3 + c];
          }
          image->pixels[(y * width + x) * 3 + c] = (uint8_t)lrint(sum / weights);
        }
  }
  free(from);
}

static dpl_face scaled(const dpl_face *face, float factor) {
  dpl_face other = *face;
  other.box =
      (dpl_box){face->box.x * factor, face->box.y * factor, face->box.width * factor, face->box.height * factor};
  for (int i = 0; i < DPL_POINTS; i++)
    other.points[i] = (dpl_point){face->points[i].x * factor, face->points[i].y * factor};
  return other;
}

static void assert_near(float got, float expected, float tolerance) {
  if (!(fabsf(got - expected) <= tolerance)) fail_msg("%g instead of %g", (double)got, (double)expected);
}

static void blur_lowers_sharpness_and_nothing_else(void **state) {
  (void)state;
  for (size_t i = 0; i < PHOTOS; i++) {
    dpl_image *image = photo(i);
    const dpl_face_quality sharp = quality_of(image, &photos[i].face);
    assert_true(sharp.sharpness > 0.05f && sharp.sharpness < 0.2f);
    float last = sharp.sharpness;
    for (double sigma = 0.7; sigma < 4; sigma *= 1.4) {
      dpl_image *blurred = photo(i);
      blur(blurred, sigma);
      const dpl_face_quality quality = quality_of(blurred, &photos[i].face);
      assert_true(quality.sharpness < 0.95f * last);
      assert_near(quality.size, sharp.size, 0);
      assert_near(quality.yaw, sharp.yaw, 0);
      last = quality.sharpness;
      dpl_image_close(blurred);
    }
    assert_true(last < 0.35f * sharp.sharpness);
    dpl_image_close(image);
  }
}

static void light_and_contrast_hardly_count(void **state) {
  (void)state;
  static const struct { double times, plus; } lights[] = {{0.6, 0}, {0.5, 60}, {0.2, 100}};
  for (size_t i = 0; i < PHOTOS; i++)
    for (size_t k = 0; k < sizeof lights / sizeof lights[0]; k++) {
      dpl_image *image = photo(i);
      const float before = quality_of(image, &photos[i].face).sharpness;
      for (int p = 0; p < image->width * image->height * 3; p++)
        image->pixels[p] = (uint8_t)lrint(image->pixels[p] * lights[k].times + lights[k].plus);
      assert_near(quality_of(image, &photos[i].face).sharpness, before, 0.07f * before);
      dpl_image_close(image);
    }
}

static void a_larger_photo_has_larger_faces_as_sharp_and_turned_as_before(void **state) {
  (void)state;
  const float factors[] = {1.2f, 1.6f, 2, 3, 4};
  for (size_t i = 0; i < PHOTOS; i++)
    for (size_t k = 0; k < sizeof factors / sizeof factors[0]; k++) {
      dpl_image *image = photo(i), *larger;
      const dpl_face face = scaled(&photos[i].face, factors[k]);
      const dpl_face_quality before = quality_of(image, &photos[i].face);
      assert_ok(dpl_image_resize(image, (int)lrintf((float)image->width * factors[k]),
                                 (int)lrintf((float)image->height * factors[k]), &larger, NULL),
                NULL);
      const dpl_face_quality after = quality_of(larger, &face);
      assert_near(after.size, before.size * factors[k], 0.01f);
      assert_near(after.sharpness, before.sharpness, 0.12f * before.sharpness);
      assert_near(after.yaw, before.yaw, 0.1f);
      assert_near(after.pitch, before.pitch, 0.1f);
      dpl_image_close(image);
      dpl_image_close(larger);
    }
}

static dpl_face mirrored(const dpl_face *face, float width) {
  static const int PARTNER[DPL_POINTS] = {DPL_RIGHT_EYE, DPL_LEFT_EYE, DPL_NOSE, DPL_MOUTH_RIGHT, DPL_MOUTH_LEFT};
  dpl_face other = *face;
  other.box.x = width - face->box.x - face->box.width;
  for (int i = 0; i < DPL_POINTS; i++)
    other.points[i] = (dpl_point){width - face->points[PARTNER[i]].x, face->points[PARTNER[i]].y};
  return other;
}

static void a_mirrored_photo_has_the_other_yaw(void **state) {
  (void)state;
  for (size_t i = 0; i < PHOTOS; i++) {
    dpl_image *image = photo(i), *mirror = photo(i);
    for (int y = 0; y < image->height; y++)
      for (int x = 0; x < image->width; x++)
        memcpy(mirror->pixels + (y * image->width + x) * 3,
               image->pixels + (y * image->width + image->width - 1 - x) * 3, 3);
    const dpl_face face = mirrored(&photos[i].face, (float)image->width);
    const dpl_face_quality one = quality_of(image, &photos[i].face), other = quality_of(mirror, &face);
    assert_true(fabsf(one.yaw) > 5);
    assert_near(other.yaw, -one.yaw, 0.1f);
    assert_near(other.pitch, one.pitch, 0.1f);
    assert_near(other.sharpness, one.sharpness, 0.03f * one.sharpness);
    dpl_image_close(image);
    dpl_image_close(mirror);
  }
}

/* A head as quality.c thinks of it, turned and then seen from far away, leaning by 25°. */
static void a_head_that_was_turned_is_measured_so(void **state) {
  (void)state;
  static const double HEAD[DPL_POINTS][3] = {
      {-0.5, 0, 0}, {0.5, 0, 0}, {0, 0.566, 0.43}, {-0.446, 1.066, 0}, {0.446, 1.066, 0}};
  dpl_image *image = NULL;
  assert_ok(dpl_image_new(300, 300, &image, NULL), NULL);
  memset(image->pixels, 90, 300 * 300 * 3);
  for (int yaw = -60; yaw <= 60; yaw += 15)
    for (int pitch = -30; pitch <= 30; pitch += 15) {
      const double w = yaw / 57.29578, p = pitch / 57.29578, lean = 25 / 57.29578;
      dpl_face face = {.box = {50, 50, 100, 144}};
      for (int i = 0; i < DPL_POINTS; i++) {
        const double x = HEAD[i][0], y = HEAD[i][1], z = HEAD[i][2];               /* z towards the camera, y down */
        const double up = y * cos(p) - z * sin(p), near = z * cos(p) + y * sin(p); /* nodded, then turned */
        const double right = x * cos(w) + near * sin(w);
        face.points[i].x = (float)(150 + 60 * (right * cos(lean) - up * sin(lean)));
        face.points[i].y = (float)(100 + 60 * (up * cos(lean) + right * sin(lean)));
      }
      const dpl_face_quality quality = quality_of(image, &face);
      /* The nose's own way to the side, which a nod shortens. */
      const float expected = 57.29578f * (float)asin(sin(w) * cos(p));
      assert_near(quality.yaw, expected, 0.1f);
      assert_near(quality.pitch, (float)pitch, 0.1f);
      assert_near(quality.size, 120, 0.01f);
      assert_near(quality.sharpness, 0, 0); /* there is nothing in the photo */
    }
  dpl_image_close(image);
}

static void a_face_at_the_edge_is_measured_on_what_is_there(void **state) {
  (void)state;
  for (size_t i = 0; i < PHOTOS; i++) {
    dpl_image *image = photo(i), *cut;
    const float whole = quality_of(image, &photos[i].face).sharpness;
    const float middle = photos[i].face.points[DPL_NOSE].x;
    assert_ok(dpl_image_warp(image, (dpl_similarity){1, 0, -floorf(middle), 0}, 250, 250, &cut, NULL), NULL);
    dpl_face face = photos[i].face;
    for (int k = 0; k < DPL_POINTS; k++) face.points[k].x -= floorf(middle);
    const float half = quality_of(cut, &face).sharpness;
    assert_true(half > 0.5f * whole && half < 2 * whole);
    for (int k = 0; k < DPL_POINTS; k++) face.points[k].x -= 1000;
    assert_near(quality_of(cut, &face).sharpness, 0, 0);
    dpl_image_close(image);
    dpl_image_close(cut);
  }
}

static dpl_face_exposure exposure_of(const dpl_image *image, const dpl_face *face) {
  dpl_face_exposure exposure;
  dpl_error error;
  assert_ok(dpl_face_expose(image, face, &exposure, &error), &error);
  return exposure;
}

static void brightness_falls_with_light_and_detail_does_not(void **state) {
  (void)state;
  for (size_t i = 0; i < PHOTOS; i++) {
    dpl_image *image = photo(i);
    const dpl_face_exposure before = exposure_of(image, &photos[i].face);
    assert_true(before.brightness > 0.2f && before.brightness < 0.8f);
    assert_true(before.detail > 0.3f); /* below that the page speaks of a covered face */
    assert_near(before.visible, 1, 0);
    for (int p = 0; p < image->width * image->height * 3; p++) image->pixels[p] = (uint8_t)(image->pixels[p] / 4);
    const dpl_face_exposure dark = exposure_of(image, &photos[i].face);
    assert_near(dark.brightness, before.brightness / 4, 0.01f);
    assert_near(dark.detail, before.detail, 0.05f * before.detail);
    dpl_image_close(image);
  }
}

/* Even grey, as dark glasses or a mask have it, over a band of the photo. */
static void covered_eyes_or_mouth_take_the_detail(void **state) {
  (void)state;
  for (size_t i = 0; i < PHOTOS; i++)
    for (int mouth = 0; mouth < 2; mouth++) {
      dpl_image *image = photo(i);
      const dpl_face *face = &photos[i].face;
      const float before = exposure_of(image, face).detail;
      const float apart = face->points[DPL_RIGHT_EYE].x - face->points[DPL_LEFT_EYE].x;
      const float middle = face->points[mouth ? DPL_MOUTH_LEFT : DPL_LEFT_EYE].y;
      for (int y = (int)(middle - 0.5f * apart); y < (int)(middle + 0.5f * apart); y++)
        memset(image->pixels + y * image->width * 3, 60, (size_t)image->width * 3);
      assert_true(exposure_of(image, face).detail < 0.5f * before);
      dpl_image_close(image);
    }
}

static void half_a_face_at_the_edge_is_half_visible(void **state) {
  (void)state;
  for (size_t i = 0; i < PHOTOS; i++) {
    dpl_image *image = photo(i), *cut;
    const float middle = photos[i].face.points[DPL_NOSE].x;
    assert_ok(dpl_image_warp(image, (dpl_similarity){1, 0, -floorf(middle), 0}, 250, 250, &cut, NULL), NULL);
    dpl_face face = photos[i].face;
    for (int k = 0; k < DPL_POINTS; k++) face.points[k].x -= floorf(middle);
    assert_near(exposure_of(cut, &face).visible, 0.5f, 0.15f);
    dpl_image_close(image);
    dpl_image_close(cut);
  }
}

static void what_is_no_face_is_refused(void **state) {
  (void)state;
  dpl_image *image = photo(0);
  dpl_face_quality quality;
  dpl_error error;
  assert_failure(DPL_INVALID_ARGUMENT, dpl_face_measure(NULL, &photos[0].face, &quality, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_face_measure(image, NULL, &quality, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_face_measure(image, &photos[0].face, NULL, &error), &error);
  const float bad[] = {0, -5, NAN, INFINITY};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    dpl_face face = photos[0].face;
    face.box.width = bad[i];
    assert_failure(DPL_INVALID_ARGUMENT, dpl_face_measure(image, &face, &quality, &error), &error);
    face = photos[0].face;
    for (int k = 0; k < DPL_POINTS; k++) face.points[k] = (dpl_point){bad[i], bad[i]};
    assert_failure(DPL_INVALID_ARGUMENT, dpl_face_measure(image, &face, &quality, &error), &error);
  }
  dpl_face_exposure exposure;
  assert_failure(DPL_INVALID_ARGUMENT, dpl_face_expose(NULL, &photos[0].face, &exposure, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_face_expose(image, NULL, &exposure, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_face_expose(image, &photos[0].face, NULL, &error), &error);
  dpl_image_close(image);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blur_lowers_sharpness_and_nothing_else),
      cmocka_unit_test(light_and_contrast_hardly_count),
      cmocka_unit_test(a_larger_photo_has_larger_faces_as_sharp_and_turned_as_before),
      cmocka_unit_test(a_mirrored_photo_has_the_other_yaw),
      cmocka_unit_test(a_head_that_was_turned_is_measured_so),
      cmocka_unit_test(a_face_at_the_edge_is_measured_on_what_is_there),
      cmocka_unit_test(brightness_falls_with_light_and_detail_does_not),
      cmocka_unit_test(covered_eyes_or_mouth_take_the_detail),
      cmocka_unit_test(half_a_face_at_the_edge_is_half_visible),
      cmocka_unit_test(what_is_no_face_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
