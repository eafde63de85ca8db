/* JSON records, one at a time, into a table. */
#include "table_json.h"

#include <stdlib.h>
#include <string.h>

#include "json_reader.h"
#include "unicode.h"

/* A cell before all columns are known. */
typedef struct loose_cell {
  uint32_t row, column, text;
} loose_cell;

typedef struct reading {
  json_reader in;
  csv_table *table;
  loose_cell *cells;
  size_t count, capacity;
  size_t *last_row; /* of each column: which row had it last, plus one */
  int hint;         /* the column that is likely to come next */
} reading;

/* ---------------------------------------------------------------------------------------------- records */

static int column_of(reading *all, const char *key) {
  csv_table *table = all->table;
  int column = all->hint;
  if (column >= (int)table->column_count || strcmp(table->columns[column], key) != 0) {
    column = table_column(table, key);
    if (column < 0 && table->column_count == MOST_COLUMNS) {
      json_fail_with(&all->in, "the records have more than 4096 different keys.");
      return -1;
    }
    if (column < 0) {
      column = table_add_column(table, key);
      all->last_row = grown_array(all->last_row, table->column_count, sizeof *all->last_row);
      all->last_row[column] = 0;
    }
  }
  all->hint = column + 1;
  return column;
}

static bool add_cell(reading *all, size_t row, const char *key, const char *text) {
  int column = column_of(all, key);
  if (column < 0) return false;
  if (all->last_row[column] == row + 1) {
    char *problem = new_text_of("the key `%.80s` is there twice in one record; keep one of them.", key);
    json_fail_with(&all->in, problem);
    free(problem);
    return false;
  }
  all->last_row[column] = row + 1;
  all->cells = room_for_one_more(all->cells, all->count, &all->capacity, sizeof *all->cells);
  all->cells[all->count++] =
      (loose_cell){(uint32_t)row, (uint32_t)column, (uint32_t)text_pool_number(&all->table->texts, text)};
  return true;
}

/* A key and the colon; new text, NULL after a failure. */
static char *take_key(json_reader *in) {
  if (!json_text(in, "a name in quotes")) return NULL;
  char *key = new_text(in->value);
  if (json_expect(in, ':', "`:` behind a name")) return key;
  free(key);
  return NULL;
}

/* Text of a cell that is no list must not look like one. */
static void without_separators(char *text, bool is_list) {
  for (; !is_list && *text; ++text) {
    if (*text == TABLE_LIST_SEPARATOR) *text = ' ';
  }
}

static bool take_value(json_reader *in) {
  bool is_list = json_peek(in) == '[';
  if (!json_value(in, TABLE_LIST_SEPARATOR)) return false;
  without_separators(in->value, is_list);
  return true;
}

/* Behind its brace. */
static bool take_record(reading *all) {
  json_reader *in = &all->in;
  size_t row = all->table->row_count;
  bool fine = true;
  all->hint = 0;
  for (bool first = true; fine && json_more(in, '}', first); first = false) {
    char *key = take_key(in);
    fine = key && take_value(in) && add_cell(all, row, key, in->value);
    free(key);
  }
  ++all->table->row_count;
  return fine && !in->failed;
}

/* Behind its bracket, or behind the first element's brace. */
static bool take_records(reading *all, bool in_first) {
  json_reader *in = &all->in;
  bool fine = !in_first || take_record(all);
  for (bool first = !in_first; fine && json_more(in, ']', first); first = false)
    fine = json_expect(in, '{', "a record in braces") && take_record(all);
  return fine && !in->failed;
}

/* ---------------------------------------------------------------------------------------------- the first value */

/* What an object in the first place says: one record, until a list of records is found in it. */
static void set_aside(csv_table *table, const char *key, const char *text) {
  name_list_add(&table->outside, key);
  name_list_add(&table->outside, text);
}

static bool take_member(reading *all, const char *key, bool *has_list) {
  json_reader *in = &all->in;
  if (!json_take(in, '[')) {
    if (!take_value(in)) return false;
  } else if (json_take(in, '{')) {
    if (*has_list) return json_fail_with(in, "a second list of records; which of them is the roster?");
    *has_list = true;
    return take_records(all, true);
  } else { /* a list of something else: as if its bracket had not been taken */
    in->size = 0;
    in->value[0] = 0;
    char *text = new_text("");
    bool fine = true;
    for (bool first = true; fine && json_more(in, ']', first); first = false) {
      fine = json_value(in, TABLE_LIST_SEPARATOR);
      char *longer = new_text_of("%s%s%s", text, *text && *in->value ? "\x1f" : "", fine ? in->value : "");
      free(text);
      text = longer;
    }
    if (fine && !in->failed) set_aside(all->table, key, text);
    free(text);
    return fine && !in->failed;
  }
  set_aside(all->table, key, in->value);
  return true;
}

/* What was set aside was a record after all. */
static bool take_back(reading *all) {
  csv_table *table = all->table;
  bool fine = true;
  size_t row = table->row_count++;
  for (size_t i = 0; i < table->outside.count && fine; i += 2)
    fine = add_cell(all, row, table->outside.names[i], table->outside.names[i + 1]);
  name_list_free(&table->outside);
  return fine;
}

/* Behind the brace of the first object: an object around a list, or the first of JSON Lines. */
static bool take_first_object(reading *all) {
  json_reader *in = &all->in;
  bool fine = true, has_list = false;
  for (bool first = true; fine && json_more(in, '}', first); first = false) {
    char *key = take_key(in);
    fine = key && take_member(all, key, &has_list);
    free(key);
  }
  if (!fine || in->failed) return false;
  if (has_list) return true;
  fine = take_back(all);
  while (fine && json_take(in, '{')) fine = take_record(all);
  return fine && !in->failed;
}

/* ---------------------------------------------------------------------------------------------- the table */

static void lay_cells(reading *all) {
  csv_table *table = all->table;
  table->cell_count = table->row_count * table->column_count;
  table->cells = new_array(table->cell_count, sizeof *table->cells);
  uint32_t empty = (uint32_t)text_pool_number(&table->texts, "");
  for (size_t i = 0; i < table->cell_count; ++i) table->cells[i] = empty;
  for (size_t i = 0; i < all->count; ++i)
    table->cells[all->cells[i].row * table->column_count + all->cells[i].column] = all->cells[i].text;
}

static bool take_all(reading *all) {
  json_reader *in = &all->in;
  bool list = json_take(in, '[');
  if (!(list ? take_records(all, false)
             : json_expect(in, '{', "a list of records or a record") && take_first_object(all)))
    return false;
  if (json_peek(in) >= 0)
    return json_fail(in, all->table->outside.count || list ? "the end of the file behind the list of records"
                                                           : "another record in braces, or the end of the file");
  return !in->failed;
}

bool table_of_json(text_stream *text, const char *name, csv_table *table, sentence *why) {
  *table = (csv_table){0};
  reading all = {.table = table};
  bool fine = json_begin(&all.in, text, name, LARGEST_CELL, why) && take_all(&all);
  json_end(&all.in);
  if (fine && (!table->row_count || !table->column_count)) fine = fail(why, "%s holds no records.", name);
  if (fine) lay_cells(&all);
  free(all.cells);
  free(all.last_row);
  if (!fine) table_free(table);
  return fine;
}

/* JSON begins with a bracket, whatever the file is called. */
static bool begins_like_json(dpl_bytes text) {
  for (size_t at = 0; at < text.size; ++at) {
    if (strchr(" \t\r\n\v\f", text.data[at])) continue;
    return text.data[at] == '[' || text.data[at] == '{';
  }
  return false;
}

bool table_read_separated(const char *path, char separator, csv_table *table, sentence *why) {
  *table = (csv_table){0};
  dpl_bytes piece;
  text_stream *text = text_open(path, why);
  if (!text || !text_piece(text, &piece, why)) {
    text_close(text);
    return false;
  }
  bool json = begins_like_json(piece);
  text_close(text);
  if (!json) return table_read_csv(path, separator, table, why);
  text = text_open(path, why);
  bool fine = text && table_of_json(text, path, table, why);
  text_close(text);
  return fine;
}

bool table_read(const char *path, csv_table *table, sentence *why) {
  return table_read_separated(path, 0, table, why);
}
