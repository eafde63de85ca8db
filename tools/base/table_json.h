/* Records in JSON as a table of text, so that what follows need not know where it came from. */
#ifndef TOOL_TABLE_JSON_H
#define TOOL_TABLE_JSON_H

#include "table.h"

/* An array of records (or an object whose only array of records it is). Columns are the records' keys in the order in
   which they are first seen. Numbers and true/false become their text, null becomes "", a record within a record its
   JSON; the elements of a list stand one behind the other with TABLE_LIST_SEPARATOR between them. */
#define TABLE_LIST_SEPARATOR '\x1f'
bool table_read_json(const char *path, csv_table *table, sentence *why);

/* CSV or JSON, by the file's first character. */
bool table_read(const char *path, csv_table *table, sentence *why);

#endif
