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

/* Appends a face unless one of its numbers is not finite. */
void dpl_candidates_add(dpl_candidates *candidates, dpl_face face);

/* Reads the outputs of the last invocation; boxes and points in pixels of the canvas that was put in. */
typedef void dpl_decode(const dpl_network *network, float score_threshold, dpl_candidates *candidates);

dpl_decode dpl_decode_tiny;
dpl_decode dpl_decode_ssd;
dpl_decode dpl_decode_yunet; /* with points, as is scrfd */
dpl_decode dpl_decode_scrfd;

/* The decoder of a detecting network. */
dpl_decode *dpl_decoder_of(const dpl_network_spec *spec);
bool dpl_decoder_gives_points(const dpl_network_spec *spec);

float dpl_sigmoid(float x);
float dpl_logit(float p);

#endif
