/* A face as a portrait for people to look at. Networks see other crops: embedder.c cuts those. */
#include <math.h>

#include "status.h"

/* Where the five points lie in a portrait whose side is 1. The distances are those of the ArcFace template; the eyes
   are 0.26 apart and 0.44 down, which leaves room for chin, ears and most of the hair: from the eyes to the chin is
   about 1.9 times their distance, to the hairline 1.25, across the ears 2.8. */
static const dpl_point PORTRAIT[DPL_POINTS] = {
    {0.3700f, 0.4400f}, {0.6300f, 0.4400f}, {0.5000f, 0.5879f}, {0.3935f, 0.7400f}, {0.6085f, 0.7400f}};

/* By its eyes a face comes out at most so much larger or smaller than by all five points. */
static const float MOST_DIFFERENCE = 1.3f;

static dpl_similarity eyes_in_place(dpl_similarity by_all, const dpl_point *from, const dpl_point *to);

dpl_status dpl_face_portrait(const dpl_image *image, const dpl_face *face, int size, dpl_image **portrait,
                             dpl_error *error) {
  if (!image || !face || !portrait || size < 8 || size > 4096)
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "A portrait of %d×%d pixels cannot be; its side must be 8 … 4096.",
                    size, size);
  dpl_point places[DPL_POINTS];
  for (int i = 0; i < DPL_POINTS; i++)
    places[i] = (dpl_point){PORTRAIT[i].x * (float)size, PORTRAIT[i].y * (float)size};
  dpl_similarity similarity;
  const dpl_status status = dpl_similarity_from_points(face->points, places, DPL_POINTS, &similarity, error);
  if (status) return status;
  return dpl_image_warp(image, eyes_in_place(similarity, face->points, places), size, size, portrait, error);
}

/* Whoever compares two portraits looks at the eyes, so these lie exactly in their places. The eyes of a head that is
   turned far are close together: there all five points say how large the face is, and only the middle between the eyes
   is exact. */
static dpl_similarity eyes_in_place(dpl_similarity by_all, const dpl_point *from, const dpl_point *to) {
  dpl_similarity by_eyes;
  if (!dpl_similarity_from_points(from, to, 2, &by_eyes, NULL)) {
    const float growth = hypotf(by_eyes.a, by_eyes.b) / hypotf(by_all.a, by_all.b);
    if (growth < MOST_DIFFERENCE && growth > 1 / MOST_DIFFERENCE) return by_eyes;
  }
  const dpl_point middle = {(from[0].x + from[1].x) / 2, (from[0].y + from[1].y) / 2};
  const dpl_point place = {(to[0].x + to[1].x) / 2, (to[0].y + to[1].y) / 2};
  const dpl_point now = dpl_similarity_apply(by_all, middle);
  by_all.tx += place.x - now.x;
  by_all.ty += place.y - now.y;
  return by_all;
}
