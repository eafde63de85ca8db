/* Where a detector gives boxes only: the 68-point network places the five points, and looks twice so that a turned head
   is seen upright. */
#ifndef DOPPEL_LANDMARKS_H
#define DOPPEL_LANDMARKS_H

#include "net.h"
#include "slate.h"

/* Fills face->points and face->roll from face->box. `fit` (may be NULL) receives how badly the points fit a face: root
   mean square distance from the mean face, in widths across the brows; infinite where the network finds no points, and
   then the face stays as it was. The slate is for what the network is shown. */
dpl_status dpl_landmarks_place(dpl_network *network, dpl_slate *slate, const dpl_image *image, dpl_face *face,
                               float *fit, dpl_error *error);

#endif
