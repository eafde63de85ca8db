/* From the raw output of a detecting network to faces on its canvas: one decoder an output kind. A decoder is pure
   arithmetic: no threshold but the one it is given, no merging. */
#ifndef DOPPEL_DECODE_H
#define DOPPEL_DECODE_H

#include "net.h"

/* Faces that a pass has found so far; full means that the rest is dropped. */
typedef struct dpl_candidates {
  dpl_face *faces;
  size_t count, capacity;
} dpl_candidates;

/* Appends a face without points. */
void dpl_candidates_add(dpl_candidates *candidates, dpl_box box, float score);

/* Reads the outputs of the last invocation; boxes in pixels of the canvas that was put in. */
typedef void dpl_decode(const dpl_network *network, float score_threshold, dpl_candidates *candidates);

dpl_decode dpl_decode_tiny;
dpl_decode dpl_decode_ssd;

float dpl_sigmoid(float x);
float dpl_logit(float p);

#endif
