/* A folder of folders with photos, as a table. */
#include <stdlib.h>
#include <string.h>

#include "roster_sources.h"
#include "unicode.h"

enum { DEEPEST = 16 }; /* folders below a person's own; a link that leads back up ends there */

typedef struct walk {
  csv_table *roster;
} walk;

static char *name_of(const char *entry) {
  char *spaced = new_text(entry);
  for (char *letter = spaced; *letter; ++letter) {
    if (*letter == '_') *letter = ' ';
  }
  char *name = text_tidied(spaced);
  free(spaced);
  return name;
}

static void add_photo(walk *all, const char *name, const char *photo) {
  table_add_cell(all->roster, name);
  table_add_cell(all->roster, photo);
  ++all->roster->row_count;
}

/* `inside`: the path from the roster's folder. */
static bool add_photos_of(walk *all, const char *folder, const char *inside, const char *name, int depth,
                          sentence *why) {
  name_list entries = {0};
  bool fine = folder_list(folder, &entries, why);
  for (size_t i = 0; i < entries.count && fine; ++i) {
    if (entries.names[i][0] == '.') continue;
    char *path = path_joined(folder, entries.names[i]), *photo = path_joined(inside, entries.names[i]);
    if (path_is_folder(path)) {
      if (depth < DEEPEST) fine = add_photos_of(all, path, photo, name, depth + 1, why);
    } else if (path_is_photo(path)) {
      add_photo(all, name, photo);
    }
    free(path);
    free(photo);
  }
  name_list_free(&entries);
  return fine;
}

static bool add_person(walk *all, const char *folder, const char *entry, sentence *why) {
  char *path = path_joined(folder, entry);
  bool is_folder = path_is_folder(path), fine = true;
  char *stem = path_stem(entry), *name = name_of(is_folder ? entry : stem);
  if (is_folder)
    fine = add_photos_of(all, path, entry, name, 0, why);
  else if (path_is_photo(entry))
    add_photo(all, name, entry);
  free(name);
  free(stem);
  free(path);
  return fine;
}

bool roster_of_folder(const char *folder, csv_table *roster, sentence *why) {
  *roster = (csv_table){0};
  table_add_column(roster, "name");
  table_add_column(roster, "photo");
  name_list entries = {0};
  walk all = {.roster = roster};
  bool fine = folder_list(folder, &entries, why);
  for (size_t i = 0; i < entries.count && fine; ++i) {
    if (entries.names[i][0] != '.') fine = add_person(&all, folder, entries.names[i], why);
  }
  name_list_free(&entries);
  if (fine && !roster->row_count) {
    fine = fail(why, "%s holds no photos (.jpg, .jpeg, .png); a roster that is a folder has them as NAME/photo.jpg.",
                folder);
  }
  if (!fine) table_free(roster);
  return fine;
}
