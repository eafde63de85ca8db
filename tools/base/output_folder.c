/* Putting a folder into place. */
#include "output_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "files.h"

const folder_kind folder_of_gallery = {"a", "gallery", "gallery.json"};
const folder_kind folder_of_report = {"a", "report on a gallery", "report.json"};
const folder_kind folder_of_faces = {"an", "extract of faces", "faces.json"};

bool output_folder_check(const char *place, const folder_kind *kind, bool replace, sentence *why) {
  if (!path_exists(place)) return true;
  name_list names = {0};
  if (!path_is_folder(place)) return fail(why, "%s is a file; name a folder with --output.", place);
  if (!folder_list(place, &names, why)) return false;
  bool empty = !names.count;
  name_list_free(&names);
  char *mark = path_joined(place, kind->file);
  bool same = path_exists(mark);
  free(mark);
  if (empty || (same && replace)) return true;
  if (same) return fail(why, "There is already %s %s at %s; --force replaces it.", kind->article, kind->name, place);
  return fail(why, "The folder %s is not empty and not %s %s; name another one with --output.", place, kind->article,
              kind->name);
}

/* A lock is asked of the folder itself. Where the file system gives none to folders, two builds at once are not told
   apart, and the later one wins. */
static bool begin_made(output_folder *output, sentence *why) {
  for (int round = 0; round < 2; ++round) {
    if (!folder_make(output->made, why)) return false;
    output->lock = open(output->made, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (output->lock < 0) return fail(why, "The folder %s cannot be opened: %s.", output->made, strerror(errno));
    if (flock(output->lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
      return fail(why, "Another build is writing %s; wait for it.", output->place);
    name_list names = {0};
    if (!folder_list(output->made, &names, why)) return false;
    bool empty = !names.count;
    name_list_free(&names);
    if (empty) return true;
    folder_remove(output->made);
    close(output->lock);
    output->lock = -1;
  }
  return fail(why, "The folder %s cannot be emptied; remove it.", output->made);
}

static void forget(output_folder *output) {
  if (output->lock >= 0) close(output->lock);
  free(output->place);
  free(output->made);
  *output = (output_folder){.lock = -1};
}

bool output_folder_begin(const char *place, const folder_kind *kind, bool replace, output_folder *output,
                         sentence *why) {
  *output = (output_folder){.place = path_beside(place, ""), .made = path_beside(place, ".unfinished"), .lock = -1};
  char *parent = path_folder(output->place);
  bool fine =
      output_folder_check(output->place, kind, replace, why) && folder_make(parent, why) && begin_made(output, why);
  free(parent);
  if (!fine) forget(output);
  return fine;
}

/* Exchanges the two folders in one step where the file system can, so that the place is never empty. */
static bool put_in_place(const char *made, const char *place, sentence *why) {
  if (!path_exists(place)) {
    return rename(made, place) == 0 || fail(why, "%s cannot be put into place: %s.", place, strerror(errno));
  }
  if (renameat2(AT_FDCWD, made, AT_FDCWD, place, RENAME_EXCHANGE) == 0) {
    folder_remove(made);
    return true;
  }
  char *old = new_text_of("%s.old%ld", place, (long)getpid());
  bool fine = rename(place, old) == 0;
  if (fine && rename(made, place) != 0) {
    fine = false;
    if (rename(old, place) != 0) warn("what was at %s is now at %s.", place, old);
  } else if (fine) {
    folder_remove(old);
  }
  if (!fine) fail(why, "%s cannot be put into place: %s.", place, strerror(errno));
  free(old);
  return fine;
}

/* The end of an interrupted program waits until the folders have their names. */
static bool put_in_place_whole(const output_folder *output, sentence *why) {
  sigset_t end, before;
  sigemptyset(&end);
  sigaddset(&end, SIGALRM);
  sigprocmask(SIG_BLOCK, &end, &before);
  bool fine = put_in_place(output->made, output->place, why);
  sigprocmask(SIG_SETMASK, &before, NULL);
  return fine;
}

bool output_folder_finish(output_folder *output, sentence *why) {
  bool fine = syncfs(output->lock) == 0 || fail(why, "%s cannot be written: %s.", output->made, strerror(errno));
  fine = fine && put_in_place_whole(output, why);
  if (fine)
    forget(output);
  else
    output_folder_abandon(output);
  return fine;
}

void output_folder_abandon(output_folder *output) {
  folder_remove(output->made);
  forget(output);
}
