/* Subtag by subtag. */
#include "language_tag.h"

#include <ctype.h>
#include <string.h>

static size_t subtag_length(const char *at, bool *letters) {
  size_t length = 0;
  *letters = true;
  for (; isalnum((unsigned char)at[length]); ++length) *letters = *letters && isalpha((unsigned char)at[length]);
  return length;
}

bool language_tag_is_valid(const char *text) {
  bool letters, single = false;
  size_t length = subtag_length(text, &letters);
  const bool is_private = length == 1 && (*text == 'x' || *text == 'X');
  if (!letters || (!is_private && (length < 2 || length > 8))) return false;
  for (single = is_private; text[length] == '-'; single = length == 1) {
    text += length + 1;
    length = subtag_length(text, &letters);
    if (length < 1 || length > 8 || (single && length < 2 && !is_private)) return false;
  }
  return !text[length] && !single;
}
