/* Finding columns. */
#include "roster_columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rule_columns.h"
#include "table_json.h"
#include "unicode.h"

/* ---------------------------------------------------------------------------------------------- usual names */

static const char *const usual_photo[] = {"photo",      "img",        "image",      "photos",   "images",
                                          "photo file", "photo path", "image path", "img path", "filename",
                                          "file name",  "filepath",   "file path",  "file",     NULL};
const char *const usual_department_columns[] = {"department", "department name", "dept", "agency", NULL};
const char *const usual_jurisdiction_columns[] = {
    "jurisdiction", "state",     "us state",           "state name", "state code",
    "province",     "territory", "state abbreviation", NULL};

static const char *const usual_person[] = {"person id", "person", "officer id", "unique id", "taxid", "tax id", NULL};
static const char *const usual_name[] = {"name", "full name", "officer name", "person name", "display name", NULL};
static const char *const usual_parts[][4] = {{"first name", "firstname", NULL},
                                             {"middle name", "middle initial", NULL},
                                             {"last name", "lastname", "surname", NULL},
                                             {"suffix", NULL}};
const char *const usual_matching_columns[] = {"use for matching", NULL};
static const char *const usual_box[] = {"box", "bbox", "face box", "bounding box", "facial area", NULL};
static const char *const usual_landmarks[] = {"landmarks", "face landmarks", "keypoints", NULL};

/* The second row is OpenOversight's. */
static const char *const usual_boxes[][BOX_COLUMNS] = {
    {"box x", "box y", "box width", "box height"}, {"face position x", "face position y", "face width", "face height"}};
static const char *const usual_points[LANDMARK_COLUMNS] = {
    "left eye x", "left eye y",   "right eye x",  "right eye y",   "nose x",
    "nose y",     "mouth left x", "mouth left y", "mouth right x", "mouth right y"};

int column_like_any(const csv_table *table, const char *const *names) {
  for (; *names; ++names) {
    int column = table_column(table, *names);
    if (column >= 0) return column;
  }
  return -1;
}

bool fail_with_columns(sentence *why, const csv_table *table, const char *which, const char *problem) {
  char *list = new_text(""); /* cut by the sentence where it is very long */
  for (size_t i = 0; i < table->column_count; ++i) {
    char *longer = new_text_of("%s%s%s", list, i ? ", " : "", table->columns[i]);
    free(list);
    list = longer;
  }
  fail(why, "%s Columns found%s%s: %s.", problem, *which ? " in " : "", which, list);
  free(list);
  return false;
}

/* ---------------------------------------------------------------------------------------------- mapping */

static bool is_among(int column, const int *columns, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (columns[i] == column) return true;
  }
  return false;
}

/* The column that the command line names, or the first usual one. */
static bool find_column(const csv_table *table, const char *option, const char *given, const char *const *usual,
                        int *column, sentence *why) {
  *column = given ? table_column(table, given) : column_like_any(table, usual);
  if (!given || *column >= 0) return true;
  char problem[256];
  snprintf(problem, sizeof problem, "The roster has no column `%.100s` (--%s).", given, option);
  return fail_with_columns(why, table, "", problem);
}

/* The only column whose words begin so: "Name, first and last"; −1 where there is none or more. */
static int column_that_begins(const csv_table *table, const char *word) {
  int found = -1;
  for (int i = 0; i < (int)table->column_count; ++i) {
    char *words = text_words(table->columns[i], 0);
    bool begins = !strncmp(words + 1, word, strlen(word));
    free(words);
    if (begins && found >= 0) return -1;
    if (begins) found = i;
  }
  return found;
}

static bool map_names(const csv_table *table, const roster_columns *columns, column_map *map, sentence *why) {
  if (columns->names.count > MAX_NAME_COLUMNS) return fail(why, "A name has at most %d columns.", MAX_NAME_COLUMNS);
  for (size_t i = 0; i < columns->names.count; ++i) {
    if (!find_column(table, "name-column", columns->names.names[i], usual_name, &map->names[map->name_count++], why))
      return false;
  }
  if (map->name_count) return true;
  int name = column_like_any(table, usual_name), part;
  if (name >= 0) map->names[map->name_count++] = name;
  bool in_parts =
      name < 0 && (column_like_any(table, usual_parts[0]) >= 0 || column_like_any(table, usual_parts[2]) >= 0);
  for (size_t i = 0; in_parts && i < sizeof usual_parts / sizeof *usual_parts; ++i) {
    if ((part = column_like_any(table, usual_parts[i])) >= 0) map->names[map->name_count++] = part;
  }
  if (!map->name_count && (part = column_that_begins(table, "name ")) >= 0) map->names[map->name_count++] = part;
  return map->name_count ||
         fail_with_columns(why, table, "", "No column of the roster holds names; say which with --name-column.");
}

/* OpenOversight's exports have both: `id` is in every record, `unique identifier` in some. */
static bool map_person(const csv_table *table, const roster_columns *columns, column_map *map, sentence *why) {
  if (!find_column(table, "person-column", columns->person, usual_person, &map->person, why)) return false;
  int unique = table_column(table, "unique identifier"), id = table_column(table, "id");
  if (map->person < 0 && unique >= 0) map->person = id >= 0 ? id : unique;
  return true;
}

/* One column each, all of them or none. */
static size_t columns_named(const csv_table *table, const char *const *names, size_t count, int *found) {
  for (size_t i = 0; i < count; ++i) {
    found[i] = table_column(table, names[i]);
    if (found[i] < 0) return 0;
  }
  return count;
}

static bool map_face(const csv_table *table, const roster_columns *columns, column_map *map, sentence *why) {
  bool any_box = !columns->box || strcmp(columns->box, "-") != 0;
  bool any_points = !columns->landmarks || strcmp(columns->landmarks, "-") != 0;
  if (any_box) {
    if (!find_column(table, "box-column", columns->box, usual_box, &map->box[0], why)) return false;
    map->box_count = map->box[0] >= 0;
    for (size_t i = 0; !map->box_count && i < sizeof usual_boxes / sizeof *usual_boxes; ++i)
      map->box_count = columns_named(table, usual_boxes[i], BOX_COLUMNS, map->box);
  }
  if (any_points) {
    if (!find_column(table, "landmarks-column", columns->landmarks, usual_landmarks, &map->landmarks[0], why))
      return false;
    map->landmark_count = map->landmarks[0] >= 0;
    if (!map->landmark_count)
      map->landmark_count = columns_named(table, usual_points, LANDMARK_COLUMNS, map->landmarks);
  }
  return true;
}

/* The next {column} of a pattern: its column (−1: none has that name), what stands before it, and what is left behind
   it. False at the pattern's end. */
static bool next_in_pattern(const csv_table *table, const char **pattern, int *before, int *column) {
  const char *open = strchr(*pattern, '{'), *close = open ? strchr(open, '}') : NULL;
  *before = close ? (int)(open - *pattern) : (int)strlen(*pattern);
  if (!close) return false;
  char *name = new_text_of("%.*s", (int)(close - open - 1), open + 1);
  *column = table_column(table, name);
  free(name);
  *pattern = close + 1;
  return true;
}

static bool check_pattern(const csv_table *table, const char *pattern, sentence *why) {
  int before, column;
  size_t count = 0;
  for (const char *rest = pattern, *at = rest; next_in_pattern(table, &rest, &before, &column); at = rest, ++count) {
    if (column >= 0) continue;
    char *problem = new_text_of("--photo-pattern names a column that the roster does not have: %.*s.",
                                (int)(rest - at) - before, at + before);
    fail_with_columns(why, table, "", problem);
    free(problem);
    return false;
  }
  return count > 0 ||
         fail(why, "--photo-pattern %.200s names no column; write one in braces, as in {taxid}.jpg.", pattern);
}

char *photo_in(const csv_table *table, size_t row, const column_map *map) {
  if (!map->photo_pattern) return new_text(map->photo >= 0 ? table_cell(table, row, map->photo) : "");
  char *path = new_text("");
  const char *rest = map->photo_pattern, *at = rest;
  int before, column;
  bool complete = true;
  for (; next_in_pattern(table, &rest, &before, &column); at = rest) {
    char *cell = text_tidied(table_cell(table, row, column));
    char *longer = new_text_of("%s%.*s%s", path, before, at, cell);
    complete = complete && *cell;
    free(cell);
    free(path);
    path = longer;
  }
  char *whole = complete ? new_text_of("%s%s", path, at) : new_text("");
  free(path);
  return whole;
}

static bool is_ignored(const csv_table *table, const roster_columns *columns, int column) {
  for (size_t i = 0; i < columns->ignored.count; ++i) {
    if (table_column(table, columns->ignored.names[i]) == column) return true;
  }
  return false;
}

static bool is_outside(const csv_table *table, const char *name) {
  for (size_t i = 0; i < table->outside.count; i += 2) {
    if (text_same(table->outside.names[i], name)) return true;
  }
  return false;
}

static bool check_ignored(const csv_table *table, const roster_columns *columns, sentence *why) {
  int column;
  for (size_t i = 0; i < columns->ignored.count; ++i) {
    if (!is_outside(table, columns->ignored.names[i]) &&
        !find_column(table, "ignore-column", columns->ignored.names[i], usual_jurisdiction_columns, &column, why))
      return false;
  }
  return true;
}

/* The column that the option names, or the first usual one that is not ignored. */
static bool find_rule(const csv_table *table, const roster_columns *columns, const char *option, const char *given,
                      const char *const *usual, int *column, sentence *why) {
  if (given) return find_column(table, option, given, usual, column, why);
  for (*column = -1; *usual && *column < 0; ++usual) {
    *column = table_column(table, *usual);
    if (*column >= 0 && is_ignored(table, columns, *column)) *column = -1;
  }
  return true;
}

static void add_jurisdiction(const csv_table *table, const roster_columns *columns, column_map *map, int column) {
  bool known = is_among(column, map->jurisdictions, map->jurisdiction_count) || column == map->department;
  if (column < 0 || known || is_ignored(table, columns, column)) return;
  if (map->jurisdiction_count < MAX_JURISDICTION_COLUMNS) map->jurisdictions[map->jurisdiction_count++] = column;
}

/* All that there are, and further columns with departments: a place on the deny list counts in any of them. */
static bool map_jurisdictions(const csv_table *table, const roster_columns *columns, column_map *map, sentence *why) {
  int given;
  if (!find_column(table, "jurisdiction-column", columns->jurisdiction, usual_jurisdiction_columns, &given, why))
    return false;
  if (columns->jurisdiction) map->jurisdictions[map->jurisdiction_count++] = given;
  for (const char *const *name = usual_jurisdiction_columns; *name; ++name)
    add_jurisdiction(table, columns, map, table_column(table, *name));
  for (const char *const *name = usual_department_columns; *name; ++name)
    add_jurisdiction(table, columns, map, table_column(table, *name));
  return true;
}

static bool is_read(const column_map *map, int column) {
  return column == map->photo || column == map->person || column == map->department || column == map->matching ||
         is_among(column, map->names, map->name_count) ||
         is_among(column, map->jurisdictions, map->jurisdiction_count) || is_among(column, map->box, map->box_count) ||
         is_among(column, map->landmarks, map->landmark_count);
}

/* The first record in which the column says something; the number of records where none does. */
static size_t first_said(const csv_table *table, int column) {
  for (size_t row = 0; row < table->row_count; ++row) {
    char *text = text_tidied(table_cell(table, row, column));
    bool says = *text;
    free(text);
    if (says) return row;
  }
  return table->row_count;
}

/* The first name of an object in JSON that resembles a rule; new text, NULL where there is none. */
static char *rule_inside(const char *cell) {
  const char *at = cell;
  while ((at = strchr(at, '"'))) {
    const char *end = ++at;
    while (*end && *end != '"') end += *end == '\\' && end[1] ? 2 : 1;
    if (!*end) return NULL;
    char *name = end[1] == ':' ? new_text_of("%.*s", (int)(end - at), at) : NULL;
    if (name && resembles_rule(name)) return name;
    free(name);
    at = end + 1;
  }
  return NULL;
}

/* A record within a record may hold a rule that is read nowhere. */
static bool check_objects(const csv_table *table, int column, sentence *why) {
  for (size_t row = 0; row < table->row_count; ++row) {
    const char *cell = table_cell(table, row, column);
    char *name = *cell == '{' ? rule_inside(cell) : NULL;
    if (!name) continue;
    fail(why,
         "The column %.100s holds `%.80s` (record %zu), which resembles a rule about who must not be matched; write it "
         "into the record itself, or pass it over with --ignore-column \"%.100s\".",
         table->columns[column], name, row + 1, table->columns[column]);
    free(name);
    return false;
  }
  return true;
}

/* Nothing that may keep a photo out is passed over in silence. */
static bool check_rules(const csv_table *table, const roster_columns *columns, const column_map *map, sentence *why) {
  for (int i = 0; i < (int)table->column_count; ++i) {
    bool place = i == map->department || is_among(i, map->jurisdictions, map->jurisdiction_count);
    if (is_ignored(table, columns, i) || place) continue;
    if (!check_objects(table, i, why)) return false;
    if (is_read(map, i) || !resembles_rule(table->columns[i])) continue;
    size_t row = first_said(table, i);
    if (row == table->row_count) continue;
    return fail(why,
                "The column %.100s resembles a rule about who must not be matched, but is read as none (record %zu: "
                "\"%.80s\"). Name it with --matching-column, --jurisdiction-column or --department-column, or pass it "
                "over with --ignore-column \"%.100s\".",
                table->columns[i], row + 1, table_cell(table, row, i), table->columns[i]);
  }
  return true;
}

static bool is_usual_photo(const char *name) {
  char *letters = text_letters(name);
  bool found = false;
  for (const char *const *usual = usual_photo; *usual && !found; ++usual) {
    char *wanted = text_letters(*usual);
    found = !strcmp(letters, wanted);
    free(wanted);
  }
  free(letters);
  return found;
}

static bool ignores(const roster_columns *columns, const char *name) {
  for (size_t i = 0; i < columns->ignored.count; ++i) {
    if (text_same(columns->ignored.names[i], name)) return true;
  }
  return false;
}

/* What stands next to the list of records belongs to none of them. */
static bool check_outside(const char *path, const csv_table *table, const roster_columns *columns, sentence *why) {
  for (size_t i = 0; i < table->outside.count; i += 2) {
    const char *key = table->outside.names[i], *value = table->outside.names[i + 1];
    if (!*value || ignores(columns, key)) continue;
    if (is_usual_photo(key)) {
      return fail(why,
                  "%s is one record (`%.80s`: \"%.80s\") with a list of records in it, not a list of records; put "
                  "brackets around it.",
                  path, key, value);
    }
    if (!resembles_rule(key)) continue;
    return fail(why,
                "%s says `%.80s`: \"%.80s\" next to its list of records, which resembles a rule about who must not be "
                "matched; write it into each record, or pass it over with --ignore-column \"%.80s\".",
                path, key, value, key);
  }
  return true;
}

bool records_read(const char *path, char separator, const roster_columns *columns, csv_table *table, sentence *why) {
  if (!table_read_separated(path, separator, table, why)) return false;
  if (check_outside(path, table, columns, why)) return true;
  table_free(table);
  return false;
}

bool columns_mapped(const csv_table *table, const roster_columns *columns, column_map *map, sentence *why) {
  *map = (column_map){.photos_optional = columns->photos_optional};
  if (!find_column(table, "photo-column", columns->photo, usual_photo, &map->photo, why) ||
      !map_person(table, columns, map, why) || !check_ignored(table, columns, why) ||
      !find_rule(table, columns, "department-column", columns->department, usual_department_columns, &map->department,
                 why) ||
      !map_jurisdictions(table, columns, map, why) ||
      !find_rule(table, columns, "matching-column", columns->matching, usual_matching_columns, &map->matching, why) ||
      !map_face(table, columns, map, why))
    return false;
  if (columns->photo_pattern) {
    map->photo = -1;
    map->photo_pattern = columns->photo_pattern;
    if (!check_pattern(table, map->photo_pattern, why)) return false;
  } else if (map->photo < 0 && !columns->photos_optional) {
    return fail_with_columns(why, table, "",
                             "No column of the roster holds photos; say which with --photo-column or --photo-pattern, "
                             "or give a table that does with --photo-list.");
  }
  return map_names(table, columns, map, why) && check_rules(table, columns, map, why);
}

bool column_travels(const column_map *map, int column) {
  return column != map->photo && column != map->matching && !is_among(column, map->names, map->name_count) &&
         !is_among(column, map->box, map->box_count) && !is_among(column, map->landmarks, map->landmark_count);
}
