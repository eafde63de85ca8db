/* Who must not be matched: a departments file, jurisdictions on the deny list, photos with a mark. Decides from words
   only; a photo that stays out is never opened. */
#ifndef TOOL_MATCHING_H
#define TOOL_MATCHING_H

#include <argp.h>

#include "basics.h"
#include "cJSON.h"
#include "files.h"
#include "roster.h"

typedef struct matching_options {
  const char *departments;   /* a file; NULL: only the deny list and the marks count */
  name_list denied, allowed; /* jurisdictions beyond the usual ones; NAME=REASON */
} matching_options;

/* Options --departments, --deny-jurisdiction, --allow-jurisdiction: a child parser whose input is a matching_options.
 */
extern const struct argp matching_argp;
void matching_options_free(matching_options *options);

/* Why a photo stays out, the strongest first. */
typedef enum exclusion {
  EXCLUDED_MARKED,
  EXCLUDED_JURISDICTION,
  EXCLUDED_NO_MATCHING,
  EXCLUDED_NOT_LISTED,
  EXCLUDED_NO_DEPARTMENT,
  EXCLUSIONS,
  INCLUDED = EXCLUSIONS
} exclusion;

typedef struct department {
  char *name, *jurisdiction;
  bool face_matching;
  char *words; /* of the name, by which it is found; NULL outside the rules */
} department;

typedef struct allowed_jurisdiction {
  char *name, *reason;
} allowed_jurisdiction;

typedef struct matching_rules {
  bool departments_given;
  department *departments; /* in the order of their words */
  size_t department_count;
  name_list denied;
  allowed_jurisdiction *allowed; /* on the deny list, but allowed with a reason */
  size_t allowed_count;
  name_list not_listed; /* records with departments that the file does not have: one a department, a few of them */
} matching_rules;

/* Reads and checks the file: columns name, jurisdiction and face_matching (yes or no; empty is no), CSV or JSON. */
bool matching_rules_read(const matching_options *options, matching_rules *rules, sentence *why);
void matching_rules_free(matching_rules *rules);

/* One decision a photo of the roster: new array. A file that one record keeps out stays out for all records; a record
   that names no jurisdiction is out where another one of its person names a denied one; all records of a person with an
   id are out where one without a photo is. Then lets the other records
   speak (roster_let_in): those that have no photo that stays out, or another one. */
exclusion *matching_decide(matching_rules *rules, roster *all);

/* Files that excluded records name, which a host may not publish in another way either. */
typedef struct closed_files {
  struct file_id {
    uint64_t device, inode;
  } * files;
  size_t count;
} closed_files;

closed_files matching_closed_files(const roster *all, const exclusion *decisions);
/* By device and inode, so links are found too; does not open the file. */
bool closed_files_have(const closed_files *closed, const char *path);
void closed_files_free(closed_files *closed);

/* Which of the departments a photo of the roster belongs to; −1 where it has none of them. */
int matching_department(const matching_rules *rules, const char *name);

/* For the manifest: [{"name", "jurisdiction", "photos"}] of the departments that have any photos in the gallery;
   [{"jurisdiction", "reason"}] of what was allowed, NULL where nothing was. */
cJSON *departments_json(const department *list, const size_t *photos, size_t count);
cJSON *allowed_jurisdictions_json(const allowed_jurisdiction *list, size_t count);

#endif
