/* Five points from the 68-point network. The network was trained on upright faces in tight boxes, so the first look
   only says where the face is and how it is turned; the second look sees it upright and at the size it knows. */
#include "landmarks.h"

#include "geometry.h"
#include "status.h"
#include "view.h"

#include <math.h>

enum { ALL_POINTS = 68, FIRST_INNER = 17, INNER_POINTS = 51 };

/* dlib's mean face (mean_face_shape_x and _y of its get_face_chip_details; points 17 … 67 of the 68): what its
   recognition network was aligned with. One unit is about the width across the brows. */
static const dpl_point mean_face[INNER_POINTS] = {
    {0.000213256f, 0.106454f}, {0.0752622f, 0.038915f}, {0.18113f, 0.0187482f},  {0.29077f, 0.0344891f},
    {0.393397f, 0.0773906f},   {0.586856f, 0.0773906f}, {0.689483f, 0.0344891f}, {0.799124f, 0.0187482f},
    {0.904991f, 0.038915f},    {0.98004f, 0.106454f},   {0.490127f, 0.203352f},  {0.490127f, 0.307009f},
    {0.490127f, 0.409805f},    {0.490127f, 0.515625f},  {0.36688f, 0.587326f},   {0.426036f, 0.609345f},
    {0.490127f, 0.628106f},    {0.554217f, 0.609345f},  {0.613373f, 0.587326f},  {0.121737f, 0.216423f},
    {0.187122f, 0.178758f},    {0.265825f, 0.179852f},  {0.334606f, 0.231733f},  {0.260918f, 0.245099f},
    {0.182743f, 0.244077f},    {0.645647f, 0.231733f},  {0.714428f, 0.179852f},  {0.793132f, 0.178758f},
    {0.858516f, 0.216423f},    {0.79751f, 0.244077f},   {0.719335f, 0.245099f},  {0.254149f, 0.780233f},
    {0.340985f, 0.745405f},    {0.428858f, 0.727388f},  {0.490127f, 0.742578f},  {0.551395f, 0.727388f},
    {0.639268f, 0.745405f},    {0.726104f, 0.780233f},  {0.642159f, 0.864805f},  {0.556721f, 0.902192f},
    {0.490127f, 0.909281f},    {0.423532f, 0.902192f},  {0.338094f, 0.864805f},  {0.290379f, 0.784792f},
    {0.428096f, 0.778746f},    {0.490127f, 0.785343f},  {0.552157f, 0.778746f},  {0.689874f, 0.784792f},
    {0.553364f, 0.824182f},    {0.490127f, 0.831803f},  {0.42689f, 0.824182f},
};

/* Measured on lfw-dev, see models/README.md. */
static const float face_to_crop = 1.6f;              /* side of the second look, in units of the mean face */
static const dpl_point crop_centre = {0.49f, 0.50f}; /* of the second look, in the mean face */
static const float poor_fit = 0.08f;                 /* above it, leaning looks are tried */
static const float leaning_roll = 40 * 3.14159265f / 180;

typedef struct finding {
  dpl_point points[ALL_POINTS]; /* in the photo */
  dpl_similarity from_mean;     /* mean face → photo */
  float fit;                    /* root mean square residual in units of the mean face */
} finding;

/* A view that shows nothing, or points that lie in one place, fit no face: `fit` is infinite, and that is no failure.
 */
static dpl_status predict(dpl_network *network, dpl_slate *slate, const dpl_image *image, dpl_view seen, finding *found,
                          dpl_error *error) {
  const dpl_network_spec *spec = dpl_network_spec_of(network);
  const int size = spec->info.input_width;
  found->fit = INFINITY;
  if (!(seen.side >= 1) || !isfinite(seen.side + seen.centre.x + seen.centre.y)) return DPL_OK;
  const dpl_similarity to_crop = dpl_view_to_crop(seen, size), to_photo = dpl_similarity_inverse(to_crop);
  float *input;
  dpl_status status = dpl_slate_warp(slate, image, to_crop, size, size, error);
  if (!status) status = dpl_network_input(network, 1, (size_t)size, (size_t)size, &input, error);
  if (!status) status = dpl_image_to_tensor(&slate->image, spec->normalisation, false, input, size, size, error);
  if (!status) status = dpl_network_invoke(network, error);
  if (status) return status;
  const float *shares = dpl_network_output(network, 0, NULL);
  for (size_t i = 0; i < ALL_POINTS; i++)
    found->points[i] =
        dpl_similarity_apply(to_photo, (dpl_point){shares[2 * i] * (float)size, shares[2 * i + 1] * (float)size});
  if (dpl_similarity_from_points(mean_face, found->points + FIRST_INNER, INNER_POINTS, &found->from_mean, NULL))
    return DPL_OK;
  const float scale = hypotf(found->from_mean.a, found->from_mean.b);
  found->fit = dpl_similarity_residual(found->from_mean, mean_face, found->points + FIRST_INNER, INNER_POINTS) / scale;
  return DPL_OK;
}

/* The square in which the face that was found is upright and as large as the network knows it. */
static dpl_view view_of(const finding *found) {
  return (dpl_view){.centre = dpl_similarity_apply(found->from_mean, crop_centre),
                    .side = face_to_crop * hypotf(found->from_mean.a, found->from_mean.b),
                    .roll = atan2f(found->from_mean.b, found->from_mean.a)};
}

static dpl_status look_twice(dpl_network *network, dpl_slate *slate, const dpl_image *image, dpl_view first,
                             finding *found, dpl_error *error) {
  dpl_status status = predict(network, slate, image, first, found, error);
  if (!status && isfinite(found->fit)) status = predict(network, slate, image, view_of(found), found, error);
  return status;
}

static dpl_point centre_of(const dpl_point *points, size_t first, size_t last) {
  dpl_point sum = {0, 0};
  for (size_t i = first; i <= last; i++) sum.x += points[i].x, sum.y += points[i].y;
  const float count = (float)(last - first + 1);
  return (dpl_point){sum.x / count, sum.y / count};
}

/* Eyes are the centres of their six points; nose tip and mouth corners are points of their own. */
static void five_of(const finding *found, dpl_point five[DPL_POINTS]) {
  const dpl_point *points = found->points;
  five[DPL_LEFT_EYE] = centre_of(points, 36, 41);
  five[DPL_RIGHT_EYE] = centre_of(points, 42, 47);
  five[DPL_NOSE] = points[30];
  five[DPL_MOUTH_LEFT] = points[48];
  five[DPL_MOUTH_RIGHT] = points[54];
}

dpl_status dpl_landmarks_place(dpl_network *network, dpl_slate *slate, const dpl_image *image, dpl_face *face,
                               float *fit, dpl_error *error) {
  const dpl_box box = face->box;
  const dpl_view upright = {.centre = {box.x + box.width / 2, box.y + box.height / 2},
                            .side = fmaxf(box.width, box.height)};
  finding best;
  dpl_status status = look_twice(network, slate, image, upright, &best, error);
  /* A head that leans far over is not understood at first sight: lean with it, and keep what looks most like a face. */
  for (int side = -1; !status && side <= 1 && best.fit > poor_fit; side += 2) {
    dpl_view leaning = upright;
    leaning.roll = (float)side * leaning_roll;
    finding other;
    status = look_twice(network, slate, image, leaning, &other, error);
    if (!status && other.fit < best.fit) best = other;
  }
  if (status) return status;
  if (fit) *fit = best.fit;
  if (!isfinite(best.fit)) return DPL_OK;
  five_of(&best, face->points);
  face->roll = atan2f(best.from_mean.b, best.from_mean.a) * 180 / 3.14159265f;
  return DPL_OK;
}
