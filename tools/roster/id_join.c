/* Comparing ids, and naming those that are left. */
#include "id_join.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "unicode.h"

static const char *without_zeros(const char *key) {
  const char *rest = key + strspn(key, "0");
  return *key && !*rest ? rest - 1 : rest; /* a zero stays one */
}

char *join_key(const char *cell, bool trim_zeros) {
  char *key = text_key(cell);
  if (!trim_zeros) return key;
  char *trimmed = new_text(without_zeros(key));
  free(key);
  return trimmed;
}

char *join_examples(const char *column, const name_list *ids, size_t count) {
  const size_t shown = ids->count < JOIN_EXAMPLES ? ids->count : JOIN_EXAMPLES;
  if (!shown) return new_text("");
  char *text = new_text_of(" (%s: ", column);
  for (size_t i = 0; i < shown; ++i) {
    char *longer = new_text_of("%s%s%.60s", text, i ? ", " : "", ids->names[i]);
    free(text);
    text = longer;
  }
  char *whole = count > shown ? new_text_of("%s and %s more)", text, grouped(count - shown)) : new_text_of("%s)", text);
  free(text);
  return whole;
}

static int by_text(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t join_matches_without_zeros(const name_list *ids, const name_list *others) {
  const char **sorted = new_array(others->count, sizeof *sorted);
  size_t found = 0;
  for (size_t i = 0; i < others->count; ++i) sorted[i] = without_zeros(others->names[i]);
  qsort(sorted, others->count, sizeof *sorted, by_text);
  for (size_t i = 0; i < ids->count; ++i) {
    const char *id = without_zeros(ids->names[i]);
    found += bsearch(&id, sorted, others->count, sizeof *sorted, by_text) != NULL;
  }
  free(sorted);
  return found;
}
