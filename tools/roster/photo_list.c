/* Joins a roster with the table that has the photos. */
#include "roster_sources.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "id_join.h"
#include "output.h"
#include "rule_columns.h"
#include "unicode.h"

/* ---------------------------------------------------------------------------------------------- by which column */

typedef struct join {
  int in_roster, in_list;
} join;

static bool join_by(const csv_table *roster, const char *roster_name, const csv_table *list, const char *list_name,
                    join *found) {
  *found = (join){table_column(roster, roster_name), table_column(list, list_name)};
  return found->in_roster >= 0 && found->in_list >= 0;
}

/* A list's `id` comes last, because it may be the photo's own. */
static bool find_join(const csv_table *roster, const csv_table *list, const roster_columns *columns, join *found,
                      sentence *why) {
  static const char *const pairs[][2] = {{"unique identifier", "unique identifier"},
                                         {"id", "officer id"},
                                         {"officer id", "officer id"},
                                         {"taxid", "taxid"},
                                         {"taxid", "tax id"},
                                         {"tax id", "taxid"},
                                         {"tax id", "tax id"},
                                         {"person id", "person id"},
                                         {"person", "person"},
                                         {"unique id", "unique id"},
                                         {"id", "id"}};
  if (columns->person) {
    if (join_by(roster, columns->person, list, columns->person, found)) return true;
    bool lacks = found->in_roster < 0;
    char *problem = new_text_of("The %s no column `%.100s` to join by (--person-column).",
                                lacks ? "roster has" : "list of photos has", columns->person);
    fail_with_columns(why, lacks ? roster : list, "", problem);
    free(problem);
    return false;
  }
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; ++i) {
    if (join_by(roster, pairs[i][0], list, pairs[i][1], found)) return true;
  }
  return fail_with_columns(why, list, "the list of photos",
                           "Roster and list of photos have no id in common; say with --person-column which column of "
                           "both tells people apart.");
}

/* ---------------------------------------------------------------------------------------------- whose photos */

/* The rows of the list with one key, as a chain. */
typedef struct key_rows {
  char *key;
  size_t first, last;
  bool used;
} key_rows;

#define NO_ROW SIZE_MAX

static int by_key(const void *a, const void *b) {
  return strcmp(((const key_rows *)a)->key, ((const key_rows *)b)->key);
}

static void free_rows(void *entry) {
  free(((key_rows *)entry)->key);
  free(entry);
}

static void *rows_by_key(const csv_table *list, int column, bool trim_zeros, size_t *next) {
  void *tree = NULL;
  for (size_t row = 0; row < list->row_count; ++row) {
    next[row] = NO_ROW;
    key_rows *entry = new_array(1, sizeof *entry);
    *entry = (key_rows){join_key(table_cell(list, row, column), trim_zeros), row, row, false};
    if (!*entry->key) {
      free_rows(entry);
      continue;
    }
    key_rows *known = *(key_rows **)tsearch(entry, &tree, by_key);
    if (known == entry) continue;
    next[known->last] = row;
    known->last = row;
    free_rows(entry);
  }
  return tree;
}

/* NULL where no photo has the key. */
static key_rows *rows_for(void **tree, char *key) {
  key_rows wanted = {.key = key};
  void *found = *key ? tfind(&wanted, tree, by_key) : NULL;
  return found ? *(key_rows **)found : NULL;
}

/* ---------------------------------------------------------------------------------------------- the joined table */

typedef struct joining {
  const csv_table *roster, *list;
  bool trim_zeros;
  name_list unphotographed, strangers;    /* ids of the roster without a photo, and of photos without a record */
  int *from_list;                         /* for each joined column: the list's, or −1 */
  int department, jurisdiction, matching; /* columns of the roster, or −1: what decides who must not be matched */
  csv_table out;
} joining;

static void lay_columns(joining *work, const join *by) {
  size_t most = work->roster->column_count + work->list->column_count;
  csv_table *out = &work->out;
  work->from_list = new_array(most, sizeof *work->from_list);
  for (size_t i = 0; i < work->roster->column_count; ++i) {
    work->from_list[i] = -1;
    table_add_column(out, work->roster->columns[i]);
  }
  for (int i = 0; i < (int)work->list->column_count; ++i) {
    if (i == by->in_list) continue;
    int same = table_column(work->roster, work->list->columns[i]);
    if (same == by->in_roster) continue; /* the photo's own id */
    if (same >= 0) {
      work->from_list[same] = i;
      continue;
    }
    work->from_list[out->column_count] = i;
    table_add_column(out, work->list->columns[i]);
  }
}

static bool says_yes(const char *cell) {
  bool yes = false;
  return text_yes_or_no(cell, &yes) && yes;
}

/* Where both say something the list's word counts, because it is about the photo; but nothing that the list says opens
   a photo that the roster keeps out. */
static bool choose_cell(const joining *work, size_t roster_row, size_t list_row, size_t column, const char **cell,
                        sentence *why) {
  bool in_roster = column < work->roster->column_count;
  const char *ours = in_roster ? table_cell(work->roster, roster_row, (int)column) : "";
  const char *theirs = work->from_list[column] >= 0 && list_row != NO_ROW
                           ? table_cell(work->list, list_row, work->from_list[column])
                           : "";
  *cell = *theirs ? theirs : ours;
  if (!*ours || !*theirs || text_same(ours, theirs)) return true;
  if ((int)column == work->matching) {
    if (!says_yes(ours)) *cell = ours;
    return true;
  }
  if ((int)column != work->department && (int)column != work->jurisdiction &&
      !resembles_rule(work->out.columns[column]))
    return true;
  return fail(why,
              "Record %zu of the list of photos has %.80s \"%.80s\", but the roster has \"%.80s\" for the same person; "
              "keep the column in one of them.",
              list_row + 1, work->out.columns[column], theirs, ours);
}

static bool add_row(joining *work, size_t roster_row, size_t list_row, sentence *why) {
  csv_table *out = &work->out;
  for (size_t i = 0; i < out->column_count; ++i) {
    const char *cell;
    if (!choose_cell(work, roster_row, list_row, i, &cell, why)) return false;
    table_add_cell(out, cell);
  }
  ++out->row_count;
  return true;
}

static void note_strangers(joining *work, const join *by, void **tree) {
  for (size_t row = 0; row < work->list->row_count; ++row) {
    char *key = join_key(table_cell(work->list, row, by->in_list), work->trim_zeros);
    const key_rows *rows = rows_for(tree, key);
    if (!rows || !rows->used) name_list_add(&work->strangers, *key ? key : "(none)");
    free(key);
  }
}

/* The photos go to the first record with the key. */
static bool join_rows(joining *work, const join *by, sentence *why) {
  size_t *next = new_array(work->list->row_count, sizeof *next);
  void *tree = rows_by_key(work->list, by->in_list, work->trim_zeros, next);
  bool fine = true;
  for (size_t row = 0; row < work->roster->row_count && fine; ++row) {
    char *key = join_key(table_cell(work->roster, row, by->in_roster), work->trim_zeros);
    key_rows *rows = rows_for(&tree, key);
    size_t at = rows && !rows->used ? rows->first : NO_ROW;
    if (rows) rows->used = true;
    if (!rows) name_list_add(&work->unphotographed, *key ? key : "(none)");
    free(key);
    if (at == NO_ROW) fine = add_row(work, row, NO_ROW, why);
    for (; at != NO_ROW && fine; at = next[at]) fine = add_row(work, row, at, why);
  }
  if (fine) note_strangers(work, by, &tree);
  tdestroy(tree, free_rows);
  free(next);
  return fine;
}

static void add_note(name_list *notes, char *note) {
  name_list_add(notes, note);
  free(note);
}

static void note_unmatched(const joining *work, const join *by, name_list *notes) {
  char *strangers = join_examples(&work->strangers), *without = join_examples(&work->unphotographed);
  if (work->strangers.count)
    add_note(notes, new_text_of("%s photos of the list belong to nobody in the roster (%s%s).",
                                grouped(work->strangers.count), work->list->columns[by->in_list], strangers));
  if (work->unphotographed.count)
    add_note(notes, new_text_of("%s records of the roster have no photo in the list (%s%s).",
                                grouped(work->unphotographed.count), work->roster->columns[by->in_roster], without));
  size_t more = work->trim_zeros ? 0 : join_matches_without_zeros(&work->unphotographed, &work->strangers);
  if (more)
    add_note(notes, new_text_of("%s of these records would have photos if leading zeros did not count; if they do not, "
                                "say --join-trim-zeros.",
                                grouped(more)));
  free(strangers);
  free(without);
}

static int roster_column(const csv_table *roster, const char *given, const char *const *usual) {
  return given ? table_column(roster, given) : column_like_any(roster, usual);
}

bool roster_with_photo_list(const char *path, const roster_columns *columns, csv_table *roster, photo_list_use *use,
                            sentence *why) {
  csv_table list;
  join by;
  use->joined_by = NULL;
  if (!records_read(path, 0, columns, &list, why)) return false;
  bool fine = list.row_count || fail(why, "%s holds no records.", path);
  fine = fine && find_join(roster, &list, columns, &by, why);
  if (fine) {
    joining work = {.roster = roster,
                    .list = &list,
                    .trim_zeros = columns->trim_zeros,
                    .department = roster_column(roster, columns->department, usual_department_columns),
                    .jurisdiction = roster_column(roster, columns->jurisdiction, usual_jurisdiction_columns),
                    .matching = roster_column(roster, columns->matching, usual_matching_columns)};
    use->joined_by = new_text(roster->columns[by.in_roster]);
    lay_columns(&work, &by);
    fine = join_rows(&work, &by, why);
    if (fine) note_unmatched(&work, &by, use->notes);
    free(work.from_list);
    table_free(roster);
    *roster = work.out;
    if (fine && work.strangers.count == list.row_count) {
      fine = fail(why,
                  "None of the %zu records of %s belongs to a record of the roster (compared by `%s`); say with "
                  "--person-column which column of both tells people apart%s.",
                  list.row_count, path, use->joined_by,
                  join_matches_without_zeros(&work.unphotographed, &work.strangers)
                      ? ", or with --join-trim-zeros that leading zeros do not count"
                      : "");
    }
    name_list_free(&work.strangers);
    name_list_free(&work.unphotographed);
  }
  table_free(&list);
  if (!fine) {
    free(use->joined_by);
    use->joined_by = NULL;
  }
  return fine;
}
