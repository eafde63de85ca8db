/* A part of a build: the share of the photos that one of several machines has analysed, in a folder of its own, until
   `doppel merge` makes one gallery of all parts. Knows nothing of how photos are analysed. */
#ifndef TOOL_PART_H
#define TOOL_PART_H

#include "analyse.h"
#include "work_folder.h"

/* The folder is the part's work folder, and at the end it has beside the journal:
     plan.json   build_plan_text
     part.json   written last: {"format": "doppel-part", "version": 1, "part": 1, "parts": 3, "plan_sha256": "…",
                 "context": "…", "journal": "photos-….journal", "photos": ["sha256" or a reason, …]}, a photo each of
                 the share, in the plan's order. */
typedef struct part {
  char *path;
  size_t number, parts; /* 0 … parts − 1 */
  char *plan_sha256, *context;
  photo_outcome *outcomes; /* of its share */
  size_t count;
  journal records;
} part;

bool part_check(const char *path, sentence *why); /* refuses a folder with other things in it */
bool part_begin(const char *path, sentence *why); /* in its locked folder: what was finished is so no more */

/* outcomes: one a photo of the plan; those of the share are written. */
bool part_finish(const work_folder *work, const analysis_job *job, const photo_outcome *outcomes, sentence *why);

/* Reads and checks a finished part. */
bool part_open(part *one, const char *path, sentence *why);
bool part_read_plan(const part *one, build_plan *plan, sentence *why);
void part_close(part *one);

#endif
