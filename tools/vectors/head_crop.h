/* A face as an upright picture of head and shoulders, for rosters and catalogues. */
#ifndef TOOL_HEAD_CROP_H
#define TOOL_HEAD_CROP_H

#include "basics.h"
#include "doppel.h"

/* Turned level and scaled by the five points, so that the eyes are HEAD_CROP_EYES of the width apart, in the middle, at
   HEAD_CROP_EYE_LINE of the height: in 200 × 280 pixels the head with its hair is about half as high as the picture.
   Where the crop reaches over the photo's edge, it shows a blur of what is near. */
#define HEAD_CROP_EYES     0.22f
#define HEAD_CROP_EYE_LINE 0.40f
bool head_crop(const dpl_image *photo, const dpl_face *face, int width, int height, dpl_image **crop, sentence *why);

#endif
