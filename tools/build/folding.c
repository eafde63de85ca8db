/* One pass over the records for vectors and qualities; portraits are opened only where near_duplicates.c asks. */
#include "folding.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "parallel.h"
#include "vector_file.h"

typedef struct survey {
  const assembly *parts;
  size_t dimension, count;
  near_photo *photos;
  size_t *planned; /* their numbers in the plan */
  vector_file vectors;
} survey;

static bool add_photo(survey *all, size_t index, const photo_record *record, sentence *why) {
  const build_plan *plan = all->parts->plan;
  const bool by_file_only = plan->all_faces;
  float *vector = new_array(all->dimension, sizeof *vector); /* zero: like no other */
  if (!by_file_only) memcpy(vector, record->vectors, all->dimension * sizeof *vector);
  bool fine = vector_file_add(&all->vectors, vector, why);
  free(vector);
  near_photo photo = {.person = plan->photos[index].person, .content = all->parts->outcomes[index].key};
  if (!by_file_only) photo.quality = record->qualities[0];
  all->planned[all->count] = index;
  all->photos[all->count++] = photo;
  return fine;
}

static bool look_at_records(survey *all, sentence *why) {
  for (size_t i = 0; i < all->parts->plan->photo_count; ++i) {
    photo_record record;
    if (parallel_interrupted())
      return fail(why, "Interrupted while the gallery was being put together; the same command does that again.");
    if (!all->parts->outcomes[i].recorded) continue;
    if (!assembly_read(all->parts, all->dimension, i, &record, why)) return false;
    bool fine = record.skipped || add_photo(all, i, &record, why);
    photo_record_free(&record);
    if (!fine) return false;
  }
  return true;
}

static bool read_grey(void *context, size_t photo, uint8_t pixels[GREY_PIXELS], sentence *why) {
  const survey *all = context;
  photo_record record;
  if (!assembly_read(all->parts, all->dimension, all->planned[photo], &record, why)) return false;
  bool fine = grey_of_jpeg(record.portraits[0], pixels, why);
  photo_record_free(&record);
  return fine;
}

static void renumber(near_pair *pairs, size_t count, const size_t *planned) {
  for (size_t i = 0; i < count; ++i) {
    pairs[i].kept = planned[pairs[i].kept];
    pairs[i].folded = planned[pairs[i].folded];
  }
}

static bool find(survey *all, folding *made, sentence *why) {
  const float *vectors;
  if (!vector_file_map(&all->vectors, &vectors, why)) return false;
  const near_search search = {all->photos, vectors, all->count, all->dimension, read_grey, all};
  if (!near_duplicates_find(&search, &made->found, why)) return false;
  renumber(made->found.folded, made->found.folded_count, all->planned);
  renumber(made->found.shared, made->found.shared_count, all->planned);
  for (size_t i = 0; i < made->found.folded_count; ++i) made->is_folded[made->found.folded[i].folded] = true;
  return true;
}

bool folding_find(const assembly *parts, size_t dimension, const char *folder, folding *made, sentence *why) {
  const size_t photos = parts->plan->photo_count;
  *made = (folding){.is_folded = new_array(photos, sizeof *made->is_folded)};
  survey all = {.parts = parts,
                .dimension = dimension,
                .photos = new_array(photos, sizeof *all.photos),
                .planned = new_array(photos, sizeof *all.planned)};
  bool fine =
      vector_file_begin(&all.vectors, folder, dimension, why) && look_at_records(&all, why) && find(&all, made, why);
  vector_file_free(&all.vectors);
  free(all.photos);
  free(all.planned);
  return fine;
}

void folding_free(folding *made) {
  free(made->is_folded);
  near_duplicates_free(&made->found);
}
