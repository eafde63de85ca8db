/* The best few of many matches that come in any order. */
#ifndef DOPPEL_MATCHES_H
#define DOPPEL_MATCHES_H

#include "doppel.h"

/* Keeps the match in `best` if it is among the `capacity` best that were offered so far; the worst of them is best[0]
   once there are as many. Equal people are ordered by their index. */
void dpl_matches_offer(dpl_match *best, size_t *count, size_t capacity, dpl_match match);

/* The best in front. */
void dpl_matches_sort(dpl_match *best, size_t count);

#endif
