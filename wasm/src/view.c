/* Views of one face as the similarity that cuts them out. */
#include "view.h"

#include <math.h>

/* On a grid of 1/8 pixel and 1/512 radian, so that a last digit in which two machines differ does not become another
   crop: where a crop is reduced by 2, it would be filtered here and not there. */
static dpl_view on_grid(dpl_view view) {
  return (dpl_view){.centre = {roundf(view.centre.x * 8) / 8, roundf(view.centre.y * 8) / 8},
                    .side = roundf(view.side * 8) / 8,
                    .roll = roundf(view.roll * 512) / 512};
}

dpl_similarity dpl_view_to_crop(dpl_view view, int size) {
  const dpl_view seen = on_grid(view);
  const float middle = (float)size / 2, scale = (float)size / seen.side, a = scale * cosf(-seen.roll),
              b = scale * sinf(-seen.roll);
  return (dpl_similarity){a, b, middle - (a * seen.centre.x - b * seen.centre.y),
                          middle - (b * seen.centre.x + a * seen.centre.y)};
}
