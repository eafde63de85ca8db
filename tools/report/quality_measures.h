/* What is measured of faces, with the words and ranges that reports show it in. */
#ifndef TOOL_QUALITY_MEASURES_H
#define TOOL_QUALITY_MEASURES_H

#include "doppel.h"

enum { QUALITY_MEASURES = 4 };

typedef struct quality_measure_words {
  const char *key, *title, *axis;
  int digits;
  double low, high; /* of a plot; high ≤ low: as far as they go */
} quality_measure_words;

extern const quality_measure_words quality_measures[QUALITY_MEASURES];
float quality_measure(const dpl_face_quality *quality, int measure);

#endif
