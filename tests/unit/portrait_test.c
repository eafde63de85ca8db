/* Portraits that people look at: level, the same for whoever is cut out, eyes always in the same place. */
#include "geometry.h"
#include "image.h"
#include "made_photos.h"

/* A face drawn as five bright spots on grey, turned and scaled. */
static dpl_image *drawn_face(dpl_similarity pose, dpl_face *face) {
  static const dpl_point PLACES[DPL_POINTS] = {{-18, -20}, {18, -20}, {0, 0}, {-14, 20}, {14, 20}};
  dpl_image *image = NULL;
  assert_ok(dpl_image_new(400, 400, &image, NULL), NULL);
  memset(image->pixels, 60, 400 * 400 * 3);
  for (int i = 0; i < DPL_POINTS; i++) {
    const dpl_point p = face->points[i] = dpl_similarity_apply(pose, PLACES[i]);
    for (int y = (int)p.y - 3; y < (int)p.y + 3; y++)
      for (int x = (int)p.x - 3; x < (int)p.x + 3; x++) image->pixels[(y * 400 + x) * 3 + 1] = 255;
  }
  return image;
}

static int green(const dpl_image *image, double x, double y) {
  return image->pixels[((int)y * image->width + (int)x) * 3 + 1];
}

static void eyes_come_out_level_in_the_same_place(void **state) {
  (void)state;
  const double angles[] = {0, 0.4, -0.7, 1.5, 3.1};
  for (size_t i = 0; i < sizeof angles / sizeof angles[0]; i++)
    for (float scale = 0.7f; scale < 4; scale *= 2) {
      const dpl_similarity pose = {scale * (float)cos(angles[i]), scale * (float)sin(angles[i]), 200, 200};
      dpl_face face = {0};
      dpl_image *image = drawn_face(pose, &face), *portrait;
      dpl_error error;
      assert_ok(dpl_face_portrait(image, &face, 144, &portrait, &error), &error);
      assert_int_equal(dpl_image_width(portrait), 144);
      assert_int_equal(dpl_image_height(portrait), 144);
      assert_true(green(portrait, 0.37 * 144, 0.44 * 144) > 110);
      assert_true(green(portrait, 0.63 * 144, 0.44 * 144) > 110);
      assert_true(green(portrait, 0.50 * 144, 0.44 * 144) < 80);
      dpl_image_close(portrait);
      dpl_image_close(image);
    }
}

static void faces_without_points_are_refused(void **state) {
  (void)state;
  dpl_face face = {0}, nothing = {0};
  dpl_image *image = drawn_face((dpl_similarity){1, 0, 200, 200}, &face), *portrait = NULL;
  dpl_error error;
  assert_failure(DPL_INVALID_ARGUMENT, dpl_face_portrait(image, &nothing, 144, &portrait, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_face_portrait(image, &face, 0, &portrait, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_face_portrait(image, &face, 5000, &portrait, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_face_portrait(image, NULL, 144, &portrait, &error), &error);
  assert_null(portrait);
  dpl_image_close(image);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(eyes_come_out_level_in_the_same_place),
      cmocka_unit_test(faces_without_points_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
