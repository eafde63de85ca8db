/* Words and nothing else: no table of places stands behind them. */
#include "jurisdictions.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char illinois[] = ALWAYS_DENIED;

char *plain_words(const char *text) {
  char *spaced = new_text_of(" %s ", text), *to = spaced;
  for (const char *from = spaced; *from; ++from) {
    bool letter = isalnum((unsigned char)*from) || (unsigned char)*from >= 0x80;
    if (letter)
      *to++ = (char)tolower((unsigned char)*from);
    else if (to == spaced || to[-1] != ' ')
      *to++ = ' ';
  }
  *to = 0;
  return spaced;
}

static bool holds(const char *text, const char *name) {
  char *all = plain_words(text), *wanted = plain_words(name);
  bool found = strcmp(wanted, " ") != 0 && strstr(all, wanted);
  free(all);
  free(wanted);
  return found;
}

bool same_words(const char *a, const char *b) {
  char *first = plain_words(a), *second = plain_words(b);
  bool same = !strcmp(first, second);
  free(first);
  free(second);
  return same;
}

static bool is_illinois(const char *name) {
  return same_words(name, illinois) || same_words(name, "il");
}

bool same_jurisdiction(const char *a, const char *b) {
  return same_words(a, b) || (is_illinois(a) && is_illinois(b));
}

bool lies_in(const char *place, const char *jurisdiction) {
  return holds(place, jurisdiction) || (is_illinois(jurisdiction) && (holds(place, illinois) || holds(place, "il")));
}
