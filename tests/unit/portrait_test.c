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

/* Faces have other proportions than the template: a long one, a short one, and one that is turned a little. */
static void eyes_lie_exactly_in_their_places_in_faces_of_all_proportions(void **state) {
  (void)state;
  const float stretched[][2] = {{1, 1.25f}, {1, 0.8f}, {5 / 6.f, 1}};
  for (size_t i = 0; i < sizeof stretched / sizeof stretched[0]; i++) {
    dpl_face face = {0};
    dpl_image *image = drawn_face((dpl_similarity){1, 0, 200, 200}, &face), *portrait;
    memset(image->pixels, 60, 400 * 400 * 3);
    dpl_error error;
    for (int k = 0; k < DPL_POINTS; k++) {
      face.points[k].x = 200 + (face.points[k].x - 200) * stretched[i][0];
      face.points[k].y = 200 + (face.points[k].y - 200) * stretched[i][1];
    }
    for (int eye = 0; eye < 2; eye++)
      for (int y = -2; y < 2; y++)
        for (int x = -2; x < 2; x++)
          image->pixels[(((int)lroundf(face.points[eye].y) + y) * 400 + (int)lroundf(face.points[eye].x) + x) * 3 + 1] =
              255;
    assert_ok(dpl_face_portrait(image, &face, 288, &portrait, &error), &error);
    for (int eye = 0; eye < 2; eye++) { /* the middle of the bright spot */
      double x_sum = 0, y_sum = 0, sum = 0;
      for (int y = 0; y < 288; y++)
        for (int x = eye * 144; x < eye * 144 + 144; x++) {
          const double light = green(portrait, x, y) > 70 ? green(portrait, x, y) - 60 : 0;
          x_sum += light * (x + 0.5), y_sum += light * (y + 0.5), sum += light;
        }
      assert_true(fabs(x_sum / sum - 288 * (eye ? 0.63 : 0.37)) < 1.5);
      assert_true(fabs(y_sum / sum - 288 * 0.44) < 1.5);
    }
    dpl_image_close(portrait);
    dpl_image_close(image);
  }
}

/* In profile one eye hides the other: by them alone the face would be far larger than its portrait. */
static void a_face_in_profile_fits_into_its_portrait(void **state) {
  (void)state;
  dpl_face face = {0};
  dpl_image *image = drawn_face((dpl_similarity){1, 0, 200, 200}, &face), *portrait;
  dpl_error error;
  face.points[0].x = 195, face.points[1].x = 203; /* the mouth stays where it is drawn, 40 below */
  assert_ok(dpl_face_portrait(image, &face, 288, &portrait, &error), &error);
  int bright = 0;
  for (int y = 144; y < 288; y++)
    for (int x = 0; x < 288; x++) bright += green(portrait, x, y) > 200;
  assert_true(bright > 0);
  dpl_image_close(portrait);
  dpl_image_close(image);
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
      cmocka_unit_test(eyes_lie_exactly_in_their_places_in_faces_of_all_proportions),
      cmocka_unit_test(a_face_in_profile_fits_into_its_portrait),
      cmocka_unit_test(faces_without_points_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
