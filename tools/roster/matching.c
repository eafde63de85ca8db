/* The rules and the decisions. */
#include "matching.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "jurisdictions.h"
#include "unicode.h"

/* ---------------------------------------------------------------------------------------------- command line */

enum { KEY_DEPARTMENTS = 1600, KEY_DENY, KEY_ALLOW };

static const struct argp_option option_list[] = {
    {"departments", KEY_DEPARTMENTS, "FILE", 0,
     "CSV or JSON with name, jurisdiction and face_matching (yes or no) of each department: only photos of departments "
     "that say yes are opened",
     3},
    {"deny-jurisdiction", KEY_DENY, "NAME", 0,
     "Open no photos from there; may be repeated (always: Illinois, whose law wants consent; another example is Texas, "
     "whose law concerns commercial use)",
     3},
    {"allow-jurisdiction", KEY_ALLOW, "NAME=REASON", 0,
     "Open photos from there although it is on the deny list; the reason is published in the gallery's manifest", 3},
    {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  matching_options *options = state->input;
  switch (key) {
  case KEY_DEPARTMENTS:
    options->departments = value;
    return 0;
  case KEY_DENY:
    name_list_add(&options->denied, value);
    return 0;
  case KEY_ALLOW:
    name_list_add(&options->allowed, value);
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

const struct argp matching_argp = {.options = option_list, .parser = parse_option};

void matching_options_free(matching_options *options) {
  name_list_free(&options->denied);
  name_list_free(&options->allowed);
}

/* ---------------------------------------------------------------------------------------------- jurisdictions */

static bool is_allowed(const matching_rules *rules, const char *jurisdiction) {
  for (size_t i = 0; i < rules->allowed_count; ++i) {
    if (same_jurisdiction(jurisdiction, rules->allowed[i].name)) return true;
  }
  return false;
}

static bool is_denied(const matching_rules *rules, const char *place) {
  for (size_t i = 0; i < rules->denied.count; ++i) {
    const char *denied = rules->denied.names[i];
    if (!is_allowed(rules, denied) && lies_in(place, denied)) return true;
  }
  return false;
}

/* NAME=REASON */
static bool read_allowed(const char *option, matching_rules *rules, sentence *why) {
  const char *equals = strchr(option, '=');
  char *before = new_text_of("%.*s", equals ? (int)(equals - option) : (int)strlen(option), option);
  char *name = text_tidied(before), *reason = text_tidied(equals ? equals + 1 : "");
  free(before);
  bool known = false;
  for (size_t i = 0; i < rules->denied.count; ++i) known = known || same_jurisdiction(rules->denied.names[i], name);
  rules->allowed[rules->allowed_count++] = (allowed_jurisdiction){name, reason};
  if (!*reason) {
    return fail(
        why,
        "--allow-jurisdiction \"%s\" gives no reason; write --allow-jurisdiction \"%s=why it may be done\". The "
        "gallery publishes it.",
        name, *name ? name : "NAME");
  }
  return known || fail(why, "--allow-jurisdiction: \"%s\" is not on the deny list, so nothing is to be allowed.", name);
}

/* ---------------------------------------------------------------------------------------------- departments */

static int by_words(const void *a, const void *b) {
  return strcmp(((const department *)a)->words, ((const department *)b)->words);
}

static bool read_department(const csv_table *table, const char *path, size_t row, const int columns[3],
                            matching_rules *rules, sentence *why) {
  department *added = &rules->departments[rules->department_count++];
  added->name = text_tidied(table_cell(table, row, columns[0]));
  added->words = text_words(added->name, 0);
  added->jurisdiction = text_tidied(columns[1] >= 0 ? table_cell(table, row, columns[1]) : "");
  char *answer = text_tidied(table_cell(table, row, columns[2]));
  bool fine = !*answer || text_yes_or_no(answer, &added->face_matching) ||
              fail(why, "%s, record %zu (%s): face_matching is \"%.80s\"; write yes or no.", path, row + 1, added->name,
                   answer);
  free(answer);
  return fine && (strcmp(added->words, " ") != 0 || fail(why, "%s, record %zu has no name.", path, row + 1));
}

static bool check_twice(const matching_rules *rules, const char *path, sentence *why) {
  for (size_t i = 1; i < rules->department_count; ++i) {
    if (by_words(&rules->departments[i - 1], &rules->departments[i]) != 0) continue;
    return fail(why, "%s has two departments named \"%s\"; give each its own name.", path, rules->departments[i].name);
  }
  return true;
}

static bool read_departments(const char *path, matching_rules *rules, sentence *why) {
  static const char *const names[] = {"name", "department", "department name", NULL};
  static const char *const matching[] = {"face matching", NULL};
  csv_table table;
  const roster_columns usual = {0};
  if (!records_read(path, 0, &usual, &table, why)) return false;
  int columns[3] = {column_like_any(&table, names), column_like_any(&table, usual_jurisdiction_columns),
                    column_like_any(&table, matching)};
  bool fine =
      (columns[0] >= 0 && columns[2] >= 0) ||
      fail_with_columns(why, &table, path, "A departments file has the columns name, jurisdiction and face_matching.");
  rules->departments = new_array(table.row_count, sizeof *rules->departments);
  for (size_t row = 0; row < table.row_count && fine; ++row)
    fine = read_department(&table, path, row, columns, rules, why);
  table_free(&table);
  if (rules->department_count) qsort(rules->departments, rules->department_count, sizeof *rules->departments, by_words);
  rules->departments_given = true;
  return fine && check_twice(rules, path, why);
}

bool matching_rules_read(const matching_options *options, matching_rules *rules, sentence *why) {
  *rules = (matching_rules){0};
  name_list_add(&rules->denied, ALWAYS_DENIED);
  bool fine = true;
  for (size_t i = 0; i < options->denied.count && fine; ++i) {
    name_list_add(&rules->denied, options->denied.names[i]);
    fine = !same_words(options->denied.names[i], "") ||
           fail(why, "--deny-jurisdiction \"%.80s\" names no place.", options->denied.names[i]);
  }
  rules->allowed = new_array(options->allowed.count, sizeof *rules->allowed);
  for (size_t i = 0; i < options->allowed.count && fine; ++i)
    fine = read_allowed(options->allowed.names[i], rules, why);
  if (fine && options->departments) fine = read_departments(options->departments, rules, why);
  if (!fine) matching_rules_free(rules);
  return fine;
}

void matching_rules_free(matching_rules *rules) {
  for (size_t i = 0; i < rules->department_count; ++i) {
    free(rules->departments[i].name);
    free(rules->departments[i].jurisdiction);
    free(rules->departments[i].words);
  }
  for (size_t i = 0; i < rules->allowed_count; ++i) {
    free(rules->allowed[i].name);
    free(rules->allowed[i].reason);
  }
  free(rules->departments);
  free(rules->allowed);
  name_list_free(&rules->denied);
  name_list_free(&rules->not_listed);
  *rules = (matching_rules){0};
}

/* ---------------------------------------------------------------------------------------------- decisions */

static const department *department_named(const matching_rules *rules, const char *name) {
  if (!rules->department_count) return NULL;
  department wanted = {.words = text_words(name, 0)};
  const department *found = bsearch(&wanted, rules->departments, rules->department_count, sizeof wanted, by_words);
  free(wanted.words);
  return found;
}

/* What the rules say of a place, by its number in the roster's pool; each is looked at once. */
typedef struct place_rules {
  const matching_rules *rules;
  const text_pool *places;
  enum { NOT_YET, DENIED, NOT_DENIED } * denied, *department_denied;
  int *listed; /* the department of the rules plus one; 0: not looked for; −1: there is none */
  bool *noted;
} place_rules;

static place_rules begin_places(const matching_rules *rules, const text_pool *places) {
  return (place_rules){.rules = rules,
                       .places = places,
                       .denied = new_array(places->count, sizeof(int)),
                       .department_denied = new_array(places->count, sizeof(int)),
                       .listed = new_array(places->count, sizeof(int)),
                       .noted = new_array(places->count, sizeof(bool))};
}

static void free_places(place_rules *all) {
  free(all->denied);
  free(all->department_denied);
  free(all->listed);
  free(all->noted);
}

static bool place_is_denied(place_rules *all, uint32_t place) {
  if (all->denied[place] == NOT_YET)
    all->denied[place] = is_denied(all->rules, all->places->texts[place]) ? DENIED : NOT_DENIED;
  return all->denied[place] == DENIED;
}

static const department *listed_department(place_rules *all, uint32_t place) {
  if (!all->listed[place]) {
    const department *found = department_named(all->rules, all->places->texts[place]);
    all->listed[place] = found ? (int)(found - all->rules->departments) + 1 : -1;
  }
  return all->listed[place] > 0 ? &all->rules->departments[all->listed[place] - 1] : NULL;
}

/* By its name, or by what the departments file says of it. */
static bool department_is_denied(place_rules *all, uint32_t place) {
  if (all->department_denied[place] == NOT_YET) {
    const department *listed = listed_department(all, place);
    bool denied = place_is_denied(all, place) || (listed && is_denied(all->rules, listed->jurisdiction));
    all->department_denied[place] = denied ? DENIED : NOT_DENIED;
  }
  return all->department_denied[place] == DENIED;
}

/* By the record's number, because what an excluded record says appears nowhere. */
static void note_unlisted(place_rules *all, matching_rules *rules, const roster *people, size_t record) {
  const size_t enough = 10;
  bool *noted = &all->noted[people->records[record].department];
  if (*noted || rules->not_listed.count == enough) return;
  *noted = true;
  char *name = roster_record_name(people, record);
  name_list_add(&rules->not_listed, name);
  free(name);
}

/* A place on the deny list counts wherever it is written: in the record, in the departments file, in the name. */
static exclusion decision_on(place_rules *all, matching_rules *rules, const roster *people, size_t number) {
  const roster_record *record = &people->records[number];
  const bool has_department = *people->places.texts[record->department];
  if (record->stays_out) return EXCLUDED_MARKED;
  if (place_is_denied(all, record->jurisdiction) || department_is_denied(all, record->department))
    return EXCLUDED_JURISDICTION;
  if (!rules->departments_given) return INCLUDED;
  const department *listed = has_department ? listed_department(all, record->department) : NULL;
  if (listed) return listed->face_matching ? INCLUDED : EXCLUDED_NO_MATCHING;
  if (!has_department) return EXCLUDED_NO_DEPARTMENT;
  note_unlisted(all, rules, people, number);
  return EXCLUDED_NOT_LISTED;
}

/* Records that name no place are out where another record of the person names a denied one. */
static void decide_for_silent(place_rules *places, const roster *all, exclusion *decisions) {
  bool *denied = new_array(all->people_count, sizeof *denied);
  for (size_t i = 0; i < all->record_count; ++i) {
    const roster_record *record = &all->records[i];
    if (!denied[record->person]) denied[record->person] = place_is_denied(places, record->jurisdiction);
  }
  for (size_t i = 0; i < all->record_count; ++i) {
    const roster_record *record = &all->records[i];
    if (!*all->places.texts[record->jurisdiction] && denied[record->person] && decisions[i] > EXCLUDED_JURISDICTION)
      decisions[i] = EXCLUDED_JURISDICTION;
  }
  free(denied);
}

/* A record without a photo that is out speaks of its person: with ids, of all photos that the other records have. */
static void decide_for_people(const roster *all, exclusion *decisions) {
  if (all->folded_by_name) return;
  exclusion *people = new_array(all->people_count, sizeof *people);
  bool *has_photo = new_array(all->record_count, sizeof *has_photo);
  for (size_t i = 0; i < all->people_count; ++i) people[i] = INCLUDED;
  for (size_t i = 0; i < all->photo_count; ++i) has_photo[all->photos[i].record] = *roster_path(all, &all->photos[i]);
  for (size_t i = 0; i < all->record_count; ++i) {
    exclusion *person = &people[all->records[i].person];
    if (!has_photo[i] && decisions[i] <= EXCLUDED_NO_MATCHING && decisions[i] < *person) *person = decisions[i];
  }
  for (size_t i = 0; i < all->record_count; ++i) {
    if (people[all->records[i].person] < decisions[i]) decisions[i] = people[all->records[i].person];
  }
  free(people);
  free(has_photo);
}

/* The path as it is compared, without what makes no difference: "./", "//". */
static char *plain_path(const char *path) {
  char *plain = text_key(path), *to = plain;
  for (const char *from = plain; *from;) {
    char letter = *from == '\\' ? '/' : *from;
    bool begins = to == plain || to[-1] == '/';
    if (begins && from[0] == '.' && (from[1] == '/' || from[1] == '\\'))
      from += 2;
    else if (begins && letter == '/' && to > plain)
      ++from;
    else
      *to++ = letter, ++from;
  }
  *to = 0;
  return plain;
}

/* A file by its number on disk, which no path contains; NULL where it was not found. */
static char *inode_key(const found_file *file) {
  if (!file || !file->path) return NULL;
  return new_text_of("\n%llu %llu", (unsigned long long)file->device, (unsigned long long)file->inode);
}

/* Why files stay out, under each of their keys. */
typedef struct kept_out {
  text_pool keys;
  exclusion *reasons; /* by the key's number */
  size_t capacity;
} kept_out;

/* Takes the key over. */
static void keep_out(kept_out *files, char *key, exclusion reason) {
  size_t before = files->keys.count, number = text_pool_number(&files->keys, key);
  if (number == before) {
    files->reasons = room_for_one_more(files->reasons, number, &files->capacity, sizeof *files->reasons);
    files->reasons[number] = reason;
  }
  free(key);
}

static exclusion reason_of(const kept_out *files, char *key) {
  size_t number = key ? text_pool_find(&files->keys, key) : NO_TEXT;
  free(key);
  return number == NO_TEXT ? INCLUDED : files->reasons[number];
}

static void collect_kept_out(const roster *all, const exclusion *decisions, kept_out *files) {
  bool *done = new_array(all->paths.count, sizeof *done);
  for (size_t i = 0; i < all->photo_count; ++i) {
    const roster_photo *photo = &all->photos[i];
    if (decisions[i] == INCLUDED || done[photo->path]) continue;
    done[photo->path] = true;
    if (!*roster_path(all, photo)) continue; /* photos without a path are no one file */
    char *inode = inode_key(roster_file(all, photo));
    keep_out(files, plain_path(roster_path(all, photo)), decisions[i]);
    if (inode) keep_out(files, inode, decisions[i]);
  }
  free(done);
}

/* Files that are out through another record, under whichever path. */
static void decide_by_files(const roster *all, exclusion *decisions) {
  kept_out files = {0};
  collect_kept_out(all, decisions, &files);
  exclusion *paths = new_array(all->paths.count, sizeof *paths);
  for (size_t i = 0; files.keys.count && i < all->paths.count; ++i) {
    paths[i] = reason_of(&files, plain_path(all->paths.texts[i]));
    if (paths[i] == INCLUDED && all->files) paths[i] = reason_of(&files, inode_key(&all->files[i]));
  }
  for (size_t i = 0; files.keys.count && i < all->photo_count; ++i) {
    if (decisions[i] == INCLUDED) decisions[i] = paths[all->photos[i].path];
  }
  free(paths);
  free(files.reasons);
  text_pool_free(&files.keys);
}

closed_files matching_closed_files(const roster *all, const exclusion *decisions) {
  closed_files closed = {new_array(all->photo_count, sizeof *closed.files), 0};
  for (size_t i = 0; i < all->photo_count; ++i) {
    const found_file *file = roster_file(all, &all->photos[i]);
    if (decisions[i] != INCLUDED && file && file->path)
      closed.files[closed.count++] = (struct file_id){file->device, file->inode};
  }
  return closed;
}

bool closed_files_have(const closed_files *closed, const char *path) {
  struct stat about;
  if (!closed->count || stat(path, &about)) return false;
  for (size_t i = 0; i < closed->count; ++i) {
    if (closed->files[i].device == (uint64_t)about.st_dev && closed->files[i].inode == (uint64_t)about.st_ino)
      return true;
  }
  return false;
}

void closed_files_free(closed_files *closed) {
  free(closed->files);
  *closed = (closed_files){0};
}

/* `records`: one decision a record. Where all photos of a record are out, it says nothing either. */
static void let_in(roster *all, const exclusion *records, const exclusion *photos) {
  bool *admitted = new_array(all->record_count, sizeof *admitted), *shown = new_array(all->record_count, sizeof *shown),
       *hidden = new_array(all->record_count, sizeof *hidden);
  for (size_t i = 0; i < all->photo_count; ++i) (photos[i] == INCLUDED ? shown : hidden)[all->photos[i].record] = true;
  for (size_t i = 0; i < all->record_count; ++i) admitted[i] = records[i] == INCLUDED && (shown[i] || !hidden[i]);
  roster_let_in(all, admitted);
  free(admitted);
  free(shown);
  free(hidden);
}

exclusion *matching_decide(matching_rules *rules, roster *all) {
  exclusion *records = new_array(all->record_count, sizeof *records);
  exclusion *photos = new_array(all->photo_count, sizeof *photos);
  place_rules places = begin_places(rules, &all->places);
  for (size_t i = 0; i < all->record_count; ++i) records[i] = decision_on(&places, rules, all, i);
  decide_for_silent(&places, all, records);
  free_places(&places);
  decide_for_people(all, records);
  for (size_t i = 0; i < all->photo_count; ++i) photos[i] = records[all->photos[i].record];
  decide_by_files(all, photos);
  let_in(all, records, photos);
  free(records);
  return photos;
}

int matching_department(const matching_rules *rules, const char *name) {
  const department *listed = department_named(rules, name);
  return listed ? (int)(listed - rules->departments) : -1;
}

/* ---------------------------------------------------------------------------------------------- manifest */

cJSON *departments_json(const department *list, const size_t *photos, size_t count) {
  cJSON *array = cJSON_CreateArray();
  for (size_t i = 0; i < count; ++i) {
    if (!photos[i]) continue;
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "name", list[i].name);
    cJSON_AddStringToObject(entry, "jurisdiction", list[i].jurisdiction);
    cJSON_AddNumberToObject(entry, "photos", (double)photos[i]);
    cJSON_AddItemToArray(array, entry);
  }
  return array;
}

cJSON *allowed_jurisdictions_json(const allowed_jurisdiction *list, size_t count) {
  if (!count) return NULL;
  cJSON *array = cJSON_CreateArray();
  for (size_t i = 0; i < count; ++i) {
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "jurisdiction", list[i].name);
    cJSON_AddStringToObject(entry, "reason", list[i].reason);
    cJSON_AddItemToArray(array, entry);
  }
  return array;
}
