/* The detector: its networks, and the way of a photo through them. What they do together is in detect_boxes.c and
   detect_points.c; here a photo that lies on its side is turned. */
#include "detect.h"
#include "geometry.h"
#include "image.h"
#include "landmarks.h"
#include "status.h"

#include <math.h>
#include <stdlib.h>

/* ---- opening ---- */

static dpl_network **place_of(dpl_detector *detector, const dpl_network_spec *spec) {
  if (spec->info.task == DPL_TASK_LANDMARKS) return &detector->landmarks;
  if (dpl_decoder_gives_points(spec)) return &detector->points;
  return spec->decoder == DPL_DECODER_SSD ? &detector->thorough : &detector->quick;
}

dpl_status dpl_detector_add(dpl_detector *detector, dpl_bytes bytes, dpl_error *error) {
  dpl_network *network;
  const dpl_network_options as = {.workspace = detector->workspace};
  const dpl_status status = dpl_network_open_as(bytes, &as, &network, error);
  if (status) return status;
  const dpl_network_spec *spec = dpl_network_spec_of(network);
  dpl_network **place = place_of(detector, spec);
  const bool detects = spec->info.task == DPL_TASK_DETECTOR || spec->info.task == DPL_TASK_LANDMARKS;
  if (!detects || *place) {
    const dpl_status refused = dpl_fail(error, DPL_UNSUPPORTED_NETWORK,
                                        detects ? "The detector has a network like \"%s\" already."
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
  detector->found = calloc(DPL_MAX_CANDIDATES, sizeof *detector->found);
  detector->beside = calloc(DPL_MAX_CANDIDATES, sizeof *detector->beside);
  detector->other = calloc(DPL_MAX_CANDIDATES, sizeof *detector->other);
  detector->shown = calloc(1, sizeof *detector->shown);
  detector->turned = calloc(1, sizeof *detector->turned);
  if (!detector->found || !detector->beside || !detector->other || !detector->shown || !detector->turned)
    status = dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  if (!status) status = dpl_workspace_open(&detector->workspace, error);
  for (size_t i = 0; !status && i < count; i++) status = dpl_detector_add(detector, networks[i], error);
  if (!status && !detector->landmarks && !detector->points)
    status = dpl_fail(error, DPL_INVALID_ARGUMENT,
                      "The detector needs a landmark network beside its others, to place the five points.");
  if (!status && !detector->quick && !detector->thorough && !detector->points)
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
  dpl_network_close(detector->points);
  dpl_network_close(detector->quick);
  dpl_network_close(detector->thorough);
  dpl_network_close(detector->landmarks);
  if (detector->workspace) xnn_release_workspace(detector->workspace);
  if (detector->shown) dpl_slate_clear(detector->shown);
  if (detector->turned) dpl_slate_clear(detector->turned);
  free(detector->shown);
  free(detector->turned);
  free(detector->found);
  free(detector->beside);
  free(detector->other);
  free(detector);
}

float dpl_score_threshold(const dpl_detector *detector, const dpl_network *network) {
  const float wished = detector->options.score_threshold;
  return wished > 0 ? wished : dpl_network_spec_of(network)->info.threshold;
}

/* ---- photos that lie on their side ---- */

/* The photo is reduced to this long side before it is turned. */
static const int turned_side = 1024;
static const float turned_score = 0.85f; /* a face that is found in a turned photo must be certain */

/* The reduced photo turned by quarters clockwise, and the way there. */
static dpl_status turn(const dpl_image *image, int quarters, dpl_slate *turned, dpl_similarity *to_turned,
                       dpl_error *error) {
  const int larger = image->width > image->height ? image->width : image->height;
  const float scale = larger > turned_side ? (float)turned_side / (float)larger : 1;
  const float width = roundf((float)image->width * scale), height = roundf((float)image->height * scale);
  const dpl_similarity ways[] = {
      {scale, 0, 0, 0}, {0, scale, height, 0}, {-scale, 0, width, height}, {0, -scale, 0, width}};
  *to_turned = ways[quarters];
  const bool on_its_side = quarters % 2 == 1;
  return dpl_slate_warp(turned, image, ways[quarters], (int)fmaxf(1, on_its_side ? height : width),
                        (int)fmaxf(1, on_its_side ? width : height), error);
}

static void turn_back(dpl_face *face, dpl_similarity to_photo) {
  const dpl_box box = face->box;
  const float scale = hypotf(to_photo.a, to_photo.b), side = fabsf(to_photo.b) > fabsf(to_photo.a) ? 1 : 0;
  const dpl_point centre = dpl_similarity_apply(to_photo, (dpl_point){box.x + box.width / 2, box.y + box.height / 2});
  const float width = scale * (side > 0 ? box.height : box.width), height = scale * (side > 0 ? box.width : box.height);
  face->box = (dpl_box){centre.x - width / 2, centre.y - height / 2, width, height};
  for (size_t i = 0; i < DPL_POINTS; i++) face->points[i] = dpl_similarity_apply(to_photo, face->points[i]);
  face->roll = dpl_roll_of(face);
}

/* One look after the other at the photo turned by so many quarters; only certain faces count. */
static dpl_status detect_turned(dpl_detector *detector, const dpl_image *image, int quarters,
                                dpl_candidates *candidates, dpl_error *error) {
  dpl_similarity to_turned;
  dpl_status status = turn(image, quarters, detector->turned, &to_turned, error);
  if (status) return status;
  const dpl_image *turned = &detector->turned->image;
  dpl_detector light = *detector; /* the thorough network is not worth its time on a guess */
  light.thorough = NULL;
  bool ignored;
  status = light.points  ? dpl_detect_points(&light, turned, candidates, error)
           : light.quick ? dpl_detect_boxes(&light, turned, candidates, &ignored, error)
                         : DPL_OK;
  size_t kept = 0;
  for (size_t i = 0; i < candidates->count; i++) {
    if (candidates->faces[i].score < turned_score) continue;
    candidates->faces[kept] = candidates->faces[i];
    turn_back(&candidates->faces[kept++], dpl_similarity_inverse(to_turned));
  }
  candidates->count = kept;
  return status;
}

/* Nothing was found upright: perhaps a phone was held sideways and the file does not say so. Of the two quarter turns
   the better one; upside down only where neither shows a face. */
static dpl_status try_turns(dpl_detector *detector, const dpl_image *image, dpl_candidates *candidates,
                            dpl_error *error) {
  dpl_candidates other = {.faces = detector->other, .capacity = DPL_MAX_CANDIDATES};
  dpl_status status = detect_turned(detector, image, 1, candidates, error);
  if (!status) status = detect_turned(detector, image, 3, &other, error);
  if (!status && dpl_best_score(&other) > dpl_best_score(candidates)) {
    for (size_t i = 0; i < other.count; i++) candidates->faces[i] = other.faces[i];
    candidates->count = other.count;
  }
  if (status || candidates->count > 0) return status;
  return detect_turned(detector, image, 2, candidates, error);
}

/* ---- the way through ---- */

static bool is_larger(const dpl_face *face, const dpl_face *other) {
  return face->box.width * face->box.height > other->box.width * other->box.height;
}

/* By insertion, as qsort may ask for memory, and orders equals as the C library likes. */
static void put_larger_first(dpl_candidates *candidates) {
  for (size_t i = 1; i < candidates->count; i++) {
    const dpl_face face = candidates->faces[i];
    size_t place = i;
    for (; place > 0 && is_larger(&face, &candidates->faces[place - 1]); place--)
      candidates->faces[place] = candidates->faces[place - 1];
    candidates->faces[place] = face;
  }
}

/* Leaves those of which nothing is missing in the file; returns how many others there were. */
static size_t drop_cut_faces(const dpl_image *image, dpl_candidates *candidates) {
  const size_t count = candidates->count;
  candidates->count = 0;
  for (size_t i = 0; i < count; i++)
    if (dpl_face_is_whole(image, &candidates->faces[i])) candidates->faces[candidates->count++] = candidates->faces[i];
  return count - candidates->count;
}

dpl_status dpl_detector_detect(dpl_detector *detector, const dpl_image *image, dpl_detection *detection,
                               dpl_error *error) {
  dpl_candidates candidates = {.faces = detector->found, .capacity = DPL_MAX_CANDIDATES};
  bool wants_thorough = false;
  dpl_status status = detector->points ? dpl_detect_points(detector, image, &candidates, error)
                                       : dpl_detect_boxes(detector, image, &candidates, &wants_thorough, error);
  if (!status && detector->options.crowd && detector->points)
    status = dpl_detect_crowd(detector, image, &candidates, error);
  if (!status && candidates.count == 0 && !detector->options.parity) {
    status = try_turns(detector, image, &candidates, error);
    wants_thorough = wants_thorough && candidates.count == 0;
  }
  if (status) return status;
  detection->cut = drop_cut_faces(image, &candidates);
  put_larger_first(&candidates);
  detection->found = candidates.count;
  detection->count = candidates.count < detection->capacity ? candidates.count : detection->capacity;
  for (size_t i = 0; i < detection->count; i++) detection->faces[i] = candidates.faces[i];
  detection->wants_thorough = wants_thorough;
  return DPL_OK;
}

/* Where the points lie in a face's box, on average; for a box in which the networks see no face, but a person does. */
static const dpl_point average_points[DPL_POINTS] = {
    {0.31f, 0.40f}, {0.69f, 0.40f}, {0.50f, 0.60f}, {0.35f, 0.79f}, {0.65f, 0.79f}};

dpl_status dpl_detector_face_in_box(dpl_detector *detector, const dpl_image *image, dpl_box box, dpl_face *face,
                                    dpl_error *error) {
  if (!(box.width >= 1 && box.height >= 1) || !isfinite(box.x + box.y + box.width + box.height))
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "The box has no area; draw it around the whole face.");
  dpl_face drawn = {.box = box};
  for (size_t i = 0; i < DPL_POINTS; i++)
    drawn.points[i] = (dpl_point){box.x + average_points[i].x * box.width, box.y + average_points[i].y * box.height};
  const dpl_status status = detector->points
                                ? dpl_settle_in_box(detector, image, &drawn, error)
                                : dpl_landmarks_place(detector->landmarks, detector->shown, image, &drawn, NULL, error);
  drawn.score = 1;
  if (!status && !dpl_face_is_whole(image, &drawn)) return dpl_face_is_cut(error);
  if (!status) *face = drawn;
  return status;
}
