/* Vectors, searches, and whom they may find. */
#include <stdlib.h>
#include <string.h>

#include "status.h"
#include "wasm_exports.h"

/* ---------------------------------------------------------------------------------------------- among whom */

void columns_forget(session *s) {
  for (size_t i = 0; i < s->column_count; i++) dpl_column_close(s->columns[i]);
  s->column_count = 0;
  free(s->allowed);
  s->allowed = NULL;
}

static size_t people_in(const session *s) {
  dpl_gallery_info info;
  dpl_gallery_describe(s->gallery, &info);
  return info.people;
}

/* The inbox holds a column of the gallery. */
EXPORT dpl_status session_add_column(session *s) {
  dpl_status status = DPL_OK;
  if (!s->gallery)
    status = gallery_missing(s);
  else if (s->column_count == MAX_COLUMNS)
    status =
        dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "There are %d columns already, which is all that fit.", MAX_COLUMNS);
  else
    status = dpl_column_open(inbox_bytes(s), people_in(s), &s->columns[s->column_count], &s->error);
  if (!status) s->column_count++;
  buffer_clear(&s->inbox);
  return status;
}

static const dpl_column *column_at(const session *s, int column) {
  return column >= 0 && (size_t)column < s->column_count ? s->columns[column] : NULL;
}

EXPORT int session_column_count(const session *s) {
  return (int)s->column_count;
}
EXPORT const char *session_column_key(const session *s, int column) {
  return column_at(s, column) ? dpl_column_key(column_at(s, column)) : NULL;
}
EXPORT int session_column_values(const session *s, int column) {
  return column_at(s, column) ? (int)dpl_column_values(column_at(s, column)) : 0;
}
EXPORT const char *session_column_value(const session *s, int column, size_t value) {
  return column_at(s, column) ? dpl_column_value(column_at(s, column), value) : NULL;
}
EXPORT size_t session_column_people(const session *s, int column, size_t value) {
  return column_at(s, column) ? dpl_column_people(column_at(s, column), value) : 0;
}

/* From now on everybody may be found. */
EXPORT void session_allow_everybody(session *s) {
  free(s->allowed);
  s->allowed = NULL;
}

/* The inbox holds numbers of values (u32): of those who may be found, from now on only who has one of them. */
EXPORT dpl_status session_allow(session *s, int column) {
  const dpl_column *of = column_at(s, column);
  if (!of)
    return dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "There is no column %d; %zu were added.", column, s->column_count);
  const size_t words = (people_in(s) + 31) / 32;
  if (!s->allowed) {
    s->allowed = malloc((words + 1) * sizeof *s->allowed);
    if (!s->allowed) return dpl_fail_plain(&s->error, DPL_OUT_OF_MEMORY);
    memset(s->allowed, 0xFF, words * sizeof *s->allowed);
  }
  dpl_column_allow(of, (const uint32_t *)(const void *)s->inbox.data, s->inbox.size / sizeof(uint32_t), s->allowed);
  buffer_clear(&s->inbox);
  return DPL_OK;
}

EXPORT size_t session_allowed_people(const session *s) {
  const size_t people = s->gallery ? people_in(s) : 0;
  if (!s->allowed) return people;
  size_t count = 0;
  for (size_t i = 0; i < people; i++) count += s->allowed[i / 32] >> i % 32 & 1;
  return count;
}

/* ---------------------------------------------------------------------------------------------- search */

EXPORT dpl_status session_embed(session *s, int index) {
  if (!s->embedder) return dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "The embedder is not open yet; load it first.");
  const dpl_face *face;
  dpl_status status = face_at(s, index, &face);
  if (!status) status = dpl_embedder_embed(s->embedder, s->scene.photo, face, 1, s->vector, &s->error);
  return status;
}

/* What session_embed or session_mean made: session_dimension() numbers. */
EXPORT const float *session_vector(const session *s) {
  return s->vector;
}

/* How many vectors of this dimension the inbox holds; 0 with an error where it is not 1 … MAX_FACES. */
static size_t vectors_in_inbox(session *s, int dimension) {
  const size_t size = (size_t)dimension * sizeof(float), count = size ? s->inbox.size / size : 0;
  if (count && count <= MAX_FACES && count * size == s->inbox.size) return count;
  dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "%zu bytes are not 1 … %d vectors of %d numbers.", s->inbox.size, MAX_FACES,
           dimension);
  return 0;
}

static float cosine_of(const float *left, const float *right, int dimension) {
  double sum = 0;
  for (int i = 0; i < dimension; i++) sum += (double)left[i] * (double)right[i];
  return (float)sum;
}

/* The inbox holds the vectors of several photos of one face; session_vector() is then one for all of them. */
EXPORT dpl_status session_mean(session *s) {
  const int dimension = session_dimension(s);
  const size_t count = vectors_in_inbox(s, dimension);
  if (!count) return s->error.status;
  const float *vectors = (const float *)(const void *)s->inbox.data;
  dpl_status status = dpl_vector_mean(vectors, count, dimension, s->vector, &s->error);
  s->least_alike = 1;
  for (size_t i = 0; i < count * count; i++) {
    const float alike =
        cosine_of(vectors + i / count * (size_t)dimension, vectors + i % count * (size_t)dimension, dimension);
    if (alike < s->least_alike) s->least_alike = alike;
  }
  buffer_clear(&s->inbox);
  return status;
}

/* How alike the two are that are least alike among the vectors of the last session_mean. */
EXPORT float session_least_alike(const session *s) {
  return s->least_alike;
}

static session_match with_places(const dpl_gallery *gallery, const dpl_match *match, size_t people) {
  return (session_match){.match = *match,
                         .less_alike_same = dpl_gallery_less_alike_same(gallery, match->similarity),
                         .chance = dpl_gallery_chance_matches(gallery, match->similarity, people),
                         .best_share = dpl_gallery_best_share(gallery, match->similarity, people)};
}

/* One search for `probes` vectors; what is found replaces what was found before. */
static dpl_status search_each(session *s, const float *vectors, size_t probes, size_t capacity) {
  dpl_match *found = malloc(probes * capacity * sizeof *found);
  session_match *matches = malloc(probes * capacity * sizeof *matches);
  dpl_status status = found && matches ? dpl_gallery_search_each(s->gallery, vectors, probes, s->allowed, capacity,
                                                                 found, s->counts, &s->error)
                                       : dpl_fail_plain(&s->error, DPL_OUT_OF_MEMORY);
  const size_t people = session_allowed_people(s);
  for (size_t p = 0; p < probes && !status; p++)
    for (size_t i = p * capacity; i < p * capacity + s->counts[p]; i++)
      matches[i] = with_places(s->gallery, &found[i], people);
  if (!status) {
    free(s->matches);
    s->matches = matches;
    matches = NULL;
  }
  free(matches);
  free(found);
  return status;
}

/* The inbox holds vectors: the people most like each of them, of those who may be found, in one pass over the gallery.
   What was found for probe i begins at session_matches()[i · capacity] and has session_match_count(i) entries. */
EXPORT dpl_status session_search(session *s, int capacity) {
  if (!s->gallery) return gallery_missing(s);
  if (capacity < 1 || capacity > MAX_MATCHES)
    return dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "Ask for 1 … %d people, not for %d.", MAX_MATCHES, capacity);
  dpl_gallery_info info;
  dpl_gallery_describe(s->gallery, &info);
  const size_t probes = vectors_in_inbox(s, info.dimension);
  if (!probes) return s->error.status;
  const float *vectors = (const float *)(const void *)s->inbox.data;
  const dpl_status status = search_each(s, vectors, probes, (size_t)capacity);
  buffer_clear(&s->inbox);
  return status;
}

EXPORT const session_match *session_matches(const session *s) {
  return s->matches;
}
EXPORT int session_match_count(const session *s, size_t probe) {
  return probe < MAX_FACES ? (int)s->counts[probe] : 0;
}
