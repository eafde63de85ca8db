/* Putting a gallery's folder into place. */
#include "output_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"

static bool may_write(const char *place, bool replace, sentence *why) {
  if (!path_exists(place)) return true;
  name_list names = {0};
  if (!path_is_folder(place)) return fail(why, "%s is a file; name a folder with --output.", place);
  if (!folder_list(place, &names, why)) return false;
  bool empty = !names.count;
  name_list_free(&names);
  char *manifest = path_joined(place, "gallery.json");
  bool gallery = path_exists(manifest);
  free(manifest);
  if (empty || (gallery && replace)) return true;
  if (gallery) return fail(why, "There is already a gallery at %s; --force replaces it.", place);
  return fail(why, "The folder %s is not empty and not a gallery; name another one with --output.", place);
}

static char *without_trailing_slash(const char *path) {
  char *copy = new_text(path);
  for (size_t length = strlen(copy); length > 1 && copy[length - 1] == '/'; --length) copy[length - 1] = 0;
  return copy;
}

bool output_folder_begin(const char *place, bool replace, output_folder *output, sentence *why) {
  *output = (output_folder){.place = without_trailing_slash(place)};
  output->made = new_text_of("%s.new%ld", output->place, (long)getpid());
  char *parent = path_folder(output->place);
  bool fine = may_write(output->place, replace, why) && folder_make(parent, why) && folder_make(output->made, why);
  free(parent);
  if (!fine) output_folder_abandon(output);
  return fine;
}

static void forget(output_folder *output) {
  free(output->place);
  free(output->made);
  *output = (output_folder){0};
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
    if (rename(old, place) != 0) warn("the gallery that was at %s is now at %s.", place, old);
  } else if (fine) {
    folder_remove(old);
  }
  if (!fine) fail(why, "%s cannot be put into place: %s.", place, strerror(errno));
  free(old);
  return fine;
}

bool output_folder_finish(output_folder *output, sentence *why) {
  bool fine = put_in_place(output->made, output->place, why);
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
