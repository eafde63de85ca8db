/* A CSV file with a header line as a table of text. Knows nothing of people or photos. */
#ifndef TOOL_TABLE_H
#define TOOL_TABLE_H

#include "basics.h"
#include "doppel.h"

typedef struct csv_table {
  char **columns;
  size_t column_count;
  char **cells; /* row by row; "" where a row is short */
  size_t row_count, cell_count;
} csv_table;

/* Text as text_read takes it; comma, semicolon or tab, whichever the header line holds; quoted cells may
   hold line ends. Refuses, with the record's number: a quote that is not closed or out of place, a record with more
   cells than the header, two columns of one name. */
bool table_read_csv(const char *path, csv_table *table, sentence *why);
int table_column(const csv_table *table, const char *name); /* any case; −1 where there is none */
const char *table_cell(const csv_table *table, size_t row, int column);
void table_free(csv_table *table);

#endif
