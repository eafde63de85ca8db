/* A folder that appears whole or not at all: made beside its place, put into it at the end. */
#ifndef TOOL_OUTPUT_FOLDER_H
#define TOOL_OUTPUT_FOLDER_H

#include "basics.h"

typedef struct output_folder {
  char *place; /* where it will be */
  char *made;  /* where it is being written */
  int lock;    /* on `made`, so that what nobody holds is known to be left over */
} output_folder;

/* What a folder is, and the file that it is known by. */
typedef struct folder_kind {
  const char *article, *name, *file;
} folder_kind;
extern const folder_kind folder_of_gallery, folder_of_faces, folder_of_report;

/* Refuses a place where something is that is not of this kind, and what is unless `replace`. */
bool output_folder_check(const char *place, const folder_kind *kind, bool replace, sentence *why);

/* Checks the place, and begins a folder beside it. What a build that was killed left there goes. */
bool output_folder_begin(const char *place, const folder_kind *kind, bool replace, output_folder *output,
                         sentence *why);

/* Into its place, or, after a failure, away; frees either way. */
bool output_folder_finish(output_folder *output, sentence *why);
void output_folder_abandon(output_folder *output);

#endif
