/* What the decoders share: the list of faces that a pass fills, and the logistic function with its inverse. */
#include "decode.h"

#include <math.h>

float dpl_sigmoid(float x) {
  return 1 / (1 + expf(-x));
}

float dpl_logit(float p) {
  return logf(p / (1 - p));
}

void dpl_candidates_add(dpl_candidates *candidates, dpl_face face) {
  float sum = face.box.x + face.box.y + face.box.width + face.box.height + face.score;
  for (size_t i = 0; i < DPL_POINTS; i++) sum += face.points[i].x + face.points[i].y;
  if (candidates->count < candidates->capacity && isfinite(sum)) candidates->faces[candidates->count++] = face;
}

dpl_decode *dpl_decoder_of(const dpl_network_spec *spec) {
  switch (spec->decoder) {
  case DPL_DECODER_TINY:
    return dpl_decode_tiny;
  case DPL_DECODER_SSD:
    return dpl_decode_ssd;
  case DPL_DECODER_YUNET:
    return dpl_decode_yunet;
  case DPL_DECODER_SCRFD:
    return dpl_decode_scrfd;
  default:
    return NULL;
  }
}

bool dpl_decoder_gives_points(const dpl_network_spec *spec) {
  return spec->decoder == DPL_DECODER_YUNET || spec->decoder == DPL_DECODER_SCRFD;
}
