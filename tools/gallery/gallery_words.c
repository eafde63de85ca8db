/* The options, and reading the notice's file. */
#include "gallery_words.h"

#include <string.h>

#include "files.h"
#include "language_tag.h"
#include "stable_id.h"
#include "text.h"

enum { KEY_TITLE = 2300, KEY_PUBLISHER, KEY_ID, KEY_NOTICE, KEY_NOTICE_FILE, KEY_LANG, LONGEST_ID = 200 };

static const struct argp_option option_list[] = {
    {"title", KEY_TITLE, "TEXT", 0, "Title of the gallery", 5},
    {"publisher", KEY_PUBLISHER, "TEXT", 0, "Whose collection it is; the start page says so", 5},
    {"id", KEY_ID, "TEXT", 0,
     "What visitors' decisions know this gallery by; keep it when the title changes (default: made of the title)", 5},
    {"lang", KEY_LANG, "TAG", 0,
     "Language of names and field values, as in HTML (de, pt-BR), where the roster has no column `lang`", 5},
    {"notice", KEY_NOTICE, "TEXT", 0, "What the page shows before the first match: source, licence, whom to ask", 5},
    {"notice-file", KEY_NOTICE_FILE, "FILE", 0, "The same, from a text file", 5},
    {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  gallery_words *words = state->input;
  switch (key) {
  case KEY_TITLE:
    words->title = value;
    return 0;
  case KEY_PUBLISHER:
    words->publisher = value;
    return 0;
  case KEY_ID:
    if (!*value || strlen(value) > LONGEST_ID) argp_error(state, "--id is 1 to %d bytes of text", LONGEST_ID);
    words->id = value;
    return 0;
  case KEY_LANG:
    if (!language_tag_is_valid(value))
      argp_error(state, "--lang wants a language tag such as de or pt-BR, not `%s`", value);
    words->language = value;
    return 0;
  case KEY_NOTICE:
    words->notice = value;
    return 0;
  case KEY_NOTICE_FILE:
    words->notice_file = value;
    return 0;
  case ARGP_KEY_END:
    if (words->notice && words->notice_file) argp_error(state, "one of --notice and --notice-file is enough");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

const struct argp gallery_words_argp = {.options = option_list, .parser = parse_option};

char *gallery_id_of(const char *title) {
  return id_of_key("gallery", title);
}

bool gallery_words_notice(const gallery_words *words, char **notice, sentence *why) {
  enum { LONGEST = 20000 };
  const char *path = words->notice_file;
  *notice = words->notice ? new_text(words->notice) : NULL;
  if (!path) return true;
  dpl_bytes text;
  if (!text_read(path, &text, why)) return false;
  bool fine =
      text.size <= LONGEST || fail(why, "%s has %zu bytes; a notice has at most %d.", path, text.size, (int)LONGEST);
  size_t length = text.size;
  while (length > 0 && text.data[length - 1] <= ' ') --length;
  if (fine && !length) fine = fail(why, "%s is empty; a notice says something.", path);
  if (fine) *notice = new_text_of("%.*s", (int)length, (const char *)text.data);
  bytes_free(&text);
  return fine;
}
