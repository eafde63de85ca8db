/* Bits that differ, in plain C: for machines without a kernel of their own, and what the others are held to. */
#include "hamming.h"

/* Sums of neighbours: two bits, four, eight, then all bytes at once by a multiplication. */
static unsigned bits_of(uint64_t word) {
  word -= word >> 1 & UINT64_C(0x5555555555555555);
  word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
  word = (word + (word >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
  return (unsigned)(word * UINT64_C(0x0101010101010101) >> 56);
}

void dpl_hamming_plain(const uint64_t *probe, const uint64_t *rows, size_t words, size_t count, uint16_t *distances) {
  for (size_t i = 0; i < count; i++, rows += words) {
    unsigned sum = 0;
    for (size_t k = 0; k < words; k++) sum += bits_of(probe[k] ^ rows[k]);
    distances[i] = (uint16_t)sum;
  }
}
