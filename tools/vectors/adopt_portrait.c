/* Cutting a portrait, or making a tile. */
#include "adopt_portrait.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "photos.h"
#include "portrait_files.h"
#include "sheet.h"

/* The grey of paper in the shade, in light pages and dark ones a picture that is not there. */
static dpl_image *plain_tile(int size) {
  enum { GREY = 0x9c };
  const size_t bytes = (size_t)size * (size_t)size * 3;
  uint8_t *pixels = new_array(bytes, 1);
  dpl_image *tile = NULL;
  memset(pixels, GREY, bytes);
  if (dpl_image_from_rgb(pixels, size, size, &tile, NULL)) abort(); /* only without memory */
  free(pixels);
  return tile;
}

static bool fail_with(adopted_portrait *portrait, skip_reason reason) {
  portrait->reason = reason;
  return false;
}

/* The face that the roster gives; else the largest, as `doppel build` takes it. */
static bool find_face(const dpl_image *photo, const given_face *given, network_handles *handles,
                      adopted_portrait *portrait) {
  if (given->has_box || given->has_points)
    return given_face_on(given, photo, handles, &portrait->face, &portrait->why) ||
           fail_with(portrait, SKIP_WRONG_FACE);
  face_list *found = new_array(1, sizeof *found);
  bool fine = photo_faces(handles, photo, found, &portrait->why) || fail_with(portrait, SKIP_UNREADABLE);
  if (fine && !found->count) {
    fail_no_face(found, NULL, &portrait->why);
    fine = fail_with(portrait, found->cut ? SKIP_INCOMPLETE : SKIP_NO_FACE);
  }
  if (fine) portrait->face = found->faces[0];
  free(found);
  return fine;
}

static bool cut(const char *path, const given_face *given, network_handles *handles, adopted_portrait *portrait) {
  dpl_image *photo;
  dpl_error error;
  if (!*path) {
    fail(&portrait->why, "The path leads out of the folder of photos.");
    return fail_with(portrait, SKIP_REFUSED);
  }
  if (!path_exists(path)) {
    fail(&portrait->why, "There is no such file.");
    return fail_with(portrait, SKIP_MISSING);
  }
  if (!photo_read(path, &photo, &portrait->why)) return fail_with(portrait, SKIP_UNREADABLE);
  bool fine = find_face(photo, given, handles, portrait);
  if (fine && (dpl_face_measure(photo, &portrait->face, &portrait->quality, &error) ||
               dpl_face_portrait(photo, &portrait->face, PORTRAIT_SIZE, &portrait->image, &error) ||
               dpl_face_portrait(photo, &portrait->face, LARGE_SIZE, &portrait->large, &error))) {
    fail(&portrait->why, "%s", error.message);
    fine = fail_with(portrait, SKIP_WRONG_FACE);
  }
  dpl_image_close(photo);
  return fine;
}

adopted_portrait *adopted_portrait_of(const char *path, const given_face *given, network_handles *handles) {
  adopted_portrait *portrait = new_array(1, sizeof *portrait);
  if (path && cut(path, given, handles, portrait)) return portrait;
  portrait->is_tile = true;
  dpl_image_close(portrait->image);
  portrait->image = plain_tile(PORTRAIT_SIZE);
  portrait->large = plain_tile(LARGE_SIZE);
  portrait->face = (dpl_face){0};
  portrait->quality = (dpl_face_quality){0};
  if (given->has_box) portrait->face.box = given->box;
  if (given->has_points) memcpy(portrait->face.points, given->points, sizeof given->points);
  return portrait;
}

void adopted_portrait_free(void *taken) {
  adopted_portrait *portrait = taken;
  dpl_image_close(portrait->image);
  dpl_image_close(portrait->large);
  free(portrait);
}
