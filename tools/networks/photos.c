/* Photos from files, and their faces. */
#include "photos.h"

#include <math.h>
#include <stdlib.h>

#include "files.h"
#include "image.h"
#include "output.h"

bool photo_read(const char *path, dpl_image **photo, sentence *why) {
  dpl_bytes file;
  if (!file_read(path, &file, why)) return false;
  dpl_error error;
  dpl_status status = dpl_image_take_file((uint8_t *)(uintptr_t)file.data, file.size, photo, &error);
  return status == DPL_OK || fail(why, "%s: %s", path, error.message);
}

bool photo_faces(network_handles *handles, const dpl_image *photo, face_list *found, sentence *why) {
  dpl_error error;
  dpl_detection detection = {.faces = found->faces, .capacity = MAX_FACES};
  if (dpl_detector_detect(handles->detector, photo, &detection, &error)) return fail(why, "%s", error.message);
  found->count = detection.count < MAX_FACES ? detection.count : MAX_FACES;
  found->cut = detection.cut;
  return true;
}

bool fail_no_face(const face_list *found, const char *path, sentence *why) {
  const char *in = path ? " in " : "", *where = path ? path : "";
  if (!found->cut) return fail(why, "No face was found%s%s.", in, where);
  return fail(why, "No face%s%s is whole, because the file is cut short or damaged; save or download it again.", in,
              where);
}

int faces_from_left(const void *a, const void *b) {
  const dpl_box *one = &((const dpl_face *)a)->box, *other = &((const dpl_face *)b)->box;
  float left = one->x + one->width / 2, right = other->x + other->width / 2;
  if (left < right) return -1;
  if (left > right) return 1;
  return one->width > other->width ? -1 : one->width < other->width;
}

void keep_main_faces(face_list *found) {
  if (!found->count) return;
  float middle = found->faces[found->count / 2].box.width; /* largest first: the median */
  size_t kept = 0;
  for (size_t i = 0; i < found->count; ++i) {
    const dpl_face face = found->faces[i];
    if (face.box.width >= 24 && face.box.width >= middle * 0.4f) found->faces[kept++] = face;
  }
  found->count = kept;
  qsort(found->faces, kept, sizeof *found->faces, faces_from_left);
}

float *photo_vectors(network_handles *handles, const dpl_image *photo, const dpl_face *faces, size_t count,
                     sentence *why) {
  dpl_error error;
  float *vectors = new_array(count * (size_t)dpl_embedder_dimension(handles->embedder), sizeof *vectors);
  if (count == 0 || dpl_embedder_embed(handles->embedder, photo, faces, count, vectors, &error) == DPL_OK)
    return vectors;
  free(vectors);
  fail(why, "%s", error.message);
  return NULL;
}

dpl_face_quality *photo_qualities(const dpl_image *photo, const dpl_face *faces, size_t count, sentence *why) {
  dpl_error error;
  dpl_face_quality *qualities = new_array(count, sizeof *qualities);
  for (size_t i = 0; i < count; ++i) {
    if (dpl_face_measure(photo, &faces[i], &qualities[i], &error) == DPL_OK) continue;
    free(qualities);
    fail(why, "%s", error.message);
    return NULL;
  }
  return qualities;
}

/* How much a face looks like the one that the photo was centred on: its size, less the farther it is from the middle.
 */
static double centredness(const dpl_face *face, double width, double height) {
  double side = fmin(width, height);
  double dx = (face->box.x + face->box.width / 2 - width / 2) / side;
  double dy = (face->box.y + face->box.height / 2 - height / 2) / side;
  double distance = 1 + 4 * sqrt(dx * dx + dy * dy);
  return sqrt((double)face->box.width * (double)face->box.height) / (distance * distance);
}

size_t subject_of(const face_list *found, const dpl_image *photo, subject_rule rule) {
  size_t best = 0;
  if (rule == SUBJECT_LARGEST) return best;
  double width = dpl_image_width(photo), height = dpl_image_height(photo);
  for (size_t i = 1; i < found->count; ++i) {
    if (centredness(&found->faces[i], width, height) > centredness(&found->faces[best], width, height)) best = i;
  }
  return best;
}

/* A whole pixel; the sum turns −0 into 0. */
static cJSON *pixel_json(float value) {
  return cJSON_CreateNumber(round((double)value) + 0.0);
}

static cJSON *point_json(dpl_point point) {
  cJSON *pair = cJSON_CreateArray();
  cJSON_AddItemToArray(pair, pixel_json(point.x));
  cJSON_AddItemToArray(pair, pixel_json(point.y));
  return pair;
}

cJSON *facial_area_json(const dpl_face *face) {
  cJSON *area = cJSON_CreateObject();
  cJSON_AddItemToObject(area, "x", pixel_json(face->box.x));
  cJSON_AddItemToObject(area, "y", pixel_json(face->box.y));
  cJSON_AddItemToObject(area, "w", pixel_json(face->box.width));
  cJSON_AddItemToObject(area, "h", pixel_json(face->box.height));
  cJSON_AddItemToObject(area, "left_eye", point_json(face->points[DPL_LEFT_EYE]));
  cJSON_AddItemToObject(area, "right_eye", point_json(face->points[DPL_RIGHT_EYE]));
  return area;
}

cJSON *quality_json(const dpl_face_quality *quality) {
  cJSON *object = cJSON_CreateObject();
  add_rounded(object, "size", (double)quality->size, 1);
  add_rounded(object, "sharpness", (double)quality->sharpness, 4);
  add_rounded(object, "yaw", (double)quality->yaw, 1);
  add_rounded(object, "pitch", (double)quality->pitch, 1);
  return object;
}

double cosine_of(const float *a, const float *b, int dimension) {
  double sum = 0;
  for (int i = 0; i < dimension; ++i) sum += (double)a[i] * (double)b[i];
  return sum;
}
