/* Decoding, detecting, embedding, and cutting the portraits of one photo. */
#include "build_photo.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "jpeg.h"
#include "photos.h"
#include "portrait_files.h"
#include "webp.h"

record_key photo_key(dpl_bytes file, const given_face *given) {
  record_key key = key_of(file);
  char *face = given_face_text(given);
  if (*face) {
    char *photo = key_text(&key), *both = new_text_of("%s %s", photo, face);
    key = key_of((dpl_bytes){(const uint8_t *)both, strlen(both)});
    free(photo);
    free(both);
  }
  free(face);
  return key;
}

/* A photo on its way, with what is known of it so far. */
typedef struct analysis {
  const given_face *given;
  network_handles *handles;
  bool all_faces;
  dpl_image *photo; /* NULL while it is not decoded */
  photo_record *record;
  sentence why;
  bool short_of_memory; /* says nothing of the photo: there will be no record */
} analysis;

static bool is_done(analysis *work, dpl_status status, const dpl_error *error) {
  if (status == DPL_OK) return true;
  work->short_of_memory = status == DPL_OUT_OF_MEMORY;
  return fail(&work->why, "%s", error->message);
}

static void take_thumbnail(analysis *work) {
  if (!work->photo) return;
  const int width = dpl_image_width(work->photo), height = dpl_image_height(work->photo);
  const int longer = width > height ? width : height, side = longer < THUMBNAIL_SIDE ? longer : THUMBNAIL_SIDE;
  const int thumb_width = width * side / longer, thumb_height = height * side / longer;
  dpl_image *small;
  sentence ignored;
  if (dpl_image_resize(work->photo, thumb_width > 0 ? thumb_width : 1, thumb_height > 0 ? thumb_height : 1, &small,
                       NULL))
    return;
  jpeg_of_image(small, &work->record->thumbnail, &ignored);
  dpl_image_close(small);
}

static bool skip_photo(analysis *work, skip_reason reason) {
  photo_record_free(work->record);
  *work->record = (photo_record){.skipped = true, .reason = reason, .detail = new_text(work->why.text)};
  take_thumbnail(work);
  return false;
}

/* ---------------------------------------------------------------------------------------------- which faces */

static void take_faces(photo_record *record, const dpl_face *faces, size_t count) {
  record->faces = new_array(count, sizeof *record->faces);
  memcpy(record->faces, faces, count * sizeof *faces);
  record->qualities = new_array(count, sizeof *record->qualities);
  record->portraits = new_array(count, sizeof *record->portraits);
  record->large = new_array(count, sizeof *record->large);
  record->count = count;
}

static bool find_faces(analysis *work) {
  face_list *found = new_array(1, sizeof *found);
  dpl_error error;
  dpl_detection detection = {.faces = found->faces, .capacity = MAX_FACES};
  bool fine = is_done(work, dpl_detector_detect(work->handles->detector, work->photo, &detection, &error), &error);
  if (fine) {
    found->count = detection.count < MAX_FACES ? detection.count : MAX_FACES;
    work->record->found = found->count;
    work->record->incomplete = dpl_image_is_incomplete(work->photo, NULL);
    if (work->all_faces) keep_main_faces(found);
    take_faces(work->record, found->faces, work->all_faces ? found->count : found->count > 0);
  }
  free(found);
  if (!fine) return skip_photo(work, SKIP_UNREADABLE);
  if (work->record->count) return true;
  if (detection.cut || work->record->incomplete) {
    fail(&work->why, "The file is cut short or damaged, and no face in it is whole; save or download it again.");
    return skip_photo(work, SKIP_INCOMPLETE);
  }
  fail(&work->why, "No face was found.");
  return skip_photo(work, SKIP_NO_FACE);
}

static bool is_given(const given_face *given) {
  return given->has_box || given->has_points;
}

static skip_reason reason_for_given(const analysis *work) {
  return dpl_image_is_incomplete(work->photo, NULL) ? SKIP_INCOMPLETE : SKIP_WRONG_FACE;
}

static bool take_given_face(analysis *work) {
  dpl_face face;
  if (!given_face_on(work->given, work->photo, work->handles, &face, &work->why))
    return skip_photo(work, reason_for_given(work));
  work->record->found = 1;
  work->record->incomplete = dpl_image_is_incomplete(work->photo, NULL);
  take_faces(work->record, &face, 1);
  return true;
}

/* ---------------------------------------------------------------------------------------------- what of them */

static bool cut_portrait(analysis *work, const dpl_face *face, dpl_bytes *file) {
  dpl_image *portrait;
  dpl_error error;
  if (!is_done(work, dpl_face_portrait(work->photo, face, PORTRAIT_SIZE, &portrait, &error), &error)) return false;
  bool fine = jpeg_of_image(portrait, file, &work->why);
  dpl_image_close(portrait);
  return fine;
}

static bool cut_large(analysis *work, const dpl_face *face, dpl_bytes *file) {
  dpl_image *portrait;
  dpl_error error;
  if (!is_done(work, dpl_face_portrait(work->photo, face, LARGE_SIZE, &portrait, &error), &error)) return false;
  bool fine = webp_of_image(portrait, LARGE_QUALITY, file, &work->why);
  dpl_image_close(portrait);
  return fine;
}

static bool measure_and_cut(analysis *work, size_t index) {
  photo_record *record = work->record;
  const dpl_face *face = &record->faces[index];
  dpl_error error;
  return is_done(work, dpl_face_measure(work->photo, face, &record->qualities[index], &error), &error) &&
         cut_portrait(work, face, &record->portraits[index]) && cut_large(work, face, &record->large[index]);
}

static bool embed_faces(analysis *work) {
  photo_record *record = work->record;
  dpl_embedder *embedder = work->handles->embedder;
  dpl_error error;
  record->vectors = new_array(record->count * (size_t)dpl_embedder_dimension(embedder), sizeof *record->vectors);
  bool fine = is_done(
      work, dpl_embedder_embed(embedder, work->photo, record->faces, record->count, record->vectors, &error), &error);
  for (size_t i = 0; i < record->count && fine; ++i) fine = measure_and_cut(work, i);
  return fine || skip_photo(work, is_given(work->given) ? reason_for_given(work) : SKIP_UNREADABLE);
}

static bool decode(analysis *work, dpl_bytes file) {
  dpl_error error;
  return is_done(work, dpl_image_open(file, NULL, &work->photo, &error), &error) || skip_photo(work, SKIP_UNREADABLE);
}

bool photo_record_of(dpl_bytes file, const given_face *given, network_handles *handles, bool all_faces,
                     photo_record *record, sentence *why) {
  *record = (photo_record){0};
  analysis work = {.given = given, .handles = handles, .all_faces = all_faces, .record = record};
  if (decode(&work, file) && (is_given(given) ? take_given_face(&work) : find_faces(&work))) embed_faces(&work);
  dpl_image_close(work.photo);
  if (work.short_of_memory) {
    photo_record_free(record);
    *why = work.why;
  }
  return !work.short_of_memory;
}
