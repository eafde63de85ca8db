/* The same work on many items, on several threads, with the results taken one by one on the caller's. */
#ifndef TOOL_PARALLEL_H
#define TOOL_PARALLEL_H

#include "basics.h"
#include "networks.h"

typedef struct parallel_plan {
  size_t count;
  int jobs; /* threads, each with its own network handles */
  const networks *networks;
  void *context;
  bool any_order; /* results are taken as they come; else item after item */

  /* On any thread: the result of one item, never NULL. */
  void *(*work)(void *context, network_handles *handles, size_t index);

  /* On the caller's thread: owns the result. False stops everything. */
  bool (*take)(void *context, size_t index, void *result, sentence *why);

  /* On the caller's thread, whenever all results that are there have been taken, and at the end; may be NULL. The
     workers go on meanwhile. */
  bool (*rest)(void *context, sentence *why);

  /* Frees a result that is not taken because something failed. */
  void (*drop)(void *result);
} parallel_plan;

bool parallel_run(const parallel_plan *plan, sentence *why);

/* From here on Ctrl-C (and SIGTERM) make parallel_run fail once the items at hand are done and taken, so that the
   caller can tidy up; what has not ended after 0.8 s, or gets the signal a second time, is ended as it is. */
void parallel_heed_interrupts(void);
bool parallel_interrupted(void);

int processor_count(void); /* the default of --jobs */

#endif
