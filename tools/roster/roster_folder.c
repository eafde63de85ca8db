/* A folder of folders with photos, as a table. */
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "roster_sources.h"
#include "unicode.h"
#include "visits.h"

enum { FOLDERS = 0 };  /* the group of folders; people count from 1 */
enum { DEEPEST = 64 }; /* folders below the roster's: a path has an end */

/* Some names and how many there are. */
typedef struct example_list {
  name_list first;
  size_t count;
} example_list;

typedef struct walk {
  csv_table *roster;
  visits seen; /* folders, and files of each person */
  size_t person;
  bool photos_only;
  example_list passed_over, decoded, again;
} walk;

static void add_example(example_list *list, const char *path) {
  enum { SHOWN = 5 };
  char *shown = text_decoded(path);
  if (list->count++ < SHOWN) name_list_add(&list->first, shown);
  free(shown);
}

static void note_examples(name_list *notes, const example_list *list, const char *what) {
  if (!list->count) return;
  char *note = new_text_of("%zu %s:", list->count, what);
  for (size_t i = 0; i < list->first.count; ++i) {
    char *longer = new_text_of("%s%s %s", note, i ? "," : "", list->first.names[i]);
    free(note);
    note = longer;
  }
  char *whole = new_text_of("%s%s", note, list->count > list->first.count ? ", …" : ".");
  name_list_add(notes, whole);
  free(whole);
  free(note);
}

/* ---------------------------------------------------------------------------------------------- the walk */

static char *name_of(const char *entry) {
  char *spaced = text_decoded(entry);
  for (char *letter = spaced; *letter; ++letter) {
    if (*letter == '_') *letter = ' ';
  }
  char *name = text_tidied(spaced);
  free(spaced);
  return name;
}

static void add_file(walk *all, const char *path, const char *inside, const char *name, const struct stat *about) {
  if (!S_ISREG(about->st_mode) || (all->photos_only && !file_is_photo(path))) {
    add_example(&all->passed_over, inside);
    return;
  }
  if (!visits_first(&all->seen, about, all->person)) {
    add_example(&all->again, inside);
    return;
  }
  if (!utf8_is_valid(inside)) add_example(&all->decoded, inside);
  char *photo = text_decoded(inside);
  table_add_cell(all->roster, name);
  table_add_cell(all->roster, photo);
  ++all->roster->row_count;
  free(photo);
}

static bool add_folder(walk *all, const char *folder, const char *inside, const char *name, int depth, sentence *why);

/* `inside`: the path from the roster's folder. `name`: NULL where the entry is a person. */
static bool add_entry(walk *all, const char *path, const char *inside, const char *name, int depth, sentence *why) {
  struct stat about;
  if (stat(path, &about) != 0) { /* a link that leads nowhere */
    add_example(&all->passed_over, inside);
    return true;
  }
  bool folder = S_ISDIR(about.st_mode), fine = true;
  char *stem = folder ? new_text(path_name(inside)) : path_stem(inside), *own = name ? NULL : name_of(stem);
  if (!name) ++all->person;
  if (!folder)
    add_file(all, path, inside, name ? name : own, &about);
  else if (depth == DEEPEST || !visits_first(&all->seen, &about, FOLDERS))
    add_example(&all->again, inside);
  else
    fine = add_folder(all, path, inside, name ? name : own, depth + 1, why);
  free(stem);
  free(own);
  return fine;
}

static bool add_folder(walk *all, const char *folder, const char *inside, const char *name, int depth, sentence *why) {
  name_list entries = {0};
  bool fine = folder_list(folder, &entries, why);
  for (size_t i = 0; i < entries.count && fine; ++i) {
    if (entries.names[i][0] == '.') continue;
    char *path = path_joined(folder, entries.names[i]);
    char *below = *inside ? path_joined(inside, entries.names[i]) : new_text(entries.names[i]);
    fine = add_entry(all, path, below, name, depth, why);
    free(path);
    free(below);
  }
  name_list_free(&entries);
  return fine;
}

bool roster_of_folder(const char *folder, bool photos_only, csv_table *roster, name_list *notes, sentence *why) {
  *roster = (csv_table){0};
  table_add_column(roster, "name");
  table_add_column(roster, "photo");
  walk all = {.roster = roster, .photos_only = photos_only};
  struct stat about;
  if (stat(folder, &about) == 0) visits_first(&all.seen, &about, FOLDERS);
  bool fine = add_folder(&all, folder, "", NULL, 0, why);
  note_examples(notes, &all.passed_over, "files of the folder are no photos and were passed over");
  note_examples(notes, &all.again, "files or folders were read already, through a link or under another name");
  note_examples(notes, &all.decoded, "names are not UTF-8 and were read as Windows-1252");
  name_list_free(&all.passed_over.first);
  name_list_free(&all.again.first);
  name_list_free(&all.decoded.first);
  visits_free(&all.seen);
  if (fine && !roster->row_count) fine = fail_without_photos_in(folder, why);
  if (!fine) table_free(roster);
  return fine;
}

bool fail_without_photos_in(const char *folder, sentence *why) {
  return fail(why, "%s holds no photos; a roster that is a folder has them as NAME/photo.jpg.", folder);
}
