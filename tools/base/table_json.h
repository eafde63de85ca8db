/* Records in JSON as a table of text, so that what follows need not know where it came from. */
#ifndef TOOL_TABLE_JSON_H
#define TOOL_TABLE_JSON_H

#include "table.h"

/* A list of records, an object in which one list of records stands, or JSON Lines: one record after the other. Columns
   are the records' keys in the order in which they are first seen; spellings of one key (use_for_matching,
   useForMatching) are one column. Numbers are their text as written, null is "", a record within a record its JSON; the
   elements of a list stand one behind the other with TABLE_LIST_SEPARATOR between them. What stands next to the list
   goes to table->outside. Refuses, with line and column: what is no JSON, what follows the first value, a key that a
   record has twice, two lists of records, a text above LARGEST_CELL. */
#define TABLE_LIST_SEPARATOR '\x1f'
bool table_of_json(text_stream *text, const char *name, csv_table *table, sentence *why);

/* CSV or JSON, by the file's first character; `separator` as for table_read_csv. */
bool table_read(const char *path, csv_table *table, sentence *why);
bool table_read_separated(const char *path, char separator, csv_table *table, sentence *why);

#endif
