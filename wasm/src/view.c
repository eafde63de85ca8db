/* Views of one face as the similarity that cuts them out. */
#include "view.h"

#include <math.h>

/* On a grid, so that a last digit in which two machines differ does not become another crop. Large faces are found in a
   reduced photo, where rounding moves their boxes by more than a digit; their grid is coarser, 1/64 to 1/32 of the
   view, so that the photo decoded in full and reduced mostly shows the same view. */
static const float large_side = 512, fine_step = 1.0f / 8, fine_turns = 512, coarse_turns = 32; /* per radian */

static dpl_view on_grid(dpl_view view) {
  const bool large = view.side >= large_side;
  const float step = large ? exp2f(floorf(log2f(view.side)) - 5) : fine_step, turns = large ? coarse_turns : fine_turns;
  return (dpl_view){.centre = {roundf(view.centre.x / step) * step, roundf(view.centre.y / step) * step},
                    .side = roundf(view.side / step) * step,
                    .roll = roundf(view.roll * turns) / turns};
}

dpl_similarity dpl_view_to_crop(dpl_view view, int size) {
  const dpl_view seen = on_grid(view);
  const float middle = (float)size / 2, scale = (float)size / seen.side, a = scale * cosf(-seen.roll),
              b = scale * sinf(-seen.roll);
  return (dpl_similarity){a, b, middle - (a * seen.centre.x - b * seen.centre.y),
                          middle - (b * seen.centre.x + a * seen.centre.y)};
}
