/* Records for tests of the journal. Include before support.h: cmocka takes the word fail(). */
#ifndef DOPPEL_TESTS_RECORDS_H
#define DOPPEL_TESTS_RECORDS_H

#include "files.h"
#include "journal.h"
#include "photo_record.h"

#include "support.h"

enum { DIMENSION = 5 };

/* With two faces whose numbers depend on `seed`. */
static inline dpl_bytes faces_record(uint64_t seed) {
  static const uint8_t portrait[] = {0xFF, 0xD8, 'r', 'e', 'c', '\n', 0xFF, 0xD9};
  float vectors[2 * DIMENSION];
  dpl_face faces[2] = {{.score = 0.5f}, {.score = 0.25f}};
  dpl_face_quality qualities[2] = {{.size = 40}, {.size = 50}};
  dpl_bytes portraits[2] = {{portrait, sizeof portrait}, {portrait, 4}};
  for (size_t i = 0; i < 2 * DIMENSION; i++) vectors[i] = random_normal(&seed);
  for (size_t i = 0; i < 2; i++) faces[i].box = (dpl_box){random_normal(&seed), 2, 3, 4};
  const photo_record record = {.found = 7,
                               .count = 2,
                               .faces = faces,
                               .qualities = qualities,
                               .vectors = vectors,
                               .portraits = portraits,
                               .large = portraits};
  return photo_record_bytes(&record, DIMENSION);
}

static inline dpl_bytes skip_record(void) {
  static const uint8_t thumbnail[] = {0xFF, 0xD8, 0xFF, 0xD9};
  char detail[] = "No face was found.";
  const photo_record record = {
      .skipped = true, .reason = SKIP_NO_FACE, .detail = detail, .thumbnail = {thumbnail, sizeof thumbnail}};
  return photo_record_bytes(&record, DIMENSION);
}

static inline record_key key_number(uint64_t number) {
  return key_of((dpl_bytes){(const uint8_t *)&number, sizeof number});
}

#endif
