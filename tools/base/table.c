/* CSV through libcsv, into a table. */
#include "table.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "files.h"
#include "text.h"

typedef struct reader {
  const char *path;
  csv_table *table;
  size_t cell_capacity, column_capacity; /* of the table's arrays, while they grow */
  size_t row_cells;                      /* cells of the current record so far */
  bool header_done, failed;
  sentence *why;
} reader;

static void take_cell(void *data, size_t length, void *context) {
  reader *reading = context;
  csv_table *table = reading->table;
  const char *text = data ? data : "";
  if (reading->failed) return;
  if (!reading->header_done) {
    table->columns =
        room_for_one_more(table->columns, table->column_count, &reading->column_capacity, sizeof *table->columns);
    table->columns[table->column_count] =
        length ? new_text_of("%.*s", (int)length, text) : new_text_of("column %zu", table->column_count + 1);
    ++table->column_count;
    return;
  }
  if (reading->row_cells++ >= table->column_count) {
    if (length == 0) return; /* separators at the end of a line say nothing */
    reading->failed = !fail(reading->why, "%s, record %zu has more cells than the header has columns (%zu).",
                            reading->path, table->row_count + 1, table->column_count);
    return;
  }
  table->cells = room_for_one_more(table->cells, table->cell_count, &reading->cell_capacity, sizeof *table->cells);
  table->cells[table->cell_count++] = new_text_of("%.*s", (int)length, text);
}

static void end_record(int end, void *context) {
  (void)end;
  reader *reading = context;
  if (reading->failed) return;
  if (!reading->header_done) {
    reading->header_done = true;
    return;
  }
  while (reading->row_cells < reading->table->column_count) take_cell(NULL, 0, reading);
  reading->row_cells = 0;
  ++reading->table->row_count;
}

/* What separates cells: whichever of comma, semicolon and tab the first line holds most of. */
static unsigned char delimiter_of(dpl_bytes text) {
  static const char candidates[] = ",;\t";
  size_t counts[3] = {0}, best = 0;
  for (size_t i = 0; i < text.size && text.data[i] != '\n'; ++i) {
    const char *hit = text.data[i] ? strchr(candidates, text.data[i]) : NULL;
    if (hit) ++counts[hit - candidates];
  }
  for (size_t i = 1; i < 3; ++i) {
    if (counts[i] > counts[best]) best = i;
  }
  return (unsigned char)candidates[best];
}

static bool check_columns(const char *path, const csv_table *table, sentence *why) {
  if (!table->column_count) return fail(why, "%s is empty; a header line with the columns' names is needed.", path);
  for (size_t i = 0; i < table->column_count; ++i) {
    if ((size_t)table_column(table, table->columns[i]) != i) {
      return fail(why, "%s has two columns named `%s`; give each its own name.", path, table->columns[i]);
    }
  }
  return true;
}

static bool parse(const char *path, dpl_bytes text, csv_table *table, sentence *why) {
  reader reading = {.path = path, .table = table, .why = why};
  struct csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0)
    return fail(why, "There is not enough memory.");
  csv_set_delim(&parser, delimiter_of(text));
  bool complete = csv_parse(&parser, text.data, text.size, take_cell, end_record, &reading) == text.size &&
                  csv_fini(&parser, take_cell, end_record, &reading) == 0;
  csv_free(&parser);
  if (reading.failed) return false;
  if (!complete) {
    return fail(why, "%s, record %zu has a quote that is not closed or stands inside a cell; write \"\" for a quote.",
                path, reading.header_done ? table->row_count + 1 : 0);
  }
  return check_columns(path, table, why);
}

bool table_read_csv(const char *path, csv_table *table, sentence *why) {
  *table = (csv_table){0};
  dpl_bytes text;
  if (!text_read(path, &text, why)) return false;
  bool fine = parse(path, text, table, why);
  bytes_free(&text);
  if (!fine) table_free(table);
  return fine;
}

int table_column(const csv_table *table, const char *name) {
  for (size_t i = 0; i < table->column_count; ++i) {
    if (!strcasecmp(table->columns[i], name)) return (int)i;
  }
  return -1;
}

const char *table_cell(const csv_table *table, size_t row, int column) {
  return table->cells[row * table->column_count + (size_t)column];
}

void table_free(csv_table *table) {
  for (size_t i = 0; i < table->cell_count; ++i) free(table->cells[i]);
  for (size_t i = 0; i < table->column_count; ++i) free(table->columns[i]);
  free(table->cells);
  free(table->columns);
  *table = (csv_table){0};
}
