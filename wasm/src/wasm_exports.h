/* The session behind what the page's worker calls: wasm_exports.c has photos, faces and files, wasm_exports_search.c
   vectors, searches and whom they may find. */
#ifndef DOPPEL_WASM_EXPORTS_H
#define DOPPEL_WASM_EXPORTS_H

#include <emscripten/emscripten.h>

#include "doppel.h"

#define EXPORT EMSCRIPTEN_KEEPALIVE

enum { MAX_FACES = 64, MAX_MATCHES = 200, MAX_PENDING = 3, MAX_COLUMNS = 64 };

/* 28 bytes: u32 person, u32 photo, f32 similarity, f32 less_alike, f32 less_alike_same, f32 chance, f32 best_share */
typedef struct session_match {
  dpl_match match;
  float less_alike_same;
  float chance, best_share; /* among those who may be found */
} session_match;

_Static_assert(sizeof(dpl_face) == 64, "heap.js reads a face as 16 floats: box 4, score, roll, points 10");
_Static_assert(offsetof(dpl_face, points) == 24, "heap.js reads the points behind box, score and roll");
_Static_assert(sizeof(session_match) == 28, "heap.js reads a match as 7 words");

typedef struct session_buffer {
  uint8_t *data;
  size_t size;
} session_buffer;

/* 28 bytes: size, sharpness, yaw, pitch, brightness, visible, detail */
typedef struct session_measures {
  dpl_face_quality quality;
  dpl_face_exposure exposure;
} session_measures;

_Static_assert(sizeof(session_measures) == 28, "heap.js reads the measures of a face as 7 floats");

/* A photo and what was found in it. */
typedef struct session_scene {
  dpl_image *photo;
  dpl_face faces[MAX_FACES];
  size_t face_count;
  size_t faces_found; /* more than face_count where the photo shows more than MAX_FACES */
  size_t faces_cut;   /* left out because a part of them is missing in the photo's file */
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
  session_measures measures; /* of the face of the last session_measure */

  float vector[DPL_MAX_DIMENSION];
  float least_alike;      /* of the vectors of the last session_mean */
  session_match *matches; /* those of probe i begin at i · the capacity of the last search */
  size_t counts[MAX_FACES];

  dpl_box whole; /* as session_photo_whole gave it last */
  dpl_error error;
} session;

dpl_bytes inbox_bytes(const session *s);
void buffer_clear(session_buffer *buffer);
dpl_status gallery_missing(session *s);
dpl_status face_at(session *s, int index, const dpl_face **face);
void columns_forget(session *s);
int session_dimension(const session *s); /* of the embedder; 0: none */

#endif
