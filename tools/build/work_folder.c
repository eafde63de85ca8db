/* Names, lock and tidying of a work folder. */
#include "work_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "files.h"
#include "output.h"

static const char prefix[] = "photos-", ending[] = ".journal", lock_name[] = "lock";

static bool take_lock(work_folder *work, sentence *why) {
  char *path = path_joined(work->path, lock_name);
  work->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  bool fine = work->lock >= 0 || fail(why, "%s cannot be opened: %s.", path, strerror(errno));
  if (fine && flock(work->lock, LOCK_EX | LOCK_NB) != 0)
    fine = fail(why, "Another build is at work in %s; wait for it, or name another folder with --work.", work->path);
  free(path);
  return fine;
}

/* So that a file that was made is still there after a power cut. */
static void sync_folder(const char *path) {
  int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  fsync(folder);
  close(folder);
}

bool work_folder_open(work_folder *work, const char *path, const char *context, sentence *why) {
  *work = (work_folder){.path = new_text(path), .lock = -1, .records.file = -1};
  char sha256[SHA256_TEXT];
  sha256_of((dpl_bytes){(const uint8_t *)context, strlen(context)}, sha256);
  char *name = new_text_of("%s%.8s%s", prefix, sha256, ending), *journal_path = path_joined(path, name);
  bool fine =
      folder_make(path, why) && take_lock(work, why) && journal_open(&work->records, journal_path, context, why);
  if (fine) sync_folder(path);
  if (fine && work->records.lost)
    warn("%s was damaged or cut short; %s bytes of it were left out, and their photos are analysed again.",
         journal_path, grouped(work->records.lost));
  free(journal_path);
  free(name);
  if (!fine) work_folder_close(work);
  return fine;
}

static bool is_journal(const char *name) {
  return !strncmp(name, prefix, strlen(prefix)) && strstr(name, ending) && !strchr(name, '/');
}

bool work_folder_has(const char *name) {
  return is_journal(name) || !strcmp(name, lock_name);
}

bool work_folder_keep_only(work_folder *work, const record_key *keys, size_t count, sentence *why) {
  name_list names = {0};
  if (!journal_keep_only(&work->records, keys, count, why) || !folder_list(work->path, &names, why)) return false;
  for (size_t i = 0; i < names.count; ++i) {
    if (!is_journal(names.names[i]) || !strcmp(names.names[i], path_name(work->records.path))) continue;
    char *path = path_joined(work->path, names.names[i]);
    unlink(path);
    free(path);
  }
  name_list_free(&names);
  sync_folder(work->path);
  return true;
}

bool work_folder_sync(const work_folder *work, sentence *why) {
  return syncfs(work->lock) == 0 || fail(why, "%s cannot be written: %s.", work->path, strerror(errno));
}

void work_folder_close(work_folder *work) {
  journal_close(&work->records);
  if (work->lock >= 0) close(work->lock);
  free(work->path);
  *work = (work_folder){.lock = -1, .records.file = -1};
}
