/* Folder by folder, each listed once. */
#include "path_search.h"

#include <ctype.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files.h"
#include "unicode.h"

enum { MOST_NEAREST = 100 }; /* looking for the nearest name takes as long as the folder is large */

typedef struct folder_entry {
  char *name, *stored, *key; /* as on disk; tidied; as it is compared */
} folder_entry;

typedef struct listing {
  char *folder;
  folder_entry *entries; /* by key */
  size_t count;
} listing;

struct path_search {
  char *folder;
  void *listings;     /* a tree, by folder */
  size_t near_misses; /* how often one was asked for */
};

/* ---------------------------------------------------------------------------------------------- listings */

static int by_folder(const void *a, const void *b) {
  return strcmp(((const listing *)a)->folder, ((const listing *)b)->folder);
}

static int by_key(const void *a, const void *b) {
  return strcmp(((const folder_entry *)a)->key, ((const folder_entry *)b)->key);
}

static void free_listing(void *taken) {
  listing *list = taken;
  for (size_t i = 0; i < list->count; ++i) {
    free(list->entries[i].name);
    free(list->entries[i].stored);
    free(list->entries[i].key);
  }
  free(list->entries);
  free(list->folder);
  free(list);
}

/* A folder that cannot be read has no entries. */
static const listing *listing_of(path_search *search, const char *folder) {
  listing *made = new_array(1, sizeof *made);
  made->folder = new_text(folder);
  listing *known = *(listing **)tree_place(made, &search->listings, by_folder);
  if (known != made) {
    free_listing(made);
    return known;
  }
  name_list names = {0};
  sentence unused;
  if (folder_list(folder, &names, &unused)) {
    made->entries = new_array(names.count, sizeof *made->entries);
    for (size_t i = 0; i < names.count; ++i) {
      made->entries[i] =
          (folder_entry){new_text(names.names[i]), text_tidied(names.names[i]), text_key(names.names[i])};
    }
    made->count = names.count;
    if (made->count) qsort(made->entries, made->count, sizeof *made->entries, by_key);
  }
  name_list_free(&names);
  return made;
}

path_search *path_search_begin(const char *folder) {
  path_search *search = new_array(1, sizeof *search);
  search->folder = new_text(folder);
  return search;
}

void path_search_end(path_search *search) {
  tdestroy(search->listings, free_listing);
  free(search->folder);
  free(search);
}

void found_file_free(found_file *file) {
  free(file->path);
  *file = (found_file){0};
}

/* ---------------------------------------------------------------------------------------------- paths */

static bool is_address(const char *path) {
  size_t length = 0;
  while (isalnum((unsigned char)path[length]) || (length && strchr("+-.", path[length]) && path[length])) ++length;
  if (length < 2 || path[length] != ':') return false;
  return !strncmp(path + length, "://", 3) || !strncasecmp(path, "data:", 5) || !strncasecmp(path, "blob:", 5);
}

static bool has_parent(const char *path) {
  for (const char *part = path; *part;) {
    size_t length = strcspn(part, "/\\");
    if (length == 2 && part[0] == '.' && part[1] == '.') return true;
    part += length + (part[length] != 0);
  }
  return false;
}

const char *path_problem(const char *path) {
  if (is_address(path)) return "This is an address, not a file; download the photo and write the path of the file.";
  if (*path == '/' || *path == '\\' || (isalpha((unsigned char)path[0]) && path[1] == ':'))
    return "This is an absolute path; write the path from the folder of photos (--photos).";
  if (has_parent(path)) return "The path leads out of its folder (`..`); write the path from the folder of photos.";
  return NULL;
}

/* %41 as A; NULL where there is nothing to read so. */
static char *without_percents(const char *path) {
  char *out = new_text(path), *to = out;
  bool changed = false;
  for (const char *from = path; *from; ++from) {
    if (*from == '%' && isxdigit((unsigned char)from[1]) && isxdigit((unsigned char)from[2])) {
      char digits[3] = {from[1], from[2], 0};
      char letter = (char)strtol(digits, NULL, 16);
      if (letter) {
        *to++ = letter;
        from += 2;
        changed = true;
        continue;
      }
    }
    *to++ = *from;
  }
  *to = 0;
  if (changed) return out;
  free(out);
  return NULL;
}

/* ---------------------------------------------------------------------------------------------- the search */

typedef struct fit {
  const folder_entry *entry; /* NULL: none, or several */
  size_t count;
  const folder_entry *other; /* where there are several */
} fit;

static void add_fit(fit *found, const folder_entry *one) {
  if (found->count++)
    found->other = one;
  else
    found->entry = one;
}

/* The name as it is, else tidied, else as it is compared. */
static fit fitting(const listing *list, const char *name) {
  char *stored = text_tidied(name), *key = text_key(name);
  folder_entry wanted = {.key = key};
  const folder_entry *hit = list->count ? bsearch(&wanted, list->entries, list->count, sizeof wanted, by_key) : NULL;
  fit exact = {0}, tidy = {0}, alike = {0};
  const folder_entry *end = list->entries + list->count;
  while (hit && hit > list->entries && !strcmp(hit[-1].key, key)) --hit;
  for (; hit && hit < end && !strcmp(hit->key, key); ++hit) {
    if (!strcmp(hit->name, name)) add_fit(&exact, hit);
    if (!strcmp(hit->stored, stored)) add_fit(&tidy, hit);
    add_fit(&alike, hit);
  }
  free(stored);
  free(key);
  return exact.count ? exact : tidy.count ? tidy : alike;
}

/* The nearest name in the folder where the search ended: another ending, or few other letters. */
static const folder_entry *nearest_to(const listing *list, const char *name) {
  char *key = text_key(name), *stem = path_stem(key);
  const folder_entry *nearest = NULL;
  size_t least = 4;
  for (size_t i = 0; i < list->count; ++i) {
    char *other = path_stem(list->entries[i].key);
    size_t edits = !strcmp(stem, other) ? 1 : text_edits(key, list->entries[i].key);
    free(other);
    if (edits >= least || edits * 3 > strlen(key)) continue;
    least = edits;
    nearest = &list->entries[i];
  }
  free(key);
  free(stem);
  return nearest;
}

static const char no_such_file[] = "There is no such file.";

/* Where a walk ended without a file. */
typedef struct dead_end {
  const listing *list;
  char *part; /* that nothing, or several things in the list fit */
  fit found;
} dead_end;

/* Part by part; the file's path, new text, or NULL with where it ended. `end` may be NULL. */
static char *walk(path_search *search, const char *path, dead_end *end) {
  char *copy = new_text(path), *place = new_text(search->folder);
  for (char *rest = copy, *part; place && (part = strsep(&rest, "/\\"));) {
    if (!*part || !strcmp(part, ".")) continue;
    const listing *list = listing_of(search, place);
    fit found = fitting(list, part);
    char *deeper = found.count == 1 ? path_joined(place, found.entry->name) : NULL;
    if (!deeper && end) *end = (dead_end){list, new_text(part), found};
    free(place);
    place = deeper;
  }
  free(copy);
  return place;
}

typedef struct naming {
  bool (*may_name)(const void *context, const char *path);
  const void *context;
} naming;

static bool may_name(const naming *names, const listing *list, const folder_entry *entry) {
  char *path = path_joined(list->folder, entry->name);
  bool may = names->may_name(names->context, path);
  free(path);
  return may;
}

static char *near_miss(const dead_end *end, const naming *names) {
  if (end->found.count > 1)
    return may_name(names, end->list, end->found.entry) && may_name(names, end->list, end->found.other)
               ? new_text_of("There is no such file, and several are nearly called so: %s, %s.",
                             end->found.entry->stored, end->found.other->stored)
               : new_text(no_such_file);
  const folder_entry *nearest = nearest_to(end->list, end->part);
  return nearest && may_name(names, end->list, nearest)
             ? new_text_of("There is no such file; the nearest name is %s.", nearest->stored)
             : new_text(no_such_file);
}

char *path_search_near_miss(path_search *search, const char *path, bool (*may)(const void *context, const char *),
                            const void *context) {
  dead_end end = {0};
  if (search->near_misses++ >= MOST_NEAREST) return new_text(no_such_file);
  char *place = walk(search, path, &end);
  char *text = end.list ? near_miss(&end, &(naming){may, context}) : new_text(no_such_file);
  free(end.part);
  free(place);
  return text;
}

static void identify(found_file *file) {
  struct stat about;
  if (stat(file->path, &about) != 0) return; /* a link that leads nowhere: missing when it is read */
  file->device = (uint64_t)about.st_dev;
  file->inode = (uint64_t)about.st_ino;
  if (S_ISREG(about.st_mode)) return;
  file->problem = S_ISDIR(about.st_mode) ? "This is a folder, not a file." : "This is a device or a pipe, not a file.";
  free(file->path);
  file->path = NULL;
}

found_file path_search_find(path_search *search, const char *path) {
  found_file file = {.problem = path_problem(path)};
  file.refused = file.problem != NULL;
  if (file.refused) return file;
  struct stat about;
  file.path = path_joined(search->folder, path);
  if (!*path || stat(file.path, &about) != 0 || !S_ISREG(about.st_mode)) {
    free(file.path);
    file.path = walk(search, path, NULL);
    char *plain = file.path ? NULL : without_percents(path);
    if (plain && !path_problem(plain)) file.path = walk(search, plain, NULL);
    free(plain);
  }
  if (file.path)
    identify(&file);
  else
    file.problem = no_such_file;
  return file;
}
