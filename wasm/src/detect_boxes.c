/* Detection with networks that give boxes: a quick one at several sizes, a thorough one where the quick one is not
   certain, and the landmark network for the points. How the looks were chosen, with figures, is in models/README.md. */
#include "detect.h"

#include "landmarks.h"

#include <math.h>

/* Long sides in pixels that the photo is looked at with, one look after the other; scores from 0 to 1. All are
   measured, see models/README.md. */
static const int quick_sides[] = {192, 320, 832};
static const int thorough_sides[] = {512, 256};
static const float certain_score = 0.85f;
static const float portrait_share = 0.2f; /* of the photo's shorter side */
static const float merge_iou = 0.4f;
static const float worst_fit = 0.08f; /* see dpl_landmarks_place */

/* Looks once more with a network, at one size. */
static dpl_status look(const dpl_detector *detector, dpl_network *network, const dpl_image *image, int long_side,
                       dpl_candidates *candidates, dpl_error *error) {
  const size_t seen_count = candidates->count;
  const dpl_status status = dpl_look_at_photo(network, detector->shown, image, long_side,
                                              dpl_score_threshold(detector, network), candidates, error);
  dpl_look_merge(candidates, seen_count, merge_iou);
  return status;
}

/* From quick to thorough, ending as soon as the photo is settled. */
static dpl_status take_looks(dpl_detector *detector, const dpl_image *image, dpl_candidates *candidates,
                             bool *wants_thorough, dpl_error *error) {
  for (size_t i = 0; detector->quick && i < sizeof quick_sides / sizeof *quick_sides; i++) {
    const dpl_status status = look(detector, detector->quick, image, quick_sides[i], candidates, error);
    if (status || dpl_is_portrait(image, candidates, certain_score, portrait_share)) return status;
  }
  *wants_thorough = !detector->thorough;
  for (size_t i = 0; detector->thorough && i < sizeof thorough_sides / sizeof *thorough_sides; i++) {
    const dpl_status status = look(detector, detector->thorough, image, thorough_sides[i], candidates, error);
    if (status) return status;
  }
  return DPL_OK;
}

static bool is_among(const dpl_face *face, const dpl_face *faces, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (dpl_same_face(face, &faces[i])) return true;
  return false;
}

/* Points for every candidate, best score first. Left out are those too small, those without points, those that turn out
   to be a face that is there already, and next to certain faces the uncertain ones on which no face fits. */
static dpl_status place_points(dpl_detector *detector, const dpl_image *image, dpl_candidates *candidates,
                               dpl_error *error) {
  const float smallest = (float)detector->options.min_face;
  const bool any_certain = dpl_best_score(candidates) >= certain_score;
  size_t kept = 0;
  for (size_t i = 0; i < candidates->count; i++) {
    dpl_face face = candidates->faces[i];
    if (fmaxf(face.box.width, face.box.height) < smallest) continue;
    float fit;
    const dpl_status status = dpl_landmarks_place(detector->landmarks, detector->shown, image, &face, &fit, error);
    if (status) return status;
    if (!isfinite(fit) || (fit > worst_fit && face.score < certain_score && any_certain)) continue;
    if (!is_among(&face, candidates->faces, kept)) candidates->faces[kept++] = face;
  }
  candidates->count = kept;
  return DPL_OK;
}

dpl_status dpl_detect_boxes(dpl_detector *detector, const dpl_image *image, dpl_candidates *candidates,
                            bool *wants_thorough, dpl_error *error) {
  const dpl_status status = take_looks(detector, image, candidates, wants_thorough, error);
  return status ? status : place_points(detector, image, candidates, error);
}
