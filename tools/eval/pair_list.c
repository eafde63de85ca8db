/* Reading pairs.txt and pairs.csv. */
#include "pair_list.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "table.h"

/* ---------------------------------------------------------------------------------------------- photos, each once */

/* A photo's path and index, found again by path in a tree. */
typedef struct known_photo {
  char *path;
  size_t index;
} known_photo;

static int by_path(const void *a, const void *b) {
  return strcmp(((const known_photo *)a)->path, ((const known_photo *)b)->path);
}

static void free_known(void *entry) {
  free(((known_photo *)entry)->path);
  free(entry);
}

static size_t photo_index(pair_list *list, void **tree, char *path) {
  known_photo *entry = new_array(1, sizeof *entry);
  *entry = (known_photo){path, list->photos.count};
  known_photo **found = tree_place(entry, tree, by_path);
  if (*found == entry)
    name_list_add(&list->photos, path);
  else
    free_known(entry);
  return (*found)->index;
}

static void add_pair(pair_list *list, void **tree, char *a, char *b, bool same) {
  list->pairs = room_for_one_more(list->pairs, list->count, &list->capacity, sizeof *list->pairs);
  size_t first = photo_index(list, tree, a), second = photo_index(list, tree, b);
  list->pairs[list->count++] = (labelled_pair){first, second, same};
}

/* ---------------------------------------------------------------------------------------------- LFW */

static char *lfw_path(const char *folder, bool has_images, const char *name, const char *number) {
  return new_text_of("%s%s/%s/%s_%04d.jpg", folder, has_images ? "/images" : "", name, name,
                     (int)strtol(number, NULL, 10));
}

static size_t split(char *line, char *words[5]) {
  size_t count = 0;
  for (char *rest = line, *word; count < 5 && (word = strtok_r(rest, " \t\r\n", &rest));) words[count++] = word;
  return count;
}

static bool read_lfw(const char *folder, const char *path, pair_list *list, sentence *why) {
  dpl_bytes file;
  if (!file_read(path, &file, why)) return false;
  char *text = new_text_of("%.*s", (int)file.size, (const char *)file.data);
  bytes_free(&file);
  char *images = path_joined(folder, "images");
  bool has_images = path_is_folder(images), fine = true;
  free(images);

  void *tree = NULL;
  size_t line_number = 0;
  for (char *rest = text, *line; fine && (line = strsep(&rest, "\n"));) {
    char *words[5];
    size_t count = split(line, words);
    ++line_number;
    if (count == 0 || (line_number == 1 && count <= 2)) continue;
    if (count == 3) {
      add_pair(list, &tree, lfw_path(folder, has_images, words[0], words[1]),
               lfw_path(folder, has_images, words[0], words[2]), true);
    } else if (count == 4) {
      add_pair(list, &tree, lfw_path(folder, has_images, words[0], words[1]),
               lfw_path(folder, has_images, words[2], words[3]), false);
    } else {
      fine = fail(why, "%s, line %zu is no pair: `name i j` or `name i name j` is needed.", path, line_number);
    }
  }
  tdestroy(tree, free_known);
  free(text);
  list->layout = "lfw";
  list->subject = SUBJECT_CENTRED;
  return fine;
}

/* ---------------------------------------------------------------------------------------------- DeepFace */

static bool read_deepface(const char *folder, const char *path, pair_list *list, sentence *why) {
  csv_table table;
  if (!table_read_csv(path, 0, &table, why)) return false;
  int x = table_column(&table, "file_x"), y = table_column(&table, "file_y"),
      decision = table_column(&table, "Decision");
  bool fine =
      (x >= 0 && y >= 0 && decision >= 0) || fail(why, "%s needs the columns file_x, file_y and Decision.", path);
  void *tree = NULL;
  for (size_t row = 0; row < table.row_count && fine; ++row) {
    const char *answer = table_cell(&table, row, decision);
    bool same = !strcasecmp(answer, "yes");
    if (!same && strcasecmp(answer, "no") != 0) {
      fine = fail(why, "%s, record %zu: the decision must be Yes or No, not `%s`.", path, row + 1, answer);
    } else {
      add_pair(list, &tree, path_joined(folder, table_cell(&table, row, x)),
               path_joined(folder, table_cell(&table, row, y)), same);
    }
  }
  tdestroy(tree, free_known);
  table_free(&table);
  list->layout = "deepface";
  list->subject = SUBJECT_LARGEST;
  return fine;
}

/* ---------------------------------------------------------------------------------------------- either */

bool pair_list_read(const char *folder, pair_list *list, sentence *why) {
  *list = (pair_list){0};
  char *text = path_joined(folder, "pairs.txt"), *csv = path_joined(folder, "pairs.csv");
  bool fine;
  if (path_exists(text))
    fine = read_lfw(folder, text, list, why);
  else if (path_exists(csv))
    fine = read_deepface(folder, csv, list, why);
  else
    fine = fail(why, "%s holds neither pairs.txt (as LFW) nor pairs.csv (as DeepFace's tests).", folder);
  if (fine && !list->count) fine = fail(why, "%s lists no pairs.", folder);
  free(text);
  free(csv);
  if (!fine) pair_list_free(list);
  return fine;
}

void pair_list_free(pair_list *list) {
  name_list_free(&list->photos);
  free(list->pairs);
  *list = (pair_list){0};
}
