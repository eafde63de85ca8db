/* How far a long command is, on stderr: one line that renews itself on a terminal, a line now and then elsewhere. */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

#include "basics.h"

typedef struct progress {
  const char *unit; /* "photos" */
  size_t total, done, skipped, known;
  bool terminal, quiet;
  double started, shown;
  double first;      /* when the first that was not known was done: rate and time left count from there */
  size_t first_done; /* how many were done then, and known among them */
  size_t first_known;
} progress;

void progress_begin(progress *state, const char *unit, size_t total, bool quiet);

/* known: it was done earlier, and says nothing about how fast the rest will be. */
void progress_step(progress *state, bool skipped, bool known);
void progress_end(progress *state);
void progress_break_off(progress *state); /* instead of the end, so that a sentence can follow */

#endif
