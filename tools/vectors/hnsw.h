/* A graph of near neighbours, as Malkov and Yashunin describe it (arXiv:1603.09320): every vector is linked with some
   that are near it, and fewer and fewer of them stand on the levels above, where a search begins. doppel itself
   searches without it; it is what Voyager and hnswlib need in their files. */
#ifndef TOOL_HNSW_H
#define TOOL_HNSW_H

#include <stddef.h>
#include <stdint.h>

enum { HNSW_LINKS = 12, HNSW_GROUND_LINKS = 2 * HNSW_LINKS, HNSW_CANDIDATES = 200 }; /* Voyager's defaults */

typedef struct hnsw_neighbour {
  float distance;
  uint32_t element;
} hnsw_neighbour;

typedef struct hnsw_heap {
  hnsw_neighbour *entries; /* the one of the largest distance first */
  size_t count, capacity;
} hnsw_heap;

typedef struct hnsw {
  const float *vectors; /* the caller's: capacity × dimension, of unit length */
  size_t count, capacity, dimension;
  uint8_t *levels;  /* of each element, above the ground */
  uint32_t *ground; /* capacity × (1 + HNSW_GROUND_LINKS): how many links, then whom with */
  uint32_t **upper; /* of each element: levels × (1 + HNSW_LINKS), NULL where it has none */
  uint32_t entry;
  int top_level;

  uint64_t random;
  uint32_t *seen, search; /* seen[i] == search: this search has been at element i */
  hnsw_heap open, found;
} hnsw;

void hnsw_begin(hnsw *graph, const float *vectors, size_t capacity, size_t dimension);

/* Links the next vector. The same vectors in the same order give the same graph. */
void hnsw_add(hnsw *graph);
void hnsw_free(hnsw *graph);

#endif
