/* A heap whose root is the worst of the best. search.c says who is offered. */
#include "matches.h"

/* Equal people are ordered by their index. */
static bool is_better(dpl_match a, dpl_match b) {
  return a.similarity > b.similarity || (!(a.similarity < b.similarity) && a.person < b.person);
}

/* Puts `match` where it belongs in a heap whose root is the worst, from the root down. */
static void sink(dpl_match *heap, size_t count, dpl_match match) {
  size_t at = 0;
  for (size_t child = 1; child < count; child = 2 * at + 1) {
    if (child + 1 < count && is_better(heap[child], heap[child + 1])) child++;
    if (!is_better(match, heap[child])) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = match;
}

/* From the bottom up past what is better, or in place of the worst. */
void dpl_matches_offer(dpl_match *heap, size_t *count, size_t capacity, dpl_match match) {
  if (*count < capacity) {
    size_t at = (*count)++;
    for (; at && is_better(heap[(at - 1) / 2], match); at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
    heap[at] = match;
  } else if (is_better(match, heap[0])) {
    sink(heap, *count, match);
  }
}

/* Taking the worst away again and again leaves the best in front. */
void dpl_matches_sort(dpl_match *heap, size_t count) {
  for (size_t left = count; left > 1; left--) {
    const dpl_match worst = heap[0];
    sink(heap, left - 1, heap[left - 1]);
    heap[left - 1] = worst;
  }
}
