/* The second step of a build: every photo of a plan is read, and those whose content is not in the journal yet are
   analysed and appended to it, in whatever order they are done. Knows nothing of galleries. */
#ifndef TOOL_ANALYSE_H
#define TOOL_ANALYSE_H

#include "build_plan.h"
#include "build_report.h"
#include "journal.h"
#include "networks.h"

/* Where what is known of a planned photo lies. */
typedef struct photo_outcome {
  bool recorded; /* then under `key`; otherwise there was nothing to analyse, for this reason */
  record_key key;
  skip_reason reason;
} photo_outcome;

typedef struct analysis_job {
  const build_plan *plan;
  const networks *networks;
  journal *records;
  size_t part,
      parts; /* of `parts` shares the one numbered `part`, from 0: photos part, part + parts, part + 2·parts, … */
  int jobs;
  bool quiet;
  size_t known; /* receives how many photos were in the journal already */
} analysis_job;

/* One outcome a photo of the plan into `outcomes`; those of other shares are left as they are. */
bool analyse(analysis_job *job, photo_outcome *outcomes, sentence *why);

enum { MOST_PARTS = 100000 };
size_t share_size(size_t photos, size_t part, size_t parts);

/* All that a record depends on beside the photo: networks, options, record version. One line of JSON, new text. */
char *analysis_context(const networks *set, bool all_faces);

#endif
