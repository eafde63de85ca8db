/* ssd_mobilenetv1: six feature maps, each cell with 3 or 6 prior boxes; an output of offsets and one of three classes
   (nothing, face, unused) a map (Liu et al., SSD, 2016; priors as TensorFlow's object detection makes them, equal to
   the 5,118 that the package stores). */
#include "decode.h"

#include <math.h>

enum { PRIORS_FIRST = 3, PRIORS = 6, CLASSES = 3 };

/* Sizes as shares of the canvas that the network was trained on: s(k) = 0.2 + 0.15·k for map k. */
static float prior_scale(size_t map) {
  return 0.2f + 0.15f * (float)map;
}

static void priors_of_map(size_t map, dpl_point sizes[PRIORS]) {
  static const float aspects[] = {1, 0 /* the step to the next map's scale */, 2, 0.5f, 3, 1.0f / 3};
  const float scale = prior_scale(map), next = map == 5 ? 1 : prior_scale(map + 1);
  for (size_t i = 0; i < PRIORS; i++) {
    const float side = i == 1 ? sqrtf(scale * next) : scale, root = i == 1 ? 1 : sqrtf(aspects[i]);
    sizes[i] = (dpl_point){side * root, side / root};
  }
}

/* The first map has three only: a small square, and the two oblongs of ratio 2. */
static void priors_of_first_map(dpl_point sizes[PRIORS_FIRST]) {
  const float root = sqrtf(2), scale = prior_scale(0);
  sizes[0] = (dpl_point){0.1f, 0.1f};
  sizes[1] = (dpl_point){scale * root, scale / root};
  sizes[2] = (dpl_point){scale / root, scale * root};
}

static void decode_map(const dpl_network *network, size_t map, float threshold, dpl_candidates *candidates) {
  const dpl_value *shape;
  const float *box = dpl_network_output(network, 2 * map, &shape),
              *class = dpl_network_output(network, 2 * map + 1, NULL);
  const size_t rows = shape->shape[1], columns = shape->shape[2], priors = map ? PRIORS : PRIORS_FIRST;
  if (shape->shape[3] != 4 * priors) return;
  dpl_point sizes[PRIORS];
  if (map)
    priors_of_map(map, sizes);
  else
    priors_of_first_map(sizes);
  const float canvas = (float)dpl_network_spec_of(network)->info.input_width, stride = (float)(16 << map);
  for (size_t row = 0; row < rows; row++)
    for (size_t column = 0; column < columns; column++)
      for (size_t prior = 0; prior < priors; prior++, box += 4, class += CLASSES) {
        if (!(class[1] > threshold)) continue;
        /* offsets are y, x, height, width, scaled by 10, 10, 5, 5 */
        const float prior_width = sizes[prior].x * canvas, prior_height = sizes[prior].y * canvas,
                    x = ((float)column + 0.5f) * stride + box[1] / 10 * prior_width,
                    y = ((float)row + 0.5f) * stride + box[0] / 10 * prior_height,
                    width = expf(box[3] / 5) * prior_width, height = expf(box[2] / 5) * prior_height;
        dpl_candidates_add(candidates, (dpl_face){.box = {x - width / 2, y - height / 2, width, height},
                                                  .score = dpl_sigmoid(class[1])});
      }
}

void dpl_decode_ssd(const dpl_network *network, float score_threshold, dpl_candidates *candidates) {
  for (size_t map = 0; map < dpl_network_output_count(network) / 2 && map < 6; map++)
    decode_map(network, map, dpl_logit(score_threshold), candidates);
}
