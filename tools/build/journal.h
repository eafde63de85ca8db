/* What has been computed so far, in a file that only grows at its end: an end of the program at any moment, or of the
   power, loses at most what has not been synced. Records are bytes under a sha256; what they mean is not known here. */
#ifndef TOOL_JOURNAL_H
#define TOOL_JOURNAL_H

#include "basics.h"
#include "key_index.h"

/* The file: "doppel journal\n", the context and a line's end; then records of
     "rec\n", u32 length, key[32], check[8], and so many bytes,
   where the check is the beginning of the sha256 of the context's sha256, the length, the key and the bytes: a record
   is good only in a journal of the context that it was made in. */
typedef struct journal {
  char *path, *context;
  int file;
  uint64_t end;     /* where the next record goes */
  uint64_t synced;  /* how far the file is known to be on disk */
  uint64_t damaged; /* bytes between good records that are none */
  uint64_t lost;    /* bytes that were left out when it was opened, these among them */
  record_key context_key;
  key_index index; /* offset 0: somebody is at work on it */
  struct journal_lock *lock;
} journal;

/* Opens or begins the journal at `path`. `context` is one line of text that says what its records depend on. Whatever
   is not whole is left out, and counted in `lost`. */
bool journal_open(journal *all, const char *path, const char *context, sentence *why);

/* Only to read, and only where it is whole. */
bool journal_open_whole(journal *all, const char *path, const char *context, sentence *why);
void journal_close(journal *all);

typedef enum journal_claim { CLAIM_NEW, CLAIM_KNOWN, CLAIM_AT_WORK } journal_claim;

/* CLAIM_NEW makes it the caller's to append this record; CLAIM_AT_WORK: another caller's. On any thread. */
journal_claim journal_claim_record(journal *all, const record_key *key);

/* Appends; on disk for sure only after journal_sync. */
bool journal_append(journal *all, const record_key *key, dpl_bytes record, sentence *why);
bool journal_sync(journal *all, sentence *why);

/* The record under a key, checked: new bytes. False where there is none. On any thread. */
bool journal_read(journal *all, const record_key *key, dpl_bytes *record, sentence *why);

/* Leaves only the records under these keys, in this order: the others are gone from the disk. */
bool journal_keep_only(journal *all, const record_key *keys, size_t count, sentence *why);

#endif
