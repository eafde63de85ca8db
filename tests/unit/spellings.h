/* Every spelling of a text that is still the same text: what people, spreadsheets and web pages make of it. */
#ifndef TEST_SPELLINGS_H
#define TEST_SPELLINGS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static const char *const odd_spaces[] = {" ",      "\u00A0", "\u1680",   "\u2002", "\u2003", "\u2007", "\u2009",
                                         "\u200A", "\u202F", "\u205F",   "\u3000", "\t",     "\n",     "\r\n",
                                         "\u2028", "\u2029", "\xC2\x85", "  ",     " \u00A0"};
static const char *const unseen[] = {"\u00AD", "\u200B", "\u200C", "\u200D", "\u200E", "\u200F", "\u202A",
                                     "\u202C", "\u202E", "\u2060", "\u2063", "\u2066", "\u2069", "\uFEFF",
                                     "\u180E", "\u034F", "\u061C", "\uFE0F", "\x01",   "\x7F"};

enum { SPACES = sizeof odd_spaces / sizeof *odd_spaces, UNSEEN = sizeof unseen / sizeof *unseen };

typedef void (*spelling_use)(const char *spelling, void *context);

static inline int next_code_point(const char **text) {
  utf8proc_int32_t letter;
  *text += utf8proc_iterate((const utf8proc_uint8_t *)*text, -1, &letter);
  return letter;
}

static inline size_t append_letter(char *out, int letter) {
  return (size_t)utf8proc_encode_char(letter, (utf8proc_uint8_t *)out);
}

/* 0 as it is, 1 capitals, 2 small, 3 by turns. */
static inline int in_case(int letter, int kind, size_t index) {
  if (kind == 1 || (kind == 3 && index % 2 == 0)) return utf8proc_toupper(letter);
  return kind == 0 ? letter : utf8proc_tolower(letter);
}

/* 0 as it is, 1 full width, 2 mathematical bold. */
static inline int in_width(int letter, int kind) {
  if (kind == 1 && letter > ' ' && letter < 0x7F) return letter + 0xFEE0;
  if (kind == 2 && letter >= 'A' && letter <= 'Z') return 0x1D400 + letter - 'A';
  if (kind == 2 && letter >= 'a' && letter <= 'z') return 0x1D41A + letter - 'a';
  return letter;
}

/* Spaces of one kind for all spaces of the text, and at both ends; `hidden` behind the letter number `place`. */
static inline void spell(const char *text, int letters, int width, const char *space, const char *hidden, size_t place,
                         int ends, char *out) {
  size_t size = 0, index = 0;
  if (ends) size += (size_t)sprintf(out, "%s", space);
  for (const char *at = text; *at; index++) {
    int letter = next_code_point(&at);
    if (letter == ' ')
      size += (size_t)sprintf(out + size, "%s", space);
    else
      size += append_letter(out + size, in_width(in_case(letter, letters, index), width));
    if (index == place) size += (size_t)sprintf(out + size, "%s", hidden);
  }
  if (ends) size += (size_t)sprintf(out + size, "%s", space);
  out[size] = 0;
}

/* Composed and taken apart; returns how many spellings were used. */
static inline size_t in_both_forms(const char *spelling, spelling_use use, void *context) {
  utf8proc_uint8_t *composed = utf8proc_NFC((const utf8proc_uint8_t *)spelling),
                   *decomposed = utf8proc_NFD((const utf8proc_uint8_t *)spelling);
  use((const char *)composed, context);
  use((const char *)decomposed, context);
  free(composed), free(decomposed);
  return 2;
}

/* Case × width × spaces, then each invisible character behind each letter, in both forms of Unicode. */
static inline size_t every_spelling(const char *text, spelling_use use, void *context) {
  char out[1024];
  size_t count = 0, length = 0;
  for (const char *at = text; *at; length++) next_code_point(&at);
  for (int letters = 0; letters < 4; letters++) {
    for (int width = 0; width < 3; width++) {
      for (size_t space = 0; space < SPACES; space++) {
        spell(text, letters, width, odd_spaces[space], "", SIZE_MAX, (int)space % 2, out);
        count += in_both_forms(out, use, context);
      }
    }
    for (size_t i = 0; i < UNSEEN; i++) {
      for (size_t place = 0; place < length; place++) {
        spell(text, letters, 0, " ", unseen[i], place, 0, out);
        count += in_both_forms(out, use, context);
      }
    }
  }
  return count;
}

#endif
