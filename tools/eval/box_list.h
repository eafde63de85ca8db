/* Photos with face boxes that a person drew: XML as in dlib's testing.xml, or CSV with file, x, y, width, height. */
#ifndef TOOL_BOX_LIST_H
#define TOOL_BOX_LIST_H

#include "basics.h"
#include "doppel.h"

typedef struct drawn_box {
  dpl_box box;
  bool ignore; /* neither a miss nor a false box */
} drawn_box;

typedef struct boxed_photo {
  char *path; /* beside the list */
  drawn_box *boxes;
  size_t count, capacity;
} boxed_photo;

typedef struct box_list {
  boxed_photo *photos;
  size_t count, capacity;
} box_list;

bool box_list_read(const char *path, box_list *list, sentence *why);
void box_list_free(box_list *list);

#endif
