/* A photo's record to bytes and back. Numbers lie as little-endian machines have them, one behind the other:

     skipped:  u32 1, u32 reason, text detail, bytes thumbnail
     taken:    u32 0, u32 whether incomplete, u32 found, u32 count, and for each face: dpl_face, dpl_face_quality,
              f32[dimension], bytes portrait, bytes large portrait
     text and bytes: u32 length and so many bytes */
#include "photo_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "photos.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records are written as little-endian machines have them");
_Static_assert(sizeof(dpl_face) == 16 * sizeof(float), "a face is sixteen floats without gaps");
_Static_assert(sizeof(dpl_face_quality) == 4 * sizeof(float), "a quality is four floats without gaps");

/* ---------------------------------------------------------------------------------------------- to bytes */

typedef struct growing {
  uint8_t *data;
  size_t size, capacity;
} growing;

static void put(growing *to, const void *data, size_t size) {
  if (to->size + size > to->capacity) {
    to->capacity = 2 * (to->size + size);
    to->data = grown_array(to->data, to->capacity, 1);
  }
  if (size) memcpy(to->data + to->size, data, size);
  to->size += size;
}

static void put_number(growing *to, size_t number) {
  const uint32_t value = (uint32_t)number;
  put(to, &value, sizeof value);
}

static void put_bytes(growing *to, const void *data, size_t size) {
  put_number(to, size);
  put(to, data, size);
}

dpl_bytes photo_record_bytes(const photo_record *record, size_t dimension) {
  growing to = {0};
  put_number(&to, record->skipped);
  if (record->skipped) {
    put_number(&to, record->reason);
    put_bytes(&to, record->detail, strlen(record->detail));
    put_bytes(&to, record->thumbnail.data, record->thumbnail.size);
    return (dpl_bytes){to.data, to.size};
  }
  put_number(&to, record->incomplete);
  put_number(&to, record->found);
  put_number(&to, record->count);
  for (size_t i = 0; i < record->count; ++i) {
    put(&to, &record->faces[i], sizeof record->faces[i]);
    put(&to, &record->qualities[i], sizeof record->qualities[i]);
    put(&to, record->vectors + i * dimension, dimension * sizeof *record->vectors);
    put_bytes(&to, record->portraits[i].data, record->portraits[i].size);
    put_bytes(&to, record->large[i].data, record->large[i].size);
  }
  return (dpl_bytes){to.data, to.size};
}

/* ---------------------------------------------------------------------------------------------- and back */

/* Takes so many bytes off the front; false where there are fewer. */
static bool take(dpl_bytes *from, void *data, size_t size) {
  if (size > from->size) return false;
  if (size) memcpy(data, from->data, size);
  from->data += size;
  from->size -= size;
  return true;
}

static bool take_number(dpl_bytes *from, size_t most, size_t *number) {
  uint32_t value;
  if (!take(from, &value, sizeof value) || value > most) return false;
  *number = value;
  return true;
}

/* With a zero byte behind them that does not count. */
static bool take_bytes(dpl_bytes *from, dpl_bytes *bytes) {
  size_t size;
  if (!take_number(from, from->size, &size) || size > from->size) return false;
  uint8_t *copy = new_array(size + 1, 1);
  *bytes = (dpl_bytes){copy, size};
  return take(from, copy, size);
}

static bool take_skip(dpl_bytes *from, photo_record *record) {
  size_t reason;
  dpl_bytes detail = {0};
  if (!take_number(from, SKIP_REASONS - 1, &reason)) return false;
  record->reason = (skip_reason)reason;
  bool fine = take_bytes(from, &detail);
  record->detail = (char *)(uintptr_t)detail.data;
  return fine && take_bytes(from, &record->thumbnail);
}

static bool take_faces(dpl_bytes *from, size_t dimension, photo_record *record) {
  size_t count, incomplete;
  if (!take_number(from, 1, &incomplete) || !take_number(from, UINT32_MAX, &record->found) ||
      !take_number(from, MAX_FACES, &count))
    return false;
  record->incomplete = incomplete;
  record->faces = new_array(count, sizeof *record->faces);
  record->qualities = new_array(count, sizeof *record->qualities);
  record->vectors = new_array(count * dimension, sizeof *record->vectors);
  record->portraits = new_array(count, sizeof *record->portraits);
  record->large = new_array(count, sizeof *record->large);
  record->count = count;
  for (size_t i = 0; i < count; ++i) {
    if (!take(from, &record->faces[i], sizeof record->faces[i]) ||
        !take(from, &record->qualities[i], sizeof record->qualities[i]) ||
        !take(from, record->vectors + i * dimension, dimension * sizeof *record->vectors) ||
        !take_bytes(from, &record->portraits[i]) || !take_bytes(from, &record->large[i]))
      return false;
  }
  return true;
}

bool photo_record_read(dpl_bytes bytes, size_t dimension, photo_record *record) {
  *record = (photo_record){0};
  size_t skipped;
  bool fine = take_number(&bytes, 1, &skipped);
  record->skipped = fine && skipped;
  fine = fine && (skipped ? take_skip(&bytes, record) : take_faces(&bytes, dimension, record)) && !bytes.size;
  if (!fine) photo_record_free(record);
  return fine;
}

bool photo_record_is_skip(dpl_bytes bytes) {
  size_t skipped;
  return take_number(&bytes, 1, &skipped) && skipped;
}

void photo_record_free(photo_record *record) {
  for (size_t i = 0; i < record->count; ++i) {
    bytes_free(&record->portraits[i]);
    bytes_free(&record->large[i]);
  }
  free(record->portraits);
  free(record->large);
  free(record->faces);
  free(record->qualities);
  free(record->vectors);
  free(record->detail);
  bytes_free(&record->thumbnail);
  *record = (photo_record){0};
}
