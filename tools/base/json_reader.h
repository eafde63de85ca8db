/* JSON read a token at a time from a text, with its place in it: numbers stay as they are written, and every error says
   line, column and what was expected. Knows nothing of tables. */
#ifndef TOOL_JSON_READER_H
#define TOOL_JSON_READER_H

#include "text.h"

enum { JSON_DEEPEST = 64 };

typedef struct json_reader {
  text_stream *text;
  const char *name; /* of the file, for sentences */
  size_t most;      /* bytes of a text or a value at most */
  dpl_bytes piece;
  size_t at, line, column; /* of the next character, from 1 */
  int depth;
  bool ended, failed;
  sentence *why;
  char *value; /* what was read last */
  size_t size, capacity;
} json_reader;

/* All of these return false after a failure. */
bool json_begin(json_reader *in, text_stream *text, const char *name, size_t most, sentence *why);
void json_end(json_reader *in);

int json_peek(json_reader *in);               /* the next character behind white space; −1 at the end, or failed */
bool json_take(json_reader *in, char letter); /* takes it if it is the next one */
bool json_expect(json_reader *in, char letter, const char *expected);
bool json_fail(json_reader *in,
               const char *expected); /* "<file>, line 3, column 7: <expected> was expected, not `x`." */
bool json_fail_with(json_reader *in, const char *problem); /* "<file>, line 3, column 7: <problem>" */

bool json_text(json_reader *in, const char *expected); /* a text into `value` */

/* Any value as text into `value`: texts as they are, numbers as written, true and false, null as ""; of a list its
   elements with `separator` between them (lists inside are part of it, empty ones leave nothing), of an object its JSON
   without white space. */
bool json_value(json_reader *in, char separator);

/* Whether another element follows, after `,`; false and `]` or `}` taken at the end. `first`: at the beginning. */
bool json_more(json_reader *in, char end, bool first);

#endif
