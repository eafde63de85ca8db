/* Files and folders: whole files in and out of memory, names, listings. */
#ifndef TOOL_FILES_H
#define TOOL_FILES_H

#include "basics.h"
#include "doppel.h"
#include "sha256.h"

/* A regular file, for reading; −1 with a sentence for anything else. */
int file_open(const char *path, sentence *why);

/* A whole regular file. The bytes come from malloc: free((void *)bytes.data). */
bool file_read(const char *path, dpl_bytes *bytes, sentence *why);
void bytes_free(dpl_bytes *bytes);

/* Writes beside the target and renames, so that there is the old file or the new one and never half of one. */
bool file_write(const char *path, const void *data, size_t size, sentence *why);

bool path_exists(const char *path);
bool path_is_folder(const char *path);
char *path_joined(const char *folder, const char *name);          /* new text */
char *path_beside(const char *path, const char *ending);          /* new text: "out/" and ".new" make "out.new" */
char *path_folder(const char *path);                              /* new text: "." where there is no slash */
const char *path_name(const char *path);                          /* behind the last slash */
char *path_stem(const char *path);                                /* new text: name without its extension */
bool path_has_extension(const char *path, const char *extension); /* any case; extension with its dot */

/* By its ending (.jpg, .png, .webp, …), or, where it has another one or none, by its first bytes. */
bool file_is_photo(const char *path);

/* True for a relative path that stays below where it starts: no "..", no leading slash, no backslash or drive. */
bool path_stays_inside(const char *path);

/* Whether a path is a folder's own or leads into it, as far as the words of both tell. */
bool path_is_within(const char *path, const char *folder);

/* Names in a folder (without "." and ".."), in the order of their bytes. */
typedef struct name_list {
  char **names;
  size_t count, capacity;
} name_list;
void name_list_add(name_list *list, const char *name);
void name_list_free(name_list *list);
bool folder_list(const char *folder, name_list *list, sentence *why);

bool folder_make(const char *path, sentence *why); /* and its parents; fine if it is there */
void folder_remove(const char *path);              /* with all that is in it; silent */

#endif
