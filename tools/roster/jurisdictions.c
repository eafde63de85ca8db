/* Words, and a table of the spellings of states and provinces. */
#include "jurisdictions.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "unicode.h"

/* Spellings as text_words writes them, with | between them: the name, the postal code, abbreviations. A spelling behind
   a question mark is also an English word or a usual short form of something else. */
static const char *const places[] = {
    "alabama|?al|ala",
    "alaska|ak|alas",
    "american samoa|?as",
    "arizona|az|ariz",
    "arkansas|ar|ark",
    "california|ca|cal|calif",
    "colorado|?co|colo",
    "connecticut|?ct|conn",
    "delaware|?de|?del",
    "district of columbia|dc|washington dc",
    "florida|fl|fla",
    "georgia|ga",
    "guam|gu",
    "hawaii|?hi|hawai i",
    "idaho|?id|ida",
    "illinois|il|ill|ills",
    "indiana|?in|ind",
    "iowa|ia",
    "kansas|ks|kan|kans",
    "kentucky|ky|ken",
    "louisiana|?la",
    "maine|?me",
    "maryland|?md",
    "massachusetts|?ma|mass",
    "michigan|?mi|mich",
    "minnesota|mn|minn",
    "mississippi|?ms|?miss",
    "missouri|?mo",
    "montana|?mt|mont",
    "nebraska|ne|neb|nebr",
    "nevada|nv|nev",
    "new hampshire|nh|n hamp",
    "new jersey|nj|n jersey",
    "new mexico|nm|n mex|n mexico",
    "new york|ny|n york",
    "north carolina|nc|n car|n carolina",
    "north dakota|nd|n dak|n dakota",
    "northern mariana islands|mp|cnmi",
    "ohio|?oh",
    "oklahoma|?ok|okla",
    "oregon|?or|?ore|oreg",
    "pennsylvania|?pa|penn|penna",
    "puerto rico|?pr",
    "rhode island|ri",
    "south carolina|sc|s car|s carolina",
    "south dakota|sd|s dak|s dakota",
    "tennessee|tn|tenn",
    "texas|tx|tex",
    "utah|?ut",
    "vermont|?vt",
    "virgin islands|vi|usvi",
    "virginia|va",
    "washington|wa|?wash",
    "west virginia|wv|w va|w virginia",
    "wisconsin|wi|wis|wisc",
    "wyoming|wy|wyo",
    "alberta|ab|alta",
    "british columbia|bc",
    "manitoba|?mb|?man",
    "new brunswick|nb",
    "newfoundland and labrador|nl|newfoundland|labrador|nfld",
    "northwest territories|nt|nwt",
    "nova scotia|ns",
    "nunavut|nu",
    "ontario|?on|ont",
    "prince edward island|?pe|pei",
    "quebec|qc|que|pq",
    "saskatchewan|sk|sask",
    "yukon|yt|yukon territory",
};

/* The next spelling of a place with a space on both sides, as words are searched; false at the end. */
static bool next_spelling(const char **rest, char word[40], bool *doubtful) {
  if (!**rest) return false;
  *doubtful = **rest == '?';
  *rest += *doubtful;
  size_t length = strcspn(*rest, "|");
  word[0] = ' ';
  memcpy(word + 1, *rest, length);
  strcpy(word + 1 + length, " ");
  *rest += length + ((*rest)[length] == '|');
  return true;
}

static void cut_front(char *words, const char *front) {
  size_t length = strlen(front);
  if (strncmp(words, front, length - 1) != 0 || words[length - 1] != ' ' || !words[length]) return;
  memmove(words, words + length - 1, strlen(words + length - 1) + 1);
}

static void cut_back(char *words, const char *back) {
  size_t size = strlen(words), length = strlen(back);
  if (size > length && !strcmp(words + size - length, back)) words[size - length + 1] = 0;
}

/* The words of a jurisdiction's name without "State of", "the" and "USA". */
static char *name_words(const char *name) {
  static const char *const fronts[] = {" the ", " us ", " usa ", " state of ", " commonwealth of ", " province of "};
  static const char *const backs[] = {" usa ", " us ", " canada ", " state ", " province "};
  char *words = text_words(name, 0);
  for (size_t i = 0; i < sizeof fronts / sizeof *fronts; ++i) cut_front(words, fronts[i]);
  for (size_t i = 0; i < sizeof backs / sizeof *backs; ++i) cut_back(words, backs[i]);
  return words;
}

/* The place's entry in the table; NULL where it is none of them. */
static const char *place_named(const char *words) {
  char word[40];
  bool doubtful;
  for (size_t i = 0; i < sizeof places / sizeof *places; ++i) {
    for (const char *rest = places[i]; next_spelling(&rest, word, &doubtful);) {
      if (!strcmp(words, word)) return places[i];
    }
  }
  return NULL;
}

bool same_words(const char *a, const char *b) {
  char *first = text_words(a, 0), *second = text_words(b, 0);
  bool same = !strcmp(first, second);
  free(first);
  free(second);
  return same;
}

bool same_jurisdiction(const char *a, const char *b) {
  char *first = name_words(a), *second = name_words(b);
  const char *one = place_named(first), *other = place_named(second);
  bool same = !strcmp(first, second) || (one && one == other);
  free(first);
  free(second);
  return same;
}

/* ---------------------------------------------------------------------------------------------- longer texts */

static bool holds(const char *text, const char *words, unsigned options) {
  char *all = text_words(text, options);
  bool found = strstr(all, words);
  free(all);
  return found;
}

/* In capitals, in a text that is not all capitals. */
static bool holds_in_capitals(const char *text, const char *word) {
  char *all = text_words(text, WORDS_CASED), capitals[40];
  size_t length = 0;
  bool small = false;
  for (; word[length]; ++length) capitals[length] = (char)toupper((unsigned char)word[length]);
  capitals[length] = 0;
  for (const char *letter = all; *letter; ++letter) small = small || islower((unsigned char)*letter);
  bool found = small && strstr(all, capitals);
  free(all);
  return found;
}

/* As the last word of a part of the text between commas and the like, digits aside, or as the first behind one. */
static bool stands_at_an_end(const char *text, const char *word) {
  static const char separators[] = ",;:/|()[]{}";
  char *key = text_key(text);
  bool found = false, first = true;
  for (char *rest = key, *part; !found && (part = strsep(&rest, separators)); first = false) {
    char *words = text_words(part, 0);
    size_t length = strlen(word), size = strlen(words);
    found = !first && !strncmp(words, word, length);
    while (size > 1 && (isdigit((unsigned char)words[size - 2]) || words[size - 2] == ' ')) words[--size] = 0;
    cut_back(words, " usa ");
    cut_back(words, " us ");
    size = strlen(words);
    found = found || (size >= length && !strcmp(words + size - length, word));
    free(words);
  }
  free(key);
  return found;
}

/* A long word with one slip of the pen: "Illinios", or a letter that was lost with an invisible one. */
static bool holds_nearly(const char *text, const char *word, unsigned options) {
  enum { LONG_ENOUGH = 7 };
  const size_t length = strlen(word) - 2;
  if (length < LONG_ENOUGH || strchr(word + 1, ' ') != word + 1 + length) return false;
  char *wanted = new_text_of("%.*s", (int)length, word + 1), *all = text_words(text, options);
  bool found = false;
  for (char *rest = all, *part; !found && (part = strsep(&rest, " "));) found = text_edits(part, wanted) <= 1;
  free(all);
  free(wanted);
  return found;
}

static bool holds_spelling(const char *text, const char *word, bool doubtful) {
  bool found = holds(text, word, 0) || holds(text, word, WORDS_SPLIT) || holds_nearly(text, word, 0) ||
               holds_nearly(text, word, WORDS_SPLIT);
  if (!found) return false;
  return !doubtful || holds_in_capitals(text, word) || stands_at_an_end(text, word);
}

bool lies_in(const char *place, const char *jurisdiction) {
  if (!*place) return false;
  char *wanted = name_words(jurisdiction), word[40];
  const char *known = place_named(wanted), *rest = known;
  bool found = strcmp(wanted, " ") != 0 && holds_spelling(place, wanted, false), doubtful;
  if (known) found = false;
  while (known && !found && next_spelling(&rest, word, &doubtful)) found = holds_spelling(place, word, doubtful);
  free(wanted);
  return found;
}
