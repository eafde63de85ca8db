/* The folder beside a gallery that keeps what has been computed for it: one journal for each set of networks and
   options, and a lock. It may be deleted when nothing is at work in it. */
#ifndef TOOL_WORK_FOLDER_H
#define TOOL_WORK_FOLDER_H

#include "basics.h"
#include "journal.h"

typedef struct work_folder {
  char *path;
  int lock;
  journal records;
} work_folder;

/* Makes the folder, takes its lock, and opens the journal of this context. */
bool work_folder_open(work_folder *work, const char *path, const char *context, sentence *why);

/* Only what is under these keys stays in the folder, whatever it was computed with. */
bool work_folder_keep_only(work_folder *work, const record_key *keys, size_t count, sentence *why);

bool work_folder_sync(const work_folder *work, sentence *why); /* all that was written to it is on disk */
bool work_folder_has(const char *name);                        /* whether a file of this name may be one of its own */
void work_folder_close(work_folder *work);

#endif
