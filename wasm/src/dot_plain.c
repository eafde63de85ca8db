/* The search's dot products in plain C: for machines without a kernel of their own, and what the others are held to. */
#include "dot.h"

void dpl_dot_plain(const int16_t *probe, const int8_t *rows, size_t stride, size_t count, int32_t *dots) {
  for (size_t i = 0; i < count; i++, rows += stride) {
    int32_t sum = 0;
    for (size_t k = 0; k < stride; k++) sum += probe[k] * rows[k];
    dots[i] = sum;
  }
}
