/* How far a long command is, on stderr: one line that renews itself on a terminal, a line now and then elsewhere. */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

#include "basics.h"

typedef struct progress {
  const char *unit; /* "photos" */
  size_t total, done, skipped;
  bool terminal, quiet;
  double started, shown;
} progress;

void progress_begin(progress *state, const char *unit, size_t total, bool quiet);
void progress_step(progress *state, bool skipped);
void progress_end(progress *state);

#endif
