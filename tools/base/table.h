/* A CSV file with a header line as a table of text. Knows nothing of people or photos. */
#ifndef TOOL_TABLE_H
#define TOOL_TABLE_H

#include "basics.h"
#include "doppel.h"
#include "files.h"
#include "text.h"
#include "text_pool.h"

enum { MOST_COLUMNS = 4096, LARGEST_CELL = 1000000 /* bytes; a longer cell is a quote that is not closed */ };

typedef struct csv_table {
  char **columns; /* tidied */
  char **letters; /* of the columns, by which they are found */
  size_t column_count;
  text_pool texts; /* of the cells, as the file has them */
  uint32_t *cells; /* row by row, numbers of texts; that of "" where a row is short */
  size_t row_count, cell_count, cell_capacity;
  name_list outside; /* what JSON says next to its list of records, as KEY and VALUE in turn */
} csv_table;

/* Text as text.h takes it; quoted cells may hold line ends. Cells are separated by `separator`; 0: by what a first line
   `sep=;` says, else by comma, semicolon, tab or bar, whichever the first lines hold most of outside quotes. A quote
   inside a cell that does not begin with one is a quote. Refuses, with record and line: a quote that is not closed, a
   cell above LARGEST_CELL, a record with more cells than the header, the header's line again, two columns of one
   name. */
bool table_read_csv(const char *path, char separator, csv_table *table, sentence *why);
bool table_of_csv(text_stream *text, const char *name, char separator, csv_table *table, sentence *why);

int table_column(const csv_table *table, const char *name); /* by letters and digits; −1 where there is none */
const char *table_cell(const csv_table *table, size_t row, int column);

/* Filling a table: columns first, then cells row by row, then row_count. */
int table_add_column(csv_table *table, const char *name); /* its number; "column 3" where the name is empty */
void table_add_cell(csv_table *table, const char *text);  /* copies it */

void table_free(csv_table *table);

#endif
