/* The table of measures. */
#include "quality_measures.h"

const quality_measure_words quality_measures[QUALITY_MEASURES] = {
    {"size", "Size", "side of the face, in pixels of its photo", 1, 0, 0},
    {"sharpness", "Sharpness", "0: blurred; for comparing photos of the same kind", 4, 0, 0},
    {"yaw", "Yaw", "degrees that the nose points to the picture's right", 1, -90, 90},
    {"pitch", "Pitch", "degrees that the nose points up", 1, -90, 90},
};

float quality_measure(const dpl_face_quality *quality, int measure) {
  const float values[QUALITY_MEASURES] = {quality->size, quality->sharpness, quality->yaw, quality->pitch};
  return values[measure];
}
