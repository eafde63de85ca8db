/* What the page's worker calls: one session that holds the networks, the gallery and the photo at hand, in functions
   of plain numbers. The only files that know Emscripten; native builds leave them out. web/heap.js is its other side.

   Bytes come in through the inbox: session_inbox() makes room, the worker fills it, the next call reads and empties
   it. Pictures go out through the outbox as RGBA. Faces and matches lie in memory exactly as asserted below. Functions
   that can fail return a dpl_status; session_message() is then the sentence. Pointers hold until the next call.

   Vectors go out and come in again as probes of a search: the page's side keeps them, so that they outlive the photo
   they were made of, and a session that has to be started anew has lost nothing. */
#include "wasm_exports.h"

#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "status.h"

dpl_bytes inbox_bytes(const session *s) {
  return (dpl_bytes){s->inbox.data, s->inbox.size};
}

void buffer_clear(session_buffer *buffer) {
  free(buffer->data);
  *buffer = (session_buffer){0};
}

static void scene_forget(session_scene *scene) {
  dpl_image_close(scene->photo);
  *scene = (session_scene){0};
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
  return start(s, &(dpl_detector_options){0});
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

dpl_status gallery_missing(session *s) {
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

/* ---------------------------------------------------------------------------------------------- photo */

/* The inbox holds a photo's file. The photo before it is forgotten first, so that two are never in memory. */
EXPORT dpl_status session_open_photo(session *s) {
  scene_forget(&s->scene);
  const session_buffer file = s->inbox;
  s->inbox = (session_buffer){0};
  return dpl_image_take_file(file.data, file.size, &s->scene.photo, &s->error);
}

/* The inbox holds width · height · 4 bytes that the browser decoded. */
EXPORT dpl_status session_take_photo(session *s, int width, int height) {
  scene_forget(&s->scene);
  dpl_status status;
  if (width < 1 || height < 1 || s->inbox.size != (uint64_t)width * (uint64_t)height * 4)
    status = dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "%zu bytes are not a picture of %d × %d pixels.", s->inbox.size,
                      width, height);
  else
    status = dpl_image_take_rgba(s->inbox.data, width, height, &s->scene.photo, &s->error);
  if (!status) s->inbox = (session_buffer){0}; /* the photo lies in it now */
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

/* Whether the file was cut short, and the part of the photo that is there: x, y, width, height. */
EXPORT int session_photo_incomplete(const session *s) {
  return s->scene.photo && dpl_image_is_incomplete(s->scene.photo, NULL);
}
EXPORT const dpl_box *session_photo_whole(session *s) {
  s->whole = (dpl_box){0};
  if (s->scene.photo) dpl_image_is_incomplete(s->scene.photo, &s->whole);
  return &s->whole;
}

static dpl_status photo_missing(session *s) {
  return dpl_fail(&s->error, DPL_INVALID_ARGUMENT, "There is no photo open; choose one first.");
}

/* Four pixels in one vector, and as RGBA with whatever alpha. */
typedef uint8_t four_pixels __attribute__((vector_size(16)));
#define SPREAD(v) __builtin_shufflevector(v, v, 0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0)

static void rgba_from_rgb(const uint8_t *rgb, size_t pixels, uint8_t *rgba) {
  const four_pixels opaque = {0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255};
  size_t i = 0;
  for (; i + 6 <= pixels; i += 4) { /* a vector reads 4 bytes beyond its pixels */
    four_pixels four;
    memcpy(&four, rgb + 3 * i, sizeof four);
    four = SPREAD(four) | opaque;
    memcpy(rgba + 4 * i, &four, sizeof four);
  }
  for (; i < pixels; i++) {
    memcpy(rgba + 4 * i, rgb + 3 * i, 3);
    rgba[4 * i + 3] = 255;
  }
}

/* Fills the outbox with the picture as RGBA, which is what a canvas takes. */
static dpl_status outbox_put(session *s, const dpl_image *image) {
  int width = dpl_image_width(image), height = dpl_image_height(image);
  size_t pixels = (size_t)width * (size_t)height;
  buffer_clear(&s->outbox);
  uint8_t *rgba = malloc(pixels * 4);
  if (!rgba) return dpl_fail_plain(&s->error, DPL_OUT_OF_MEMORY);
  rgba_from_rgb(dpl_image_pixels(image), pixels, rgba);
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
  if (longest <= max_side && dpl_image_pixels(s->scene.photo)) return outbox_put(s, s->scene.photo);
  if (longest < max_side) max_side = longest;
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
  s->scene.faces_found = found.found;
  s->scene.faces_cut = found.cut;
  s->scene.wants_thorough = found.wants_thorough;
  return DPL_OK;
}

EXPORT const dpl_face *session_faces(const session *s) {
  return s->scene.faces;
}
EXPORT int session_face_count(const session *s) {
  return (int)s->scene.face_count;
}
EXPORT int session_faces_found(const session *s) {
  return (int)s->scene.faces_found;
}
EXPORT int session_faces_cut(const session *s) {
  return (int)s->scene.faces_cut;
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

dpl_status face_at(session *s, int index, const dpl_face **face) {
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

/* Measures how well the photo shows a face; session_measures has the result. */
EXPORT dpl_status session_measure(session *s, int index) {
  const dpl_face *face;
  dpl_status status = face_at(s, index, &face);
  if (!status) status = dpl_face_measure(s->scene.photo, face, &s->measures.quality, &s->error);
  if (!status) status = dpl_face_expose(s->scene.photo, face, &s->measures.exposure, &s->error);
  return status;
}
EXPORT const session_measures *session_measured(const session *s) {
  return &s->measures;
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
