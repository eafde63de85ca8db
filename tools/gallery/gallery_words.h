/* What a gallery says of itself: its title, and the notice that visitors read before the first match. */
#ifndef TOOL_GALLERY_WORDS_H
#define TOOL_GALLERY_WORDS_H

#include <argp.h>

#include "basics.h"

typedef struct gallery_words {
  const char *title; /* NULL: not said */
  const char *notice, *notice_file;
} gallery_words;

/* Options --title, --notice, --notice-file: a child parser whose input is a gallery_words. */
extern const struct argp gallery_words_argp;

/* The notice from the command line or its file: new text, NULL without one. */
bool gallery_words_notice(const gallery_words *words, char **notice, sentence *why);

#endif
