/* What a gallery says of itself: its id and title, whose collection it is, and the notice that visitors read before the
 * first match. */
#ifndef TOOL_GALLERY_WORDS_H
#define TOOL_GALLERY_WORDS_H

#include <argp.h>

#include "basics.h"

typedef struct gallery_words {
  const char *id, *title, *publisher; /* NULL: not said */
  const char *notice, *notice_file;
  const char *language; /* of names and values, as a language tag */
} gallery_words;

/* Options --id, --title, --publisher, --lang, --notice, --notice-file: a child parser whose input is a gallery_words.
 */
extern const struct argp gallery_words_argp;

/* The id of a gallery whose host names none: the same for the same title. New text. */
char *gallery_id_of(const char *title);

/* The notice from the command line or its file: new text, NULL without one. */
bool gallery_words_notice(const gallery_words *words, char **notice, sentence *why);

#endif
