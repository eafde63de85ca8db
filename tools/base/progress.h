/* How far a long command is, on stderr: one line that renews itself on a terminal, a line now and then elsewhere. */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

#include "basics.h"

typedef struct progress {
  const char *unit; /* "photos" */
  size_t total, done, skipped, known, computed;
  bool terminal, quiet;
  double started, shown;
  double first;      /* when the first was computed: rate and time left count from there */
  size_t first_done; /* how many were done then */
} progress;

/* Only what was computed says how fast the rest will be. */
typedef enum progress_kind { PROGRESS_COMPUTED, PROGRESS_KNOWN, PROGRESS_NOTHING_TO_DO } progress_kind;

void progress_begin(progress *state, const char *unit, size_t total, bool quiet);

void progress_step(progress *state, progress_kind kind, bool skipped);
void progress_end(progress *state);
void progress_break_off(progress *state); /* instead of the end, so that a sentence can follow */

#endif
