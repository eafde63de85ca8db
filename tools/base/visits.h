/* What a walk over folders has been to, by device and inode: links may lead anywhere, and back. */
#ifndef TOOL_VISITS_H
#define TOOL_VISITS_H

#include <sys/stat.h>

#include "basics.h"

typedef struct visits {
  void *tree;
} visits;

/* Whether a file or folder is seen for the first time in a group. */
bool visits_first(visits *all, const struct stat *about, size_t group);
void visits_free(visits *all);

#endif
