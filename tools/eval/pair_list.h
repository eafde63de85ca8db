/* Labelled pairs of photos, from the two layouts that data sets come in. */
#ifndef TOOL_PAIR_LIST_H
#define TOOL_PAIR_LIST_H

#include "basics.h"
#include "files.h"
#include "photos.h"

typedef struct labelled_pair {
  size_t a, b; /* indices of photos */
  bool same;
} labelled_pair;

typedef struct pair_list {
  name_list photos; /* paths, each once, in the order in which they are first named */
  labelled_pair *pairs;
  size_t count, capacity;
  const char *layout;   /* "lfw" or "deepface" */
  subject_rule subject; /* what a photo's face is: LFW centres its subject */
} pair_list;

/* A folder with `pairs.txt` (Labeled Faces in the Wild: N, then N pairs of one person as `name i j`, N of two as
   `name i name j`, or with folds: folds and N; photos images/name/name_0001.jpg or name/name_0001.jpg), or with
   `pairs.csv` (DeepFace's test set: file_x,file_y,Decision with Yes or No). */
bool pair_list_read(const char *folder, pair_list *list, sentence *why);
void pair_list_free(pair_list *list);

#endif
