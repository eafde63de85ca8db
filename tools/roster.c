/* From a table to people: which column is what, and which records are of one person. */
#include "roster.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "table_json.h"

/* ---------------------------------------------------------------------------------------------- columns */

static const char *const usual_photo[] = {"photo", "img", "image", "photos", "photo_file", "filename", "file", NULL};
static const char *const usual_person[] = {"person", "person_id", "officer_id", "unique_id", NULL};
static const char *const usual_name[] = {"name", "full_name", "fullname", "full name", NULL};
static const char *const usual_first[] = {"first_name", "first name", "firstname", NULL};
static const char *const usual_last[] = {"last_name", "last name", "lastname", "surname", NULL};

#define MAX_NAME_COLUMNS 8
typedef struct mapping {
  int photo, person; /* person: −1 where there is none */
  int names[MAX_NAME_COLUMNS];
  size_t name_count;
} mapping;

static int first_known(const csv_table *table, const char *const *candidates) {
  for (; *candidates; ++candidates) {
    int column = table_column(table, *candidates);
    if (column >= 0) return column;
  }
  return -1;
}

/* "… columns found: a, b, c" */
static bool fail_with_columns(sentence *why, const csv_table *table, const char *problem) {
  char *list = new_text(""); /* cut by the sentence where it is very long */
  for (size_t i = 0; i < table->column_count; ++i) {
    char *longer = new_text_of("%s%s%s", list, i ? ", " : "", table->columns[i]);
    free(list);
    list = longer;
  }
  fail(why, "%s Columns found: %s.", problem, list);
  free(list);
  return false;
}

static bool find_given(const csv_table *table, const char *option, const char *name, int *column, sentence *why) {
  *column = table_column(table, name);
  if (*column >= 0) return true;
  char problem[256];
  snprintf(problem, sizeof problem, "The roster has no column `%.100s` (--%s).", name, option);
  return fail_with_columns(why, table, problem);
}

static bool map_names(const csv_table *table, const roster_columns *columns, mapping *map, sentence *why) {
  if (columns->names.count > MAX_NAME_COLUMNS) return fail(why, "A name has at most %d columns.", MAX_NAME_COLUMNS);
  for (size_t i = 0; i < columns->names.count; ++i) {
    if (!find_given(table, "name-column", columns->names.names[i], &map->names[map->name_count++], why)) return false;
  }
  if (map->name_count) return true;
  int name = first_known(table, usual_name), first = first_known(table, usual_first),
      last = first_known(table, usual_last);
  if (name >= 0) map->names[map->name_count++] = name;
  if (name < 0 && first >= 0) map->names[map->name_count++] = first;
  if (name < 0 && last >= 0) map->names[map->name_count++] = last;
  return map->name_count ||
         fail_with_columns(why, table, "No column of the roster holds names; say which with --name-column.");
}

static bool map_columns(const csv_table *table, const roster_columns *columns, mapping *map, sentence *why) {
  *map = (mapping){.photo = first_known(table, usual_photo), .person = first_known(table, usual_person)};
  if (columns->photo && !find_given(table, "photo-column", columns->photo, &map->photo, why)) return false;
  if (columns->person && !find_given(table, "person-column", columns->person, &map->person, why)) return false;
  if (map->photo < 0) {
    return fail_with_columns(why, table, "No column of the roster holds photos; say which with --photo-column.");
  }
  return map_names(table, columns, map, why);
}

static bool is_name(const mapping *map, int column) {
  for (size_t i = 0; i < map->name_count; ++i) {
    if (map->names[i] == column) return true;
  }
  return false;
}

/* ---------------------------------------------------------------------------------------------- people */

/* A person under the text that tells them apart, found again in a tree. */
typedef struct known_person {
  char *key;
  size_t index;
} known_person;

static int by_key(const void *a, const void *b) {
  return strcmp(((const known_person *)a)->key, ((const known_person *)b)->key);
}

static void free_known(void *entry) {
  free(((known_person *)entry)->key);
  free(entry);
}

/* Without white space at the ends; runs of it inside become one space. */
static char *tidy(const char *text) {
  char *out = new_text(text), *to = out;
  for (const char *from = text; *from; ++from) {
    bool space = *from == ' ' || (*from >= '\t' && *from <= '\r');
    if (!space)
      *to++ = *from;
    else if (to > out && to[-1] != ' ')
      *to++ = ' ';
  }
  if (to > out && to[-1] == ' ') --to;
  *to = 0;
  return out;
}

static char *name_in(const csv_table *table, size_t row, const mapping *map) {
  char *name = new_text("");
  for (size_t i = 0; i < map->name_count; ++i) {
    char *longer = new_text_of("%s %s", name, table_cell(table, row, map->names[i]));
    free(name);
    name = longer;
  }
  char *tidied = tidy(name);
  free(name);
  return tidied;
}

/* A record without name and key stands for a person of its own. */
static char *key_in(const csv_table *table, size_t row, const mapping *map, const char *name) {
  char *key = map->person >= 0 ? tidy(table_cell(table, row, map->person)) : new_text("");
  char *whole = *key                       ? new_text_of("k%s", key)
                : *name && map->person < 0 ? new_text_of("n%s", name)
                                           : new_text_of("r%zu", row);
  free(key);
  return whole;
}

static size_t person_index(roster *all, void **tree, char *key, const char *name) {
  known_person *entry = new_array(1, sizeof *entry);
  *entry = (known_person){key, all->people_count};
  known_person **found = tsearch(entry, tree, by_key);
  if (*found != entry) {
    free_known(entry);
    return (*found)->index;
  }
  all->people = room_for_one_more(all->people, all->people_count, &all->people_capacity, sizeof *all->people);
  roster_person *person = &all->people[all->people_count++];
  person->name = new_text(name);
  person->values = new_array(all->field_count, sizeof *person->values);
  for (size_t i = 0; i < all->field_count; ++i) person->values[i] = new_text("");
  return entry->index;
}

/* The list's elements with commas between them. */
static char *field_text(const char *cell) {
  char *text = new_text("");
  char *copy = new_text(cell);
  for (char *rest = copy, *part; (part = strsep(&rest, "\x1f"));) {
    char *longer = new_text_of("%s%s%s", text, *text ? ", " : "", part);
    free(text);
    text = longer;
  }
  free(copy);
  return text;
}

static void fill_fields(roster *all, size_t person, const csv_table *table, size_t row, const int *columns) {
  for (size_t i = 0; i < all->field_count; ++i) {
    char **value = &all->people[person].values[i];
    char *text = field_text(table_cell(table, row, columns[i]));
    if (*text && **value && strcmp(text, *value) != 0) ++all->differing[i];
    if (*text && !**value) {
      char *old = *value;
      *value = text;
      text = old;
    }
    free(text);
  }
}

static void add_photos(roster *all, size_t person, const char *cell) {
  char *copy = new_text(cell);
  size_t before = all->photo_count;
  for (char *rest = copy, *part; (part = strsep(&rest, "\x1f"));) {
    if (!*part) continue;
    all->photos = room_for_one_more(all->photos, all->photo_count, &all->photo_capacity, sizeof *all->photos);
    all->photos[all->photo_count++] = (roster_photo){new_text(part), person};
  }
  if (all->photo_count == before) ++all->without_photo;
  free(copy);
}

static void fold(const csv_table *table, const mapping *map, roster *all) {
  int *columns = new_array(table->column_count, sizeof *columns);
  all->fields = new_array(table->column_count, sizeof *all->fields);
  all->differing = new_array(table->column_count, sizeof *all->differing);
  for (int i = 0; i < (int)table->column_count; ++i) {
    if (i == map->photo || is_name(map, i)) continue;
    columns[all->field_count] = i;
    all->fields[all->field_count++] = new_text(table->columns[i]);
  }
  void *tree = NULL;
  for (size_t row = 0; row < table->row_count; ++row) {
    char *name = name_in(table, row, map);
    size_t person = person_index(all, &tree, key_in(table, row, map, name), name);
    if (*name && !*all->people[person].name) {
      free(all->people[person].name);
      all->people[person].name = new_text(name);
    }
    fill_fields(all, person, table, row, columns);
    add_photos(all, person, table_cell(table, row, map->photo));
    free(name);
  }
  tdestroy(tree, free_known);
  free(columns);
  all->record_count = table->row_count;
  all->folded_by_name = map->person < 0;
}

/* ---------------------------------------------------------------------------------------------- reading */

/* JSON begins with a bracket, whatever the file is called. */
static bool looks_like_json(const char *path, bool *json, sentence *why) {
  dpl_bytes file;
  if (!file_read(path, &file, why)) return false;
  size_t at = file.size >= 3 && !memcmp(file.data, "\xEF\xBB\xBF", 3) ? 3 : 0;
  while (at < file.size && (file.data[at] == ' ' || (file.data[at] >= '\t' && file.data[at] <= '\r'))) ++at;
  *json = at < file.size && (file.data[at] == '[' || file.data[at] == '{');
  bytes_free(&file);
  return true;
}

bool roster_read(const char *path, const roster_columns *columns, roster *all, sentence *why) {
  *all = (roster){0};
  csv_table table;
  mapping map;
  bool json;
  if (!looks_like_json(path, &json, why)) return false;
  if (!(json ? table_read_json(path, &table, why) : table_read_csv(path, &table, why))) return false;
  bool fine = map_columns(&table, columns, &map, why);
  if (fine && !table.row_count) fine = fail(why, "%s holds no records.", path);
  if (fine) fold(&table, &map, all);
  table_free(&table);
  return fine;
}

void roster_free(roster *all) {
  for (size_t i = 0; i < all->people_count; ++i) {
    free(all->people[i].name);
    for (size_t j = 0; j < all->field_count; ++j) free(all->people[i].values[j]);
    free(all->people[i].values);
  }
  for (size_t i = 0; i < all->field_count; ++i) free(all->fields[i]);
  for (size_t i = 0; i < all->photo_count; ++i) free(all->photos[i].path);
  free(all->people);
  free(all->fields);
  free(all->differing);
  free(all->photos);
  *all = (roster){0};
}
