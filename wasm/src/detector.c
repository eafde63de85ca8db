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
    const dpl_status refused =
        dpl_fail(error, DPL_UNSUPPORTED_NETWORK,
                 *place ? "the detector has a network like \"%s\" already" : "the network \"%s\" does not detect faces",
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
                      "the detector needs a landmark network beside its others, to place the five points");
  if (!status && !detector->quick && !detector->thorough)
    status = dpl_fail(error, DPL_INVALID_ARGUMENT, "the detector needs a network that detects faces");
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
  (spec->decoder == DPL_DECODER_SSD ? dpl_decode_ssd : dpl_decode_tiny)(network, threshold, candidates);
  for (size_t i = before; i < candidates->count; i++) {
    dpl_box *box = &candidates->faces[i].box;
    *box = (dpl_box){box->x * to_photo, box->y * to_photo, box->width * to_photo, box->height * to_photo};
  }
  return DPL_OK;
}

/* ---- the passes together ---- */

/* Long sides in pixels. The quick network finds faces of about a tenth to three quarters of what it looks at: the large
   look is for groups, the small one for faces that fill the frame. */
#ifndef QUICK_SIDES
#define QUICK_SIDES                                                                                                    \
  { 416, 192 }
#define THOROUGH_SIDES                                                                                                 \
  { 512, 256 }
#define CERTAIN        0.7f
#define QUICK_SCORE    0.5f
#define THOROUGH_SCORE 0.5f
#define MERGE_IOU      0.4f
#define WORST_FIT      1.0f
#endif

static dpl_status run_passes(dpl_network *network, const dpl_image *image, const int *sides, size_t count,
                             float threshold, dpl_candidates *candidates, dpl_error *error) {
  dpl_status status = DPL_OK;
  for (size_t i = 0; !status && i < count; i++) status = pass(network, image, sides[i], threshold, candidates, error);
  candidates->count = dpl_nms(candidates->faces, candidates->count, MERGE_IOU);
  return status;
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

/* Points for every candidate; those too small, or on which no face fits, fall away. */
static dpl_status finish(dpl_detector *detector, const dpl_image *image, dpl_candidates *candidates,
                         dpl_detection *detection, dpl_error *error) {
  const float smallest = (float)detector->options.min_face;
  size_t kept = 0;
  for (size_t i = 0; i < candidates->count; i++) {
    dpl_face face = candidates->faces[i];
    if (fminf(face.box.width, face.box.height) < smallest) continue;
    float fit;
    const dpl_status status = dpl_landmarks_place(detector->landmarks, image, &face, &fit, error);
    if (status) return status;
    if (fit <= WORST_FIT) candidates->faces[kept++] = face;
  }
  qsort(candidates->faces, kept, sizeof *candidates->faces, larger_first);
  detection->count = kept < detection->capacity ? kept : detection->capacity;
  for (size_t i = 0; i < detection->count; i++) detection->faces[i] = candidates->faces[i];
  return DPL_OK;
}

dpl_status dpl_detector_detect(dpl_detector *detector, const dpl_image *image, dpl_detection *detection,
                               dpl_error *error) {
  static const int quick_sides[] = QUICK_SIDES, thorough_sides[] = THOROUGH_SIDES;
  dpl_candidates candidates = {.faces = detector->found, .capacity = MAX_CANDIDATES};
  dpl_status status = DPL_OK;
  if (detector->quick)
    status = run_passes(detector->quick, image, quick_sides, sizeof quick_sides / sizeof *quick_sides, QUICK_SCORE,
                        &candidates, error);
  const bool certain = best_score(&candidates) >= CERTAIN;
  if (!status && !certain && detector->thorough)
    status = run_passes(detector->thorough, image, thorough_sides, sizeof thorough_sides / sizeof *thorough_sides,
                        THOROUGH_SCORE, &candidates, error);
  if (!status) status = finish(detector, image, &candidates, detection, error);
  if (!status) detection->wants_thorough = !certain && !detector->thorough;
  return status;
}

dpl_status dpl_detector_face_in_box(dpl_detector *detector, const dpl_image *image, dpl_box box, dpl_face *face,
                                    dpl_error *error) {
  if (!(box.width >= 1 && box.height >= 1) || !isfinite(box.x + box.y + box.width + box.height))
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "the box has no area; draw it around the whole face");
  dpl_face drawn = {.box = box, .score = 1};
  const dpl_status status = dpl_landmarks_place(detector->landmarks, image, &drawn, NULL, error);
  if (!status) *face = drawn;
  return status;
}
