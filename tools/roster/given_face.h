/* Where a roster says that the face is, so that nothing needs to be detected: a box, five points, or both. Knows
   nothing of columns. */
#ifndef TOOL_GIVEN_FACE_H
#define TOOL_GIVEN_FACE_H

#include "basics.h"
#include "networks.h"

typedef struct given_face {
  bool has_box, has_points;
  dpl_box box;
  dpl_point points[DPL_POINTS];
} given_face;

/* Four numbers x, y, width, height, with commas, spaces or brackets; or an object with x, y, w, h (or width, height),
   or with left, top, right, bottom (or x1, y1, x2, y2). Pixels of the upright photo. False for anything else. */
bool box_from_text(const char *text, dpl_box *box);

/* Five points as ten numbers, in the order eyes, nose, mouth corners; 68 points as 136 numbers; or an object with
   left_eye, right_eye, nose, mouth_left, mouth_right. Whose left is meant, the image's or the person's, shows in the
   points themselves: the mouth lies below the eyes. False for anything else. */
bool points_from_text(const char *text, dpl_point points[DPL_POINTS]);

/* The numbers as text that is the same only for the same numbers; "" where no face is given. New text. */
char *given_face_text(const given_face *given);

/* The face on this photo: points that are missing are placed in the box by the detector, a box that is missing is laid
   around the points. Says what is wrong where they do not lie on the photo. */
bool given_face_on(const given_face *given, const dpl_image *photo, network_handles *handles, dpl_face *face,
                   sentence *why);

#endif
