/* Bits that differ, with the instruction that counts them. Two sums, so that one need not wait for the other. */
#include "hamming.h"

#if defined(__x86_64__)
__attribute__((target("popcnt"))) void dpl_hamming_popcnt(const uint64_t *probe, const uint64_t *rows, size_t words,
                                                          size_t count, uint16_t *distances) {
  for (size_t i = 0; i < count; i++, rows += words) {
    int even = 0, odd = 0;
    for (size_t k = 0; k < words; k += DPL_HAMMING_STEP) {
      even += __builtin_popcountll(probe[k] ^ rows[k]);
      odd += __builtin_popcountll(probe[k + 1] ^ rows[k + 1]);
    }
    distances[i] = (uint16_t)(even + odd);
  }
}
#endif
