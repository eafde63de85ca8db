/* Writes the folder of a gallery (docs/formats/gallery.md): portraits as they come, the rest at the end. */
#ifndef TOOL_GALLERY_WRITER_H
#define TOOL_GALLERY_WRITER_H

#include "basics.h"
#include "cJSON.h"
#include "doppel.h"
#include "files.h"
#include "gallery_file.h"
#include "gallery_pictures.h"
#include "portrait_files.h"
#include "vector_file.h"

enum { PEOPLE_PER_PAGE = 1024 };

typedef struct gallery_person {
  const char *id, *name;     /* id: no two people of a gallery have the same */
  const char *const *values; /* one a field; "" is left out */
} gallery_person;

typedef struct gallery_about {
  const char *id, *title;
  const char *publisher, *notice, *language; /* may be NULL or "" */
  const char *const *fields;                 /* keys; the labels are made of them */
  size_t field_count;
  cJSON *departments, *allowed_jurisdictions; /* as matching.h makes them; NULL: left out; the writer frees them */
  const name_list *joined;          /* ids that are another person's by now, as OLD and ID in turn; may be NULL */
  const gallery_pictures *pictures; /* NULL: as without options */
  cJSON *vectors;                   /* what made them, where it was not doppel; NULL: left out; the writer frees it */
} gallery_about;

typedef struct gallery_writer {
  const char *folder;
  cJSON *embedder, *detector; /* for the manifest */
  const char *embedder_sha256;
  size_t count, capacity; /* photos */
  vector_file vectors;
  uint32_t *person;
  dpl_face *faces;
  dpl_face_quality *qualities;
  dpl_calibration *calibration; /* from gallery_writer_finish on */
  portrait_files portraits;
  size_t shards; /* files */
} gallery_writer;

/* `embedder` and `detector` as networks.h makes them, {"name", "sha256", "dimension"} and [{"name", "sha256"}, …]; the
   writer frees them. */
bool gallery_writer_begin(gallery_writer *writer, const char *folder, cJSON *embedder, cJSON *detector, sentence *why);

/* One photo of a person: its vector, face, quality and portraits of PORTRAIT_SIZE and LARGE_SIZE, as images or as
   files, JPEG and WebP; `large` NULL or without data: there is none. Copies. */
bool gallery_writer_add(gallery_writer *writer, uint32_t person, const float *vector, const dpl_face *face,
                        const dpl_face_quality *quality, const dpl_image *portrait, const dpl_image *large,
                        sentence *why);
bool gallery_writer_add_files(gallery_writer *writer, uint32_t person, const float *vector, const dpl_face *face,
                              const dpl_face_quality *quality, dpl_bytes portrait, dpl_bytes large, sentence *why);

/* The last portraits, the shards, the people and gallery.json; person i of the photos is people[i]. */
bool gallery_writer_finish(gallery_writer *writer, const gallery_about *about, const gallery_person *people,
                           size_t people_count, sentence *why);
void gallery_writer_free(gallery_writer *writer);

#endif
