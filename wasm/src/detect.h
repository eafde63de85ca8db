/* How the networks of a detector work together; private to the detector. */
#ifndef DOPPEL_DETECT_H
#define DOPPEL_DETECT_H

#include "look.h"

enum { DPL_MAX_CANDIDATES = 512 };

struct dpl_detector {
  dpl_network *points;                       /* a network that gives points with its boxes; or instead of it … */
  dpl_network *quick, *thorough, *landmarks; /* … networks that give boxes, and one that places the points */
  xnn_workspace_t workspace;                 /* of them all: only one runs at a time */
  dpl_detector_options options;
  dpl_slate *shown, *turned;        /* to a network; the photo by quarters */
  dpl_face *found, *beside, *other; /* DPL_MAX_CANDIDATES each, for the looks to write to */
};

/* The caller's where there is one, else the network's own. */
float dpl_score_threshold(const dpl_detector *detector, const dpl_network *network);

/* Both fill the candidates with faces that have points and a roll, each face once; they expect none. */
dpl_status dpl_detect_boxes(dpl_detector *detector, const dpl_image *image, dpl_candidates *candidates,
                            bool *wants_thorough, dpl_error *error); /* detect_boxes.c */
dpl_status dpl_detect_points(dpl_detector *detector, const dpl_image *image, dpl_candidates *candidates,
                             dpl_error *error); /* detect_points.c */

/* Adds the faces of a crowd that are not among the candidates yet. Uses detector->other. */
dpl_status dpl_detect_crowd(const dpl_detector *detector, const dpl_image *image, dpl_candidates *candidates,
                            dpl_error *error); /* detect_points.c */

/* Better points for a face whose box a person drew, where the network sees a face. */
dpl_status dpl_settle_in_box(dpl_detector *detector, const dpl_image *image, dpl_face *face,
                             dpl_error *error); /* detect_points.c */

#endif
