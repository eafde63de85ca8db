/* What holds for every table that was read, and for every sentence on one that was not. */
#ifndef DOPPEL_FUZZ_TABLES_H
#define DOPPEL_FUZZ_TABLES_H

#include "table_json.h"
#include "unicode.h"

#include "seeds.h" /* last: cmocka has a macro `fail` */

/* NULL bytes where there is no table. */
typedef bool (*table_source)(text_stream *text, const char *name, csv_table *table, sentence *why);

static inline bool read_table(dpl_bytes bytes, table_source source, csv_table *table) {
  sentence why = {0};
  text_stream *text = text_open_bytes("f", bytes);
  bool fine = source(text, "f", table, &why);
  text_close(text);
  if (!fine && (!*why.text || !utf8_is_valid(why.text) || table->cells)) abort();
  return fine;
}

static inline void check_table(const csv_table *table) {
  if (table->cell_count != table->row_count * table->column_count) abort();
  for (size_t i = 0; i < table->column_count; i++) {
    if (!*table->columns[i] || !utf8_is_valid(table->columns[i])) abort();
    if (table_column(table, table->columns[i]) != (int)i) abort(); /* each name is found, and means one column */
  }
  for (size_t row = 0; row < table->row_count; row++) {
    for (int i = 0; i < (int)table->column_count; i++) {
      if (!utf8_is_valid(table_cell(table, row, i))) abort();
    }
  }
}

static inline void check_same(const csv_table *a, const csv_table *b) {
  if (a->row_count != b->row_count || a->column_count != b->column_count) abort();
  for (size_t i = 0; i < a->column_count; i++) {
    if (strcmp(a->columns[i], b->columns[i]) != 0) abort();
  }
  for (size_t row = 0; row < a->row_count; row++) {
    for (int i = 0; i < (int)a->column_count; i++) {
      if (strcmp(table_cell(a, row, i), table_cell(b, row, i)) != 0) abort();
    }
  }
}

#endif
