/* From photo files to the vectors of a search. */
#include "probes.h"

#include <stdlib.h>
#include <string.h>

static void begin(probe_list *probes) {
  *probes = (probe_list){.faces = new_array(1, sizeof *probes->faces),
                         .photos = new_array(MAX_FACES, sizeof *probes->photos)};
}

bool probes_of_photo(network_handles *handles, const char *path, probe_list *probes, sentence *why) {
  dpl_image *photo;
  begin(probes);
  if (!photo_read(path, &photo, why)) return false;
  const bool fine = photo_faces(handles, photo, probes->faces, why);
  if (fine) probes->vectors = photo_vectors(handles, photo, probes->faces->faces, probes->faces->count, why);
  for (size_t i = 0; i < probes->faces->count; ++i) probes->photos[i] = path;
  probes->count = probes->faces->count;
  dpl_image_close(photo);
  return fine && probes->vectors;
}

/* The photo's largest face and its vector. */
static bool take_largest(network_handles *handles, const char *path, dpl_face *face, float *vector, sentence *why) {
  dpl_image *photo;
  if (!photo_read(path, &photo, why)) return false;
  face_list *found = new_array(1, sizeof *found);
  bool fine = photo_faces(handles, photo, found, why);
  if (fine && !found->count) fine = fail_no_face(found, path, why);
  if (fine) {
    *face = found->faces[subject_of(found, photo, SUBJECT_LARGEST)];
    float *made = photo_vectors(handles, photo, face, 1, why);
    fine = made != NULL;
    if (fine) memcpy(vector, made, (size_t)dpl_embedder_dimension(handles->embedder) * sizeof *vector);
    free(made);
  }
  free(found);
  dpl_image_close(photo);
  return fine;
}

static void warn_of_strangers(const network_handles *handles, const probe_list *probes, size_t count) {
  const int dimension = dpl_embedder_dimension(handles->embedder);
  const float threshold = dpl_embedder_threshold(handles->embedder);
  size_t left = 0, right = 0;
  double least = 1;
  for (size_t i = 0; i < count; ++i)
    for (size_t k = 0; k < i; ++k) {
      const double cosine =
          cosine_of(probes->vectors + k * (size_t)dimension, probes->vectors + i * (size_t)dimension, dimension);
      if (cosine < least) least = cosine, left = k, right = i;
    }
  if (least < (double)threshold)
    warn("%s and %s do not look like one person (similarity %.3f; the same face has at least %.3f).",
         probes->photos[left], probes->photos[right], least, (double)threshold);
}

bool probes_of_person(network_handles *handles, const name_list *paths, probe_list *probes, sentence *why) {
  const int dimension = dpl_embedder_dimension(handles->embedder);
  begin(probes);
  if (paths->count > MAX_FACES) return fail(why, "%zu photos are too many; %d are enough.", paths->count, MAX_FACES);
  probes->vectors = new_array(paths->count * (size_t)dimension, sizeof *probes->vectors);
  for (size_t i = 0; i < paths->count; ++i) {
    probes->photos[i] = paths->names[i];
    if (!take_largest(handles, paths->names[i], &probes->faces->faces[i], probes->vectors + i * (size_t)dimension, why))
      return false;
    probes->faces->count++;
  }
  warn_of_strangers(handles, probes, paths->count);
  dpl_error error;
  probes->count = 1;
  return !dpl_vector_mean(probes->vectors, paths->count, dimension, probes->vectors, &error) ||
         fail(why, "%s", error.message);
}

void probes_free(probe_list *probes) {
  free(probes->faces);
  free(probes->photos);
  free(probes->vectors);
  *probes = (probe_list){0};
}
