/* Text as people write it, made comparable: the only place that knows which spellings are one. On libutf8proc; no
   files, no printing. Every function takes any bytes: what is not UTF-8 is read as Windows-1252. All results are new
   text in UTF-8. */
#ifndef TOOL_UNICODE_H
#define TOOL_UNICODE_H

#include "basics.h"

/* Bytes of the well-formed sequence at `text` (RFC 3629: no surrogates, nothing overlong), at most `left`; 0 where
   there is none, and for NUL. */
size_t utf8_length(const uint8_t *text, size_t left);
bool utf8_is_valid(const char *text);

/* UTF-8 as it is; else each byte as a letter of Windows-1252, undefined ones as U+FFFD. */
char *text_decoded(const char *text);

/* What is stored: NFC; every Unicode space is a space, runs are one, none at the ends; no control characters, soft
   hyphens, zero-width and directional characters (but the joiners inside words of scripts that write with them). */
char *text_tidied(const char *text);
char *text_tidied_lines(const char *text); /* the same, with line ends kept as \n */

/* What is compared: NFKC with case folded, tidied, one kind of dash and of quotes. */
char *text_key(const char *text);
bool text_same(const char *a, const char *b);

/* Letters and digits alone, for names of columns: "use_for matching" and "useForMatching" are "useformatching". */
char *text_letters(const char *text);

/* The words of a text, without case and accents, with one space between them and around the whole, so that a word can
   be searched with its spaces: " chicago il ". Initials with full stops are one word (N.Y.); an ideograph is a word. */
enum {
  WORDS_SPLIT = 1, /* also before capitals, and between letters and digits: "chicagoIL60601" */
  WORDS_CASED = 2  /* capitals stay */
};
char *text_words(const char *text, unsigned options);

/* "yes", "true", "1", … into true and "no", "false", "0", … into false; false where it is neither. */
bool text_yes_or_no(const char *text, bool *yes);

/* Insertions, deletions, replacements and exchanges of neighbours that make one of two texts into the other, counted in
   bytes; 64 for texts above 64 bytes. */
size_t text_edits(const char *a, const char *b);

#endif
