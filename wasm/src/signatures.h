/* One bit a number of a vector: enough to tell who cannot be among the most alike, in an eighth of the memory and a
   fraction of the time. Only galleries beyond DPL_SIGNED_FROM photos, or when asked, are searched through them. */
#ifndef DOPPEL_SIGNATURES_H
#define DOPPEL_SIGNATURES_H

#include "gallery.h"

/* Words of 64 bits that a signature takes. */
size_t dpl_signature_words(int dimension);

/* The signs of a shard's rows, which are centred on the mean already. NULL where there is no memory. The caller frees.
 */
uint64_t *dpl_signatures_make(const dpl_gallery *gallery, const dpl_shard *shard);

/* Sets a bit in `shortlist` for each of the `wanted` people, of those allowed (NULL: all), whose best photo's signature
   differs least from the probe's; more where several are equally far at the end. `nearest` is room for a number a
   person. Every shard with vectors must have its signatures. */
void dpl_signatures_shortlist(const dpl_gallery *gallery, const float *probe, const uint32_t *allowed, size_t wanted,
                              uint16_t *nearest, uint32_t *shortlist);

#endif
