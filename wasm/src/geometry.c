/* Points, boxes and the similarity that aligns a face. Plain arithmetic, no allocation; nothing here knows of pixels.
 */
#include "geometry.h"

#include <math.h>
#include <string.h>

#include "status.h"

static bool is_before(const dpl_face *a, const dpl_face *b);

dpl_status dpl_similarity_from_points(const dpl_point *from, const dpl_point *to, size_t count,
                                      dpl_similarity *similarity, dpl_error *error) {
  if (!from || !to || !similarity || count < 2)
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "A similarity needs at least two pairs of points.");
  double from_x = 0, from_y = 0, to_x = 0, to_y = 0;
  for (size_t i = 0; i < count; i++) {
    from_x += (double)from[i].x, from_y += (double)from[i].y;
    to_x += (double)to[i].x, to_y += (double)to[i].y;
  }
  const double n = (double)count;
  from_x /= n, from_y /= n, to_x /= n, to_y /= n;

  /* In two dimensions Umeyama's singular value decomposition is two sums: with points as complex numbers the best
     a + ib is Σ conj(from)·to / Σ |from|², both taken from their centres. It cannot mirror. */
  double spread = 0, real = 0, imaginary = 0;
  for (size_t i = 0; i < count; i++) {
    const double fx = (double)from[i].x - from_x, fy = (double)from[i].y - from_y;
    const double tx = (double)to[i].x - to_x, ty = (double)to[i].y - to_y;
    spread += fx * fx + fy * fy;
    real += fx * tx + fy * ty;
    imaginary += fx * ty - fy * tx;
  }
  const double a = real / spread, b = imaginary / spread;
  const dpl_similarity found = {(float)a, (float)b, (float)(to_x - a * from_x + b * from_y),
                                (float)(to_y - b * from_x - a * from_y)};
  const bool finite = isfinite(found.a) && isfinite(found.b) && isfinite(found.tx) && isfinite(found.ty);
  if (!(spread > 0) || !finite || !(a * a + b * b > 1e-12))
    return dpl_fail(error, DPL_INVALID_ARGUMENT,
                    "The points of the face coincide or are not finite, so it cannot be aligned; choose another face.");
  *similarity = found;
  return DPL_OK;
}

dpl_point dpl_similarity_apply(dpl_similarity s, dpl_point point) {
  return (dpl_point){s.a * point.x - s.b * point.y + s.tx, s.b * point.x + s.a * point.y + s.ty};
}

dpl_similarity dpl_similarity_inverse(dpl_similarity s) {
  const float square = s.a * s.a + s.b * s.b;
  const float a = s.a / square, b = -s.b / square;
  return (dpl_similarity){a, b, -(a * s.tx - b * s.ty), -(b * s.tx + a * s.ty)};
}

dpl_similarity dpl_similarity_compose(dpl_similarity outer, dpl_similarity inner) {
  const dpl_point shift = dpl_similarity_apply(outer, (dpl_point){inner.tx, inner.ty});
  return (dpl_similarity){outer.a * inner.a - outer.b * inner.b, outer.b * inner.a + outer.a * inner.b, shift.x,
                          shift.y};
}

float dpl_similarity_residual(dpl_similarity similarity, const dpl_point *from, const dpl_point *to, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) {
    const dpl_point reached = dpl_similarity_apply(similarity, from[i]);
    const double dx = (double)reached.x - (double)to[i].x, dy = (double)reached.y - (double)to[i].y;
    sum += dx * dx + dy * dy;
  }
  return count ? (float)sqrt(sum / (double)count) : 0.0f;
}

float dpl_box_iou(dpl_box a, dpl_box b) {
  if (!isfinite(a.x + a.y + a.width + a.height + b.x + b.y + b.width + b.height)) return 0;
  const float width = fminf(a.x + a.width, b.x + b.width) - fmaxf(a.x, b.x);
  const float height = fminf(a.y + a.height, b.y + b.height) - fmaxf(a.y, b.y);
  if (!(width > 0) || !(height > 0) || !(a.width > 0) || !(a.height > 0) || !(b.width > 0) || !(b.height > 0)) return 0;
  const float shared = width * height;
  const float iou = shared / (a.width * a.height + b.width * b.height - shared);
  return iou > 0 ? fminf(iou, 1.0f) : 0.0f; /* areas too large for a float give a NaN, which is not above 0 */
}

size_t dpl_nms(dpl_face *faces, size_t count, float iou_threshold) {
  size_t kept = 0;
  while (kept < count) {
    size_t best = kept;
    for (size_t i = kept + 1; i < count; i++)
      if (is_before(&faces[i], &faces[best])) best = i;
    const dpl_face face = faces[best];
    memmove(&faces[kept + 1], &faces[kept], (best - kept) * sizeof *faces);
    faces[kept++] = face;
    size_t left = kept;
    for (size_t i = kept; i < count; i++)
      if (!(dpl_box_iou(face.box, faces[i].box) > iou_threshold)) faces[left++] = faces[i];
    count = left;
  }
  return kept;
}

/* Equal scores are ordered by place: the same on every machine. A NaN comes behind every number. */
static int compare_numbers(float left, float right) {
  if (isnan(left) || isnan(right)) return isnan(left) - isnan(right);
  return (left > right) - (left < right);
}

static bool is_before(const dpl_face *a, const dpl_face *b) {
  if (isnan(a->score) || isnan(b->score)) return !isnan(a->score) && isnan(b->score);
  int order = compare_numbers(b->score, a->score);
  if (!order) order = compare_numbers(a->box.y, b->box.y);
  if (!order) order = compare_numbers(a->box.x, b->box.x);
  if (!order) order = compare_numbers(a->box.width, b->box.width);
  if (!order) order = compare_numbers(a->box.height, b->box.height);
  return order < 0;
}
