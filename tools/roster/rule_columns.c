/* By words, by parts of words, and by edit distance. */
#include "rule_columns.h"

#include <stdlib.h>
#include <string.h>

#include "unicode.h"

/* Whole words; the names of columns in other languages are those of neighbouring countries' exports. */
static const char *const rule_words[] = {
    "state",  "states", "province", "jurisdictions", "dept",      "depts",      "agency",   "agencies",
    "match",  "bipa",   "allowed",  "permitted",     "forbidden", "denied",     "deny",     "permission",
    "optout", "optin",  "publish",  "publishable",   "suppress",  "suppressed", "withhold", "withheld"};

/* Parts of the name without spaces. */
static const char *const rule_parts[] = {"jurisdiction", "consent", "department",     "matching",
                                         "biometric",    "exclude", "exclusion",      "optout",
                                         "optedout",     "donot",   "facerecognition"};

/* Whole names, for slips of the pen. */
static const char *const rule_names[] = {"useformatching", "facematching", "jurisdiction", "department", "consent"};

/* Last words of columns that number departments or say something else about them. */
static const char *const harmless_ends[] = {" id ",  " ids ",   " number ", " no ",   " nr ",
                                            " url ", " email ", " phone ",  " size ", " address "};

static bool ends_with(const char *text, const char *end) {
  size_t size = strlen(text), length = strlen(end);
  return size >= length && !strcmp(text + size - length, end);
}

static bool has_rule_word(const char *words) {
  for (size_t i = 0; i < sizeof rule_words / sizeof *rule_words; ++i) {
    char *word = new_text_of(" %s ", rule_words[i]);
    bool found = strstr(words, word);
    free(word);
    if (found) return true;
  }
  return false;
}

static bool has_rule_part(const char *letters) {
  for (size_t i = 0; i < sizeof rule_parts / sizeof *rule_parts; ++i) {
    if (strstr(letters, rule_parts[i])) return true;
  }
  for (size_t i = 0; i < sizeof rule_names / sizeof *rule_names; ++i) {
    if (text_edits(letters, rule_names[i]) <= (strlen(rule_names[i]) > 8 ? 2 : 1)) return true;
  }
  return false;
}

static bool numbers_departments(const char *words) {
  if (!strstr(words, "department ") && !strstr(words, " dept ") && !strstr(words, " agency ")) return false;
  for (size_t i = 0; i < sizeof harmless_ends / sizeof *harmless_ends; ++i) {
    if (ends_with(words, harmless_ends[i])) return true;
  }
  return false;
}

bool resembles_rule(const char *column) {
  char *split = text_words(column, WORDS_SPLIT), *whole = text_words(column, 0), *letters = text_letters(column);
  bool found = (has_rule_word(split) || has_rule_word(whole) || has_rule_part(letters)) && !numbers_departments(split);
  free(split);
  free(whole);
  free(letters);
  return found;
}
