/* Similarities from points, overlaps of boxes, and the suppression of what was found twice. */
#include "geometry.h"
#include "support.h"

static const dpl_point FACE[5] = {
    {38.2946f, 51.6963f}, {73.5318f, 51.5014f}, {56.0252f, 71.7366f}, {41.5493f, 92.3655f}, {70.7299f, 92.2041f}};

static dpl_similarity turned(double degrees, double scale, double tx, double ty) {
  const double angle = degrees * 3.14159265358979 / 180;
  return (dpl_similarity){(float)(scale * cos(angle)), (float)(scale * sin(angle)), (float)tx, (float)ty};
}

static void assert_near(double a, double b, double tolerance) {
  if (!(fabs(a - b) <= tolerance)) print_message("%g and %g differ\n", a, b);
  assert_true(fabs(a - b) <= tolerance);
}

static void a_similarity_is_found_again(void **state) {
  (void)state;
  for (int degrees = -180; degrees <= 180; degrees += 30)
    for (double scale = 0.01; scale < 200; scale *= 7) {
      const dpl_similarity wanted = turned(degrees, scale, 1000, -20);
      dpl_point to[5];
      for (int i = 0; i < 5; i++) to[i] = dpl_similarity_apply(wanted, FACE[i]);
      dpl_similarity found;
      dpl_error error;
      assert_ok(dpl_similarity_from_points(FACE, to, 5, &found, &error), &error);
      assert_near((double)found.a, (double)wanted.a, scale * 1e-3);
      assert_near((double)found.b, (double)wanted.b, scale * 1e-3);
      assert_true((double)dpl_similarity_residual(found, FACE, to, 5) < 1e-3 * (1 + scale));
    }
}

/* Nothing near what was found is better: that is what least squares means. */
static void noisy_points_give_the_least_squares(void **state) {
  (void)state;
  uint64_t seed = 3;
  for (int round = 0; round < 50; round++) {
    dpl_point to[5];
    for (int i = 0; i < 5; i++) {
      to[i] = dpl_similarity_apply(turned(17, 2, 5, 9), FACE[i]);
      to[i].x += 6 * random_normal(&seed), to[i].y += 6 * random_normal(&seed);
    }
    dpl_similarity found;
    assert_ok(dpl_similarity_from_points(FACE, to, 5, &found, NULL), NULL);
    const float best = dpl_similarity_residual(found, FACE, to, 5);
    for (int axis = 0; axis < 8; axis++) {
      dpl_similarity other = found;
      const float step = axis % 2 ? 0.02f : -0.02f;
      if (axis / 2 == 0) other.a += step;
      if (axis / 2 == 1) other.b += step;
      if (axis / 2 == 2) other.tx += step * 50;
      if (axis / 2 == 3) other.ty += step * 50;
      assert_true(dpl_similarity_residual(other, FACE, to, 5) > best);
    }
  }
}

static void a_mirrored_face_is_not_mirrored_back(void **state) {
  (void)state;
  dpl_point mirrored[5];
  for (int i = 0; i < 5; i++) mirrored[i] = (dpl_point){112 - FACE[i].x, FACE[i].y};
  dpl_similarity found;
  assert_ok(dpl_similarity_from_points(FACE, mirrored, 5, &found, NULL), NULL);
  assert_true(dpl_similarity_residual(found, FACE, mirrored, 5) > 5);
}

static void points_that_fix_nothing_are_refused(void **state) {
  (void)state;
  const dpl_point same[3] = {{4, 4}, {4, 4}, {4, 4}}, nan[3] = {{NAN, 0}, {1, 0}, {2, 3}},
                  inf[3] = {{INFINITY, 0}, {1, 0}, {2, 3}};
  const dpl_point line[3] = {{0, 0}, {1, 0}, {2, 0}};
  const dpl_similarity untouched = {1, 2, 3, 4};
  dpl_similarity found = untouched;
  dpl_error error;
  assert_failure(DPL_INVALID_ARGUMENT, dpl_similarity_from_points(same, line, 3, &found, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_similarity_from_points(line, same, 3, &found, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_similarity_from_points(nan, line, 3, &found, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_similarity_from_points(line, nan, 3, &found, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_similarity_from_points(inf, line, 3, &found, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_similarity_from_points(line, line, 1, &found, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_similarity_from_points(NULL, line, 3, &found, &error), &error);
  assert_memory_equal(&found, &untouched, sizeof found);
  assert_ok(dpl_similarity_from_points(line, line, 2, &found, &error), &error); /* two points are enough */
  assert_near((double)found.a, 1, 1e-6);
}

static void inverse_and_composition_agree(void **state) {
  (void)state;
  const dpl_similarity first = turned(33, 0.4, 12, -7), second = turned(-120, 3, 1, 2);
  const dpl_point point = {13.5f, -4};
  const dpl_point there = dpl_similarity_apply(first, point);
  const dpl_point back = dpl_similarity_apply(dpl_similarity_inverse(first), there);
  assert_near((double)back.x, (double)point.x, 1e-4);
  assert_near((double)back.y, (double)point.y, 1e-4);
  const dpl_point once = dpl_similarity_apply(dpl_similarity_compose(second, first), point);
  const dpl_point twice = dpl_similarity_apply(second, there);
  assert_near((double)once.x, (double)twice.x, 1e-4);
  assert_near((double)once.y, (double)twice.y, 1e-4);
  const dpl_similarity quarter = turned(90, 1, 0, 0); /* x to the right becomes y downwards: clockwise on a screen */
  assert_near((double)dpl_similarity_apply(quarter, (dpl_point){1, 0}).y, 1, 1e-6);
  assert_near((double)dpl_similarity_residual(first, &point, &there, 0), 0, 0);
}

static void overlap_is_a_share_of_the_union(void **state) {
  (void)state;
  const dpl_box a = {0, 0, 10, 10};
  assert_near((double)dpl_box_iou(a, a), 1, 1e-6);
  assert_near((double)dpl_box_iou(a, (dpl_box){5, 0, 10, 10}), 1.0 / 3, 1e-6);
  assert_near((double)dpl_box_iou((dpl_box){5, 0, 10, 10}, a), 1.0 / 3, 1e-6);
  assert_near((double)dpl_box_iou(a, (dpl_box){2, 2, 5, 5}), 0.25, 1e-6);
  assert_near((double)dpl_box_iou((dpl_box){-5, -5, 10, 10}, a), 25.0 / 175, 1e-6);
  const dpl_box nothing[] = {{10, 0, 5, 5}, {20, 20, 5, 5}, {2, 2, 0, 5},
                             {2, 2, -3, 5}, {NAN, 0, 5, 5}, {0, 0, NAN, 5}};
  for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
    assert_near((double)dpl_box_iou(a, nothing[i]), 0, 0);
    assert_near((double)dpl_box_iou(nothing[i], a), 0, 0);
  }
  const float huge = dpl_box_iou((dpl_box){0, 0, INFINITY, 5}, a);
  assert_true(huge >= 0 && huge <= 1);
}

static dpl_face face(float x, float score) {
  return (dpl_face){.box = {x, 0, 10, 10}, .score = score};
}

static void of_overlapping_faces_the_best_stays(void **state) {
  (void)state;
  dpl_face faces[] = {face(1, 0.6f), face(100, 0.3f), face(0, 0.9f), face(2, 0.7f), face(6, 0.5f)};
  assert_int_equal(dpl_nms(faces, 5, 0.3f), 3);
  assert_near((double)faces[0].score, 0.9, 1e-6);
  assert_near((double)faces[1].score, 0.5, 1e-6); /* overlaps the best by a quarter only */
  assert_near((double)faces[2].score, 0.3, 1e-6);
  dpl_face one[] = {face(3, 0.1f)};
  assert_int_equal(dpl_nms(one, 1, 0.3f), 1);
  assert_int_equal(dpl_nms(NULL, 0, 0.3f), 0);
}

static void equal_scores_and_nan_sort_the_same_way_always(void **state) {
  (void)state;
  dpl_face forwards[] = {face(300, 0.5f), face(0, NAN), face(100, 0.5f), face(200, 0.5f), face(400, 0.9f)};
  dpl_face backwards[5];
  for (int i = 0; i < 5; i++) backwards[i] = forwards[4 - i];
  assert_int_equal(dpl_nms(forwards, 5, 0.3f), 5);
  assert_int_equal(dpl_nms(backwards, 5, 0.3f), 5);
  const float order[] = {400, 100, 200, 300, 0};
  for (int i = 0; i < 5; i++) {
    assert_near((double)forwards[i].box.x, (double)order[i], 0);
    assert_near((double)backwards[i].box.x, (double)order[i], 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_similarity_is_found_again),
      cmocka_unit_test(noisy_points_give_the_least_squares),
      cmocka_unit_test(a_mirrored_face_is_not_mirrored_back),
      cmocka_unit_test(points_that_fix_nothing_are_refused),
      cmocka_unit_test(inverse_and_composition_agree),
      cmocka_unit_test(overlap_is_a_share_of_the_union),
      cmocka_unit_test(of_overlapping_faces_the_best_stays),
      cmocka_unit_test(equal_scores_and_nan_sort_the_same_way_always),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
