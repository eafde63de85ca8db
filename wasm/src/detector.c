/* Finds faces: which network looks at the photo, at what size, and how their findings are merged. How the passes were
   chosen, with figures, is in models/README.md. */
#include "decode.h"
#include "geometry.h"
#include "image.h"
#include "landmarks.h"
#include "status.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_CANDIDATES = 512 };

struct dpl_detector {
  dpl_network *quick, *thorough, *landmarks;
  dpl_detector_options options;
  dpl_face *found; /* MAX_CANDIDATES, for the passes to write to */
};

/* ---- opening ---- */

static dpl_network **place_of(dpl_detector *detector, const dpl_network_spec *spec) {
  if (spec->info.task == DPL_TASK_LANDMARKS) return &detector->landmarks;
  return spec->decoder == DPL_DECODER_SSD ? &detector->thorough : &detector->quick;
}

dpl_status dpl_detector_add(dpl_detector *detector, dpl_bytes bytes, dpl_error *error) {
  dpl_network *network;
  const dpl_status status = dpl_network_open(bytes, &network, error);
  if (status) return status;
  const dpl_network_spec *spec = dpl_network_spec_of(network);
  dpl_network **place = place_of(detector, spec);
  if (spec->info.task == DPL_TASK_EMBEDDER || *place) {
    const dpl_status refused = dpl_fail(error, DPL_UNSUPPORTED_NETWORK,
                                        *place ? "The detector has a network like \"%s\" already."
                                               : "The network \"%s\" does not detect faces.",
                                        spec->info.name);
    dpl_network_close(network);
    return refused;
  }
  *place = network;
  return DPL_OK;
}

dpl_status dpl_detector_open(const dpl_bytes *networks, size_t count, const dpl_detector_options *options,
                             dpl_detector **opened, dpl_error *error) {
  dpl_detector *detector = calloc(1, sizeof *detector);
  if (!detector) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  dpl_status status = DPL_OK;
  if (options) detector->options = *options;
  if (detector->options.min_face == 0) detector->options.min_face = 16;
  detector->found = calloc(MAX_CANDIDATES, sizeof *detector->found);
  if (!detector->found) status = dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  for (size_t i = 0; !status && i < count; i++) status = dpl_detector_add(detector, networks[i], error);
  if (!status && !detector->landmarks)
    status = dpl_fail(error, DPL_INVALID_ARGUMENT,
                      "The detector needs a landmark network beside its others, to place the five points.");
  if (!status && !detector->quick && !detector->thorough)
    status = dpl_fail(error, DPL_INVALID_ARGUMENT, "The detector needs a network that detects faces.");
  if (status) {
    dpl_detector_close(detector);
    return status;
  }
  *opened = detector;
  return DPL_OK;
}

void dpl_detector_close(dpl_detector *detector) {
  if (!detector) return;
  dpl_network_close(detector->quick);
  dpl_network_close(detector->thorough);
  dpl_network_close(detector->landmarks);
  free(detector->found);
  free(detector);
}

/* ---- one pass: a network looks at the photo at one size ---- */

static int round_up(int value, int multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

static dpl_status feed(dpl_network *network, const dpl_image *image, int long_side, float *to_photo, dpl_error *error) {
  const dpl_network_spec *spec = dpl_network_spec_of(network);
  const int larger = image->width > image->height ? image->width : image->height;
  const float scale = (float)long_side / (float)larger;
  const int width = (int)fmaxf(1, roundf((float)image->width * scale)),
            height = (int)fmaxf(1, roundf((float)image->height * scale)), canvas_width = round_up(width, spec->stride),
            canvas_height = round_up(height, spec->stride);
  dpl_image *resized;
  dpl_status status = dpl_image_resize(image, width, height, &resized, error);
  if (status) return status;
  float *input;
  status = dpl_network_input(network, 1, (size_t)canvas_height, (size_t)canvas_width, &input, error);
  if (!status)
    status = dpl_image_to_tensor(resized, spec->normalisation, false, input, canvas_width, canvas_height, error);
  dpl_image_close(resized);
  *to_photo = 1 / scale;
  return status;
}

static dpl_status pass(dpl_network *network, const dpl_image *image, int long_side, float threshold,
                       dpl_candidates *candidates, dpl_error *error) {
  float to_photo;
  dpl_status status = feed(network, image, long_side, &to_photo, error);
  if (!status) status = dpl_network_invoke(network, error);
  if (status) return status;
  const size_t before = candidates->count;
  const dpl_network_spec *spec = dpl_network_spec_of(network);
  dpl_decoder_of(spec)(network, threshold, candidates);
  for (size_t i = before; i < candidates->count; i++) {
    dpl_box *box = &candidates->faces[i].box;
    *box = (dpl_box){box->x * to_photo, box->y * to_photo, box->width * to_photo, box->height * to_photo};
  }
  return DPL_OK;
}

/* ---- the passes together ---- */

/* Long sides in pixels that the photo is looked at with, one pass after the other; scores from 0 to 1. All are
   measured, see models/README.md. */
static const int quick_sides[] = {320, 192, 832};
static const int thorough_sides[] = {512, 256};
static const float certain_score = 0.85f;
static const float portrait_share = 0.2f; /* of the photo's shorter side */
static const float merge_iou = 0.4f;
static const float worst_fit = 0.08f; /* see dpl_landmarks_place */

/* The caller's where there is one, else the network's own. */
static float score_threshold(const dpl_detector *detector, const dpl_network *network) {
  const float wished = detector->options.score_threshold;
  return wished > 0 ? wished : dpl_network_spec_of(network)->info.threshold;
}

static float side_of(const dpl_face *face) {
  return fmaxf(face->box.width, face->box.height);
}

/* In the middle half of the photo, both ways. */
static bool is_central(const dpl_image *image, const dpl_face *face) {
  const float x = (face->box.x + face->box.width / 2) / (float)image->width,
              y = (face->box.y + face->box.height / 2) / (float)image->height;
  return fabsf(x - 0.5f) < 0.25f && fabsf(y - 0.5f) < 0.25f;
}

/* One certain face, large in the middle of the frame and no other beside it: a portrait, and there is nothing more to
   look for. A group, a face at the edge or nothing certain deserves another look. */
static bool is_portrait(const dpl_image *image, const dpl_candidates *candidates) {
  const float shorter = (float)(image->width < image->height ? image->width : image->height);
  const dpl_face *face = candidates->faces;
  return candidates->count == 1 && face->score >= certain_score && side_of(face) >= portrait_share * shorter &&
         is_central(image, face);
}

/* What two looks agree on is more certain than either: the score of an agreed face becomes 1 − (1 − a)(1 − b), as if
   the looks erred independently. The box stays that of the surer look. */
static void corroborate(dpl_face *seen, size_t seen_count, dpl_face *fresh, size_t fresh_count) {
  for (size_t i = 0; i < fresh_count; i++)
    for (size_t j = 0; j < seen_count; j++) {
      if (dpl_box_iou(fresh[i].box, seen[j].box) <= merge_iou) continue;
      const float agreed = 1 - (1 - fresh[i].score) * (1 - seen[j].score);
      (fresh[i].score > seen[j].score ? &fresh[i] : &seen[j])->score = agreed;
      break;
    }
}

/* Merges the faces of a pass, those from `seen_count` on, with the faces that were seen before. */
static void merge(dpl_candidates *candidates, size_t seen_count) {
  dpl_face *fresh = candidates->faces + seen_count;
  const size_t fresh_count = dpl_nms(fresh, candidates->count - seen_count, merge_iou);
  corroborate(candidates->faces, seen_count, fresh, fresh_count);
  candidates->count = dpl_nms(candidates->faces, seen_count + fresh_count, merge_iou);
}

/* Looks once more with a network, at one size. */
static dpl_status look(const dpl_detector *detector, dpl_network *network, const dpl_image *image, int long_side,
                       dpl_candidates *candidates, dpl_error *error) {
  const size_t seen_count = candidates->count;
  const float threshold = score_threshold(detector, network);
  const dpl_status status = pass(network, image, long_side, threshold, candidates, error);
  merge(candidates, seen_count);
  return status;
}

/* From quick to thorough, ending as soon as the photo is settled. */
static dpl_status run_passes(dpl_detector *detector, const dpl_image *image, dpl_candidates *candidates,
                             bool *wants_thorough, dpl_error *error) {
  for (size_t i = 0; detector->quick && i < sizeof quick_sides / sizeof *quick_sides; i++) {
    const dpl_status status = look(detector, detector->quick, image, quick_sides[i], candidates, error);
    if (status || is_portrait(image, candidates)) return status;
  }
  *wants_thorough = !detector->thorough;
  for (size_t i = 0; detector->thorough && i < sizeof thorough_sides / sizeof *thorough_sides; i++) {
    const dpl_status status = look(detector, detector->thorough, image, thorough_sides[i], candidates, error);
    if (status) return status;
  }
  return DPL_OK;
}

static float best_score(const dpl_candidates *candidates) {
  float best = 0;
  for (size_t i = 0; i < candidates->count; i++) best = fmaxf(best, candidates->faces[i].score);
  return best;
}

static int larger_first(const void *left, const void *right) {
  const dpl_box a = ((const dpl_face *)left)->box, b = ((const dpl_face *)right)->box;
  const float left_area = a.width * a.height, right_area = b.width * b.height;
  return (left_area < right_area) - (left_area > right_area);
}

/* Whether the points of two faces lie nearer to each other than half the distance between the eyes: boxes can differ a
   good deal and still hold the same face. */
static bool same_face(const dpl_face *a, const dpl_face *b) {
  float apart = 0;
  for (size_t i = 0; i < DPL_POINTS; i++)
    apart += hypotf(a->points[i].x - b->points[i].x, a->points[i].y - b->points[i].y) / (float)DPL_POINTS;
  const float eyes = hypotf(a->points[DPL_RIGHT_EYE].x - a->points[DPL_LEFT_EYE].x,
                            a->points[DPL_RIGHT_EYE].y - a->points[DPL_LEFT_EYE].y);
  return apart < eyes / 2;
}

static bool is_among(const dpl_face *face, const dpl_face *faces, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (same_face(face, &faces[i])) return true;
  return false;
}

/* Points for every candidate, best score first. Those too small fall away, those that turn out to be a face that is
   there already, and beside certain faces the uncertain ones on which no face fits. */
static dpl_status place_points(dpl_detector *detector, const dpl_image *image, dpl_candidates *candidates,
                               dpl_error *error) {
  const float smallest = (float)detector->options.min_face;
  const bool any_certain = best_score(candidates) >= certain_score;
  size_t kept = 0;
  for (size_t i = 0; i < candidates->count; i++) {
    dpl_face face = candidates->faces[i];
    if (fminf(face.box.width, face.box.height) < smallest) continue;
    float fit;
    const dpl_status status = dpl_landmarks_place(detector->landmarks, image, &face, &fit, error);
    if (status) return status;
    if (fit > worst_fit && face.score < certain_score && any_certain) continue;
    if (!is_among(&face, candidates->faces, kept)) candidates->faces[kept++] = face;
  }
  candidates->count = kept;
  return DPL_OK;
}

dpl_status dpl_detector_detect(dpl_detector *detector, const dpl_image *image, dpl_detection *detection,
                               dpl_error *error) {
  dpl_candidates candidates = {.faces = detector->found, .capacity = MAX_CANDIDATES};
  bool wants_thorough = false;
  dpl_status status = run_passes(detector, image, &candidates, &wants_thorough, error);
  if (!status) status = place_points(detector, image, &candidates, error);
  if (status) return status;
  qsort(candidates.faces, candidates.count, sizeof *candidates.faces, larger_first);
  detection->count = candidates.count < detection->capacity ? candidates.count : detection->capacity;
  for (size_t i = 0; i < detection->count; i++) detection->faces[i] = candidates.faces[i];
  detection->wants_thorough = wants_thorough;
  return DPL_OK;
}

dpl_status dpl_detector_face_in_box(dpl_detector *detector, const dpl_image *image, dpl_box box, dpl_face *face,
                                    dpl_error *error) {
  if (!(box.width >= 1 && box.height >= 1) || !isfinite(box.x + box.y + box.width + box.height))
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "The box has no area; draw it around the whole face.");
  dpl_face drawn = {.box = box, .score = 1};
  const dpl_status status = dpl_landmarks_place(detector->landmarks, image, &drawn, NULL, error);
  if (!status) *face = drawn;
  return status;
}
