/* Encoding marks through iconv, UTF-8 checked by hand. */
#include "text.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "files.h"

/* ---------------------------------------------------------------------------------------------- UTF-8 */

/* Length of the well-formed sequence at `text`, or 0 (RFC 3629: no surrogates, nothing overlong). */
static size_t utf8_sequence(const uint8_t *text, size_t left) {
  static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
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

bool text_is_utf8(dpl_bytes text, size_t *line) {
  size_t number = 1;
  for (size_t at = 0; at < text.size;) {
    size_t length = utf8_sequence(text.data + at, text.size - at);
    if (!length) {
      if (line) *line = number;
      return false;
    }
    if (text.data[at] == '\n') ++number;
    at += length;
  }
  return true;
}

/* ---------------------------------------------------------------------------------------------- other encodings */

/* The longer mark first: that of UTF-16 is the beginning of that of UTF-32. */
static const struct {
  const char *encoding, *mark;
  size_t size;
} marks[] = {{"UTF-32LE", "\xFF\xFE\0\0", 4},
             {"UTF-32BE", "\0\0\xFE\xFF", 4},
             {"UTF-16LE", "\xFF\xFE", 2},
             {"UTF-16BE", "\xFE\xFF", 2}};

static bool converted(const char *path, const char *encoding, dpl_bytes from, dpl_bytes *to, sentence *why) {
  iconv_t converter = iconv_open("UTF-8", encoding);
  if (converter == (iconv_t)-1) {
    return fail(why, "%s is %s text, which this system cannot convert; save it as UTF-8.", path, encoding);
  }
  size_t most = from.size * 2 + 4; /* two bytes of UTF-16 become three at most */
  char *out = new_array(most, 1), *end = out, *in = (char *)(uintptr_t)from.data;
  size_t left = from.size, room = most;
  bool fine = iconv(converter, &in, &left, &end, &room) != (size_t)-1 && left == 0;
  iconv_close(converter);
  if (!fine) {
    free(out);
    return fail(why, "%s begins like %s text, but byte %zu is none; save it as UTF-8.", path, encoding,
                from.size - left + 1);
  }
  *to = (dpl_bytes){(const uint8_t *)out, (size_t)(end - out)};
  return true;
}

bool text_read(const char *path, dpl_bytes *text, sentence *why) {
  dpl_bytes file, found;
  if (!file_read(path, &file, why)) return false;
  if (file.size >= 3 && !memcmp(file.data, "\xEF\xBB\xBF", 3)) {
    file.size -= 3;
    memmove((void *)(uintptr_t)file.data, file.data + 3, file.size);
  }
  size_t mark = 0, marks_known = sizeof marks / sizeof *marks, line;
  while (mark < marks_known &&
         (file.size < marks[mark].size || memcmp(file.data, marks[mark].mark, marks[mark].size) != 0))
    ++mark;
  bool fine = true;
  if (mark < marks_known) {
    dpl_bytes behind = {file.data + marks[mark].size, file.size - marks[mark].size};
    fine = converted(path, marks[mark].encoding, behind, &found, why);
    bytes_free(&file);
  } else {
    found = file;
  }
  if (!fine) return false;
  if (!text_is_utf8(found, &line)) {
    bytes_free(&found);
    return fail(why, "%s is not UTF-8 text (line %zu); save it as UTF-8.", path, line);
  }
  *text = found;
  return true;
}

/* ---------------------------------------------------------------------------------------------- words */

static bool is_space(char letter) {
  return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

char *text_tidied(const char *text) {
  char *out = new_text(text), *to = out;
  for (const char *from = text; *from; ++from) {
    if (!is_space(*from))
      *to++ = *from;
    else if (to > out && to[-1] != ' ')
      *to++ = ' ';
  }
  if (to > out && to[-1] == ' ') --to;
  *to = 0;
  return out;
}

bool text_yes_or_no(const char *text, bool *yes) {
  static const char *const affirmed[] = {"yes", "y", "true", "t", "1", "on", "allowed"};
  static const char *const denied[] = {"no", "n", "false", "f", "0", "off", "denied"};
  for (size_t i = 0; i < sizeof affirmed / sizeof *affirmed; ++i) {
    *yes = !strcasecmp(text, affirmed[i]);
    if (*yes || !strcasecmp(text, denied[i])) return true;
  }
  return false;
}
