/* Spellings through libutf8proc; which characters count as spaces, dashes and quotes is written here. */
#include "unicode.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* ---------------------------------------------------------------------------------------------- code points */

size_t utf8_length(const uint8_t *text, size_t left) {
  static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
  if (!left) return 0;
  if (text[0] < 0x80) return text[0] != 0;
  size_t length = text[0] >= 0xF0 ? 4 : text[0] >= 0xE0 ? 3 : text[0] >= 0xC2 ? 2 : 0;
  if (!length || text[0] > 0xF4 || length > left) return 0;
  uint32_t value = text[0] & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((text[i] & 0xC0) != 0x80) return 0;
    value = value << 6 | (text[i] & 0x3Fu);
  }
  bool allowed = value >= least[length] && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
  return allowed ? length : 0;
}

bool utf8_is_valid(const char *text) {
  size_t left = strlen(text);
  for (size_t length; left; text += length, left -= length) {
    if (!(length = utf8_length((const uint8_t *)text, left))) return false;
  }
  return true;
}

/* Text that grows by code points. */
typedef struct writer {
  char *text;
  size_t size, capacity;
} writer;

static void put(writer *out, int32_t letter) {
  if (out->size + 5 > out->capacity) {
    out->capacity = (out->size + 5) * 2;
    out->text = grown_array(out->text, out->capacity, 1);
  }
  out->size += (size_t)utf8proc_encode_char(letter, (utf8proc_uint8_t *)out->text + out->size);
  out->text[out->size] = 0;
}

static char *finished(writer *out) {
  return out->text ? out->text : new_text("");
}

/* The next code point of well-formed text. */
static int32_t next_letter(const char **text) {
  utf8proc_int32_t letter;
  *text += utf8proc_iterate((const utf8proc_uint8_t *)*text, -1, &letter);
  return letter;
}

char *text_decoded(const char *text) {
  /* Windows-1252 from 0x80 to 0x9F; what it leaves undefined is U+FFFD. */
  static const uint16_t high[32] = {0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD,
                                    0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};
  if (utf8_is_valid(text)) return new_text(text);
  writer out = {0};
  for (const uint8_t *byte = (const uint8_t *)text; *byte; ++byte)
    put(&out, *byte >= 0x80 && *byte < 0xA0 ? high[*byte - 0x80] : *byte);
  return finished(&out);
}

static bool is_ascii(const char *text) {
  while (*text && (uint8_t)*text < 0x80) ++text;
  return !*text;
}

/* Visible ASCII with single spaces between it, which is tidy as it is: most text of rosters. */
static bool is_plain(const char *text) {
  char last = ' ';
  for (; *text; last = *text++) {
    if (*text < ' ' || *text > '~' || (*text == ' ' && last == ' ')) return false;
  }
  return last != ' ';
}

/* What libutf8proc makes of any bytes. Of the options used here only case folding changes ASCII. */
static char *mapped(const char *text, unsigned options) {
  char *decoded = text_decoded(text);
  if (is_ascii(decoded)) {
    for (char *letter = decoded; *letter; ++letter) {
      if ((options & UTF8PROC_CASEFOLD) && *letter >= 'A' && *letter <= 'Z') *letter = (char)(*letter - 'A' + 'a');
    }
    return decoded;
  }
  utf8proc_uint8_t *made = NULL;
  if (utf8proc_map((const utf8proc_uint8_t *)decoded, 0, &made, (utf8proc_option_t)(UTF8PROC_NULLTERM | options)) < 0)
    end_without_memory();
  free(decoded);
  return (char *)made;
}

/* ---------------------------------------------------------------------------------------------- kinds of characters */

static utf8proc_category_t category(int32_t letter) {
  return utf8proc_category(letter);
}

static bool is_line_end(int32_t letter) {
  return letter == '\n' || letter == '\v' || letter == '\f' || letter == '\r' || letter == 0x85 || letter == 0x2028 ||
         letter == 0x2029;
}

static bool is_space(int32_t letter) {
  return letter == '\t' || (letter >= 0x1C && letter <= 0x1F) || is_line_end(letter) ||
         category(letter) == UTF8PROC_CATEGORY_ZS || letter == 0x2800; /* a Braille cell without dots */
}

static bool is_invisible(int32_t letter) {
  bool written = (letter >= 0x600 && letter <= 0x605) || letter == 0x6DD || letter == 0x70F || letter == 0x8E2 ||
                 letter == 0x110BD || letter == 0x110CD; /* format characters that have a shape */
  utf8proc_category_t kind = category(letter);
  return (kind == UTF8PROC_CATEGORY_CF && !written) || kind == UTF8PROC_CATEGORY_CC || letter == 0x34F ||
         letter == 0x115F || letter == 0x1160 || letter == 0x3164 || letter == 0xFFA0; /* Hangul fillers */
}

static bool is_joiner(int32_t letter) {
  return letter == 0x200C || letter == 0x200D;
}

/* Arabic, Syriac and the scripts of India and its neighbours, where a joiner changes the shape of letters. */
static bool writes_with_joiners(int32_t letter) {
  return (letter >= 0x600 && letter <= 0x10FF) || (letter >= 0x1780 && letter <= 0x18AF);
}

static bool is_dash(int32_t letter) {
  return category(letter) == UTF8PROC_CATEGORY_PD || letter == 0x2212;
}

static bool is_single_quote(int32_t letter) {
  return letter == '`' || letter == 0xB4 || (letter >= 0x2018 && letter <= 0x201B) || letter == 0x2032 ||
         letter == 0x2035 || letter == 0x2039 || letter == 0x203A || (letter >= 0x2B9 && letter <= 0x2BC) ||
         letter == 0x2C8 || letter == 0x2CA || letter == 0x2CB || letter == 0xA78B || letter == 0xA78C;
}

static bool is_double_quote(int32_t letter) {
  return letter == 0xAB || letter == 0xBB || (letter >= 0x201C && letter <= 0x201F) || letter == 0x2033 ||
         letter == 0x2036 || letter == 0x2BA || letter == 0x2EE || (letter >= 0x300C && letter <= 0x300F) ||
         (letter >= 0x301D && letter <= 0x301F);
}

static bool is_letter(int32_t letter) {
  utf8proc_category_t kind = category(letter);
  return kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_NO && !is_single_quote(letter) &&
         !is_double_quote(letter);
}

static bool is_capital(int32_t letter) {
  utf8proc_category_t kind = category(letter);
  return kind == UTF8PROC_CATEGORY_LU || kind == UTF8PROC_CATEGORY_LT;
}

static bool is_digit(int32_t letter) {
  utf8proc_category_t kind = category(letter);
  return kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO;
}

/* Scripts that put no space between words. */
static bool is_ideograph(int32_t letter) {
  return (letter >= 0x2E80 && letter <= 0xA4CF) || (letter >= 0xF900 && letter <= 0xFAFF) ||
         (letter >= 0xE00 && letter <= 0xEFF) || (letter >= 0x1000 && letter <= 0x109F) ||
         (letter >= 0x1780 && letter <= 0x17FF) || (letter >= 0x20000 && letter <= 0x3FFFF);
}

/* ---------------------------------------------------------------------------------------------- stored */

/* A space between two visible characters, or a line end where one of them is and lines are kept. */
typedef struct gap {
  bool space, line_end;
} gap;

static void close_gap(writer *out, gap *open) {
  if (out->size && (open->space || open->line_end)) put(out, open->line_end ? '\n' : ' ');
  *open = (gap){0};
}

static char *tidied(const char *normal, bool keep_lines) {
  writer out = {0};
  gap open = {0};
  int32_t last = 0;
  for (const char *at = normal; *at;) {
    int32_t letter = next_letter(&at);
    const char *behind = at;
    bool joins = is_joiner(letter) && writes_with_joiners(last) && *at && writes_with_joiners(next_letter(&behind));
    if (is_space(letter)) {
      open.space = true;
      open.line_end = open.line_end || (keep_lines && is_line_end(letter));
      last = 0;
    } else if (joins || !is_invisible(letter)) {
      close_gap(&out, &open);
      put(&out, letter);
      last = letter;
    }
  }
  return finished(&out);
}

static char *stored(const char *text, bool keep_lines) {
  if (is_plain(text)) return new_text(text);
  char *normal = mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE), *first = tidied(normal, keep_lines);
  /* What was removed may have stood between a letter and its accent. */
  char *composed = mapped(first, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  free(normal);
  free(first);
  return composed;
}

char *text_tidied(const char *text) {
  return stored(text, false);
}

char *text_tidied_lines(const char *text) {
  return stored(text, true);
}

/* ---------------------------------------------------------------------------------------------- compared */

static const unsigned folding =
    UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;

/* Before the compatibility form, which takes some quotes and dashes apart. */
static char *with_plain_marks(const char *text) {
  char *decoded = text_decoded(text);
  writer out = {0};
  for (const char *at = decoded; *at;) {
    int32_t letter = next_letter(&at);
    if (is_dash(letter))
      put(&out, '-');
    else if (is_single_quote(letter))
      put(&out, '\'');
    else if (is_double_quote(letter))
      put(&out, '"');
    else if (is_space(letter))
      put(&out, ' ');
    else
      put(&out, letter);
  }
  free(decoded);
  return finished(&out);
}

static char *key_of_plain(const char *text) {
  char *key = new_text(text);
  for (char *letter = key; *letter; ++letter) {
    if (*letter >= 'A' && *letter <= 'Z') *letter = (char)(*letter - 'A' + 'a');
    if (*letter == '`') *letter = '\'';
  }
  return key;
}

char *text_key(const char *text) {
  if (is_plain(text)) return key_of_plain(text);
  char *plain = with_plain_marks(text), *folded = mapped(plain, folding), *visible = tidied(folded, false);
  /* Twice, because folding can make what composes, and the compatibility form can make marks. */
  char *marks = with_plain_marks(visible), *again = mapped(marks, folding), *key = tidied(again, false);
  free(plain);
  free(folded);
  free(visible);
  free(marks);
  free(again);
  return key;
}

bool text_same(const char *a, const char *b) {
  char *first = text_key(a), *second = text_key(b);
  bool same = !strcmp(first, second);
  free(first);
  free(second);
  return same;
}

/* ---------------------------------------------------------------------------------------------- words */

static const unsigned plain_letters =
    UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_IGNORE | UTF8PROC_STRIPMARK;

typedef struct neighbours {
  int32_t last, here, next; /* 0 at the ends */
} neighbours;

static bool breaks_inside(neighbours at) {
  if (!is_letter(at.last) || !is_letter(at.here)) return false;
  bool small_follows = is_letter(at.next) && !is_capital(at.next) && !is_digit(at.next);
  bool hump = is_capital(at.here) && (!is_capital(at.last) || small_follows);
  return hump || is_digit(at.last) != is_digit(at.here);
}

static void put_space(writer *out) {
  if (!out->size || out->text[out->size - 1] != ' ') put(out, ' ');
}

/* Whether the last word written is a single letter: an initial, if a full stop follows. */
static bool ends_with_initial(const writer *out) {
  size_t from = out->size;
  while (from && out->text[from - 1] != ' ') --from;
  const char *word = out->text + from;
  if (from == out->size) return false;
  next_letter(&word);
  return word == out->text + out->size;
}

/* Whether what follows is one letter with a full stop or the end behind it. */
static bool initial_follows(const char *text) {
  if (!*text || !is_letter(next_letter(&text))) return false;
  return !*text || !is_letter(next_letter(&text));
}

char *text_words(const char *text, unsigned options) {
  char *letters = mapped(text, plain_letters), *plain = tidied(letters, false);
  writer out = {0};
  put(&out, ' ');
  int32_t last = 0;
  bool initials = false; /* the last word consists of initials so far */
  for (const char *at = plain; *at;) {
    int32_t here = next_letter(&at);
    const char *behind = at;
    int32_t next = *at ? next_letter(&behind) : 0;
    if (here == '.' && (initials || ends_with_initial(&out)) && initial_follows(at + strspn(at, " "))) {
      at += strspn(at, " ");
      initials = true;
      last = 0;
      continue;
    }
    bool letter = is_letter(here);
    if (!letter || is_ideograph(here) || is_ideograph(last) ||
        ((options & WORDS_SPLIT) && breaks_inside((neighbours){last, here, next})))
      put_space(&out);
    if (letter) put(&out, here == 0x131 ? 'i' : here); /* a Turkish i without its dot */
    initials = initials && letter;
    last = here;
  }
  put_space(&out);
  char *spaced = finished(&out);
  free(letters);
  free(plain);
  if (options & WORDS_CASED) return spaced;
  char *folded = mapped(spaced, plain_letters | UTF8PROC_CASEFOLD);
  free(spaced);
  return folded;
}

char *text_letters(const char *text) {
  char *spaced = text_words(text, 0), *to = spaced;
  for (const char *from = spaced; *from; ++from) {
    if (*from != ' ') *to++ = *from;
  }
  *to = 0;
  return spaced;
}

bool text_yes_or_no(const char *text, bool *yes) {
  static const char *const affirmed[] = {"yes", "y", "true", "t", "1", "on", "allowed"};
  static const char *const denied[] = {"no", "n", "false", "f", "0", "off", "denied"};
  char *key = text_key(text);
  bool known = false;
  for (size_t i = 0; i < sizeof affirmed / sizeof *affirmed && !known; ++i) {
    *yes = !strcmp(key, affirmed[i]);
    known = *yes || !strcmp(key, denied[i]);
  }
  free(key);
  return known;
}

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

size_t text_edits(const char *a, const char *b) {
  enum { LONGEST = 64 };
  size_t rows[3][LONGEST + 1], length = strlen(a), width = strlen(b);
  if (length > LONGEST || width > LONGEST) return LONGEST;
  for (size_t j = 0; j <= width; ++j) rows[0][j] = j;
  for (size_t i = 1; i <= length; ++i) {
    size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
    row[0] = i;
    for (size_t j = 1; j <= width; ++j) {
      row[j] = smaller(smaller(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = smaller(row[j], two_above[j - 2] + 1);
    }
  }
  return rows[length % 3][width];
}
