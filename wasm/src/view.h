/* A square of the photo, turned as a face is turned: what a network is shown when it looks at one face alone. */
#ifndef DOPPEL_VIEW_H
#define DOPPEL_VIEW_H

#include "doppel.h"

typedef struct dpl_view {
  dpl_point centre;
  float side, roll; /* pixels of the photo; radians clockwise */
} dpl_view;

/* Takes the photo to a crop of size × size pixels that shows the view. */
dpl_similarity dpl_view_to_crop(dpl_view view, int size);

#endif
