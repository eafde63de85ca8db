/* What the page's worker calls: one session that holds the networks, the gallery and the photo at hand, in functions
   of plain numbers. The only file that knows Emscripten; native builds leave it out. web/heap.js is its other side.

   Bytes come in through the inbox: session_inbox() makes room, the worker fills it, the next call reads and empties
   it. Pictures go out through the outbox as RGBA. Faces and matches lie in memory exactly as asserted below. Functions
   that can fail return a dpl_status; session_message() is then the sentence. Pointers hold until the next call.

   Vectors go out and come in again as probes of a search: the page's side keeps them, so that they outlive the photo
   they were made of, and a session that has to be started anew has lost nothing. */
#include <emscripten/emscripten.h>
#include <stdlib.h>
#include <string.h>

#include "doppel.h"
#include "status.h"

#define EXPORT EMSCRIPTEN_KEEPALIVE

enum { MAX_FACES = 64, MAX_MATCHES = 200, MAX_PENDING = 3, MAX_COLUMNS = 64 };

/* 20 bytes: u32 person, u32 photo, f32 similarity, f32 less_alike, f32 less_alike_same */
typedef struct session_match {
  dpl_match match;
  float less_alike_same;
} session_match;

_Static_assert(sizeof(dpl_face) == 64, "heap.js reads a face as 16 floats: box 4, score, roll, points 10");
_Static_assert(offsetof(dpl_face, points) == 24, "heap.js reads the points behind box, score and roll");
_Static_assert(sizeof(session_match) == 20, "heap.js reads a match as 5 words");

typedef struct session_buffer {
  uint8_t *data;
  size_t size;
} session_buffer;

/* A photo and what was found in it. */
typedef struct session_scene {
  dpl_image *photo;
  dpl_face faces[MAX_FACES];
  size_t face_count;
  bool wants_thorough;
} session_scene;

typedef struct session {
  session_buffer inbox, outbox;
  int outbox_width, outbox_height;

  session_buffer pending[MAX_PENDING]; /* detector networks that wait for session_start */
  size_t pending_count;
  dpl_detector *detector;
  dpl_embedder *embedder;
  dpl_gallery *gallery;
  dpl_network *network; /* for golden tests; the page opens none */

  dpl_column *columns[MAX_COLUMNS];
  size_t column_count;
  uint32_t *allowed; /* one bit a person; NULL: everybody */

  session_scene scene, aside;

  float vector[DPL_MAX_DIMENSION];
  float least_alike;      /* of the vectors of the last session_mean */
  session_match *matches; /* those of probe i begin at i · the capacity of the last search */
  size_t counts[MAX_FACES];

  dpl_error error;
} session;

static dpl_bytes inbox_bytes(const session *s) {
  return (dpl_bytes){s->inbox.data, s->inbox.size};
}

static void buffer_clear(session_buffer *buffer) {
  free(buffer->data);
  *buffer = (session_buffer){0};
}

static void scene_forget(session_scene *scene) {
  dpl_image_close(scene->photo);
  *scene = (session_scene){0};
}

static void columns_forget(session *s) {
  for (size_t i = 0; i < s->column_count; i++) dpl_column_close(s->columns[i]);
  s->column_count = 0;
  free(s->allowed);
  s->allowed = NULL;
}

static void pending_clear(session *s) {
  for (size_t i = 0; i < s->pending_count; i++) buffer_clear(&s->pending[i]);
  s->pending_count = 0;
}

/* ---------------------------------------------------------------------------------------------- session, boxes */

EXPORT session *session_open(void) {
  return calloc(1, sizeof(session));
}

EXPORT void session_close(session *s) {
  if (!s) return;
  scene_forget(&s->scene);
  scene_forget(&s->aside);
  columns_forget(s);
  free(s->matches);
  pending_clear(s);
  buffer_clear(&s->inbox);
  buffer_clear(&s->outbox);
  dpl_detector_close(s->detector);
  dpl_embedder_close(s->embedder);
  dpl_gallery_close(s->gallery);
  dpl_network_close(s->network);
  free(s);
}

EXPORT const char *session_message(const session *s) {
  return s->error.message;
}
EXPORT const char *session_status_name(dpl_status status) {
  return dpl_status_name(status);
}

/* Room for `size` bytes that come in; NULL where there is no memory. */
EXPORT uint8_t *session_inbox(session *s, size_t size) {
  buffer_clear(&s->inbox);
  s->inbox.data = malloc(size ? size : 1);
  if (s->inbox.data)
    s->inbox.size = size;
  else
    dpl_fail_plain(&s->error, DPL_OUT_OF_MEMORY);
  return s->inbox.data;
}

EXPORT const uint8_t *session_outbox(const session *s) {
  return s->outbox.data;
}
EXPORT int session_outbox_width(const session *s) {
  return s->outbox_width;
}
EXPORT int session_outbox_height(const session *s) {
  return s->outbox_height;
}

/* Empties the outbox when the worker has copied it, so that a preview does not stay in memory. */
EXPORT void session_outbox_clear(session *s) {
  buffer_clear(&s->outbox);
}

/* ---------------------------------------------------------------------------------------------- networks */

/* A detector is opened from all its networks at once, so those that come before session_start are kept until then. */
static dpl_status detector_add_or_keep(session *s) {
  if (s->detector) return dpl_detector_add(s->detector, inbox_bytes(s), &s->error);
  if (s->pending_count == MAX_PENDING)
    return dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "A detector is made of at most %d networks.", MAX_PENDING);
  s->pending[s->pending_count++] = s->inbox;
  s->inbox = (session_buffer){0};
  return DPL_OK;
}

static dpl_status embedder_replace(session *s) {
  dpl_embedder *embedder;
  dpl_status status = dpl_embedder_open(inbox_bytes(s), NULL, &embedder, &s->error);
  if (status) return status;
  dpl_embedder_close(s->embedder);
  s->embedder = embedder;
  return DPL_OK;
}

/* The inbox holds a network file; what it is for, it says itself. */
EXPORT dpl_status session_add_network(session *s) {
  dpl_network_info info;
  dpl_status status = dpl_network_describe(inbox_bytes(s), &info, &s->error);
  if (!status) status = info.task == DPL_TASK_EMBEDDER ? embedder_replace(s) : detector_add_or_keep(s);
  buffer_clear(&s->inbox);
  return status;
}

static dpl_status start(session *s, const dpl_detector_options *options) {
  if (s->detector) return DPL_OK;
  dpl_bytes networks[MAX_PENDING];
  for (size_t i = 0; i < s->pending_count; i++) networks[i] = (dpl_bytes){s->pending[i].data, s->pending[i].size};
  dpl_status status = dpl_detector_open(networks, s->pending_count, options, &s->detector, &s->error);
  pending_clear(s);
  return status;
}

/* Puts the detector together from the networks added so far. */
EXPORT dpl_status session_start(session *s) {
  return start(s, NULL);
}

/* For golden tests: the detector as DeepFace uses it. */
EXPORT dpl_status session_start_parity(session *s) {
  return start(s, &(dpl_detector_options){.parity = true});
}

EXPORT int session_dimension(const session *s) {
  return s->embedder ? dpl_embedder_dimension(s->embedder) : 0;
}
EXPORT float session_threshold(const session *s) {
  return s->embedder ? dpl_embedder_threshold(s->embedder) : 0;
}

/* ---------------------------------------------------------------------------------------------- gallery */

/* The inbox holds gallery.json. */
EXPORT dpl_status session_open_gallery(session *s) {
  dpl_gallery *gallery;
  dpl_status status = dpl_gallery_open(inbox_bytes(s), &gallery, &s->error);
  buffer_clear(&s->inbox);
  if (status) return status;
  columns_forget(s);
  dpl_gallery_close(s->gallery);
  s->gallery = gallery;
  return DPL_OK;
}

static dpl_status gallery_missing(session *s) {
  return dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "The gallery is not open yet; load it first.");
}

/* The inbox holds an embeddings shard. */
EXPORT dpl_status session_add_shard(session *s) {
  dpl_status status = s->gallery ? dpl_gallery_add(s->gallery, inbox_bytes(s), &s->error) : gallery_missing(s);
  buffer_clear(&s->inbox);
  return status;
}

/* The inbox holds the sha256 of the embedder's file, 64 hex digits. */
EXPORT dpl_status session_gallery_accepts(session *s) {
  char sha256[65] = {0};
  if (s->inbox.size == 64) memcpy(sha256, s->inbox.data, 64);
  buffer_clear(&s->inbox);
  return s->gallery ? dpl_gallery_accepts(s->gallery, sha256, &s->error) : gallery_missing(s);
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

/* ---------------------------------------------------------------------------------------------- photo */

/* The inbox holds a JPEG or PNG file. The photo before it is forgotten first, so that two are never in memory. */
EXPORT dpl_status session_open_photo(session *s) {
  scene_forget(&s->scene);
  dpl_status status = dpl_image_decode(inbox_bytes(s), NULL, &s->scene.photo, &s->error);
  buffer_clear(&s->inbox);
  return status;
}

/* The inbox holds width · height · 4 bytes that the browser decoded. */
EXPORT dpl_status session_take_photo(session *s, int width, int height) {
  scene_forget(&s->scene);
  dpl_status status;
  if (width < 1 || height < 1 || s->inbox.size != (uint64_t)width * (uint64_t)height * 4)
    status = dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "%zu bytes are not a picture of %d × %d pixels.", s->inbox.size,
                      width, height);
  else
    status = dpl_image_from_rgba(s->inbox.data, width, height, &s->scene.photo, &s->error);
  buffer_clear(&s->inbox);
  return status;
}

EXPORT void session_forget_photo(session *s) {
  scene_forget(&s->scene);
}

/* Puts the photo and its faces aside, for a look at another photo; session_take_back forgets that and goes on. */
EXPORT void session_lay_aside(session *s) {
  scene_forget(&s->aside);
  s->aside = s->scene;
  s->scene = (session_scene){0};
}
EXPORT void session_take_back(session *s) {
  scene_forget(&s->scene);
  s->scene = s->aside;
  s->aside = (session_scene){0};
}

EXPORT int session_photo_width(const session *s) {
  return s->scene.photo ? dpl_image_width(s->scene.photo) : 0;
}
EXPORT int session_photo_height(const session *s) {
  return s->scene.photo ? dpl_image_height(s->scene.photo) : 0;
}

static dpl_status photo_missing(session *s) {
  return dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "There is no photo open; choose one first.");
}

/* Fills the outbox with the picture as RGBA, which is what a canvas takes. */
static dpl_status outbox_put(session *s, const dpl_image *image) {
  int width = dpl_image_width(image), height = dpl_image_height(image);
  size_t pixels = (size_t)width * (size_t)height;
  buffer_clear(&s->outbox);
  uint8_t *rgba = malloc(pixels * 4);
  if (!rgba) return dpl_fail_plain(&s->error, DPL_OUT_OF_MEMORY);
  const uint8_t *rgb = dpl_image_pixels(image);
  for (size_t i = 0; i < pixels; i++) {
    memcpy(rgba + 4 * i, rgb + 3 * i, 3);
    rgba[4 * i + 3] = 255;
  }
  s->outbox = (session_buffer){rgba, pixels * 4};
  s->outbox_width = width;
  s->outbox_height = height;
  return DPL_OK;
}

static int reduced_side(int side, int longest, int max_side) {
  int reduced = (int)(((int64_t)side * max_side + longest / 2) / longest);
  return reduced < 1 ? 1 : reduced;
}

/* The upright photo for the page to show, not larger than `max_side`: the page draws what the engine saw. */
EXPORT dpl_status session_preview(session *s, int max_side) {
  if (!s->scene.photo) return photo_missing(s);
  int width = dpl_image_width(s->scene.photo), height = dpl_image_height(s->scene.photo);
  int longest = width > height ? width : height;
  if (longest <= max_side) return outbox_put(s, s->scene.photo);
  dpl_image *small;
  dpl_status status = dpl_image_resize(s->scene.photo, reduced_side(width, longest, max_side),
                                       reduced_side(height, longest, max_side), &small, &s->error);
  if (status) return status;
  status = outbox_put(s, small);
  dpl_image_close(small);
  return status;
}

/* ---------------------------------------------------------------------------------------------- faces */

EXPORT dpl_status session_detect(session *s) {
  if (!s->scene.photo) return photo_missing(s);
  if (!s->detector) return dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "The detector is not open yet; load it first.");
  dpl_detection found = {.faces = s->scene.faces, .capacity = MAX_FACES};
  s->scene.face_count = 0;
  dpl_status status = dpl_detector_detect(s->detector, s->scene.photo, &found, &s->error);
  if (status) return status;
  s->scene.face_count = found.count;
  s->scene.wants_thorough = found.wants_thorough;
  return DPL_OK;
}

EXPORT const dpl_face *session_faces(const session *s) {
  return s->scene.faces;
}
EXPORT int session_face_count(const session *s) {
  return (int)s->scene.face_count;
}
EXPORT int session_wants_thorough(const session *s) {
  return s->scene.wants_thorough;
}

/* Appends the face in a box drawn by hand; where the list is full it takes the last place. */
EXPORT dpl_status session_face_in_box(session *s, float x, float y, float width, float height) {
  if (!s->scene.photo) return photo_missing(s);
  if (!s->detector) return dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "The detector is not open yet; load it first.");
  dpl_face face;
  dpl_status status =
      dpl_detector_face_in_box(s->detector, s->scene.photo, (dpl_box){x, y, width, height}, &face, &s->error);
  if (status) return status;
  if (s->scene.face_count == MAX_FACES) s->scene.face_count--;
  s->scene.faces[s->scene.face_count++] = face;
  return DPL_OK;
}

/* The inbox holds faces as session_faces gave them: puts them back after a new start, so that an index still means the
   same face. */
EXPORT dpl_status session_put_faces(session *s) {
  if (!s->scene.photo) return photo_missing(s);
  size_t count = s->inbox.size / sizeof(dpl_face);
  dpl_status status = DPL_OK;
  if (count > MAX_FACES || count * sizeof(dpl_face) != s->inbox.size) {
    status = dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "%zu bytes are not a list of at most %d faces.", s->inbox.size,
                      MAX_FACES);
  } else {
    memcpy(s->scene.faces, s->inbox.data, s->inbox.size);
    s->scene.face_count = count;
  }
  buffer_clear(&s->inbox);
  return status;
}

static dpl_status face_at(session *s, int index, const dpl_face **face) {
  if (!s->scene.photo) return photo_missing(s);
  if (index < 0 || (size_t)index >= s->scene.face_count)
    return dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "There is no face %d; %zu were found.", index,
                    s->scene.face_count);
  *face = &s->scene.faces[index];
  return DPL_OK;
}

/* Fills the outbox with the face turned level, as the gallery's sheets show theirs. */
EXPORT dpl_status session_portrait(session *s, int index, int size) {
  const dpl_face *face;
  dpl_image *portrait;
  dpl_status status = face_at(s, index, &face);
  if (!status) status = dpl_face_portrait(s->scene.photo, face, size, &portrait, &s->error);
  if (status) return status;
  status = outbox_put(s, portrait);
  dpl_image_close(portrait);
  return status;
}

/* Fills the outbox with the crop that the embedder sees. */
EXPORT dpl_status session_chip(session *s, int index) {
  if (!s->embedder) return dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "The embedder is not open yet; load it first.");
  const dpl_face *face;
  dpl_image *chip;
  dpl_status status = face_at(s, index, &face);
  if (!status) status = dpl_embedder_chip(s->embedder, s->scene.photo, face, &chip, &s->error);
  if (status) return status;
  status = outbox_put(s, chip);
  dpl_image_close(chip);
  return status;
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

/* One search for `probes` vectors; what is found replaces what was found before. */
static dpl_status search_each(session *s, const float *vectors, size_t probes, size_t capacity) {
  const dpl_search_options among = {.allowed = s->allowed};
  dpl_match *found = malloc(probes * capacity * sizeof *found);
  session_match *matches = malloc(probes * capacity * sizeof *matches);
  dpl_status status = found && matches ? dpl_gallery_search_each(s->gallery, vectors, probes, &among, capacity, found,
                                                                 s->counts, &s->error)
                                       : dpl_fail_plain(&s->error, DPL_OUT_OF_MEMORY);
  for (size_t p = 0; p < probes && !status; p++)
    for (size_t i = p * capacity; i < p * capacity + s->counts[p]; i++)
      matches[i] = (session_match){found[i], dpl_gallery_less_alike_same(s->gallery, found[i].similarity)};
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

/* ---------------------------------------------------------------------------------------------- looking inside */

/* For golden tests: one network alone, on prepared numbers. The inbox holds the network file. */
EXPORT dpl_status session_open_network(session *s) {
  dpl_network_close(s->network);
  s->network = NULL;
  dpl_status status = dpl_network_open(inbox_bytes(s), &s->network, &s->error);
  buffer_clear(&s->inbox);
  return status;
}

/* The inbox holds float32 numbers as they enter the graph. Fills the outbox with the outputs, one behind the other. */
EXPORT dpl_status session_run_network(session *s, size_t batch, size_t height, size_t width, size_t channels) {
  const size_t shape[4] = {batch, height, width, channels};
  if (!s->network) return dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "There is no network open; open one first.");
  if (s->inbox.size != (uint64_t)batch * height * width * channels * sizeof(float))
    return dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "%zu bytes are not numbers of that shape.", s->inbox.size);
  const float *input = (const float *)(const void *)s->inbox.data;
  size_t count;
  buffer_clear(&s->outbox);
  dpl_status status = dpl_network_run(s->network, input, shape, NULL, 0, &count, &s->error);
  if (!status && !(s->outbox.data = malloc(count * sizeof(float))))
    status = dpl_fail_plain(&s->error, DPL_OUT_OF_MEMORY);
  if (!status) {
    s->outbox.size = count * sizeof(float);
    status = dpl_network_run(s->network, input, shape, (float *)(void *)s->outbox.data, count, &count, &s->error);
  }
  buffer_clear(&s->inbox);
  return status;
}

EXPORT size_t session_outbox_size(const session *s) {
  return s->outbox.size;
}
