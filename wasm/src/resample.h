/* Images into other sizes and poses, and into the float tensors that networks eat. */
#ifndef DOPPEL_RESAMPLE_H
#define DOPPEL_RESAMPLE_H

#include "doppel.h"

/* (pixel − mean) · scale, channels exchanged when `bgr`. */
typedef struct dpl_normalisation {
  float mean[3], scale[3];
  bool bgr;
} dpl_normalisation;

/* Writes image pixels as float32 NHWC into the top left corner of a canvas of canvas_width × canvas_height × 3 floats;
   the rest of the canvas receives what a black pixel would. DPL_INVALID_ARGUMENT if the image does not fit. */
dpl_status dpl_image_to_tensor(const dpl_image *image, dpl_normalisation normalisation, bool mirror, float *canvas,
                               int canvas_width, int canvas_height, dpl_error *error);

#endif
