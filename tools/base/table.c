/* CSV through libcsv, into a table. */
#include "table.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "spreadsheet.h"
#include "unicode.h"

/* ---------------------------------------------------------------------------------------------- the table */

void table_add_cell(csv_table *table, const char *text) {
  table->cells = room_for_one_more(table->cells, table->cell_count, &table->cell_capacity, sizeof *table->cells);
  table->cells[table->cell_count++] = (uint32_t)text_pool_number(&table->texts, text);
}

/* Names without any letter or digit are found by what they are. */
static char *letters_of(const char *name) {
  char *letters = text_letters(name);
  if (*letters) return letters;
  free(letters);
  return text_key(name);
}

int table_add_column(csv_table *table, const char *name) {
  size_t count = table->column_count;
  char *tidy = text_tidied(name);
  table->columns = grown_array(table->columns, count + 1, sizeof *table->columns);
  table->letters = grown_array(table->letters, count + 1, sizeof *table->letters);
  table->columns[count] = *tidy ? new_text(tidy) : new_text_of("column %zu", count + 1);
  table->letters[count] = letters_of(table->columns[count]);
  free(tidy);
  return (int)table->column_count++;
}

int table_column(const csv_table *table, const char *name) {
  char *letters = letters_of(name);
  int found = -1;
  for (size_t i = 0; i < table->column_count && found < 0; ++i) {
    if (!strcmp(table->letters[i], letters)) found = (int)i;
  }
  free(letters);
  return found;
}

const char *table_cell(const csv_table *table, size_t row, int column) {
  return table->texts.texts[table->cells[row * table->column_count + (size_t)column]];
}

void table_free(csv_table *table) {
  for (size_t i = 0; i < table->column_count; ++i) {
    free(table->columns[i]);
    free(table->letters[i]);
  }
  text_pool_free(&table->texts);
  name_list_free(&table->outside);
  free(table->cells);
  free(table->columns);
  free(table->letters);
  *table = (csv_table){0};
}

/* ---------------------------------------------------------------------------------------------- records */

typedef struct reader {
  const char *name;
  csv_table *table;
  size_t row_cells; /* cells of the current record so far */
  size_t line, record_line;
  bool in_record, header_done, failed;
  sentence *why;
} reader;

static bool fail_record(reader *reading, const char *what) {
  reading->failed = true;
  return fail(reading->why, "%s, record %zu (line %zu) %s", reading->name,
              reading->header_done ? reading->table->row_count + 1 : 0, reading->record_line, what);
}

static void take_header(reader *reading, const char *text) {
  csv_table *table = reading->table;
  if (table->column_count == MOST_COLUMNS)
    fail_record(reading, "has more than 4096 columns.");
  else
    table_add_column(table, text);
}

static void take_cell(void *data, size_t length, void *context) {
  reader *reading = context;
  const char *text = cell_without_apostrophe(data ? data : "");
  if (reading->failed) return;
  if (!reading->header_done) {
    take_header(reading, text);
  } else if (reading->row_cells++ < reading->table->column_count) {
    table_add_cell(reading->table, text);
  } else if (length) { /* separators at the end of a line say nothing */
    char *what = new_text_of("has more cells than the header has columns (%zu).", reading->table->column_count);
    fail_record(reading, what);
    free(what);
  }
}

static bool repeats_header(const csv_table *table) {
  for (size_t i = 0; i < table->column_count; ++i) {
    char *tidy = text_tidied(table_cell(table, table->row_count, (int)i));
    bool same = !strcmp(tidy, table->columns[i]);
    free(tidy);
    if (!same) return false;
  }
  return table->column_count > 1;
}

static void end_record(int end, void *context) {
  (void)end;
  reader *reading = context;
  reading->in_record = false;
  if (reading->failed) return;
  if (!reading->header_done) {
    reading->header_done = true;
    return;
  }
  while (reading->row_cells < reading->table->column_count) take_cell(NULL, 0, reading);
  reading->row_cells = 0;
  if (repeats_header(reading->table))
    fail_record(reading, "is the header again; are these two files in one? Delete that line, or read them one by one.");
  ++reading->table->row_count;
}

/* ---------------------------------------------------------------------------------------------- the separator */

static const char candidates[] = ",;\t|";
enum { CANDIDATES = sizeof candidates - 1, LINES_SEEN = 5 };

/* How often each candidate occurs outside quotes in the first lines; returns how many lines are whole. */
static size_t count_separators(dpl_bytes text, size_t counts[LINES_SEEN][CANDIDATES]) {
  size_t line = 0;
  bool quoted = false, empty = true;
  for (size_t i = 0; i < text.size && line < LINES_SEEN; ++i) {
    char letter = (char)text.data[i];
    const char *hit = letter ? strchr(candidates, letter) : NULL;
    if (letter == '"') quoted = !quoted;
    if (hit && !quoted) ++counts[line][hit - candidates];
    bool ends = !quoted && (letter == '\n' || letter == '\r');
    line += ends && !empty;
    empty = ends;
  }
  return line;
}

/* The candidate that the header has most of, among those of which every line has as many, if there are such. */
static char separator_of(dpl_bytes text) {
  size_t counts[LINES_SEEN][CANDIDATES] = {{0}}, lines = count_separators(text, counts), best = 0;
  bool best_steady = false;
  for (size_t i = 0; i < CANDIDATES; ++i) {
    bool steady = lines > 1 && counts[0][i] > 0;
    for (size_t line = 1; line < lines; ++line) steady = steady && counts[line][i] == counts[0][i];
    if (steady < best_steady || (steady == best_steady && counts[0][i] <= counts[0][best])) continue;
    best = i;
    best_steady = steady;
  }
  return candidates[best];
}

/* A first line `sep=;`, as spreadsheets write it: its length and its separator; 0 where there is none. */
static size_t separator_line(dpl_bytes text, char *separator) {
  const char *line = (const char *)text.data;
  size_t quote = text.size && line[0] == '"', at = quote + 5;
  if (text.size < at || strncasecmp(line + quote, "sep=", 4) != 0) return 0;
  const char said = line[at - 1];
  if (said == '"' || ((unsigned char)said < ' ' && said != '\t')) return 0;
  if (quote && (at == text.size || line[at++] != '"')) return 0;
  while (at < text.size && (line[at] == ',' || line[at] == ' ')) ++at; /* of a table saved again */
  const size_t line_end = at;
  if (at < text.size && line[at] == '\r') ++at;
  if (at < text.size && line[at] == '\n') ++at;
  if (at == line_end && at < text.size) return 0; /* a header that begins like it */
  *separator = said;
  return at;
}

/* ---------------------------------------------------------------------------------------------- CSV */

static bool check_columns(const char *name, const csv_table *table, sentence *why) {
  if (!table->column_count) return fail(why, "%s is empty; a header line with the columns' names is needed.", name);
  for (size_t i = 0; i < table->column_count; ++i) {
    int first = table_column(table, table->columns[i]);
    if ((size_t)first == i) continue;
    return fail(why, "%s has two columns named `%s`%s%s%s; give each its own name.", name, table->columns[i],
                strcmp(table->columns[first], table->columns[i]) != 0 ? " (the other is written `" : "",
                strcmp(table->columns[first], table->columns[i]) != 0 ? table->columns[first] : "",
                strcmp(table->columns[first], table->columns[i]) != 0 ? "`)" : "");
  }
  return true;
}

/* libcsv keeps one cell in memory, and reports what this refuses as a lack of memory. */
static void *bounded_memory(void *memory, size_t size) {
  return size > LARGEST_CELL + 8192 ? NULL : realloc(memory, size);
}

/* Line by line, so that callbacks know where they are. */
static bool parse_piece(struct csv_parser *parser, dpl_bytes piece, reader *reading) {
  for (size_t from = 0, to; from < piece.size; from = to) {
    for (to = from; to < piece.size && piece.data[to] != '\n';) ++to;
    bool whole = to < piece.size;
    to += whole;
    if (!reading->in_record && strspn((const char *)piece.data + from, "\r\n") == 0) {
      reading->record_line = reading->line;
      reading->in_record = true;
    }
    if (csv_parse(parser, piece.data + from, to - from, take_cell, end_record, reading) != to - from)
      return reading->failed || fail_record(reading, csv_error(parser) == CSV_ENOMEM
                                                         ? "has a cell of more than 1 MB; is a quote not closed there?"
                                                         : "has a quote that is not closed; write \"\" for a quote.");
    if (reading->failed) return false;
    reading->line += whole;
  }
  return true;
}

static bool parse(text_stream *text, struct csv_parser *parser, char separator, reader *reading) {
  dpl_bytes piece;
  bool first = true;
  for (;; first = false) {
    if (!text_piece(text, &piece, reading->why)) return false;
    if (first) {
      char said = 0;
      size_t skipped = separator_line(piece, &said);
      piece = (dpl_bytes){piece.data + skipped, piece.size - skipped};
      reading->line += skipped > 0;
      csv_set_delim(parser, (unsigned char)(separator ? separator : said ? said : separator_of(piece)));
      if (!piece.size && skipped) continue;
    }
    if (!piece.size) break;
    if (!parse_piece(parser, piece, reading)) return false;
  }
  csv_set_opts(parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL); /* only now: quotes inside cells are fine */
  if (csv_fini(parser, take_cell, end_record, reading) != 0)
    return fail_record(reading, "has a quote that is not closed; write \"\" for a quote.");
  return !reading->failed && check_columns(reading->name, reading->table, reading->why);
}

bool table_of_csv(text_stream *text, const char *name, char separator, csv_table *table, sentence *why) {
  *table = (csv_table){0};
  reader reading = {.name = name, .table = table, .why = why, .line = 1, .record_line = 1};
  struct csv_parser parser;
  if (csv_init(&parser, CSV_APPEND_NULL) != 0) return fail(why, "There is not enough memory.");
  csv_set_realloc_func(&parser, bounded_memory);
  csv_set_blk_size(&parser, 4096);
  bool fine = parse(text, &parser, separator, &reading);
  csv_free(&parser);
  if (!fine) table_free(table);
  return fine;
}

bool table_read_csv(const char *path, char separator, csv_table *table, sentence *why) {
  *table = (csv_table){0};
  text_stream *text = text_open(path, why);
  bool fine = text && table_of_csv(text, path, separator, table, why);
  text_close(text);
  return fine;
}
