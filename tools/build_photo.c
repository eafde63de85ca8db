/* Reading, detecting, embedding and cutting the portraits of one photo. */
#include "build_photo.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "sheet.h"

static void free_faces(photo_result *result) {
  for (size_t i = 0; result->portraits && i < result->count; ++i) dpl_image_close(result->portraits[i]);
  free(result->portraits);
  free(result->faces);
  free(result->vectors);
  result->portraits = NULL;
  result->faces = NULL;
  result->vectors = NULL;
  result->count = 0;
}

static bool skip_photo(photo_result *result, skip_reason reason) {
  free_faces(result);
  result->skipped = true;
  result->reason = reason;
  return false;
}

static bool read_photo(const photo_task *task, dpl_image **photo, photo_result *result) {
  dpl_bytes file;
  dpl_error error;
  if (!task->path) {
    fail(&result->why, "The path leads out of the folder of photos.");
    return skip_photo(result, SKIP_REFUSED);
  }
  if (!path_exists(task->path)) {
    fail(&result->why, "There is no such file.");
    return skip_photo(result, SKIP_MISSING);
  }
  if (!file_read(task->path, &file, &result->why)) {
    fail(&result->why, "The file cannot be read.");
    return skip_photo(result, SKIP_UNREADABLE);
  }
  dpl_status status = dpl_image_decode(file, NULL, photo, &error);
  bytes_free(&file);
  if (status == DPL_OK) return true;
  fail(&result->why, "%s", error.message);
  return skip_photo(result, SKIP_UNREADABLE);
}

static int from_left(const void *a, const void *b) {
  const dpl_box *first = &((const dpl_face *)a)->box, *second = &((const dpl_face *)b)->box;
  float left = first->x + first->width / 2, right = second->x + second->width / 2;
  return left < right ? -1 : left > right;
}

/* Group photos: what is much smaller than the faces that the photo is of is a passer-by or no face at all. */
static size_t keep_main_faces(face_list *found) {
  if (!found->count) return 0;
  float middle = found->faces[found->count / 2].box.width; /* largest first: the median */
  size_t kept = 0;
  for (size_t i = 0; i < found->count; ++i) {
    const dpl_face face = found->faces[i];
    if (face.box.width >= 24 && face.box.width >= middle * 0.4f) found->faces[kept++] = face;
  }
  qsort(found->faces, kept, sizeof *found->faces, from_left);
  return kept;
}

static bool choose_faces(const dpl_image *photo, network_handles *handles, bool each_face, photo_result *result) {
  face_list *found = new_array(1, sizeof *found);
  bool fine = photo_faces(handles, photo, found, &result->why);
  result->found = fine ? found->count : 0;
  size_t kept = each_face ? keep_main_faces(found) : result->found > 0;
  if (fine) {
    result->faces = new_array(kept, sizeof *result->faces);
    memcpy(result->faces, found->faces, kept * sizeof *result->faces);
    result->count = kept;
  }
  free(found);
  return fine;
}

static bool take_given_face(const dpl_image *photo, network_handles *handles, const given_face *given,
                            photo_result *result) {
  result->faces = new_array(1, sizeof *result->faces);
  result->count = result->found = 1;
  return given_face_on(given, photo, handles, result->faces, &result->why);
}

static bool embed_faces(const dpl_image *photo, network_handles *handles, photo_result *result) {
  dpl_error error;
  result->vectors = photo_vectors(handles, photo, result->faces, result->count, &result->why);
  if (!result->vectors) return false;
  result->portraits = new_array(result->count, sizeof(dpl_image *));
  for (size_t i = 0; i < result->count; ++i) {
    if (dpl_face_portrait(photo, &result->faces[i], PORTRAIT_SIZE, &result->portraits[i], &error)) {
      return fail(&result->why, "%s", error.message);
    }
  }
  return true;
}

photo_result *photo_result_of(const photo_task *task, network_handles *handles, bool each_face) {
  photo_result *result = new_array(1, sizeof *result);
  dpl_image *photo;
  if (!read_photo(task, &photo, result)) return result;
  bool given = task->face.has_box || task->face.has_points;
  if (given && !take_given_face(photo, handles, &task->face, result)) {
    skip_photo(result, SKIP_WRONG_FACE);
  } else if (!given && !choose_faces(photo, handles, each_face, result)) {
    skip_photo(result, SKIP_UNREADABLE);
  } else if (!result->count) {
    fail(&result->why, "No face was found.");
    skip_photo(result, SKIP_NO_FACE);
  } else if (!embed_faces(photo, handles, result)) {
    skip_photo(result, given ? SKIP_WRONG_FACE : SKIP_UNREADABLE);
  }
  dpl_image_close(photo);
  return result;
}

void photo_result_free(void *taken) {
  photo_result *result = taken;
  free_faces(result);
  free(result);
}
