/* A tree of what was seen. */
#include "visits.h"

#include <search.h>
#include <stdlib.h>

typedef struct visit {
  dev_t device;
  ino_t inode;
  size_t group;
} visit;

static int by_inode(const void *a, const void *b) {
  const visit *one = a, *other = b;
  if (one->device != other->device) return one->device < other->device ? -1 : 1;
  if (one->inode != other->inode) return one->inode < other->inode ? -1 : 1;
  return one->group < other->group ? -1 : one->group > other->group;
}

bool visits_first(visits *all, const struct stat *about, size_t group) {
  visit *made = new_array(1, sizeof *made);
  *made = (visit){about->st_dev, about->st_ino, group};
  if (*(visit **)tree_place(made, &all->tree, by_inode) == made) return true;
  free(made);
  return false;
}

void visits_free(visits *all) {
  tdestroy(all->tree, free);
  all->tree = NULL;
}
