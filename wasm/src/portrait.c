/* A face as a portrait for people to look at. Networks see other crops: embedder.c cuts those. */
#include "status.h"

/* Where the five points lie in a portrait whose side is 1. The distances are those of the ArcFace template; the eyes
   are 0.26 apart and 0.44 down, which leaves room for chin, ears and most of the hair: from the eyes to the chin is
   about 1.9 times their distance, to the hairline 1.25, across the ears 2.8. */
static const dpl_point PORTRAIT[DPL_POINTS] = {
    {0.3700f, 0.4400f}, {0.6300f, 0.4400f}, {0.5000f, 0.5879f}, {0.3935f, 0.7400f}, {0.6085f, 0.7400f}};

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
  return status ? status : dpl_image_warp(image, similarity, size, size, portrait, error);
}
