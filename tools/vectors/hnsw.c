/* Building the graph, one vector at a time. */
#include "hnsw.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "basics.h"

/* ---------------------------------------------------------------------------------------------- distances */

static const float *vector_of(const hnsw *graph, uint32_t element) {
  return graph->vectors + (size_t)element * graph->dimension;
}

/* 1 − cosine; in lanes, so that the compiler can use vectors. */
static float distance_between(const hnsw *graph, const float *a, const float *b) {
  enum { LANES = 8 };
  float sums[LANES] = {0}, sum = 0;
  size_t i = 0;
  for (; i + LANES <= graph->dimension; i += LANES) {
    for (size_t lane = 0; lane < LANES; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  for (; i < graph->dimension; ++i) sum += a[i] * b[i];
  for (size_t lane = 0; lane < LANES; ++lane) sum += sums[lane];
  return 1 - sum;
}

static int by_distance(const void *a, const void *b) {
  const hnsw_neighbour *one = a, *other = b;
  if (one->distance < other->distance) return -1;
  if (one->distance > other->distance) return 1;
  return one->element < other->element ? -1 : one->element > other->element;
}

/* ---------------------------------------------------------------------------------------------- heap */

static void push(hnsw_heap *heap, float distance, uint32_t element) {
  heap->entries = room_for_one_more(heap->entries, heap->count, &heap->capacity, sizeof *heap->entries);
  size_t at = heap->count++;
  while (at > 0) {
    const size_t parent = (at - 1) / 2;
    if (heap->entries[parent].distance >= distance) break;
    heap->entries[at] = heap->entries[parent];
    at = parent;
  }
  heap->entries[at] = (hnsw_neighbour){distance, element};
}

static hnsw_neighbour pop(hnsw_heap *heap) {
  hnsw_neighbour top = heap->entries[0], last = heap->entries[--heap->count];
  size_t at = 0;
  for (size_t child; (child = 2 * at + 1) < heap->count; at = child) {
    child += child + 1 < heap->count && heap->entries[child].distance < heap->entries[child + 1].distance;
    if (heap->entries[child].distance <= last.distance) break;
    heap->entries[at] = heap->entries[child];
  }
  heap->entries[at] = last;
  return top;
}

/* ---------------------------------------------------------------------------------------------- links */

static size_t most_links(int level) {
  return level ? HNSW_LINKS : HNSW_GROUND_LINKS;
}

/* The element's links on a level: how many, then whom with. */
static uint32_t *links_of(const hnsw *graph, uint32_t element, int level) {
  return level ? graph->upper[element] + (size_t)(level - 1) * (1 + HNSW_LINKS)
               : graph->ground + (size_t)element * (1 + HNSW_GROUND_LINKS);
}

/* Of candidates in the order of their distance, those that are nearer to the element than to one that was chosen
   before, so that links lead in different directions. */
static size_t choose(const hnsw *graph, const hnsw_neighbour *candidates, size_t count, size_t most,
                     hnsw_neighbour *chosen) {
  size_t kept = 0;
  for (size_t i = 0; i < count && kept < most; ++i) {
    const float *candidate = vector_of(graph, candidates[i].element);
    bool good = true;
    for (size_t j = 0; j < kept && good && count >= most; ++j)
      good = distance_between(graph, candidate, vector_of(graph, chosen[j].element)) >= candidates[i].distance;
    if (good) chosen[kept++] = candidates[i];
  }
  return kept;
}

static void set_links(uint32_t *links, const hnsw_neighbour *chosen, size_t count) {
  links[0] = (uint32_t)count;
  for (size_t i = 0; i < count; ++i) links[1 + i] = chosen[i].element;
}

/* Adds a link from `from` to `to`; where there is no room, the best of all are chosen again. */
static void link_to(const hnsw *graph, uint32_t from, hnsw_neighbour to, int level) {
  hnsw_neighbour candidates[HNSW_GROUND_LINKS + 1], chosen[HNSW_GROUND_LINKS];
  uint32_t *links = links_of(graph, from, level);
  if (links[0] < most_links(level)) {
    links[1 + links[0]++] = to.element;
    return;
  }
  const size_t count = links[0];
  for (size_t i = 0; i < count; ++i) {
    const float distance = distance_between(graph, vector_of(graph, from), vector_of(graph, links[1 + i]));
    candidates[i] = (hnsw_neighbour){distance, links[1 + i]};
  }
  candidates[count] = to;
  qsort(candidates, count + 1, sizeof *candidates, by_distance);
  set_links(links, chosen, choose(graph, candidates, count + 1, most_links(level), chosen));
}

/* ---------------------------------------------------------------------------------------------- search */

/* From `at`, always on to the neighbour that is nearest, until none is nearer. */
static hnsw_neighbour descend(const hnsw *graph, const float *vector, hnsw_neighbour at, int level) {
  for (bool moved = true; moved;) {
    const uint32_t *links = links_of(graph, at.element, level);
    moved = false;
    for (uint32_t i = 1; i <= links[0]; ++i) {
      const float distance = distance_between(graph, vector, vector_of(graph, links[i]));
      if (!(distance < at.distance)) continue;
      at = (hnsw_neighbour){distance, links[i]};
      moved = true;
    }
  }
  return at;
}

/* Leaves in graph->found the HNSW_CANDIDATES elements of a level that are nearest, as far as links lead to them. */
static void search_level(hnsw *graph, const float *vector, hnsw_neighbour begin, int level) {
  hnsw_heap *open = &graph->open, *found = &graph->found; /* open: distances are negative, the nearest comes first */
  open->count = found->count = 0;
  graph->seen[begin.element] = ++graph->search;
  push(open, -begin.distance, begin.element);
  push(found, begin.distance, begin.element);
  while (open->count) {
    const hnsw_neighbour nearest = pop(open);
    if (-nearest.distance > found->entries[0].distance && found->count == HNSW_CANDIDATES) return;
    const uint32_t *links = links_of(graph, nearest.element, level);
    for (uint32_t i = 1; i <= links[0]; ++i) {
      if (graph->seen[links[i]] == graph->search) continue;
      graph->seen[links[i]] = graph->search;
      const float distance = distance_between(graph, vector, vector_of(graph, links[i]));
      if (found->count == HNSW_CANDIDATES && !(distance < found->entries[0].distance)) continue;
      push(open, -distance, links[i]);
      push(found, distance, links[i]);
      if (found->count > HNSW_CANDIDATES) pop(found);
    }
  }
}

/* ---------------------------------------------------------------------------------------------- adding */

/* SplitMix64, as a number above 0 and up to 1. */
static double next_random(uint64_t *state) {
  uint64_t bits = *state += UINT64_C(0x9E3779B97F4A7C15);
  bits = (bits ^ bits >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  bits = (bits ^ bits >> 27) * UINT64_C(0x94D049BB133111EB);
  bits ^= bits >> 31;
  return (double)((bits >> 11) + 1) * 0x1p-53;
}

/* One in HNSW_LINKS stands a level higher than the ground, one of those in HNSW_LINKS two. */
static uint8_t draw_level(hnsw *graph) {
  return (uint8_t)(-log(next_random(&graph->random)) / log(HNSW_LINKS));
}

/* Returns where the search on the level below begins. */
static hnsw_neighbour link_on_level(hnsw *graph, uint32_t element, hnsw_neighbour at, int level) {
  hnsw_neighbour chosen[HNSW_LINKS];
  search_level(graph, vector_of(graph, element), at, level);
  hnsw_heap *found = &graph->found;
  qsort(found->entries, found->count, sizeof *found->entries, by_distance);
  const size_t count = choose(graph, found->entries, found->count, HNSW_LINKS, chosen);
  set_links(links_of(graph, element, level), chosen, count);
  for (size_t i = 0; i < count; ++i)
    link_to(graph, chosen[i].element, (hnsw_neighbour){chosen[i].distance, element}, level);
  return chosen[0];
}

void hnsw_begin(hnsw *graph, const float *vectors, size_t capacity, size_t dimension) {
  *graph = (hnsw){.vectors = vectors, .capacity = capacity, .dimension = dimension, .random = 1};
  graph->levels = new_array(capacity, sizeof *graph->levels);
  graph->ground = new_array(capacity * (1 + HNSW_GROUND_LINKS), sizeof *graph->ground);
  graph->upper = new_array(capacity, sizeof *graph->upper);
  graph->seen = new_array(capacity, sizeof *graph->seen);
}

void hnsw_add(hnsw *graph) {
  const uint32_t element = (uint32_t)graph->count++;
  const float *vector = vector_of(graph, element);
  const int level = graph->levels[element] = draw_level(graph);
  if (level) graph->upper[element] = new_array((size_t)level * (1 + HNSW_LINKS), sizeof **graph->upper);
  if (element == 0) {
    graph->top_level = level;
    return;
  }
  hnsw_neighbour at = {distance_between(graph, vector, vector_of(graph, graph->entry)), graph->entry};
  for (int above = graph->top_level; above > level; --above) at = descend(graph, vector, at, above);
  for (int on = level < graph->top_level ? level : graph->top_level; on >= 0; --on)
    at = link_on_level(graph, element, at, on);
  if (level > graph->top_level) {
    graph->entry = element;
    graph->top_level = level;
  }
}

void hnsw_free(hnsw *graph) {
  for (size_t i = 0; i < graph->count; ++i) free(graph->upper[i]);
  free(graph->levels);
  free(graph->ground);
  free(graph->upper);
  free(graph->seen);
  free(graph->open.entries);
  free(graph->found.entries);
  *graph = (hnsw){0};
}
