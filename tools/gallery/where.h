/* `--where FIELD=VALUE`: which people of a gallery may match, from the roster's fields on its people pages. */
#ifndef TOOL_WHERE_H
#define TOOL_WHERE_H

#include "files.h"
#include "gallery_folder.h"

/* Whether a condition can be one: something, "=", and the value, which may be empty. */
bool where_is_condition(const char *text);

/* A bit set for dpl_gallery_search_each, which the caller frees. Fields are named by their key or label, "name" is a
   person's name; letters of either case are the same. A person must have one of the values given for each field that is
   named. NULL with a sentence where there is no such field, or nobody has such a value. */
uint32_t *where_allowed(gallery_folder *gallery, const name_list *conditions, sentence *why);

#endif
