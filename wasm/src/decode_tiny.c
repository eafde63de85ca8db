/* tiny_face_detector: a grid of cells of 32 px; each anchor of a cell gives x, y, width, height, score (YOLO v2, Redmon
   and Farhadi 2016; anchors in cells, from the network file). */
#include "decode.h"

#include <math.h>

void dpl_decode_tiny(const dpl_network *network, float score_threshold, dpl_candidates *candidates) {
  const dpl_network_spec *spec = dpl_network_spec_of(network);
  const dpl_value *grid;
  const float *cell = dpl_network_output(network, 0, &grid);
  const size_t rows = grid->shape[1], columns = grid->shape[2];
  const float stride = (float)spec->stride, threshold = dpl_logit(score_threshold);
  for (size_t row = 0; row < rows; row++)
    for (size_t column = 0; column < columns; column++)
      for (size_t anchor = 0; anchor < spec->anchor_count; anchor++, cell += 5) {
        if (!(cell[4] > threshold)) continue;
        const float width = expf(cell[2]) * spec->anchors[anchor].x * stride,
                    height = expf(cell[3]) * spec->anchors[anchor].y * stride,
                    x = ((float)column + dpl_sigmoid(cell[0])) * stride,
                    y = ((float)row + dpl_sigmoid(cell[1])) * stride;
        dpl_candidates_add(candidates, (dpl_face){.box = {x - width / 2, y - height / 2, width, height},
                                                  .score = dpl_sigmoid(cell[4])});
      }
}
