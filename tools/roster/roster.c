/* From a table to people: which column is what, and which records are of one person. */
#include "roster.h"

#include <stdlib.h>
#include <string.h>

#include "language_tag.h"
#include "output.h"
#include "roster_sources.h"
#include "stable_id.h"
#include "table_json.h"
#include "unicode.h"

/* ---------------------------------------------------------------------------------------------- people */

/* The list's elements with commas between them. */
static char *cell_text(const csv_table *table, size_t row, int column) {
  const char *cell = column >= 0 ? table_cell(table, row, column) : "";
  if (!strchr(cell, TABLE_LIST_SEPARATOR)) return text_tidied_lines(cell);
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
  if (map->name_count == 1) return text_tidied(table_cell(table, row, map->names[0]));
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

/* Of several spellings of an id the first in the alphabet, whatever the order. */
static void take_id(roster *all, roster_person *person, char *id) {
  if (!*person->id || strcmp(id, person->id) < 0) person->id = text_pool_keep(&all->texts, id);
  free(id);
}

static void take_text(roster *all, const char **place, char *text) {
  if (*text && !**place) *place = text_pool_keep(&all->texts, text);
  free(text);
}

/* A column `lang` says in which language names and values are, for pages and screen readers. */
static void check_language(roster *all, size_t row, char *text) {
  if (!*text || language_tag_is_valid(text)) return;
  if (!all->unknown_languages++) all->first_unknown = row;
  *text = 0;
}

static void fill_fields(roster *all, size_t row, int language) {
  roster_person *person = &all->people[all->records[row].person];
  for (size_t i = 0; i < all->field_count; ++i) {
    char *text = cell_text(&all->table, row, all->field_columns[i]);
    if (all->field_columns[i] == language) check_language(all, row, text);
    if (*text && *person->values[i] && strcmp(text, person->values[i]) != 0) ++all->differing[i];
    take_text(all, &person->values[i], text);
  }
}

static void make_people(roster *all) {
  const char *empty = text_pool_keep(&all->texts, "");
  all->people = new_array(all->people_count, sizeof *all->people);
  all->values = new_array(all->people_count * all->field_count, sizeof *all->values);
  for (size_t i = 0; i < all->people_count * all->field_count; ++i) all->values[i] = empty;
  for (size_t i = 0; i < all->people_count; ++i)
    all->people[i] = (roster_person){empty, empty, all->values + i * all->field_count};
}

/* A person all of whose records are out has no id, and so takes none away from others. */
static void unique_ids(roster *all) {
  used_ids used = {0};
  for (size_t i = 0; i < all->people_count; ++i) {
    roster_person *person = &all->people[i];
    if (*person->id) person->id = text_pool_keep(&all->texts, unique_id(&used, person->id));
  }
  used_ids_free(&used);
}

/* A column that only excluded records fill is not published, not even its name. */
static void drop_empty_fields(roster *all) {
  size_t kept = 0;
  bool *filled = new_array(all->field_count, sizeof *filled);
  for (size_t i = 0; i < all->people_count; ++i) {
    for (size_t k = 0; k < all->field_count; ++k) filled[k] = filled[k] || *all->people[i].values[k];
  }
  for (size_t k = 0; k < all->field_count; ++k) {
    if (!filled[k]) continue;
    for (size_t i = 0; i < all->people_count; ++i) all->people[i].values[kept] = all->people[i].values[k];
    all->differing[kept] = all->differing[k];
    all->fields[kept++] = all->fields[k];
  }
  all->field_count = kept;
  free(filled);
}

static void note_languages(roster *all) {
  if (!all->unknown_languages) return;
  char *record = roster_record_name(all, all->first_unknown);
  char *note =
      new_text_of("%s values of the column lang are no language tags as HTML has them (de, pt-BR) and were left "
                  "out. %s has the first.",
                  grouped(all->unknown_languages), record);
  name_list_add(&all->notes, note);
  free(note);
  free(record);
}

void roster_let_in(roster *all, const bool *admitted) {
  const int language = table_column(&all->table, "lang");
  make_people(all);
  for (size_t row = 0; row < all->record_count - all->stranger_count; ++row) {
    if (!admitted[row]) continue;
    roster_person *person = &all->people[all->records[row].person];
    char *name = name_in(&all->table, row, &all->map);
    take_id(all, person, id_in(&all->table, row, &all->map, name));
    take_text(all, &person->name, name);
    fill_fields(all, row, language);
  }
  note_languages(all);
  unique_ids(all);
  drop_empty_fields(all);
  photo_list_note(&all->list, &all->table, admitted, &all->notes);
  table_free(&all->table);
}

/* ---------------------------------------------------------------------------------------------- photos */

static bool fail_cell(const roster *all, size_t row, int column, const char *wanted, sentence *why) {
  char *record = roster_record_name(all, row);
  fail(why, "%s has \"%.80s\" in the column %.80s; %s.", record, table_cell(&all->table, row, column),
       all->table.columns[column], wanted);
  free(record);
  return false;
}

/* The cells one behind the other: one cell with all numbers, or one a number. "" where all are empty. */
static char *cells_joined(const csv_table *table, size_t row, const int *columns, size_t count) {
  if (count == 1) return new_text(table_cell(table, row, columns[0]));
  char *text = new_text("");
  for (size_t i = 0; i < count; ++i) {
    char *longer = new_text_of("%s%s%s", text, *text ? " " : "", table_cell(table, row, columns[i]));
    free(text);
    text = longer;
  }
  return text;
}

static bool read_box(const roster *all, size_t row, given_face *face, sentence *why) {
  const column_map *map = &all->map;
  if (!map->box_count) return true;
  char *text = cells_joined(&all->table, row, map->box, map->box_count);
  bool empty = !text[strspn(text, " \t\r\n")];
  face->has_box = !empty && box_from_text(text, &face->box);
  free(text);
  return empty || face->has_box ||
         fail_cell(all, row, map->box[0],
                   "a box is four numbers x, y, width, height; --box-column names another column, or - for none", why);
}

static bool read_landmarks(const roster *all, size_t row, given_face *face, sentence *why) {
  const column_map *map = &all->map;
  if (!map->landmark_count) return true;
  char *text = cells_joined(&all->table, row, map->landmarks, map->landmark_count);
  bool empty = !text[strspn(text, " \t\r\n")];
  face->has_points = !empty && points_from_text(text, face->points);
  free(text);
  return empty || face->has_points ||
         fail_cell(all, row, map->landmarks[0],
                   "landmarks are the x and y of eyes, nose and mouth corners, ten numbers; --landmarks-column names "
                   "another column, or - for none",
                   why);
}

static bool read_mark(const roster *all, size_t row, bool *stays_out, sentence *why) {
  const column_map *map = &all->map;
  *stays_out = false;
  if (map->matching < 0) return true;
  bool yes = true;
  char *text = cell_text(&all->table, row, map->matching);
  bool fine = !*text || text_yes_or_no(text, &yes) || fail_cell(all, row, map->matching, "write yes or no", why);
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
  if (map->jurisdiction_count == 1) return cell_text(table, row, map->jurisdictions[0]);
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

static uint32_t place_number(roster *all, char *place) {
  size_t number = text_pool_number(&all->places, place);
  free(place);
  return (uint32_t)number;
}

static void add_photo(roster *all, roster_photo found, const char *path) {
  all->photos = room_for_one_more(all->photos, all->photo_count, &all->photo_capacity, sizeof *all->photos);
  found.path = (uint32_t)text_pool_number(&all->paths, path);
  all->photos[all->photo_count++] = found;
}

static uint32_t add_face(roster *all, const given_face *face) {
  if (!face->has_box && !face->has_points) return 0;
  all->faces = room_for_one_more(all->faces, all->face_count, &all->face_capacity, sizeof *all->faces);
  all->faces[all->face_count++] = *face;
  return (uint32_t)all->face_count;
}

static bool add_photos(roster *all, size_t row, sentence *why) {
  const column_map *map = &all->map;
  const bool is_stranger = row >= all->list.first_stranger;
  given_face face = {0};
  if (!is_stranger && (!read_box(all, row, &face, why) || !read_landmarks(all, row, &face, why))) return false;
  roster_photo found = {.person = all->records[row].person, .record = row, .face = add_face(all, &face)};
  char *copy = photo_in(&all->table, row, map);
  size_t before = all->photo_count;
  for (char *rest = copy, *part; (part = strsep(&rest, "\x1f"));) {
    char *tidy = text_tidied(part);
    if (*tidy) add_photo(all, found, part);
    free(tidy);
  }
  free(copy);
  if (all->photo_count == before && !is_stranger) {
    ++all->without_photo;
    if (map->photos_optional) add_photo(all, found, "");
  }
  if (all->photo_count - before <= 1 || !found.face) return true;
  char *record = roster_record_name(all, row);
  fail(why, "%s has one box for %zu photos; give each photo a record of its own.", record, all->photo_count - before);
  free(record);
  return false;
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
    all->fields[all->field_count++] = text_pool_keep(&all->texts, table->columns[i]);
  }
}

static bool fold(roster *all, const char *every_department, sentence *why) {
  const csv_table *table = &all->table;
  text_pool keys = {0}; /* a person's number is that of the key */
  bool fine = true;
  all->records = new_array(table->row_count, sizeof *all->records);
  for (size_t row = 0; row < table->row_count && fine; ++row) {
    roster_record *record = &all->records[all->record_count++];
    char *name = name_in(table, row, &all->map), *key = key_in(table, row, &all->map, name);
    record->person = text_pool_number(&keys, key);
    record->department = place_number(all, department_in(table, row, &all->map, every_department));
    record->jurisdiction = place_number(all, jurisdictions_in(table, row, &all->map));
    fine = read_mark(all, row, &record->stays_out, why) && add_photos(all, row, why);
    free(name);
    free(key);
  }
  all->people_count = keys.count;
  text_pool_free(&keys);
  if (all->list.first_stranger < table->row_count) all->stranger_count = table->row_count - all->list.first_stranger;
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
  *all = (roster){.list = {.first_stranger = SIZE_MAX}};
  roster_columns wanted = *columns;
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
    fine = roster_with_photo_list(columns->photo_list, columns, &all->table, &all->list, why);
    wanted.person = all->list.joined_by;
  }
  fine = fine && read_roster(all, path, &wanted, why);
  if (!fine) roster_free(all);
  return fine;
}

void roster_find_photos(roster *all, const char *folder) {
  all->search = path_search_begin(folder);
  all->files = new_array(all->paths.count, sizeof *all->files);
  for (size_t i = 0; i < all->paths.count; ++i) {
    if (*all->paths.texts[i]) all->files[i] = path_search_find(all->search, all->paths.texts[i]);
  }
}

/* ---------------------------------------------------------------------------------------------- access */

char *roster_record_name(const roster *all, size_t record) {
  size_t number = all->list.sources ? all->list.sources[record] : record;
  return new_text_of("Record %zu of the %s", number + 1,
                     record >= all->list.first_stranger ? "list of photos" : "roster");
}

const char *roster_path(const roster *all, const roster_photo *photo) {
  return all->paths.texts[photo->path];
}

const found_file *roster_file(const roster *all, const roster_photo *photo) {
  return all->files ? &all->files[photo->path] : NULL;
}

const given_face *roster_face(const roster *all, const roster_photo *photo) {
  static const given_face none;
  return photo->face ? &all->faces[photo->face - 1] : &none;
}

void roster_free(roster *all) {
  for (size_t i = 0; all->files && i < all->paths.count; ++i) found_file_free(&all->files[i]);
  if (all->search) path_search_end(all->search);
  name_list_free(&all->notes);
  table_free(&all->table);
  text_pool_free(&all->texts);
  text_pool_free(&all->places);
  text_pool_free(&all->paths);
  photo_list_free(&all->list);
  free(all->records);
  free(all->field_columns);
  free(all->people);
  free(all->values);
  free(all->fields);
  free(all->differing);
  free(all->photos);
  free(all->faces);
  free(all->files);
  *all = (roster){0};
}
