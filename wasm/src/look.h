/* One look: a detecting network is shown the photo, or one face of it, at one size. What it finds is in photo
   coordinates, and what it was shown lies on the slate. Which looks are taken, and what they mean together, is the
   business of detect_boxes.c and detect_points.c. */
#ifndef DOPPEL_LOOK_H
#define DOPPEL_LOOK_H

#include "decode.h"
#include "slate.h"
#include "view.h"

/* The whole photo with its long side at `long_side` pixels. Appends to the candidates. A small look gets a square
   canvas, as views do, because setting a network up for another shape costs more than showing it some black. */
dpl_status dpl_look_at_photo(dpl_network *network, dpl_slate *slate, const dpl_image *image, int long_side,
                             float threshold, dpl_candidates *candidates, dpl_error *error);

/* The view as a canvas of `size` × `size`. Boxes are upright in the view: their centres and sizes are the photo's, but
   they are not turned with it. */
dpl_status dpl_look_at_view(dpl_network *network, dpl_slate *slate, const dpl_image *image, dpl_view view, int size,
                            float threshold, dpl_candidates *candidates, dpl_error *error);

/* Merges the faces of a look, those from `seen_count` on, with the faces that were seen before. What two looks agree on
   is more certain than either. */
void dpl_look_merge(dpl_candidates *candidates, size_t seen_count, float iou_threshold);

float dpl_best_score(const dpl_candidates *candidates);

/* One face with at least this score, in the middle of the frame and at least so large a share of its shorter side, and
   no other beside it: a portrait, and there is nothing more to look for. A group, a face at the edge or nothing certain
   deserves another look. */
bool dpl_is_portrait(const dpl_image *image, const dpl_candidates *candidates, float certain_score, float share);

/* Whether the points of two faces lie nearer to each other than half the distance between the eyes: boxes can differ a
   good deal and still hold the same face. */
bool dpl_same_face(const dpl_face *a, const dpl_face *b);

/* Degrees that the line between the eyes is turned clockwise from level. */
float dpl_roll_of(const dpl_face *face);

#endif
