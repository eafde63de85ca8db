/* Text files of people, whatever encoding mark they begin with, as checked UTF-8. Knows nothing of tables. */
#ifndef TOOL_TEXT_H
#define TOOL_TEXT_H

#include "basics.h"
#include "doppel.h"

/* A whole file as UTF-8 without its mark: UTF-8, UTF-16 or UTF-32 by the mark, UTF-8 where there is none. Names the
   line that is no text. The bytes come from malloc: bytes_free. */
bool text_read(const char *path, dpl_bytes *text, sentence *why);

/* True for text that is well-formed UTF-8; otherwise `line` (may be NULL) receives the line of the first bad byte. */
bool text_is_utf8(dpl_bytes text, size_t *line);

/* New text without white space at the ends; runs of it inside become one space. */
char *text_tidied(const char *text);

/* "yes", "true", "1", … into true and "no", "false", "0", … into false, in any case; false where it is neither. */
bool text_yes_or_no(const char *text, bool *yes);

#endif
