/* From a table to people: which column is what, and which records are of one person. */
#include "roster.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "roster_sources.h"
#include "stable_id.h"
#include "unicode.h"

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

/* The list's elements with commas between them. */
static char *cell_text(const csv_table *table, size_t row, int column) {
  const char *cell = column >= 0 ? table_cell(table, row, column) : "";
  char *text = new_text("");
  char *copy = new_text(cell);
  for (char *rest = copy, *part; (part = strsep(&rest, "\x1f"));) {
    char *tidy = text_tidied_lines(part), *longer = new_text_of("%s%s%s", text, *text && *tidy ? ", " : "", tidy);
    free(tidy);
    free(text);
    text = longer;
  }
  free(copy);
  return text;
}

static char *name_in(const csv_table *table, size_t row, const column_map *map) {
  char *name = new_text("");
  for (size_t i = 0; i < map->name_count; ++i) {
    char *longer = new_text_of("%s %s", name, table_cell(table, row, map->names[i]));
    free(name);
    name = longer;
  }
  char *tidied = text_tidied(name);
  free(name);
  return tidied;
}

/* A record without name and key stands for a person of its own. */
static char *key_in(const csv_table *table, size_t row, const column_map *map, const char *name) {
  char *key = text_key(map->person >= 0 ? table_cell(table, row, map->person) : name);
  char *whole = *key ? new_text(key) : new_text_of("\n%zu", row); /* no key has a line end */
  free(key);
  return whole;
}

/* The roster's own id; else a hash of the name, or, where a name does not tell people apart, of name and photo. Never
   of the record's number: the id must not change with the order of the roster. */
static char *id_in(const csv_table *table, size_t row, const column_map *map, const char *name) {
  char *id = text_tidied(map->person >= 0 ? table_cell(table, row, map->person) : "");
  if (*id) return id;
  free(id);
  char *key = text_key(name), *photo = photo_in(table, row, map), *both = new_text_of("%s\n%s", key, photo);
  id = *key && map->person < 0 ? id_of_key("name", key) : id_of_key("name and photo", both);
  free(key);
  free(photo);
  free(both);
  return id;
}

/* `id` becomes the person's, or is freed: of several spellings the first in the alphabet, whatever the order. */
static void take_id(roster_person *person, char *id) {
  bool better = !person->id || strcmp(id, person->id) < 0;
  free(better ? person->id : id);
  if (better) person->id = id;
}

static size_t person_index(roster *all, void **tree, char *key) {
  known_person *entry = new_array(1, sizeof *entry);
  *entry = (known_person){key, all->people_count};
  known_person **found = tsearch(entry, tree, by_key);
  if (*found != entry) {
    free_known(entry);
    return (*found)->index;
  }
  all->people = room_for_one_more(all->people, all->people_count, &all->people_capacity, sizeof *all->people);
  roster_person *person = &all->people[all->people_count++];
  person->id = NULL;
  person->name = new_text("");
  person->values = new_array(all->field_count, sizeof *person->values);
  for (size_t i = 0; i < all->field_count; ++i) person->values[i] = new_text("");
  return entry->index;
}

static void take_text(char **place, char *text) {
  if (*text && !**place) {
    free(*place);
    *place = text;
  } else {
    free(text);
  }
}

static void fill_fields(roster *all, size_t row) {
  roster_person *person = &all->people[all->records[row].person];
  for (size_t i = 0; i < all->field_count; ++i) {
    char *text = cell_text(&all->table, row, all->field_columns[i]);
    if (*text && *person->values[i] && strcmp(text, person->values[i]) != 0) ++all->differing[i];
    take_text(&person->values[i], text);
  }
}

void roster_let_in(roster *all, const bool *admitted) {
  for (size_t row = 0; row < all->record_count; ++row) {
    if (!admitted[row]) continue;
    take_text(&all->people[all->records[row].person].name, name_in(&all->table, row, &all->map));
    fill_fields(all, row);
  }
  table_free(&all->table);
}

/* ---------------------------------------------------------------------------------------------- photos */

static bool fail_cell(const csv_table *table, size_t row, int column, const char *wanted, sentence *why) {
  return fail(why, "Record %zu of the roster has \"%.80s\" in the column %.80s; %s.", row + 1,
              table_cell(table, row, column), table->columns[column], wanted);
}

/* The cells one behind the other: one cell with all numbers, or one a number. "" where all are empty. */
static char *cells_joined(const csv_table *table, size_t row, const int *columns, size_t count) {
  char *text = new_text("");
  for (size_t i = 0; i < count; ++i) {
    char *longer = new_text_of("%s%s%s", text, *text ? " " : "", table_cell(table, row, columns[i]));
    free(text);
    text = longer;
  }
  return text;
}

static bool read_box(const csv_table *table, size_t row, const column_map *map, given_face *face, sentence *why) {
  char *text = cells_joined(table, row, map->box, map->box_count);
  bool empty = !text[strspn(text, " \t\r\n")];
  face->has_box = !empty && box_from_text(text, &face->box);
  free(text);
  return empty || face->has_box ||
         fail_cell(table, row, map->box[0],
                   "a box is four numbers x, y, width, height; --box-column names another column, or - for none", why);
}

static bool read_landmarks(const csv_table *table, size_t row, const column_map *map, given_face *face, sentence *why) {
  char *text = cells_joined(table, row, map->landmarks, map->landmark_count);
  bool empty = !text[strspn(text, " \t\r\n")];
  face->has_points = !empty && points_from_text(text, face->points);
  free(text);
  return empty || face->has_points ||
         fail_cell(table, row, map->landmarks[0],
                   "landmarks are the x and y of eyes, nose and mouth corners, ten numbers; --landmarks-column names "
                   "another column, or - for none",
                   why);
}

static bool read_mark(const csv_table *table, size_t row, const column_map *map, bool *stays_out, sentence *why) {
  *stays_out = false;
  if (map->matching < 0) return true;
  bool yes = true;
  char *text = cell_text(table, row, map->matching);
  bool fine = !*text || text_yes_or_no(text, &yes) || fail_cell(table, row, map->matching, "write yes or no", why);
  free(text);
  *stays_out = !yes;
  return fine;
}

static char *department_in(const csv_table *table, size_t row, const column_map *map, const char *otherwise) {
  char *text = cell_text(table, row, map->department), *name = text_tidied(*text || !otherwise ? text : otherwise);
  free(text);
  return name;
}

/* Every place that the record names, with semicolons between them. */
static char *jurisdictions_in(const csv_table *table, size_t row, const column_map *map) {
  char *text = new_text("");
  for (size_t i = 0; i < map->jurisdiction_count; ++i) {
    char *place = cell_text(table, row, map->jurisdictions[i]);
    char *longer = new_text_of("%s%s%s", text, *text && *place ? "; " : "", place);
    free(place);
    free(text);
    text = longer;
  }
  return text;
}

static void add_photo(roster *all, roster_photo found, const char *path) {
  all->photos = room_for_one_more(all->photos, all->photo_count, &all->photo_capacity, sizeof *all->photos);
  found.path = new_text(path);
  all->photos[all->photo_count++] = found;
}

static bool add_photos(roster *all, size_t row, sentence *why) {
  const csv_table *table = &all->table;
  const column_map *map = &all->map;
  roster_photo found = {.person = all->records[row].person, .record = row};
  if (!read_box(table, row, map, &found.face, why) || !read_landmarks(table, row, map, &found.face, why)) return false;
  char *copy = photo_in(table, row, map);
  size_t before = all->photo_count;
  for (char *rest = copy, *part; (part = strsep(&rest, "\x1f"));) {
    char *tidy = text_tidied(part);
    if (*tidy) add_photo(all, found, part);
    free(tidy);
  }
  free(copy);
  if (all->photo_count == before) {
    ++all->without_photo;
    if (map->photos_optional) add_photo(all, found, "");
  }
  return all->photo_count - before <= 1 || !(found.face.has_box || found.face.has_points) ||
         fail(why, "Record %zu of the roster has one box for %zu photos; give each photo a record of its own.", row + 1,
              all->photo_count - before);
}

/* ---------------------------------------------------------------------------------------------- reading */

/* What travels, and the table's columns of it. */
static void map_fields(roster *all) {
  const csv_table *table = &all->table;
  all->field_columns = new_array(table->column_count, sizeof *all->field_columns);
  all->fields = new_array(table->column_count, sizeof *all->fields);
  all->differing = new_array(table->column_count, sizeof *all->differing);
  for (int i = 0; i < (int)table->column_count; ++i) {
    if (!column_travels(&all->map, i)) continue;
    all->field_columns[all->field_count] = i;
    all->fields[all->field_count++] = new_text(table->columns[i]);
  }
}

static void unique_ids(roster *all) {
  char **ids = new_array(all->people_count, sizeof *ids);
  for (size_t i = 0; i < all->people_count; ++i) ids[i] = all->people[i].id;
  make_ids_unique(ids, all->people_count);
  for (size_t i = 0; i < all->people_count; ++i) all->people[i].id = ids[i];
  free(ids);
}

static bool fold(roster *all, const char *every_department, sentence *why) {
  const csv_table *table = &all->table;
  void *tree = NULL;
  bool fine = true;
  all->records = new_array(table->row_count, sizeof *all->records);
  for (size_t row = 0; row < table->row_count && fine; ++row) {
    roster_record *record = &all->records[all->record_count++];
    char *name = name_in(table, row, &all->map);
    record->person = person_index(all, &tree, key_in(table, row, &all->map, name));
    take_id(&all->people[record->person], id_in(table, row, &all->map, name));
    record->department = department_in(table, row, &all->map, every_department);
    record->jurisdiction = jurisdictions_in(table, row, &all->map);
    fine = read_mark(table, row, &all->map, &record->stays_out, why) && add_photos(all, row, why);
    free(name);
  }
  tdestroy(tree, free_known);
  unique_ids(all);
  all->folded_by_name = all->map.person < 0;
  return fine;
}

/* OpenOversight calls its exports DEPARTMENT_Officers.csv. NULL where the file is called otherwise. */
static char *department_in_name(const char *path) {
  static const char ending[] = "_officers.csv";
  if (!path_has_extension(path, ending)) return NULL;
  const char *name = path_name(path);
  char *spaced = new_text_of("%.*s", (int)(strlen(name) - strlen(ending)), name);
  for (char *letter = spaced; *letter; ++letter) {
    if (*letter == '_') *letter = ' ';
  }
  char *department = text_tidied(spaced);
  free(spaced);
  return department;
}

static bool read_roster(roster *all, const char *path, const roster_columns *columns, sentence *why) {
  if (!columns_mapped(&all->table, columns, &all->map, why)) return false;
  if (!all->table.row_count) return fail(why, "%s holds no records.", path);
  map_fields(all);
  for (size_t i = 0; i < columns->ignored.count; ++i) {
    char *note = new_text_of("The column %s was read as no rule about who must not be matched (--ignore-column).",
                             columns->ignored.names[i]);
    name_list_add(&all->notes, note);
    free(note);
  }
  char *from_name = columns->every_department ? NULL : department_in_name(path);
  bool fine = fold(all, from_name ? from_name : columns->every_department, why);
  free(from_name);
  return fine;
}

bool roster_read(const char *path, const roster_columns *columns, roster *all, sentence *why) {
  *all = (roster){0};
  roster_columns wanted = *columns;
  photo_list_use list = {.notes = &all->notes};
  if (path_is_folder(path)) {
    if (columns->photo_list)
      return fail(why, "%s is a folder; a list of photos goes with a roster that is a file.", path);
    if (!roster_of_folder(path, columns->photos_optional, &all->table, &all->notes, why)) {
      name_list_free(&all->notes);
      return false;
    }
    all->is_folder = true;
    wanted = (roster_columns){.every_department = columns->every_department};
  } else if (!records_read(path, columns->separator, columns, &all->table, why)) {
    return false;
  }
  bool fine = true;
  if (columns->photo_list) {
    fine = roster_with_photo_list(columns->photo_list, columns, &all->table, &list, why);
    wanted.person = list.joined_by;
  }
  fine = fine && read_roster(all, path, &wanted, why);
  free(list.joined_by);
  if (!fine) roster_free(all);
  return fine;
}

void roster_find_photos(roster *all, const char *folder) {
  path_search *search = path_search_begin(folder);
  for (size_t i = 0; i < all->photo_count; ++i) {
    if (*all->photos[i].path) all->photos[i].file = path_search_find(search, all->photos[i].path);
  }
  path_search_end(search);
}

void roster_free(roster *all) {
  for (size_t i = 0; i < all->people_count; ++i) {
    free(all->people[i].id);
    free(all->people[i].name);
    for (size_t j = 0; j < all->field_count; ++j) free(all->people[i].values[j]);
    free(all->people[i].values);
  }
  for (size_t i = 0; i < all->field_count; ++i) free(all->fields[i]);
  for (size_t i = 0; i < all->record_count; ++i) {
    free(all->records[i].department);
    free(all->records[i].jurisdiction);
  }
  for (size_t i = 0; i < all->photo_count; ++i) {
    free(all->photos[i].path);
    found_file_free(&all->photos[i].file);
  }
  name_list_free(&all->notes);
  table_free(&all->table);
  free(all->records);
  free(all->field_columns);
  free(all->people);
  free(all->fields);
  free(all->differing);
  free(all->photos);
  *all = (roster){0};
}
