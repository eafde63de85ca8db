/* Cells of CSV that a spreadsheet would take for a formula. Knows nothing of tables. */
#ifndef TOOL_SPREADSHEET_H
#define TOOL_SPREADSHEET_H

#include "basics.h"

/* Whether a cell begins with = + - @ (also full-width), a tab or a line end, behind any apostrophes. Such a cell is
   written with one apostrophe more in front, which makes it text. */
bool cell_needs_apostrophe(const char *text);

/* The text of a cell that was written so; other cells as they are. A place within `cell`. */
const char *cell_without_apostrophe(const char *cell);

#endif
