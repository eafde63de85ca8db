/* `doppel export`: a gallery's vectors and what is known of its faces, for other programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "face_records.h"
#include "gallery_rows.h"
#include "output.h"
#include "vectors_write.h"

/* ---------------------------------------------------------------------------------------------- command line */

typedef enum export_kind { EXPORT_VOYAGER, EXPORT_NPY, EXPORT_CSV, EXPORT_JSON, EXPORT_KINDS } export_kind;

static const struct {
  const char *name, *ending, *beside; /* beside: of the file with the records; NULL: the file itself has them */
} kinds[EXPORT_KINDS] = {
    [EXPORT_VOYAGER] = {"voyager", ".voy", ".json"},
    [EXPORT_NPY] = {"npy", ".npy", ".csv"},
    [EXPORT_CSV] = {"csv", ".csv", NULL},
    [EXPORT_JSON] = {"json", ".json", NULL},
};

typedef struct export_options {
  const char *gallery, *out;
  export_kind kind;
  number_storage storage;
  bool force, quiet;
} export_options;

enum { KEY_AS = 2000, KEY_STORAGE, KEY_FORCE };

static const struct argp_option option_list[] = {
    {"as", KEY_AS, "voyager|npy|csv|json", 0, "What to write (default: what OUT's ending says)", 1},
    {"output", 'o', "OUT", 0, "File to write: OUT.voy, OUT.npy, OUT.csv or OUT.json", 1},
    {"storage", KEY_STORAGE, "float32|float8|e4m3", 0, "How a Voyager index stores a number (default: float32)", 1},
    {"force", KEY_FORCE, NULL, 0, "Replace files that are already there", 1},
    {"quiet", 'q', NULL, 0, "No progress on stderr", 1},
    {0}};

static export_kind kind_named(const char *name) {
  export_kind kind = EXPORT_VOYAGER;
  while (kind < EXPORT_KINDS && strcmp(kinds[kind].name, name) != 0) ++kind;
  return kind;
}

static export_kind kind_of(const char *path) {
  export_kind kind = EXPORT_VOYAGER;
  while (kind < EXPORT_KINDS && !path_has_extension(path, kinds[kind].ending)) ++kind;
  return kind;
}

static void check_options(struct argp_state *state, export_options *options) {
  if (!options->out) argp_error(state, "--output OUT is missing");
  if (options->kind == EXPORT_KINDS) options->kind = kind_of(options->out);
  if (options->kind == EXPORT_KINDS) argp_error(state, "--as is missing: voyager, npy, csv or json?");
  if (kind_of(options->out) != options->kind)
    argp_error(state, "--output ends with %s where --as is %s, not `%s`", kinds[options->kind].ending,
               kinds[options->kind].name, options->out);
  if (options->storage && options->kind != EXPORT_VOYAGER) argp_error(state, "--storage goes with --as voyager");
  if (!options->storage) options->storage = STORED_FLOAT32;
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
  export_options *options = state->input;
  switch (key) {
  case KEY_AS:
    options->kind = kind_named(value);
    if (options->kind == EXPORT_KINDS) argp_error(state, "--as is voyager, npy, csv or json, not `%s`", value);
    return 0;
  case 'o':
    options->out = value;
    return 0;
  case KEY_STORAGE:
    options->storage = storage_named(value);
    if (!options->storage) argp_error(state, "--storage is float32, float8 or e4m3, not `%s`", value);
    return 0;
  case KEY_FORCE:
    options->force = true;
    return 0;
  case 'q':
    options->quiet = true;
    return 0;
  case ARGP_KEY_END:
    check_options(state, options);
    return 0;
  default:
    return option_only_argument(state, key, value, "the gallery", &options->gallery);
  }
}

static const struct argp argp = {
    .options = option_list,
    .parser = parse_option,
    .args_doc = "GALLERY --as voyager|npy|csv|json -o OUT",
    .doc =
        "Writes a gallery's vectors for other programs, or what is known of its faces."
        "\vvoyager: an index that Voyager searches (version 1, cosine, M 12), and OUT.json with one record a label. "
        "npy: a NumPy array of float32, and OUT.csv with one record a row. csv and json: the records alone. A record "
        "has name, person (number in the gallery), person_id (the same in a gallery that is built again), "
        "photo_number, the roster's fields, box (x, y, width, height), "
        "five landmarks, roll, score and quality, in pixels of the photo; a field whose name is one of these is "
        "called roster_NAME. Vectors are those of the gallery, which keeps twelve bits a number, made unit length: "
        "their cosine to what was embedded is about 0.99999.\n\n"
        "Exit codes: 0 written, 1 not written, 2 wrong command line."};

/* ---------------------------------------------------------------------------------------------- records */

static const char *const own_keys[] = {"name",      "person", "person_id", "photo_number", "box",
                                       "landmarks", "roll",   "score",     "quality"};
enum { OWN_KEYS = sizeof own_keys / sizeof own_keys[0], KEYS_BEFORE_FIELDS = 4 };

/* What the fields are called in records: keys[i] is the gallery's fields[i]. */
static void name_fields(const gallery_folder *gallery, name_list *fields, name_list *keys) {
  name_list taken = {0};
  for (size_t i = 0; i < OWN_KEYS; ++i) name_list_add(&taken, own_keys[i]);
  const cJSON *entry;
  cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(gallery->manifest, "fields")) {
    const char *field = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "key"));
    if (!field) continue;
    char *key = new_text(field);
    while (records_have_column(&taken, key)) {
      char *longer = new_text_of("roster_%s", key);
      free(key);
      key = longer;
    }
    name_list_add(fields, field);
    name_list_add(keys, key);
    name_list_add(&taken, key);
    free(key);
  }
  name_list_free(&taken);
}

static cJSON *record_of(const dpl_gallery_row *row, size_t photo, const cJSON *person, const name_list *fields,
                        const name_list *keys) {
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(person, "name"));
  const cJSON *values = cJSON_GetObjectItemCaseSensitive(person, "fields");
  cJSON *record = cJSON_CreateObject();
  cJSON_AddStringToObject(record, "name", name ? name : "");
  cJSON_AddNumberToObject(record, "person", row->person);
  const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(person, "id"));
  if (id) cJSON_AddStringToObject(record, "person_id", id);
  cJSON_AddNumberToObject(record, "photo_number", (double)photo);
  for (size_t i = 0; i < fields->count; ++i) {
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(values, fields->names[i]));
    if (value) cJSON_AddStringToObject(record, keys->names[i], value);
  }
  add_face(record, &row->face, &row->quality);
  return record;
}

static cJSON *records_of(gallery_folder *gallery, const gallery_rows *rows, const name_list *fields,
                         const name_list *keys, sentence *why) {
  cJSON *records = cJSON_CreateArray();
  for (size_t i = 0; i < rows->count; ++i) {
    const cJSON *person = gallery_folder_person(gallery, rows->rows[i].person, why);
    if (!person) {
      cJSON_Delete(records);
      return NULL;
    }
    cJSON_AddItemToArray(records, record_of(&rows->rows[i], i, person, fields, keys));
  }
  return records;
}

static bool write_records(gallery_folder *gallery, const gallery_rows *rows, const char *path, sentence *why) {
  name_list fields = {0}, field_keys = {0}, keys = {0};
  name_fields(gallery, &fields, &field_keys);
  cJSON *records = records_of(gallery, rows, &fields, &field_keys, why);
  for (size_t i = 0; i < KEYS_BEFORE_FIELDS; ++i) name_list_add(&keys, own_keys[i]);
  for (size_t i = 0; i < field_keys.count; ++i) name_list_add(&keys, field_keys.names[i]);
  for (size_t i = KEYS_BEFORE_FIELDS; i < OWN_KEYS; ++i) name_list_add(&keys, own_keys[i]);
  bool fine = records && (path_has_extension(path, ".json") ? records_write_json(records, path, why)
                                                            : records_write_csv(records, &keys, path, why));
  cJSON_Delete(records);
  name_list_free(&fields);
  name_list_free(&field_keys);
  name_list_free(&keys);
  return fine;
}

/* ---------------------------------------------------------------------------------------------- files */

/* OUT with another ending: new text, or NULL where the records go into OUT itself. */
static char *records_path(const export_options *options) {
  const char *ending = kinds[options->kind].ending, *beside = kinds[options->kind].beside;
  if (!beside) return NULL;
  return new_text_of("%.*s%s", (int)(strlen(options->out) - strlen(ending)), options->out, beside);
}

static bool may_write(const char *path, bool force, sentence *why) {
  return force || !path_exists(path) || fail(why, "%s is already there; --force replaces it.", path);
}

static bool write_vectors(const export_options *options, const gallery_rows *rows, sentence *why) {
  if (options->kind == EXPORT_NPY) return npy_write(options->out, rows->vectors, rows->count, rows->dimension, why);
  progress shown;
  progress_begin(&shown, "vectors", rows->count, options->quiet);
  bool fine = voyager_write(options->out, rows->vectors, rows->count, rows->dimension, options->storage, &shown, why);
  progress_end(&shown);
  return fine;
}

static bool write_files(const export_options *options, gallery_folder *gallery, const char *beside, sentence *why) {
  gallery_rows rows;
  char *folder = path_folder(options->out);
  bool fine = may_write(options->out, options->force, why) && (!beside || may_write(beside, options->force, why)) &&
              gallery_rows_read(gallery, &rows, why);
  if (!fine) {
    free(folder);
    return false;
  }
  fine = folder_make(folder, why) && write_records(gallery, &rows, beside ? beside : options->out, why) &&
         (!beside || write_vectors(options, &rows, why));
  if (fine && beside) {
    printf("%s: %s vectors of %zu numbers, as the gallery's twelve bits have them; %s has their records\n",
           options->out, grouped(rows.count), rows.dimension, beside);
  } else if (fine) {
    printf("%s: records of %s faces\n", options->out, grouped(rows.count));
  }
  free(folder);
  gallery_rows_free(&rows);
  return fine;
}

int doppel_export(int argc, char **argv) {
  export_options options = {.kind = EXPORT_KINDS};
  command_begin("doppel export", &argp, argc, argv, &options);
  sentence why;
  gallery_folder gallery;
  if (!gallery_folder_open(options.gallery, &gallery, &why)) return report_failure(&why);
  char *beside = records_path(&options);
  bool fine = write_files(&options, &gallery, beside, &why);
  free(beside);
  gallery_folder_close(&gallery);
  return fine ? EXIT_DONE : report_failure(&why);
}
