/* `doppel adopt`: vectors that others computed, with the roster that says whose they are, become a gallery. `import` is
   for networks; a vector is taken in as it is, and who must not be matched stays out as in `doppel build`. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "adopt_portrait.h"
#include "build_report.h"
#include "command.h"
#include "face_names.h"
#include "foreign_vectors.h"
#include "gallery_pictures.h"
#include "gallery_words.h"
#include "gallery_writer.h"
#include "matching.h"
#include "output.h"
#include "output_folder.h"
#include "parallel.h"
#include "progress.h"
#include "roster.h"
#include "roster_options.h"
#include "unicode.h"
#include "vector_join.h"

/* ---------------------------------------------------------------------------------------------- command line */

typedef struct adopt_options {
  network_options networks;
  const char *vectors, *roster, *photos, *out, *made_by;
  gallery_words words;
  gallery_pictures pictures;
  vectors_hints hints;
  roster_columns columns;
  matching_options matching;
  vector_join join; /* column NULL: by position */
  int jobs;
  bool force, quiet;
} adopt_options;

enum { KEY_ROSTER = 1900, KEY_PHOTOS, KEY_MADE_BY, KEY_DIMENSION, KEY_STORAGE, KEY_FORCE, KEY_ID_COLUMN, KEY_IDS };

static const struct argp_option option_list[] = {
    {"roster", KEY_ROSTER, "FILE", 0,
     "JSON or CSV: record i, from 0, is that of label i or of row i, unless --id-column", 1},
    {"output", 'o', "OUT", 0, "Folder of the gallery to write", 1},
    {"photos", KEY_PHOTOS, "DIR", 0,
     "Folder that the roster's photo paths start from: portraits are cut from there (default: plain tiles)", 1},
    {"made-by", KEY_MADE_BY, "TEXT", 0,
     "What computed the vectors (\"DeepFace 0.0.93, Facenet512, retinaface\"); published in the manifest", 1},
    {"dimension", KEY_DIMENSION, "N", 0, "Numbers a vector, for Voyager files of the oldest kind, which do not say it",
     4},
    {"storage", KEY_STORAGE, "float32|float8|e4m3", 0, "How these files store a number", 4},
    {"id-column", KEY_ID_COLUMN, "COLUMN", 0,
     "Column of the roster with the ids that the index has as labels (or --ids gives), where they do not count the "
     "records; compared as text",
     4},
    {"ids", KEY_IDS, "FILE", 0,
     "CSV or JSON with one record per row of the array, or per label from 0: its id, in a column named as --id-column, "
     "or the only one",
     4},
    {"force", KEY_FORCE, NULL, 0, "Replace a gallery that is already at OUT", 5},
    {"jobs", 'j', "N", 0, "Threads (default: as many as there are processors); the result does not depend on it", 5},
    {"quiet", 'q', NULL, 0, "No progress on stderr", 5},
    {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  adopt_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->networks;
    state->child_inputs[1] = &options->columns;
    state->child_inputs[2] = &options->matching;
    state->child_inputs[3] = &options->words;
    state->child_inputs[4] = &options->pictures;
    return 0;
  case KEY_ROSTER:
    options->roster = value;
    return 0;
  case 'o':
    options->out = value;
    return 0;
  case KEY_PHOTOS:
    options->photos = value;
    return 0;
  case KEY_MADE_BY:
    options->made_by = value;
    return 0;
  case KEY_DIMENSION:
    options->hints.dimension = option_whole_number(state, "dimension", value, 1, DPL_MAX_DIMENSION);
    return 0;
  case KEY_STORAGE:
    options->hints.storage = storage_named(value);
    if (!options->hints.storage) argp_error(state, "--storage is float32, float8 or e4m3, not `%s`", value);
    return 0;
  case KEY_ID_COLUMN:
    options->join.column = value;
    return 0;
  case KEY_IDS:
    options->join.ids_file = value;
    return 0;
  case KEY_FORCE:
    options->force = true;
    return 0;
  case 'j':
    options->jobs = option_whole_number(state, "jobs", value, 1, 256);
    return 0;
  case 'q':
    options->quiet = true;
    return 0;
  case ARGP_KEY_END:
    if (!options->roster) argp_error(state, "--roster FILE is missing");
    if (!options->out) argp_error(state, "--output OUT is missing");
    if (!options->networks.embedder_name && !options->networks.paths.count)
      argp_error(state, "--embedder is missing: which network made the vectors?");
    if (options->networks.embedder.mirror || options->networks.embedder.arithmetic)
      argp_error(state, "nothing is embedded, so --mirror and --arithmetic change nothing; leave them out");
    options->join.trim_zeros = options->columns.trim_zeros;
    options->join.ignored = &options->columns.ignored;
    if (!options->join.column && (options->join.ids_file || options->join.trim_zeros))
      argp_error(state, "--ids and --join-trim-zeros go with --id-column");
    if (options->columns.photo_list)
      argp_error(state, "--photo-list would give the records another order than the vectors have; leave it out");
    return 0;
  default:
    return option_only_argument(state, key, value, "the file of vectors", &options->vectors);
  }
}

static const struct argp_child children[] = {{&networks_argp, 0, NULL, 0},         {&roster_argp, 0, NULL, 0},
                                             {&matching_argp, 0, NULL, 0},         {&gallery_words_argp, 0, NULL, 0},
                                             {&gallery_pictures_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = option_list,
    .parser = parse_option,
    .children = children,
    .args_doc = "VECTORS --roster FILE --embedder NAME|PATH -o OUT",
    .doc = "Makes a gallery of vectors that another program computed."
           "\vVECTORS is an index of Voyager (.voy, as Coppelgänger saves it) or a NumPy array (.npy) with one row a "
           "vector. --embedder names the network that made them: visitors' photos go through it, so vectors of any "
           "other network find the wrong people; nothing in the files can show that, only the dimension is checked. "
           "Records that must not be matched are not taken over, by the rules of `doppel build`. A vector of zeros, or "
           "with a number that is not finite, is left out and counted; the others are made unit length. Photos are "
           "only needed for the portraits: without --photos, and where no face is found, there is a plain tile.\n\n"
           "Exit codes: 0 made, 1 not made, 2 wrong command line."};

/* ---------------------------------------------------------------------------------------------- what there is */

typedef struct adopted {
  size_t vector, photo; /* of the file, of the roster */
  char *path;           /* of the photo on disk; "": refused; NULL: none is to be looked for */
} adopted;

typedef struct adopter {
  const adopt_options *options;
  const networks *networks;
  roster *roster;
  const foreign_vectors *file;
  matching_rules *rules;
  const char *notice;
  adopted *taken;
  size_t taken_count;
  gallery_writer writer;
  build_report report;
  progress progress;
  size_t *department_photos;
  size_t tiles[SKIP_REASONS + 1]; /* by reason; the last: there was no photo to look for */

  gallery_person *people; /* of the gallery */
  size_t people_count, people_capacity;
  size_t *gallery_index; /* of a roster's person, plus one; 0: not in the gallery so far */
} adopter;

static float *vector_at(const adopter *all, size_t index) {
  return all->file->numbers + index * all->file->dimension;
}

/* False for a vector of zeros and one that is not finite; such have no direction. */
static bool make_unit(float *vector, size_t dimension) {
  double square = 0;
  for (size_t i = 0; i < dimension; ++i) square += (double)vector[i] * (double)vector[i];
  double length = sqrt(square);
  if (!isfinite(length) || !(length > 0)) return false;
  for (size_t i = 0; i < dimension; ++i) vector[i] = (float)((double)vector[i] / length);
  return true;
}

/* photos[first[r]] … photos[first[r + 1] − 1] are those of record r: at least one, with or without a path. */
static size_t *first_photos(const roster *people) {
  size_t *first = new_array(people->record_count + 1, sizeof *first);
  for (size_t i = 0; i < people->photo_count; ++i) ++first[people->photos[i].record + 1];
  for (size_t i = 0; i < people->record_count; ++i) first[i + 1] += first[i];
  return first;
}

/* Why a record stays out: the strongest reason that one of its photos has. */
static exclusion decision_on(const exclusion *decisions, size_t begin, size_t end) {
  exclusion strongest = INCLUDED;
  for (size_t i = begin; i < end; ++i) {
    if (decisions[i] < strongest) strongest = decisions[i];
  }
  return strongest;
}

static char *photo_path(const adopter *all, const roster_photo *photo) {
  const char *shown = roster_path(all->roster, photo);
  if (!all->options->photos || !*shown) return NULL;
  const found_file *file = roster_file(all->roster, photo);
  return file->path      ? new_text(file->path)
         : file->refused ? new_text("")
                         : path_joined(all->options->photos, shown); /* is not there */
}

static void take_vector(adopter *all, size_t vector, size_t photo) {
  const roster_photo *shown = &all->roster->photos[photo];
  if (!make_unit(vector_at(all, vector), all->file->dimension)) {
    build_report_note(&all->report, new_text_of("The vector of record %zu (%s) is zero or not finite; it was left out.",
                                                shown->record, all->roster->people[shown->person].name));
    return;
  }
  all->taken[all->taken_count++] = (adopted){vector, photo, photo_path(all, shown)};
}

static bool fail_label(const adopter *all, uint64_t label, sentence *why) {
  return fail(why,
              "%s has a vector with the label %llu, but %s has only %zu records, counted from 0; the two do not "
              "belong together, unless labels are ids: then name the roster's column with --id-column.",
              all->options->vectors, (unsigned long long)label, all->options->roster, all->roster->record_count);
}

/* vector_of[r]: record r's vector plus one; 0: none. */
static bool find_vectors(adopter *all, size_t *vector_of, vectors_left *left, sentence *why) {
  if (all->options->join.column)
    return vectors_join(&all->options->join, &all->roster->table, all->file, vector_of, left, why);
  if (all->file->names)
    return fail(why, "%s has names for its vectors; say with --id-column which column of the roster has them.",
                all->options->vectors);
  size_t without = 0;
  for (size_t i = 0; i < all->file->count; ++i) {
    if (all->file->labels[i] >= all->roster->record_count) return fail_label(all, all->file->labels[i], why);
    vector_of[all->file->labels[i]] = i + 1;
  }
  for (size_t i = 0; i < all->roster->record_count; ++i) without += !vector_of[i];
  if (without) build_report_note(&all->report, new_text_of("%s records have no vector.", grouped(without)));
  return true;
}

static void take_vectors(adopter *all, const size_t *vector_of, const exclusion *records, const size_t *first) {
  all->taken = new_array(all->file->count, sizeof *all->taken);
  for (size_t record = 0; record < all->roster->record_count; ++record) {
    if (!vector_of[record]) continue;
    if (records[record] != INCLUDED)
      ++all->report.excluded[records[record]];
    else
      take_vector(all, vector_of[record] - 1, first[record]);
  }
}

/* What is only known once the rules are applied: nothing that an excluded record says is noted. */
static void note_roster(adopter *all, const vectors_left *left, const exclusion *records) {
  const roster *people = all->roster;
  name_list notes = {0};
  bool *admitted = new_array(people->record_count, sizeof *admitted);
  for (size_t i = 0; i < people->record_count; ++i) admitted[i] = records[i] == INCLUDED;
  if (all->options->join.column) vectors_left_note(&all->options->join, left, admitted, &notes);
  for (size_t i = 0; i < people->notes.count; ++i) build_report_note(&all->report, new_text(people->notes.names[i]));
  for (size_t i = 0; i < notes.count; ++i) build_report_note(&all->report, new_text(notes.names[i]));
  name_list_free(&notes);
  free(admitted);
}

/* In the order of the records, whatever order the file has. */
static bool plan(adopter *all, sentence *why) {
  roster *people = all->roster;
  vectors_left left = {0};
  size_t *vector_of = new_array(people->record_count, sizeof *vector_of);
  bool fine = find_vectors(all, vector_of, &left, why);
  if (fine) {
    if (all->options->photos) roster_find_photos(people, all->options->photos);
    exclusion *photos = matching_decide(all->rules, people),
              *records = new_array(people->record_count, sizeof *records);
    size_t *first = first_photos(people), unusable;
    for (size_t i = 0; i < people->record_count; ++i) records[i] = decision_on(photos, first[i], first[i + 1]);
    note_roster(all, &left, records);
    unusable = all->report.note_count;
    take_vectors(all, vector_of, records, first);
    unusable = all->report.note_count - unusable;
    closed_files closed = matching_closed_files(people, photos);
    fine = gallery_pictures_check(&all->options->pictures, &closed, why);
    closed_files_free(&closed);
    free(photos);
    free(records);
    free(first);
    if (all->file->deleted)
      build_report_note(&all->report, new_text_of("%s vectors are marked as deleted in the file and were left out.",
                                                  grouped(all->file->deleted)));
    fine = fine &&
           (all->taken_count || fail(why, "No vector can be taken: %s must not be matched, %s are zero or not finite.",
                                     grouped(build_report_excluded(&all->report)), grouped(unusable)));
  }
  vectors_left_free(&left);
  free(vector_of);
  return fine;
}

static bool check_fit(const adopter *all, sentence *why) {
  const foreign_vectors *file = all->file;
  const dpl_network_info *network = &all->networks->embedder->info;
  if (file->dimension != (size_t)network->dimension)
    return fail(why,
                "The vectors of %s have %zu numbers, and %s makes %d; name the network that made them with "
                "--embedder.",
                all->options->vectors, file->dimension, network->name, network->dimension);
  return !file->by_row || all->options->join.column || file->count == all->roster->record_count ||
         fail(why,
              "%s has %zu rows and %s has %zu records; row i must belong to record i, or --id-column say whose it is.",
              all->options->vectors, file->count, all->options->roster, all->roster->record_count);
}

/* ---------------------------------------------------------------------------------------------- the gallery */

static void *portrait_at(void *context, network_handles *handles, size_t index) {
  const adopter *all = context;
  const adopted *one = &all->taken[index];
  return adopted_portrait_of(one->path, roster_face(all->roster, &all->roster->photos[one->photo]), handles);
}

static size_t person_of(adopter *all, const roster_photo *photo) {
  size_t *index = &all->gallery_index[photo->person];
  if (!*index) {
    const roster_person *person = &all->roster->people[photo->person];
    const char *path = roster_path(all->roster, photo);
    char *name = *person->name ? new_text(person->name)
                 : *path       ? photo_title(path)
                               : new_text_of("Record %zu", photo->record);
    all->people = room_for_one_more(all->people, all->people_count, &all->people_capacity, sizeof *all->people);
    all->people[all->people_count++] = (gallery_person){person->id, name, person->values};
    *index = all->people_count;
  }
  return *index - 1;
}

static bool take_portrait(void *context, size_t index, void *result, sentence *why) {
  adopter *all = context;
  adopted_portrait *portrait = result;
  const adopted *one = &all->taken[index];
  const roster_photo *photo = &all->roster->photos[one->photo];
  if (portrait->is_tile) ++all->tiles[one->path ? portrait->reason : SKIP_REASONS];
  if (portrait->is_tile && one->path)
    build_report_note(&all->report, new_text_of("The portrait of %s is a plain tile: %s",
                                                roster_path(all->roster, photo), portrait->why.text));
  const int place =
      matching_department(all->rules, all->roster->places.texts[all->roster->records[photo->record].department]);
  if (place >= 0) ++all->department_photos[place];
  const dpl_image *large = all->options->photos ? portrait->large : NULL; /* of tiles alone nothing large is needed */
  bool fine = gallery_writer_add(&all->writer, (uint32_t)person_of(all, photo), vector_at(all, one->vector),
                                 &portrait->face, &portrait->quality, portrait->image, large, why);
  progress_step(&all->progress, PROGRESS_COMPUTED, false);
  adopted_portrait_free(portrait);
  return fine;
}

/* What the manifest says of vectors that doppel did not make. */
static cJSON *origin_json(const adopter *all) {
  cJSON *origin = cJSON_CreateObject();
  cJSON_AddTrueToObject(origin, "made_elsewhere");
  if (all->options->made_by) cJSON_AddStringToObject(origin, "made_by", all->options->made_by);
  cJSON_AddStringToObject(origin, "read_from", all->file->kind);
  return origin;
}

static bool write_gallery(adopter *all, const char *folder, sentence *why) {
  if (!gallery_writer_begin(&all->writer, folder, networks_embedder_json(all->networks),
                            networks_detector_json(all->networks), why))
    return false;
  all->department_photos = new_array(all->rules->department_count, sizeof *all->department_photos);
  all->gallery_index = new_array(all->roster->people_count, sizeof *all->gallery_index);
  progress_begin(&all->progress, "vectors", all->taken_count, all->options->quiet);
  parallel_plan work = {.count = all->taken_count,
                        .jobs = all->options->jobs,
                        .networks = all->networks,
                        .context = all,
                        .work = portrait_at,
                        .take = take_portrait,
                        .drop = adopted_portrait_free};
  if (!parallel_run(&work, why)) {
    progress_break_off(&all->progress);
    return false;
  }
  progress_end(&all->progress);
  all->report.records = all->roster->record_count;
  all->report.photos = all->file->count + all->file->deleted;
  all->report.photos_built = all->taken_count;
  all->report.people = all->people_count;
  const gallery_words *words = &all->options->words;
  char *title = text_tidied(words->title ? words->title : "Gallery");
  char *id = words->id ? new_text(words->id) : gallery_id_of(title);
  char *publisher = text_tidied(words->publisher ? words->publisher : "");
  gallery_about about = {.id = id,
                         .title = title,
                         .publisher = publisher,
                         .notice = all->notice,
                         .language = words->language,
                         .fields = all->roster->fields,
                         .field_count = all->roster->field_count,
                         .pictures = &all->options->pictures,
                         .allowed_jurisdictions =
                             allowed_jurisdictions_json(all->rules->allowed, all->rules->allowed_count),
                         .vectors = origin_json(all)};
  if (all->rules->departments_given)
    about.departments = departments_json(all->rules->departments, all->department_photos, all->rules->department_count);
  all->report.title = about.title;
  bool fine = gallery_writer_finish(&all->writer, &about, all->people, all->people_count, why);
  all->report.calibration = all->writer.calibration;
  fine = fine && build_report_write(&all->report, all->options->out, why);
  free(id);
  free(title);
  free(publisher);
  return fine;
}

static void print_result(const adopter *all) {
  size_t tiles = 0, left_out = all->file->count + all->file->deleted - all->taken_count;
  for (int i = 0; i <= SKIP_REASONS; ++i) tiles += all->tiles[i];
  printf("%s: %s people from %s vectors, %s vectors left out, %s plain tiles\n", all->options->out,
         grouped(all->people_count), grouped(all->taken_count), grouped(left_out), grouped(tiles));
  if (build_report_excluded(&all->report)) {
    char *list = exclusions_text(all->report.excluded);
    warn("%s vectors must not be matched and were not taken: %s.", grouped(build_report_excluded(&all->report)), list);
    free(list);
  }
  if (all->report.note_count) {
    char *report = build_report_place(all->options->out);
    warn("%s/report.txt says more.", report);
    free(report);
  }
}

static void adopter_free(adopter *all) {
  for (size_t i = 0; i < all->people_count; ++i) free((void *)(uintptr_t)all->people[i].name);
  for (size_t i = 0; i < all->taken_count; ++i) free(all->taken[i].path);
  free(all->people);
  free(all->taken);
  free(all->gallery_index);
  free(all->department_photos);
  gallery_writer_free(&all->writer);
  build_report_free(&all->report);
}

static bool adopt_with(const adopt_options *options, roster *people, const foreign_vectors *file, matching_rules *rules,
                       const char *notice, sentence *why) {
  networks set;
  output_folder output;
  if (options->photos && !path_is_folder(options->photos))
    return fail(why, "There is no folder %s (--photos).", options->photos);
  if (!networks_load(&options->networks, true, &set, why)) return false;
  adopter all = {
      .options = options, .networks = &set, .roster = people, .file = file, .rules = rules, .notice = notice};
  bool fine = check_fit(&all, why) && plan(&all, why) && build_report_check(options->out, why) &&
              output_folder_begin(options->out, &folder_of_gallery, options->force, &output, why);
  if (fine) {
    fine = write_gallery(&all, output.made, why);
    if (fine)
      fine = output_folder_finish(&output, why);
    else
      output_folder_abandon(&output);
  }
  if (fine) print_result(&all);
  adopter_free(&all);
  networks_free(&set);
  return fine;
}

static bool adopt(const adopt_options *options, sentence *why) {
  roster people = {0};
  matching_rules rules = {0};
  foreign_vectors file = {0};
  char *notice = NULL;
  bool fine = gallery_words_notice(&options->words, &notice, why) &&
              matching_rules_read(&options->matching, &rules, why) &&
              roster_read(options->roster, &options->columns, &people, why) &&
              foreign_vectors_read(options->vectors, &options->hints, &file, why) &&
              adopt_with(options, &people, &file, &rules, notice, why);
  foreign_vectors_free(&file);
  matching_rules_free(&rules);
  roster_free(&people);
  free(notice);
  return fine;
}

int doppel_adopt(int argc, char **argv) {
  adopt_options options = {.jobs = processor_count(), .columns = {.photos_optional = true}};
  command_begin("doppel adopt", &argp, argc, argv, &options);
  parallel_heed_interrupts();
  sentence why;
  bool fine = adopt(&options, &why);
  name_list_free(&options.columns.names);
  name_list_free(&options.networks.paths);
  matching_options_free(&options.matching);
  gallery_pictures_free(&options.pictures);
  return fine ? EXIT_DONE : report_failure(&why);
}
