/* Detectors that give five points with each box, from maps at strides 8, 16 and 32: YuNet (Wu, Peng and Yu, "YuNet: a
   tiny millisecond-level face detector", 2023; arithmetic as in OpenCV's FaceDetectorYN) and SCRFD (Guo et al., "Sample
   and computation redistribution for efficient face detection", 2021; as in InsightFace). */
#include "decode.h"

#include <math.h>

enum { STRIDES = 3, SCRFD_ANCHORS = 2 };

/* One map of an output kind at one of the strides; `kind` counts cls, obj, bbox, kps or score, bbox, kps. */
static const float *map_of(const dpl_network *network, size_t kind, size_t level, const dpl_value **shape) {
  return dpl_network_output(network, STRIDES * kind + level, shape);
}

static float clamp01(float x) {
  return x < 0 ? 0 : x > 1 ? 1 : x;
}

/* Box: offset of the centre from the cell, and the logarithm of the size, in strides. */
static dpl_face yunet_face(const float *box, const float *points, float column, float row, float stride, float score) {
  const float width = expf(box[2]) * stride, height = expf(box[3]) * stride;
  dpl_face face = {.box = {(column + box[0]) * stride - width / 2, (row + box[1]) * stride - height / 2, width, height},
                   .score = score};
  for (size_t i = 0; i < DPL_POINTS; i++)
    face.points[i] = (dpl_point){(column + points[2 * i]) * stride, (row + points[2 * i + 1]) * stride};
  return face;
}

void dpl_decode_yunet(const dpl_network *network, float score_threshold, dpl_candidates *candidates) {
  for (size_t level = 0; level < STRIDES; level++) {
    const dpl_value *shape;
    const float *class = map_of(network, 0, level, &shape), *object = map_of(network, 1, level, NULL),
                *box = map_of(network, 2, level, NULL), *points = map_of(network, 3, level, NULL);
    const float stride = (float)(8 << level), least = score_threshold * score_threshold;
    for (size_t row = 0; row < shape->shape[1]; row++)
      for (size_t column = 0; column < shape->shape[2];
           column++, class ++, object++, box += 4, points += 2 * DPL_POINTS) {
        const float squared = clamp01(*class) * clamp01(*object);
        if (squared > least)
          dpl_candidates_add(candidates, yunet_face(box, points, (float)column, (float)row, stride, sqrtf(squared)));
      }
  }
}

/* Box: distances of the left, top, right and bottom edge from the cell's corner, in strides. */
static dpl_face scrfd_face(const float *box, const float *points, float column, float row, float stride, float score) {
  dpl_face face = {.box = {(column - box[0]) * stride, (row - box[1]) * stride, (box[0] + box[2]) * stride,
                           (box[1] + box[3]) * stride},
                   .score = score};
  for (size_t i = 0; i < DPL_POINTS; i++)
    face.points[i] = (dpl_point){(column + points[2 * i]) * stride, (row + points[2 * i + 1]) * stride};
  return face;
}

void dpl_decode_scrfd(const dpl_network *network, float score_threshold, dpl_candidates *candidates) {
  for (size_t level = 0; level < STRIDES; level++) {
    const dpl_value *shape;
    const float *score = map_of(network, 0, level, &shape), *box = map_of(network, 1, level, NULL),
                *points = map_of(network, 2, level, NULL);
    for (size_t row = 0; row < shape->shape[1]; row++)
      for (size_t column = 0; column < shape->shape[2]; column++)
        for (size_t anchor = 0; anchor < SCRFD_ANCHORS; anchor++, score++, box += 4, points += 2 * DPL_POINTS)
          if (*score > score_threshold)
            dpl_candidates_add(
                candidates, scrfd_face(box, points, (float)column, (float)row, (float)(8 << level), clamp01(*score)));
  }
}
