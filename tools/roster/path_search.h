/* Files that paths of a roster mean, also where these are written in another way than the files are called. Opens no
   file. */
#ifndef TOOL_PATH_SEARCH_H
#define TOOL_PATH_SEARCH_H

#include "basics.h"

typedef struct path_search path_search;

path_search *path_search_begin(const char *folder);
void path_search_end(path_search *search);

typedef struct found_file {
  char *path;          /* on disk; NULL where there is none */
  const char *problem; /* then why, in a sentence */
  bool refused;        /* the path may not be followed at all */
  uint64_t device, inode;
} found_file;

/* The file that a path below the folder means: as it is written; else with backslashes as slashes, decomposed or
   composed letters, other spaces and capitals, and with %20 and the like read, where exactly one file fits. Refuses
   addresses, absolute paths and `..`. */
found_file path_search_find(path_search *search, const char *path);
void found_file_free(found_file *file);

/* The sentence on a path without a file, with the nearest name, or the several that fit, for the first ones that are
   asked about. No file or folder is named for whose path `may_name` is false. New text. */
char *path_search_near_miss(path_search *search, const char *path, bool (*may_name)(const void *context, const char *),
                            const void *context);

/* Why a path may not be followed; NULL where it may. */
const char *path_problem(const char *path);

#endif
