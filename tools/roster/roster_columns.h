/* Which column of a table is what: by the names that the command line gives, else by the names that rosters usually
   have. */
#ifndef TOOL_ROSTER_COLUMNS_H
#define TOOL_ROSTER_COLUMNS_H

#include "doppel.h"
#include "files.h"
#include "table.h"

/* What the command line says; NULL or empty: the columns with a usual name. */
typedef struct roster_columns {
  const char *photo, *person, *department, *jurisdiction, *matching;
  const char *box, *landmarks;  /* "-": no column, whatever the names are */
  name_list names;              /* joined with a space */
  name_list ignored;            /* read as no rule, whatever they are called */
  char separator;               /* of the roster's cells; 0: found out */
  const char *photo_pattern;    /* "{taxid}.jpg": the photo's path, made of columns */
  const char *photo_list;       /* a second table, with the photos */
  const char *every_department; /* of records that have none */
  bool trim_zeros;              /* of ids by which tables are joined: 007 is 7 */
  bool photos_optional;         /* a record without a photo counts as one whose photo has no path */
} roster_columns;

enum { MAX_NAME_COLUMNS = 8, MAX_JURISDICTION_COLUMNS = 16, BOX_COLUMNS = 4, LANDMARK_COLUMNS = 2 * DPL_POINTS };

typedef struct column_map {
  int photo, person, department, matching; /* −1 where there is none */
  bool photos_optional;
  const char *photo_pattern; /* instead of `photo`; NULL: none */
  int names[MAX_NAME_COLUMNS], jurisdictions[MAX_JURISDICTION_COLUMNS], box[BOX_COLUMNS], landmarks[LANDMARK_COLUMNS];
  size_t name_count, jurisdiction_count;
  size_t box_count, landmark_count; /* 0: none; 1: all numbers in one column; else one a number */
} column_map;

/* A table whose records say everything: refuses a JSON roster that has a rule, or a photo, next to its list of records.
   `separator`: as for table_read_csv. */
bool records_read(const char *path, char separator, const roster_columns *columns, csv_table *table, sentence *why);

/* Names the columns found where one is missing. Refuses a column that resembles a rule about who must not be matched,
   says something and is read as none. */
bool columns_mapped(const csv_table *table, const roster_columns *columns, column_map *map, sentence *why);

/* The photo's path in a record, made by the pattern where there is one; "" where a column of the pattern is empty. New
   text. */
char *photo_in(const csv_table *table, size_t row, const column_map *map);

/* All columns travel to the page but those of photo, name, box, landmarks and the mark that a photo must stay out. */
bool column_travels(const column_map *map, int column);

int column_like_any(const csv_table *table, const char *const *names); /* the first; the list ends with NULL */

/* "<problem> Columns found in <which>: a, b, c." */
bool fail_with_columns(sentence *why, const csv_table *table, const char *which, const char *problem);

extern const char *const usual_department_columns[];
extern const char *const usual_jurisdiction_columns[];
extern const char *const usual_matching_columns[];

#endif
