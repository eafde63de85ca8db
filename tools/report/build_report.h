/* What a build did, what it left out and what looks wrong, for the person who ran it: report.json and report.txt here,
   report.html in report_page.c. */
#ifndef TOOL_BUILD_REPORT_H
#define TOOL_BUILD_REPORT_H

#include "basics.h"
#include "doppel.h"
#include "files.h"
#include "matching.h"
#include "text_pool.h"

typedef enum skip_reason {
  SKIP_REFUSED,
  SKIP_MISSING,
  SKIP_UNREADABLE,
  SKIP_NO_FACE,
  SKIP_WRONG_FACE,
  SKIP_INCOMPLETE,
  SKIP_REASONS
} skip_reason;

typedef struct skip {
  skip_reason reason;
  const char *photo, *person, *detail; /* in the report's pool; person: "" where nobody is named */
  dpl_bytes picture;                   /* JPEG; of the first few of each reason, where the photo could be decoded */
} skip;

/* Two photos that are shown side by side. */
typedef struct report_face {
  char *photo, *person;
  dpl_bytes picture; /* JPEG; empty where it is one too many */
} report_face;
typedef struct report_pair {
  report_face one, other;
  float similarity; /* of suspects */
  size_t groups;    /* of one name's photos */
  bool same_file;   /* of photos that were folded */
} report_pair;
typedef struct report_pairs {
  report_pair *pairs;
  size_t count, capacity;
  size_t found; /* pairs there are; not all are listed */
} report_pairs;

enum { MOST_PICTURES = 12 }; /* of one reason, and of one list of pairs; suspects are all shown */
enum { MOST_PAIRS = 10000 }; /* listed */

typedef struct build_report {
  size_t records, photos; /* given; records 0: there was no roster */
  size_t photos_built, people, without_photo, several_faces;
  name_list incomplete; /* photos in the gallery whose files are cut short */
  size_t skipped[SKIP_REASONS];
  size_t excluded[EXCLUSIONS]; /* photos that were never opened, because they must not be matched */
  skip *skips;
  size_t skip_count, skip_capacity;
  text_pool texts;
  char **notes; /* sentences */
  size_t note_count, note_capacity;

  /* Borrowed, and there when the report is written; what is NULL or 0 has no place in it. */
  const char *title;
  const dpl_calibration *calibration;
  const dpl_face_quality *qualities; /* one a face in the gallery */
  size_t faces;

  report_pairs folded;              /* kept, and not taken in because it is the same picture */
  report_pairs shared;              /* the same file under two people */
  report_pairs two_names, one_name; /* suspects, worst first */
  float threshold;                  /* of the suspects */
  size_t probes;                    /* photos whose most alike other person was looked for */
} build_report;

/* Copies. `picture` may be empty. */
void build_report_skip(build_report *report, skip_reason reason, const char *photo, const char *person,
                       const char *detail, dpl_bytes picture);

/* The report keeps what is in the pair. */
void report_pairs_add(report_pairs *list, report_pair pair);
void build_report_note(build_report *report, char *note); /* new text, which the report keeps */

size_t build_report_skipped(const build_report *report);
size_t build_report_excluded(const build_report *report);

/* "3 by a mark on the photo, 1 by …": new text, "" where there are none. */
char *exclusions_text(const size_t excluded[EXCLUSIONS]);

/* "no face: the detector found none in the photo"; "marked as not to be used for matching" */
const char *skip_words(skip_reason reason);
const char *exclusion_words(int excluded);

/* The report on the gallery at `place` is the folder PLACE.report beside it, never inside, because the gallery is
   published: it shows faces that were left out. */
char *build_report_place(const char *place); /* new text */

/* Refuses a place whose report would take that of something else. */
bool build_report_check(const char *place, sentence *why);

/* Writes the folder, whole or not at all, in place of an earlier report. Its files carry no time and no place, so that
   the same input gives the same bytes. */
bool build_report_write(const build_report *report, const char *place, sentence *why);
void build_report_free(build_report *report);

#endif
