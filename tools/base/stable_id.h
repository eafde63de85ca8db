/* Identifiers that stay the same when a gallery is built again: decisions and corrections refer to them. */
#ifndef TOOL_STABLE_ID_H
#define TOOL_STABLE_ID_H

#include "basics.h"

/* 16 hex digits of a sha256 over what tells things of one kind apart, so that a name and a path of the same letters
   differ. New text. */
char *id_of_key(const char *kind, const char *key);

/* Gives each of the ids its own text: the second one that is the same gets "-2" behind it, the third "-3", in their
   order. The texts are new ones where they change (malloc). */
void make_ids_unique(char **ids, size_t count);

#endif
