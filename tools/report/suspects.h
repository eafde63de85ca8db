/* Where a finished gallery looks as if names were wrong: one person under two of them, or two people under one. What it
   lists is for a person to look at; nothing is changed because of it. */
#ifndef TOOL_SUSPECTS_H
#define TOOL_SUSPECTS_H

#include "basics.h"
#include "doppel.h"

enum { MOST_SUSPECTS = 100 };

typedef struct suspect {
  size_t photo, other; /* of the gallery */
  float similarity;
  size_t groups; /* of a person's photos, for `one_name` */
} suspect;

typedef struct suspects {
  float threshold; /* the embedder's: cosine at and above which two faces count as one person */

  /* Pairs of people, each with their two most alike photos, at or above the threshold: most alike first. */
  suspect two_names[MOST_SUSPECTS];
  size_t two_names_count, two_names_found; /* listed, and all */
  size_t probes;                           /* photos whose most alike other person was looked for */

  /* People whose photos fall into groups: no photo of one is as alike to any of another as the threshold. The photo is
     the one in a group that stands farthest apart, the other is what it is most like outside: least alike first. */
  suspect one_name[MOST_SUSPECTS];
  size_t one_name_count, one_name_found;
} suspects;

typedef struct suspect_search {
  /* The gallery with one of its shards only, so that never more than one is in memory; until the next call, or the end
     of suspects_find. */
  bool (*open_shard)(void *context, size_t shard, const dpl_gallery **gallery, sentence *why);
  void *context;
  size_t shards;
  const float *vectors; /* count × dimension, as the gallery has them */
  const uint32_t *person;
  const dpl_face_quality *qualities;
  size_t count, dimension;
  float threshold;
  bool (*interrupted)(void); /* asked now and then; may be NULL */
} suspect_search;

/* Looks from every photo while that is at most MOST_LOOKS comparisons of two photos; in larger galleries (from 31,623
   photos on) from as many as that allows: the best photo of everybody first, then everybody's second, and so on. Within
   a person at most MOST_OF_A_PERSON photos are compared, the best. */
#define MOST_LOOKS       1000000000ull
#define MOST_OF_A_PERSON 512

/* False where the search failed or was interrupted; then nothing is to be freed. */
bool suspects_find(const suspect_search *search, suspects *found, sentence *why);

#endif
