/* How much of a face a photo shows: size, sharpness, pose, light. Measured on pixels and points that are there already,
   so that it costs next to nothing beside detecting and embedding; judges nobody, and knows no thresholds. */
#include <math.h>
#include <stdlib.h>

#include "geometry.h"
#include "image.h"
#include "status.h"

/* A mean face in distances between the eyes, from the middle between them: dlib's, from its model of 68 points.
   (ArcFace's template has a longer face, in which nearly everybody would look down.) Eyes and corners of the mouth
   count as one plane. */
static const dpl_point MEAN_FACE[DPL_POINTS] = {
    {-0.5f, 0}, {0.5f, 0}, {0, 0.566f}, {-0.446f, 1.066f}, {0.446f, 1.066f}};

/* How far the tip of the nose stands before that plane, in the same unit: 27 mm of 63, as the generic head has it that
   is used for estimating poses (tip (0, 0, 0), corners of the eyes (±225, 170, −135), of the mouth (±150, −150, −125),
   in fifths of a millimetre). */
static const float NOSE = 0.43f;

enum { CROP = 64 };

static float sharpness_of(const dpl_image *crop, const bool *inside);
static float luma(const uint8_t *pixel);
static void pose_of(const dpl_face *face, float *yaw, float *pitch);
static dpl_status cut(const dpl_image *image, const dpl_face *face, dpl_image **crop, bool *inside, dpl_error *error);
static dpl_status warp_smoothly(const dpl_image *image, dpl_similarity to_crop, dpl_image **crop, dpl_error *error);

dpl_status dpl_face_measure(const dpl_image *image, const dpl_face *face, dpl_face_quality *quality, dpl_error *error) {
  if (!image || !face || !quality) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  const float size = sqrtf(face->box.width) * sqrtf(face->box.height);
  if (!(size > 0 && isfinite(size)))
    return dpl_fail(error, DPL_INVALID_ARGUMENT,
                    "The box of the face is empty; detect the face or draw its box again.");
  dpl_image *crop;
  bool inside[CROP * CROP];
  const dpl_status status = cut(image, face, &crop, inside, error);
  if (status) return status;
  quality->size = size;
  quality->sharpness = sharpness_of(crop, inside);
  pose_of(face, &quality->yaw, &quality->pitch);
  dpl_image_close(crop);
  return DPL_OK;
}

static float luma(const uint8_t *pixel) {
  return 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
}

/* ---- sharpness ---- */

/* The face without hair and background, turned level: 2.5 distances between the eyes wide and high. `inside` says which
   of its pixels the photo has. */
static dpl_status cut(const dpl_image *image, const dpl_face *face, dpl_image **crop, bool *inside, dpl_error *error) {
  const float side = CROP, eyes = side / 2.5f;
  dpl_point places[DPL_POINTS];
  for (int i = 0; i < DPL_POINTS; i++)
    places[i] = (dpl_point){side * 0.5f + eyes * MEAN_FACE[i].x, side * 0.3f + eyes * MEAN_FACE[i].y};
  dpl_similarity to_crop;
  const dpl_status status = dpl_similarity_from_points(face->points, places, DPL_POINTS, &to_crop, error);
  if (status) return status;
  const dpl_similarity to_photo = dpl_similarity_inverse(to_crop);
  for (int i = 0; i < CROP * CROP; i++) {
    const int x = i % CROP, y = i / CROP;
    const dpl_point p = dpl_similarity_apply(to_photo, (dpl_point){(float)x + 0.5f, (float)y + 0.5f});
    inside[i] = p.x >= 0.5f && p.y >= 0.5f && p.x <= (float)image->width - 0.5f && p.y <= (float)image->height - 0.5f;
  }
  return warp_smoothly(image, to_crop, crop, error);
}

/* Twice as large first and then the mean of four pixels each: a warp alone takes single pixels of a photo that it
   shrinks to little more than a half, and the same photo in two sizes would not be equally sharp. */
static dpl_status warp_smoothly(const dpl_image *image, dpl_similarity to_crop, dpl_image **crop, dpl_error *error) {
  const dpl_similarity twice = {to_crop.a * 2, to_crop.b * 2, to_crop.tx * 2, to_crop.ty * 2};
  dpl_image *large;
  dpl_status status = dpl_image_warp(image, twice, CROP * 2, CROP * 2, &large, error);
  if (status) return status;
  status = dpl_image_resize(large, CROP, CROP, crop, error);
  dpl_image_close(large);
  return status;
}

/* The variance of the Laplacian (J. L. Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000)
   over that of the brightness itself, so that neither light nor contrast counts, on a crop of one size, so that the
   photo's does not. The root, as a share of what white noise gives: the Laplacian of four neighbours multiplies its
   variance by 4² + 4. Faces that are sharp at this size come to about a tenth. */
static float sharpness_of(const dpl_image *crop, const bool *inside) {
  float light[CROP * CROP];
  for (int i = 0; i < CROP * CROP; i++) {
    light[i] = luma(crop->pixels + i * 3);
  }
  double count = 0, sum = 0, squares = 0, edges = 0, edge_squares = 0;
  for (int y = 1; y < CROP - 1; y++)
    for (int x = 1; x < CROP - 1; x++) {
      const int i = y * CROP + x;
      if (!inside[i] || !inside[i - 1] || !inside[i + 1] || !inside[i - CROP] || !inside[i + CROP]) continue;
      const float edge = light[i - 1] + light[i + 1] + light[i - CROP] + light[i + CROP] - 4 * light[i];
      count++;
      sum += (double)light[i], squares += (double)light[i] * (double)light[i];
      edges += (double)edge, edge_squares += (double)edge * (double)edge;
    }
  const double variance = squares * count - sum * sum, edge_variance = edge_squares * count - edges * edges;
  return variance > count * count * 1e-3 ? (float)sqrt(fmax(edge_variance, 0) / variance / 20) : 0;
}

/* ---- light ---- */

/* Parts of the crop, in its pixels: both eyes, and the mouth with its corners. */
typedef struct part {
  int left, top, right, bottom;
} part;

static const part FACE = {4, 4, 60, 62}, EYES = {12, 12, 52, 26}, MOUTH = {19, 39, 45, 54};

static void light_of(const dpl_image *crop, const bool *inside, part of, float *mean, float *deviation) {
  double count = 0, sum = 0, squares = 0;
  for (int y = of.top; y < of.bottom; y++)
    for (int x = of.left; x < of.right; x++) {
      const int i = y * CROP + x;
      if (!inside[i]) continue;
      const float light = luma(crop->pixels + i * 3);
      count++, sum += (double)light, squares += (double)light * (double)light;
    }
  *mean = count > 0 ? (float)(sum / count) : 0;
  *deviation = count > 0 ? (float)sqrt(fmax(squares / count - (double)*mean * (double)*mean, 0)) : 0;
}

dpl_status dpl_face_expose(const dpl_image *image, const dpl_face *face, dpl_face_exposure *exposure,
                           dpl_error *error) {
  if (!image || !face || !exposure) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  dpl_image *crop;
  bool inside[CROP * CROP];
  const dpl_status status = cut(image, face, &crop, inside, error);
  if (status) return status;
  int visible = 0;
  for (int i = 0; i < CROP * CROP; i++) visible += inside[i];
  float mean, whole, eyes, mouth, ignored;
  light_of(crop, inside, FACE, &mean, &whole);
  light_of(crop, inside, EYES, &ignored, &eyes);
  light_of(crop, inside, MOUTH, &ignored, &mouth);
  exposure->brightness = mean / 255;
  exposure->visible = (float)visible / (CROP * CROP);
  exposure->detail = whole > 0 ? fminf(eyes, mouth) / whole : 0;
  dpl_image_close(crop);
  return DPL_OK;
}

/* ---- pose ---- */

/* Seen from far away, a head that is turned shows its plane of eyes and mouth squeezed, and the tip of its nose beside
   the place that it stands before: by its height times the sine of the turn. That place follows from where the four
   corners of the plane went, by the affine map with the least squared error; one unit's length is the larger of the
   map's two singular values, because turning squeezes one direction only. */
static void pose_of(const dpl_face *face, float *yaw, float *pitch) {
  static const int PLANE[] = {DPL_LEFT_EYE, DPL_RIGHT_EYE, DPL_MOUTH_LEFT, DPL_MOUTH_RIGHT};
  const dpl_point *points = face->points;
  dpl_point middle = {0, 0};
  float down = 0; /* of the mean face's corners */
  for (int i = 0; i < 4; i++) {
    middle.x += points[PLANE[i]].x / 4, middle.y += points[PLANE[i]].y / 4;
    down += MEAN_FACE[PLANE[i]].y / 4;
  }
  /* The mean face is the same left and right, so its two directions do not mix: each is a sum of its own. */
  dpl_point across = {0, 0}, along = {0, 0}; /* where a step to the right and a step down went */
  float across_square = 0, along_square = 0;
  for (int i = 0; i < 4; i++) {
    const dpl_point p = points[PLANE[i]], model = MEAN_FACE[PLANE[i]];
    across.x += model.x * (p.x - middle.x), across.y += model.x * (p.y - middle.y);
    along.x += (model.y - down) * (p.x - middle.x), along.y += (model.y - down) * (p.y - middle.y);
    across_square += model.x * model.x, along_square += (model.y - down) * (model.y - down);
  }
  across.x /= across_square, across.y /= across_square;
  along.x /= along_square, along.y /= along_square;

  const float a = across.x * across.x + across.y * across.y, b = along.x * along.x + along.y * along.y;
  const float ab = across.x * along.x + across.y * along.y;
  const float unit = sqrtf((a + b + sqrtf((a - b) * (a - b) + 4 * ab * ab)) / 2);

  const float foot = MEAN_FACE[DPL_NOSE].y - down;
  const dpl_point aside = {points[DPL_NOSE].x - middle.x - foot * along.x,
                           points[DPL_NOSE].y - middle.y - foot * along.y};
  const float roll =
      atan2f(points[DPL_RIGHT_EYE].y - points[DPL_LEFT_EYE].y, points[DPL_RIGHT_EYE].x - points[DPL_LEFT_EYE].x);
  const float right = aside.x * cosf(roll) + aside.y * sinf(roll), below = aside.y * cosf(roll) - aside.x * sinf(roll);
  const float degrees = 57.29578f, height = unit * NOSE;
  *yaw = height > 0 ? degrees * asinf(fminf(fmaxf(right / height, -1), 1)) : 0;
  *pitch = height > 0 ? degrees * asinf(fminf(fmaxf(-below / height, -1), 1)) : 0;
}
