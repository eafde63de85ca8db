/* Ids as text, by which two tables are joined, and what of either side is left. Knows nothing of rosters. */
#ifndef TOOL_ID_JOIN_H
#define TOOL_ID_JOIN_H

#include "basics.h"
#include "files.h"

/* The id in a cell as it is compared: text, so that 007 and 7 differ, unless `trim_zeros`. "" where the cell says
   nothing. New text. */
char *join_key(const char *cell, bool trim_zeros);

enum { JOIN_EXAMPLES = 5 };

/* " (id: 98, 99, 100, 101, 102 and 3 more)" behind what is said of `count` unmatched ids of a column, of which the list
   has some. New text. */
char *join_examples(const char *column, const name_list *ids, size_t count);

/* How many of `ids` would be among `others` if leading zeros did not count. */
size_t join_matches_without_zeros(const name_list *ids, const name_list *others);

#endif
