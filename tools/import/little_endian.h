/* Numbers as files lay them down, lowest byte first, whatever the machine. */
#ifndef DOPPEL_IMPORT_LITTLE_ENDIAN_H
#define DOPPEL_IMPORT_LITTLE_ENDIAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Of `size` ≤ 8 bytes. */
static inline uint64_t unsigned_at(const uint8_t *bytes, size_t size) {
  uint64_t value = 0;
  for (size_t i = size; i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

/* The lowest `size` bytes of `bits` as a signed number. */
static inline int64_t signed_of(uint64_t bits, size_t size) {
  const unsigned shift = 64 - 8 * (unsigned)size;
  return (int64_t)(bits << shift) >> shift;
}

static inline float float_of_bits(uint32_t bits) {
  float number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

static inline double double_of_bits(uint64_t bits) {
  double number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

#endif
