/* Points, boxes and the similarity that aligns a face. Plain arithmetic, no allocation. */
#ifndef DOPPEL_GEOMETRY_H
#define DOPPEL_GEOMETRY_H

#include "doppel.h"

dpl_similarity dpl_similarity_inverse(dpl_similarity similarity);
dpl_similarity dpl_similarity_compose(dpl_similarity outer, dpl_similarity inner); /* outer after inner */

/* Root of the mean squared distance between similarity(from) and to. */
float dpl_similarity_residual(dpl_similarity similarity, const dpl_point *from, const dpl_point *to, size_t count);

/* Greedy non-maximum suppression in place: keeps the best face, drops those that it overlaps by more than
   `iou_threshold`, and so on with what is left. Returns how many are kept, best first. */
size_t dpl_nms(dpl_face *faces, size_t count, float iou_threshold);

#endif
