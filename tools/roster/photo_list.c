/* Joins a roster with the table that has the photos. */
#include "roster_sources.h"

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

#define NO_ROW SIZE_MAX

/* The rows of the list with one key, as chains. */
typedef struct rows_by_key {
  text_pool keys;
  size_t *first, *last, capacity, last_capacity; /* by the key's number */
  size_t *next;                                  /* by row */
  bool *used;                                    /* by row: it belongs to a record */
} rows_by_key;

static rows_by_key rows_of(const csv_table *list, int column, bool trim_zeros) {
  rows_by_key all = {.next = new_array(list->row_count, sizeof *all.next),
                     .used = new_array(list->row_count, sizeof *all.used)};
  for (size_t row = 0; row < list->row_count; ++row) {
    char *key = join_key(table_cell(list, row, column), trim_zeros);
    size_t before = all.keys.count, number = *key ? text_pool_number(&all.keys, key) : NO_TEXT;
    free(key);
    all.next[row] = NO_ROW;
    if (number == NO_TEXT) continue;
    if (number == before) {
      all.first = room_for_one_more(all.first, number, &all.capacity, sizeof *all.first);
      all.last = room_for_one_more(all.last, number, &all.last_capacity, sizeof *all.last);
      all.first[number] = row;
    } else {
      all.next[all.last[number]] = row;
    }
    all.last[number] = row;
  }
  return all;
}

static void free_rows(rows_by_key *all) {
  text_pool_free(&all->keys);
  free(all->first);
  free(all->last);
  free(all->next);
  free(all->used);
}

/* ---------------------------------------------------------------------------------------------- the joined table */

typedef struct joining {
  const csv_table *roster, *list;
  const join *by;
  bool trim_zeros;
  int *from_list;                         /* for each joined column: the list's, or −1 */
  int department, jurisdiction, matching; /* columns of the roster, or −1: what decides who must not be matched */
  csv_table out;
  photo_list_use *use;
  size_t source_capacity, flag_capacity;
} joining;

static void lay_columns(joining *work) {
  const join *by = work->by;
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
  bool in_roster = column < work->roster->column_count && roster_row != NO_ROW;
  const char *ours = in_roster ? table_cell(work->roster, roster_row, (int)column) : "";
  const char *theirs = work->from_list[column] >= 0 && list_row != NO_ROW
                           ? table_cell(work->list, list_row, work->from_list[column])
                           : "";
  if (roster_row == NO_ROW && (int)column == work->by->in_roster)
    theirs = table_cell(work->list, list_row, work->by->in_list);
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

/* One of the two rows may be NO_ROW. */
static bool add_row(joining *work, size_t roster_row, size_t list_row, sentence *why) {
  csv_table *out = &work->out;
  photo_list_use *use = work->use;
  use->sources = room_for_one_more(use->sources, out->row_count, &work->source_capacity, sizeof *use->sources);
  use->unphotographed =
      room_for_one_more(use->unphotographed, out->row_count, &work->flag_capacity, sizeof *use->unphotographed);
  use->sources[out->row_count] = roster_row == NO_ROW ? list_row : roster_row;
  use->unphotographed[out->row_count] = false;
  for (size_t i = 0; i < out->column_count; ++i) {
    const char *cell;
    if (!choose_cell(work, roster_row, list_row, i, &cell, why)) return false;
    table_add_cell(out, cell);
  }
  ++out->row_count;
  return true;
}

/* The photos go to the first record with the key; a later one neither has photos nor lacks them. */
static bool join_record(joining *work, rows_by_key *rows, size_t row, sentence *why) {
  char *key = join_key(table_cell(work->roster, row, work->by->in_roster), work->trim_zeros);
  size_t number = *key ? text_pool_find(&rows->keys, key) : NO_TEXT;
  size_t at = number == NO_TEXT ? NO_ROW : rows->first[number];
  bool fine = true, given_away = at != NO_ROW && rows->used[at];
  free(key);
  if (at == NO_ROW || given_away) {
    fine = add_row(work, row, NO_ROW, why);
    if (fine) work->use->unphotographed[work->out.row_count - 1] = !given_away;
    return fine;
  }
  for (; at != NO_ROW && fine; at = rows->next[at]) {
    rows->used[at] = true;
    fine = add_row(work, row, at, why);
  }
  return fine;
}

static bool join_rows(joining *work, sentence *why) {
  rows_by_key rows = rows_of(work->list, work->by->in_list, work->trim_zeros);
  bool fine = true;
  for (size_t row = 0; row < work->roster->row_count && fine; ++row) fine = join_record(work, &rows, row, why);
  work->use->first_stranger = work->out.row_count;
  for (size_t row = 0; row < work->list->row_count && fine; ++row) {
    if (!rows.used[row]) fine = add_row(work, NO_ROW, row, why);
  }
  free_rows(&rows);
  return fine;
}

/* Keys of the joined rows that are left of one side. */
static void ids_left(const joining *work, bool of_list, name_list *ids) {
  const csv_table *out = &work->out;
  for (size_t row = 0; row < out->row_count; ++row) {
    if (of_list ? row < work->use->first_stranger : !work->use->unphotographed[row]) continue;
    char *key = join_key(table_cell(out, row, work->by->in_roster), false);
    if (*key) name_list_add(ids, key);
    free(key);
  }
}

static void compare_without_zeros(joining *work) {
  name_list roster = {0}, list = {0};
  ids_left(work, false, &roster);
  ids_left(work, true, &list);
  if (!work->trim_zeros) work->use->without_zeros = join_matches_without_zeros(&roster, &list);
  name_list_free(&roster);
  name_list_free(&list);
}

/* ---------------------------------------------------------------------------------------------- notes */

static void add_note(name_list *notes, char *note) {
  name_list_add(notes, note);
  free(note);
}

/* Rows that are left of one side: how many, and the ids of some that are let in. */
static size_t left_over(const photo_list_use *use, const csv_table *joined, const bool *admitted, bool of_list,
                        char **examples) {
  name_list ids = {0};
  size_t count = 0, shown = 0;
  const int column = table_column(joined, use->joined_by);
  for (size_t row = 0; row < joined->row_count; ++row) {
    if (of_list ? row < use->first_stranger : !use->unphotographed[row]) continue;
    ++count;
    if (!admitted[row] || shown == JOIN_EXAMPLES) continue;
    char *id = text_tidied(table_cell(joined, row, column));
    name_list_add(&ids, *id ? id : "(none)");
    ++shown;
    free(id);
  }
  *examples = join_examples(of_list ? use->list_column : use->joined_by, &ids, count);
  name_list_free(&ids);
  return count;
}

void photo_list_note(const photo_list_use *use, const csv_table *joined, const bool *admitted, name_list *notes) {
  if (!use->joined_by) return;
  char *strangers, *without;
  size_t stranger_count = left_over(use, joined, admitted, true, &strangers);
  size_t without_count = left_over(use, joined, admitted, false, &without);
  if (stranger_count)
    add_note(notes, new_text_of("%s photos of the list belong to nobody in the roster%s.", grouped(stranger_count),
                                strangers));
  if (without_count)
    add_note(notes,
             new_text_of("%s records of the roster have no photo in the list%s.", grouped(without_count), without));
  if (use->without_zeros)
    add_note(notes, new_text_of("%s of these records would have photos if leading zeros did not count; if they do not, "
                                "say --join-trim-zeros.",
                                grouped(use->without_zeros)));
  free(strangers);
  free(without);
}

void photo_list_free(photo_list_use *use) {
  free(use->joined_by);
  free(use->list_column);
  free(use->sources);
  free(use->unphotographed);
  *use = (photo_list_use){.first_stranger = SIZE_MAX};
}

/* ---------------------------------------------------------------------------------------------- the join */

static int roster_column(const csv_table *roster, const char *given, const char *const *usual) {
  return given ? table_column(roster, given) : column_like_any(roster, usual);
}

static bool join_tables(const char *path, const roster_columns *columns, csv_table *roster, const csv_table *list,
                        photo_list_use *use, sentence *why) {
  join by;
  if (!list->row_count) return fail(why, "%s holds no records.", path);
  if (!find_join(roster, list, columns, &by, why)) return false;
  joining work = {.roster = roster,
                  .list = list,
                  .by = &by,
                  .use = use,
                  .trim_zeros = columns->trim_zeros,
                  .department = roster_column(roster, columns->department, usual_department_columns),
                  .jurisdiction = roster_column(roster, columns->jurisdiction, usual_jurisdiction_columns),
                  .matching = roster_column(roster, columns->matching, usual_matching_columns)};
  use->joined_by = new_text(roster->columns[by.in_roster]);
  use->list_column = new_text(list->columns[by.in_list]);
  lay_columns(&work);
  bool fine = join_rows(&work, why);
  if (fine) compare_without_zeros(&work);
  free(work.from_list);
  table_free(roster);
  *roster = work.out;
  if (!fine || roster->row_count - use->first_stranger < list->row_count) return fine;
  return fail(why,
              "None of the %zu records of %s belongs to a record of the roster (compared by `%s`); say with "
              "--person-column which column of both tells people apart%s.",
              list->row_count, path, use->joined_by,
              use->without_zeros ? ", or with --join-trim-zeros that leading zeros do not count" : "");
}

bool roster_with_photo_list(const char *path, const roster_columns *columns, csv_table *roster, photo_list_use *use,
                            sentence *why) {
  csv_table list;
  if (!records_read(path, 0, columns, &list, why)) return false;
  bool fine = join_tables(path, columns, roster, &list, use, why);
  table_free(&list);
  return fine;
}
