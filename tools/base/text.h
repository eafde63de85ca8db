/* Text files of people, whatever encoding mark they begin with, as checked UTF-8. Knows nothing of tables. */
#ifndef TOOL_TEXT_H
#define TOOL_TEXT_H

#include "basics.h"
#include "doppel.h"

/* A text that is read a piece at a time, so that memory does not grow with it. UTF-8, UTF-16 or UTF-32 by its mark,
   UTF-8 where there is none. */
typedef struct text_stream text_stream;

text_stream *text_open(const char *path, sentence *why);         /* a regular file; NULL with a sentence */
text_stream *text_open_bytes(const char *name, dpl_bytes bytes); /* borrowed until the end */
void text_close(text_stream *stream);                            /* may be NULL */

/* The next piece in UTF-8 without its mark: whole characters, no NUL, valid until the next call; size 0 at the end.
   Names the line that is no text. */
bool text_piece(text_stream *stream, dpl_bytes *piece, sentence *why);

/* A whole file. The bytes come from malloc: bytes_free. */
bool text_read(const char *path, dpl_bytes *text, sentence *why);

#endif
