/* Which photos of a plan are not taken in, because they show the same picture as a better one of the same person; read
   from the records alone. What counts as the same picture is the business of near_duplicates.c. */
#ifndef TOOL_FOLDING_H
#define TOOL_FOLDING_H

#include "assemble.h"
#include "near_duplicates.h"

typedef struct folding {
  bool *is_folded;       /* one a photo of the plan */
  near_duplicates found; /* photos are those of the plan */
} folding;

/* Where every face is an entry of its own, only the same file counts as the same picture. `folder` is for a file of
   vectors, which is gone afterwards. */
bool folding_find(const assembly *parts, size_t dimension, const char *folder, folding *made, sentence *why);
void folding_free(folding *made);

#endif
