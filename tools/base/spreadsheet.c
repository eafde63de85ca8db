/* One apostrophe more, one less: what is written is read back as it was, also what begins with apostrophes. */
#include "spreadsheet.h"

#include <string.h>

bool cell_needs_apostrophe(const char *text) {
  static const char *const beginnings[] = {"=",  "+",      "-",      "@",      "\t",    "\r",
                                           "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
  text += strspn(text, "'");
  for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; ++i) {
    if (!strncmp(text, beginnings[i], strlen(beginnings[i]))) return true;
  }
  return false;
}

const char *cell_without_apostrophe(const char *cell) {
  return cell[0] == '\'' && cell_needs_apostrophe(cell) ? cell + 1 : cell;
}
