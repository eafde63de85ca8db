/* What the decoders share: the list of faces that a pass fills, and the logistic function with its inverse. */
#include "decode.h"

#include <math.h>

float dpl_sigmoid(float x) {
  return 1 / (1 + expf(-x));
}

float dpl_logit(float p) {
  return logf(p / (1 - p));
}

void dpl_candidates_add(dpl_candidates *candidates, dpl_box box, float score) {
  if (candidates->count < candidates->capacity && isfinite(box.x + box.y + box.width + box.height))
    candidates->faces[candidates->count++] = (dpl_face){.box = box, .score = score};
}
