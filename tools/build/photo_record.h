/* What the builder found out about one photo: its faces, or why it has none. As bytes it is what the journal keeps; it
   knows nothing of people, paths or galleries. */
#ifndef TOOL_PHOTO_RECORD_H
#define TOOL_PHOTO_RECORD_H

#include "basics.h"
#include "build_report.h"
#include "doppel.h"

/* Goes up when the bytes below change, or when the same photo would give other numbers. */
enum { RECORD_VERSION = 6 };

typedef struct photo_record {
  bool skipped; /* then `reason` and `detail` say why, and there are no faces */
  skip_reason reason;
  char *detail;
  dpl_bytes thumbnail; /* of a skipped photo that could be decoded: a JPEG of at most THUMBNAIL_SIDE */
  bool incomplete;     /* the file was cut short; nothing of the faces below is missing */
  size_t found;        /* faces in the photo */
  size_t count;        /* faces to take in; what follows has one each */
  dpl_face *faces;
  dpl_face_quality *qualities;
  float *vectors;       /* count × dimension */
  dpl_bytes *portraits; /* JPEG of PORTRAIT_SIZE */
  dpl_bytes *large;     /* JPEG of LARGE_SIZE */
} photo_record;

enum { THUMBNAIL_SIDE = 128 };

/* New bytes: bytes_free. */
dpl_bytes photo_record_bytes(const photo_record *record, size_t dimension);

/* Copies. False for bytes that are no record of vectors of this dimension. */
bool photo_record_read(dpl_bytes bytes, size_t dimension, photo_record *record);
bool photo_record_is_skip(dpl_bytes bytes); /* without reading the rest */
void photo_record_free(photo_record *record);

#endif
