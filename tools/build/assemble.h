/* The third step of a build: from a plan and the records of its photos to the folder of the gallery. The same bytes
   come out whatever the records' order, and however many threads or machines made them. Opens no photo. */
#ifndef TOOL_ASSEMBLE_H
#define TOOL_ASSEMBLE_H

#include "analyse.h"
#include "build_plan.h"
#include "build_report.h"
#include "gallery_pictures.h"
#include "journal.h"
#include "photo_record.h"

typedef struct assembly {
  const build_plan *plan;
  const photo_outcome *outcomes; /* one a photo of the plan */
  journal *const *journals;      /* photo i's record is in journal i mod journal_count */
  size_t journal_count;
  const char *context;              /* analysis_context of the records */
  const gallery_pictures *pictures; /* NULL: as without options */
} assembly;

/* The record of a photo of the plan, whose outcome must be recorded: photo_record_free. */
bool assembly_read(const assembly *parts, size_t dimension, size_t photo, photo_record *record, sentence *why);

/* Writes the gallery to `place` and its report beside it; `place` is whole afterwards or as it was; says on stdout and
   stderr what came out. */
bool assemble(const assembly *parts, const char *place, bool replace, sentence *why);

#endif
