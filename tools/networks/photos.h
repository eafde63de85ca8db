/* A photo file and the faces in it, with sentences for what goes wrong. */
#ifndef TOOL_PHOTOS_H
#define TOOL_PHOTOS_H

#include "basics.h"
#include "cJSON.h"
#include "doppel.h"
#include "networks.h"

#define MAX_FACES 512 /* of one photo */

typedef struct face_list {
  dpl_face faces[MAX_FACES]; /* largest first */
  size_t count;
  size_t cut; /* faces left out because a part of them is missing in the photo's file */
} face_list;

/* "<path>: <the library's sentence>" where it cannot be decoded. */
bool photo_read(const char *path, dpl_image **photo, sentence *why);
bool photo_faces(network_handles *handles, const dpl_image *photo, face_list *found, sentence *why);

/* Why a photo gave no face: it shows none, or none is whole in its file. `path` may be NULL. Returns false. */
bool fail_no_face(const face_list *found, const char *path, sentence *why);

/* Of two in one place, the wider one first; for qsort. */
int faces_from_left(const void *a, const void *b);

/* Leaves those that a group photo is of, from left to right: what is much smaller (below 24 pixels, or 0.4 times the
   middle one) is a passer-by or no face at all. */
void keep_main_faces(face_list *found);

/* One vector a face: count × dimension floats, malloc. */
float *photo_vectors(network_handles *handles, const dpl_image *photo, const dpl_face *faces, size_t count,
                     sentence *why);

/* One quality a face, malloc. */
dpl_face_quality *photo_qualities(const dpl_image *photo, const dpl_face *faces, size_t count, sentence *why);

/* The face that a portrait is of: the largest where photos are of any kind, the one that is large and near the middle
   where a data set centres its subject (LFW). Index into the list, which must not be empty. */
typedef enum subject_rule { SUBJECT_LARGEST, SUBJECT_CENTRED } subject_rule;
size_t subject_of(const face_list *found, const dpl_image *photo, subject_rule rule);

/* {"x", "y", "w", "h", "left_eye": [x, y], "right_eye": [x, y]}, rounded to pixels as DeepFace does; left and right
   are the image's. */
cJSON *facial_area_json(const dpl_face *face);

/* {"size", "sharpness", "yaw", "pitch"}, with as many digits as mean something. */
cJSON *quality_json(const dpl_face_quality *quality);

double cosine_of(const float *a, const float *b, int dimension);

#endif
