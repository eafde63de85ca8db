/* A set of names, on the C library's search tree. The names are not copied. */
#ifndef DOPPEL_IMPORT_NAME_SET_H
#define DOPPEL_IMPORT_NAME_SET_H

#include <stdbool.h>

typedef struct name_set {
  void *root; /* all zero: empty */
} name_set;

bool name_set_add(name_set *set, const char *name); /* false where it was in already */
bool name_set_has(const name_set *set, const char *name);
void name_set_free(name_set *set);

#endif
