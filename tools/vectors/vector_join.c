/* Sorted ids of the records, and a search in them for each vector. */
#include "vector_join.h"

#include <stdlib.h>
#include <string.h>

#include "id_join.h"
#include "output.h"
#include "roster_columns.h"
#include "rule_columns.h"
#include "table_json.h"
#include "unicode.h"

typedef struct record_id {
  char *id;
  size_t record;
} record_id;

static int by_id(const void *a, const void *b) {
  return strcmp(((const record_id *)a)->id, ((const record_id *)b)->id);
}

/* The records that have an id, in the order of their ids; two with the same id are refused: which of them has the
   vector, and may it be matched? */
static bool ids_of_records(const vector_join *how, const csv_table *roster, record_id *ids, size_t *count,
                           sentence *why) {
  int column = table_column(roster, how->column);
  if (column < 0) {
    char *problem = new_text_of("The roster has no column `%.100s` (--id-column).", how->column);
    fail_with_columns(why, roster, "", problem);
    free(problem);
    return false;
  }
  for (size_t i = 0; i < roster->row_count; ++i) {
    char *id = join_key(table_cell(roster, i, column), how->trim_zeros);
    if (*id)
      ids[(*count)++] = (record_id){id, i};
    else
      free(id);
  }
  qsort(ids, *count, sizeof *ids, by_id);
  for (size_t i = 1; i < *count; ++i) {
    if (!by_id(&ids[i - 1], &ids[i]))
      return fail(why, "Two records of the roster have the %.80s \"%.80s\"; a vector belongs to one record.",
                  roster->columns[column], ids[i].id);
  }
  return true;
}

/* Nothing but ids is read from the file of ids. */
static bool check_rules(const vector_join *how, const csv_table *ids, int id_column, sentence *why) {
  for (int i = 0; i < (int)ids->column_count; ++i) {
    bool ignored = i == id_column || !resembles_rule(ids->columns[i]);
    for (size_t k = 0; k < how->ignored->count && !ignored; ++k)
      ignored = text_same(how->ignored->names[k], ids->columns[i]);
    if (!ignored)
      return fail(why,
                  "The column %.100s of %s resembles a rule about who must not be matched; put it into the roster, or "
                  "pass it over with --ignore-column \"%.100s\".",
                  ids->columns[i], how->ids_file, ids->columns[i]);
  }
  return true;
}

/* The column of ids: the one that is called as the roster's, or the only one. */
static bool read_ids(const vector_join *how, const foreign_vectors *file, csv_table *ids, int *column, sentence *why) {
  if (how->ids_file && file->names)
    return fail(why, "The index names its vectors, and these names are the ids; leave --ids out.");
  if (!how->ids_file)
    return !file->by_row || fail(why, "The rows of an array have no ids; name a file that has one per row with --ids.");
  if (!table_read(how->ids_file, ids, why)) return false;
  *column = table_column(ids, how->column);
  if (*column < 0 && ids->column_count == 1) *column = 0;
  if (*column < 0)
    return fail_with_columns(why, ids, "the file of ids", "It has no column with the name of --id-column.");
  if (!check_rules(how, ids, *column, why)) return false;
  return !file->by_row || ids->row_count == file->count ||
         fail(why, "%s has %zu ids, and the array %zu rows; id i must belong to row i.", how->ids_file, ids->row_count,
              file->count);
}

static char *id_of_vector(const vector_join *how, const foreign_vectors *file, const csv_table *ids, int column,
                          size_t vector) {
  const uint64_t label = file->labels[vector];
  if (file->names) return join_key(file->names[vector], how->trim_zeros);
  if (!how->ids_file) {
    char *text = new_text_of("%llu", (unsigned long long)label), *key = join_key(text, how->trim_zeros);
    free(text);
    return key;
  }
  return label < ids->row_count ? join_key(table_cell(ids, (size_t)label, column), how->trim_zeros) : new_text("");
}

static void add_note(name_list *notes, char *note) {
  name_list_add(notes, note);
  free(note);
}

void vectors_left_note(const vector_join *how, const vectors_left *left, const bool *admitted, name_list *notes) {
  name_list told = {0};
  for (size_t i = 0; i < left->record_ids.count && told.count < JOIN_EXAMPLES; ++i) {
    if (admitted[left->records[i]]) name_list_add(&told, left->record_ids.names[i]);
  }
  char *lone_records = join_examples(how->column, &told, left->record_ids.count);
  char *lone_vectors = join_examples(how->column, &left->vectors, left->vectors.count);
  if (left->vectors.count)
    add_note(notes, new_text_of("%s vectors belong to no record of the roster%s.", grouped(left->vectors.count),
                                lone_vectors));
  if (left->record_ids.count)
    add_note(notes, new_text_of("%s records have no vector%s.", grouped(left->record_ids.count), lone_records));
  size_t more = how->trim_zeros ? 0 : join_matches_without_zeros(&left->record_ids, &left->vectors);
  if (more)
    add_note(notes, new_text_of("%s of these records would have vectors if leading zeros did not count; if they do "
                                "not, say --join-trim-zeros.",
                                grouped(more)));
  free(lone_records);
  free(lone_vectors);
  name_list_free(&told);
}

void vectors_left_free(vectors_left *left) {
  name_list_free(&left->vectors);
  name_list_free(&left->record_ids);
  free(left->records);
  *left = (vectors_left){0};
}

static bool join(const vector_join *how, const foreign_vectors *file, const csv_table *ids, int column,
                 const record_id *records, size_t count, size_t *vector_of, name_list *left, sentence *why) {
  for (size_t i = 0; i < file->count; ++i) {
    record_id wanted = {id_of_vector(how, file, ids, column, i), 0};
    const record_id *found = count ? bsearch(&wanted, records, count, sizeof *records, by_id) : NULL;
    bool fine = !found || !vector_of[found->record] ||
                fail(why, "Two vectors have the id \"%.80s\"; a record has one vector.", wanted.id);
    if (found && fine) vector_of[found->record] = i + 1;
    if (!found) name_list_add(left, *wanted.id ? wanted.id : "(none)");
    free(wanted.id);
    if (!fine) return false;
  }
  return left->count < file->count ||
         fail(why,
              "None of the %zu vectors belongs to a record of the roster (compared by `%.100s`); say with --id-column "
              "which column has their ids.",
              file->count, how->column);
}

bool vectors_join(const vector_join *how, const csv_table *roster, const foreign_vectors *file, size_t *vector_of,
                  vectors_left *left, sentence *why) {
  record_id *records = new_array(roster->row_count, sizeof *records);
  size_t count = 0;
  csv_table ids = {0};
  int column = -1;
  *left = (vectors_left){0};
  bool fine = ids_of_records(how, roster, records, &count, why) && read_ids(how, file, &ids, &column, why) &&
              join(how, file, &ids, column, records, count, vector_of, &left->vectors, why);
  for (size_t i = 0; i < count; ++i) {
    if (fine && !vector_of[records[i].record]) {
      left->records = room_for_one_more(left->records, left->record_ids.count, &left->record_capacity, sizeof(size_t));
      left->records[left->record_ids.count] = records[i].record;
      name_list_add(&left->record_ids, records[i].id);
    }
    free(records[i].id);
  }
  free(records);
  table_free(&ids);
  return fine;
}
