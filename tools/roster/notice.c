/* Reading the notice. */
#include "notice.h"

#include "files.h"
#include "text.h"

bool notice_read(const char *given, const char *path, char **notice, sentence *why) {
  enum { LONGEST = 20000 };
  *notice = given ? new_text(given) : NULL;
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
