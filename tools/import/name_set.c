/* A set of names. */
#include "name_set.h"

#include <search.h>
#include <string.h>

#include "basics.h"

static int by_text(const void *a, const void *b) {
  return strcmp(a, b);
}

bool name_set_add(name_set *set, const char *name) {
  if (name_set_has(set, name)) return false;
  tree_place(name, &set->root, by_text);
  return true;
}

bool name_set_has(const name_set *set, const char *name) {
  return tfind(name, (void *const *)&set->root, by_text) != NULL;
}

static void keep(void *name) {
  (void)name;
}

void name_set_free(name_set *set) {
  tdestroy(set->root, keep);
  set->root = NULL;
}
