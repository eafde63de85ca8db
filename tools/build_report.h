/* What a build did and what it left out, for the person who ran it: report.json and report.txt. */
#ifndef TOOL_BUILD_REPORT_H
#define TOOL_BUILD_REPORT_H

#include "basics.h"
#include "matching.h"

typedef enum skip_reason {
  SKIP_REFUSED,
  SKIP_MISSING,
  SKIP_UNREADABLE,
  SKIP_NO_FACE,
  SKIP_WRONG_FACE,
  SKIP_REASONS
} skip_reason;

typedef struct skip {
  skip_reason reason;
  char *photo, *person, *detail; /* person: "" where nobody is named */
} skip;

typedef struct build_report {
  size_t records, photos; /* given; records 0: there was no roster */
  size_t photos_built, people, without_photo, several_faces;
  size_t skipped[SKIP_REASONS];
  size_t excluded[EXCLUSIONS]; /* photos that were never opened, because they must not be matched */
  skip *skips;
  size_t skip_count, skip_capacity;
  char **notes; /* sentences */
  size_t note_count, note_capacity;
} build_report;

void build_report_skip(build_report *report, skip_reason reason, const char *photo, const char *person,
                       const char *detail);
void build_report_note(build_report *report, char *note); /* new text, which the report keeps */

size_t build_report_skipped(const build_report *report);
size_t build_report_excluded(const build_report *report);

/* "3 by a mark on the photo, 1 by …": new text, "" where there are none. */
char *exclusions_text(const size_t excluded[EXCLUSIONS]);

/* Writes both files into `folder`. They carry no time and no place, so that the same input gives the same bytes. */
bool build_report_write(const build_report *report, const char *folder, sentence *why);
void build_report_free(build_report *report);

#endif
