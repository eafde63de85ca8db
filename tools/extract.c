/* `doppel extract`: the faces of photos as a table and as pictures of head and shoulders. What comes out can go back in
   as a roster whose faces are given. */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "face_names.h"
#include "face_records.h"
#include "head_crop.h"
#include "jpeg.h"
#include "output.h"
#include "output_folder.h"
#include "parallel.h"
#include "photos.h"
#include "progress.h"
#include "unicode.h"
#include "visits.h"

/* ---------------------------------------------------------------------------------------------- command line */

typedef struct extract_options {
  network_options networks;
  name_list places;
  const char *out;
  int width, height; /* of the crops */
  int jobs;
  bool all_faces, force, quiet;
} extract_options;

enum { KEY_ALL_FACES = 2100, KEY_SIZE, KEY_FORCE };
enum { SMALLEST_SIDE = 16, LARGEST_SIDE = 4096 };

static const struct argp_option option_list[] = {
    {"output", 'o', "OUT", 0, "Folder to write", 1},
    {"all-faces", KEY_ALL_FACES, NULL, 0,
     "Every face of a photo, from left to right, by the rule of `doppel build` (default: the largest)", 1},
    {"size", KEY_SIZE, "WIDTHxHEIGHT", 0, "Pixels of a crop (default: 200x280)", 1},
    {"force", KEY_FORCE, NULL, 0, "Replace what an earlier extract has written to OUT", 5},
    {"jobs", 'j', "N", 0, "Threads (default: as many as there are processors); the result does not depend on it", 5},
    {"quiet", 'q', NULL, 0, "No progress on stderr", 5},
    {0}};

static bool is_side(long pixels) {
  return pixels >= SMALLEST_SIDE && pixels <= LARGEST_SIDE;
}

static void read_size(struct argp_state *state, const char *text, extract_options *options) {
  char *end;
  long width = strtol(text, &end, 10), height = *end == 'x' ? strtol(end + 1, &end, 10) : 0;
  if (*end || !is_side(width) || !is_side(height))
    argp_error(state, "--size wants a width and a height from %d to %d, as in 200x280, not `%s`", SMALLEST_SIDE,
               LARGEST_SIDE, text);
  options->width = (int)width;
  options->height = (int)height;
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
  extract_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->networks;
    return 0;
  case 'o':
    options->out = value;
    return 0;
  case KEY_ALL_FACES:
    options->all_faces = true;
    return 0;
  case KEY_SIZE:
    read_size(state, value, options);
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
  case ARGP_KEY_ARG:
    name_list_add(&options->places, value);
    return 0;
  case ARGP_KEY_END:
    if (!options->places.count) argp_error(state, "a photo or folder is missing");
    if (!options->out) argp_error(state, "--output OUT is missing");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&networks_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = option_list,
    .parser = parse_option,
    .children = children,
    .args_doc = "PHOTO|DIR... -o OUT",
    .doc = "Writes the faces of photos as a table and as pictures: OUT/faces.csv and OUT/faces.json with one record a "
           "face, OUT/crops/ with its head and shoulders, OUT/skipped.csv with the photos that gave none."
           "\vA record has photo, name (of the photo, and where in it), position (from left to right), faces (in the "
           "photo), crop, box, five landmarks, roll, score and quality, in pixels of the upright photo. Photos are "
           "named from DIR where one folder is given, with all below it, and as on the command line otherwise; crops "
           "are named after photo and position. A crop is turned level; the eyes are 0.22 of its width apart and at "
           "0.4 of its height; beyond the photo's edge there is a blur of what is near it.\n\n"
           "OUT/faces.csv is a roster whose faces are given: doppel build OUT/faces.csv --photos DIR. OUT appears "
           "whole or not at all. Exit codes: 0 written, 1 not written, 2 wrong command line."};

/* ---------------------------------------------------------------------------------------------- photos */

typedef struct extract_photo {
  char *path;  /* on disk */
  char *shown; /* in the table */
  char *stem;  /* of its crops' names */
} extract_photo;

typedef struct extractor {
  const extract_options *options;
  const networks *networks;
  extract_photo *photos;
  size_t photo_count, photo_capacity;
  visits seen;        /* folders */
  const char *folder; /* being written */
  cJSON *faces, *skipped;
  progress progress;
} extractor;

static void add_photo(extractor *all, char *path, char *shown) {
  all->photos = room_for_one_more(all->photos, all->photo_count, &all->photo_capacity, sizeof *all->photos);
  all->photos[all->photo_count++] = (extract_photo){path, shown, NULL};
}

/* All photos below a folder, in the order of their names; what begins with a dot is left alone, and no folder is read
   twice, wherever links lead. */
static bool add_photos_below(extractor *all, const char *folder, const char *shown, sentence *why) {
  struct stat about;
  if (stat(folder, &about) == 0 && !visits_first(&all->seen, &about, 0)) return true;
  name_list names = {0};
  bool fine = folder_list(folder, &names, why);
  for (size_t i = 0; i < names.count && fine; ++i) {
    const char *name = names.names[i];
    if (name[0] == '.') continue;
    char *path = path_joined(folder, name), *letters = text_decoded(name);
    char *inside = *shown ? path_joined(shown, letters) : new_text(letters);
    free(letters);
    if (path_is_folder(path)) {
      fine = add_photos_below(all, path, inside, why);
    } else if (file_is_photo(path)) {
      add_photo(all, path, inside);
      continue;
    }
    free(path);
    free(inside);
  }
  name_list_free(&names);
  return fine;
}

static bool add_place(extractor *all, const char *place, sentence *why) {
  bool alone = all->options->places.count == 1;
  if (path_is_folder(place)) return add_photos_below(all, place, alone ? "" : place, why);
  if (!path_exists(place)) return fail(why, "There is no photo or folder %s.", place);
  add_photo(all, new_text(place), new_text(place));
  return true;
}

static int by_text(const void *a, const void *b) {
  return strcmp(a, b);
}

static void keep_text(void *text) {
  (void)text;
}

/* The end of the photo's path that stays below OUT/crops: without what leads to "/" or "..". */
static const char *inner_path(const char *shown) {
  const char *rest = shown;
  while (!path_stays_inside(rest)) {
    const char *slash = strchr(rest, '/');
    if (!slash) return path_name(shown);
    rest = slash + 1;
  }
  return rest;
}

/* "team/anna.jpg" becomes "team/anna"; where that is taken (by "team/anna.png"), the name keeps its ending. */
static bool name_crops(extractor *all, sentence *why) {
  void *taken = NULL;
  bool fine = true;
  for (size_t i = 0; i < all->photo_count && fine; ++i) {
    extract_photo *photo = &all->photos[i];
    const char *inner = inner_path(photo->shown), *dot = strrchr(path_name(inner), '.');
    photo->stem = new_text_of("%.*s", dot ? (int)(dot - inner) : (int)strlen(inner), inner);
    if (tfind(photo->stem, &taken, by_text)) {
      free(photo->stem);
      photo->stem = new_text(inner);
      if (tfind(photo->stem, &taken, by_text))
        fine = fail(why, "Two photos are called %s; extract them one after the other.", inner);
    }
    if (fine) tree_place(photo->stem, &taken, by_text);
  }
  tdestroy(taken, keep_text);
  return fine;
}

static bool find_photos(extractor *all, sentence *why) {
  for (size_t i = 0; i < all->options->places.count; ++i) {
    if (!add_place(all, all->options->places.names[i], why)) return false;
  }
  if (!all->photo_count) return fail(why, "There are no photos (.jpg, .jpeg, .png) in what was named.");
  return name_crops(all, why);
}

/* ---------------------------------------------------------------------------------------------- one photo */

typedef struct extracted {
  face_list found;     /* from left to right */
  size_t first, count; /* those to write */
  dpl_face_quality *qualities;
  dpl_bytes *crops;    /* as JPEG */
  const char *skipped; /* why there are none; NULL: there are */
  sentence why;
} extracted;

static void extracted_free(void *taken) {
  extracted *result = taken;
  for (size_t i = 0; result->crops && i < result->count; ++i) bytes_free(&result->crops[i]);
  free(result->crops);
  free(result->qualities);
  free(result);
}

/* Sorts the faces, of which the largest comes first until then. */
static void choose_largest(extracted *result) {
  dpl_face *faces = result->found.faces;
  for (size_t i = 1; i < result->found.count; ++i) result->first += faces_from_left(&faces[i], &faces[0]) < 0;
  qsort(faces, result->found.count, sizeof *faces, faces_from_left);
  result->count = 1;
}

static bool choose(extracted *result, bool all_faces) {
  if (all_faces) {
    keep_main_faces(&result->found);
    result->count = result->found.count;
  } else if (result->found.count) {
    choose_largest(result);
  }
  return result->count;
}

static bool cut(const dpl_image *photo, const extract_options *options, extracted *result) {
  const dpl_face *faces = result->found.faces + result->first;
  result->qualities = photo_qualities(photo, faces, result->count, &result->why);
  result->crops = new_array(result->count, sizeof *result->crops);
  for (size_t i = 0; i < result->count && result->qualities; ++i) {
    dpl_image *crop;
    if (!head_crop(photo, &faces[i], options->width, options->height, &crop, &result->why)) return false;
    bool fine = jpeg_of_image(crop, &result->crops[i], &result->why);
    dpl_image_close(crop);
    if (!fine) return false;
  }
  return result->qualities;
}

static void *extract_from(void *context, network_handles *handles, size_t index) {
  const extractor *all = context;
  extracted *result = new_array(1, sizeof *result);
  dpl_image *photo;
  if (!photo_read(all->photos[index].path, &photo, &result->why)) {
    result->skipped = "unreadable";
    return result;
  }
  if (!photo_faces(handles, photo, &result->found, &result->why)) {
    result->skipped = "unreadable";
  } else if (!choose(result, all->options->all_faces)) {
    fail_no_face(&result->found, NULL, &result->why);
    result->skipped = result->found.cut ? "incomplete" : "no_face";
  } else if (!cut(photo, all->options, result)) {
    result->skipped = "unreadable";
  }
  dpl_image_close(photo);
  return result;
}

/* ---------------------------------------------------------------------------------------------- writing */

static const char *const face_keys[] = {"photo", "name",      "position", "faces", "crop",
                                        "box",   "landmarks", "roll",     "score", "quality"};
static const char *const skip_keys[] = {"photo", "reason", "detail"};

static bool write_crop(const extractor *all, const char *name, dpl_bytes file, sentence *why) {
  char *path = path_joined(all->folder, name), *folder = path_folder(path);
  bool fine = folder_make(folder, why) && file_write(path, file.data, file.size, why);
  free(path);
  free(folder);
  return fine;
}

static bool take_face(extractor *all, const extract_photo *photo, const extracted *result, size_t index,
                      sentence *why) {
  const size_t place = result->first + index;
  const dpl_face *faces = result->found.faces;
  char *crop = new_text_of("crops/%s-%zu.jpg", photo->stem, place + 1);
  char *title = photo_title(photo->shown), *name = face_name(title, faces, result->found.count, place);
  cJSON *record = cJSON_CreateObject();
  cJSON_AddStringToObject(record, "photo", photo->shown);
  cJSON_AddStringToObject(record, "name", name);
  cJSON_AddNumberToObject(record, "position", (double)place + 1);
  cJSON_AddNumberToObject(record, "faces", (double)result->found.count);
  cJSON_AddStringToObject(record, "crop", crop);
  add_face(record, &faces[place], &result->qualities[index]);
  cJSON_AddItemToArray(all->faces, record);
  bool fine = write_crop(all, crop, result->crops[index], why);
  free(crop);
  free(title);
  free(name);
  return fine;
}

static bool take_photo(void *context, size_t index, void *taken, sentence *why) {
  extractor *all = context;
  extracted *result = taken;
  const extract_photo *photo = &all->photos[index];
  bool fine = true;
  if (result->skipped) {
    cJSON *record = cJSON_CreateObject();
    cJSON_AddStringToObject(record, "photo", photo->shown);
    cJSON_AddStringToObject(record, "reason", result->skipped);
    cJSON_AddStringToObject(record, "detail", result->why.text);
    cJSON_AddItemToArray(all->skipped, record);
  }
  for (size_t i = 0; i < result->count && !result->skipped && fine; ++i) fine = take_face(all, photo, result, i, why);
  progress_step(&all->progress, PROGRESS_COMPUTED, result->skipped != NULL);
  extracted_free(result);
  return fine;
}

static bool write_table(const extractor *all, const cJSON *records, const char *name, const char *const *keys,
                        size_t key_count, sentence *why) {
  name_list list = {0};
  for (size_t i = 0; i < key_count; ++i) name_list_add(&list, keys[i]);
  char *path = path_joined(all->folder, name);
  bool fine = path_has_extension(name, ".json") ? records_write_json(records, path, why)
                                                : records_write_csv(records, &list, path, why);
  free(path);
  name_list_free(&list);
  return fine;
}

static bool write_tables(const extractor *all, sentence *why) {
  const size_t face_key_count = sizeof face_keys / sizeof face_keys[0];
  return write_table(all, all->faces, "faces.csv", face_keys, face_key_count, why) &&
         write_table(all, all->faces, "faces.json", face_keys, face_key_count, why) &&
         write_table(all, all->skipped, "skipped.csv", skip_keys, sizeof skip_keys / sizeof skip_keys[0], why);
}

static bool extract_all(extractor *all, sentence *why) {
  progress_begin(&all->progress, "photos", all->photo_count, all->options->quiet);
  parallel_plan plan = {.count = all->photo_count,
                        .jobs = all->options->jobs,
                        .networks = all->networks,
                        .context = all,
                        .work = extract_from,
                        .take = take_photo,
                        .drop = extracted_free};
  if (!parallel_run(&plan, why)) {
    progress_break_off(&all->progress);
    return false;
  }
  progress_end(&all->progress);
  if (all->faces->child) return write_tables(all, why);
  const cJSON *first = all->skipped->child;
  return fail(why, "No face was found in any of the %s photos; of %s: %s", grouped(all->photo_count),
              cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(first, "photo")),
              cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(first, "detail")));
}

static void extractor_free(extractor *all) {
  for (size_t i = 0; i < all->photo_count; ++i) {
    free(all->photos[i].path);
    free(all->photos[i].shown);
    free(all->photos[i].stem);
  }
  free(all->photos);
  visits_free(&all->seen);
  cJSON_Delete(all->faces);
  cJSON_Delete(all->skipped);
}

static bool extract_with(const extract_options *options, const networks *set, sentence *why) {
  extractor all = {.options = options, .networks = set, .faces = cJSON_CreateArray(), .skipped = cJSON_CreateArray()};
  output_folder output;
  bool fine =
      find_photos(&all, why) && output_folder_begin(options->out, &folder_of_faces, options->force, &output, why);
  if (fine) {
    all.folder = output.made;
    fine = extract_all(&all, why);
    if (fine)
      fine = output_folder_finish(&output, why);
    else
      output_folder_abandon(&output);
  }
  if (fine) {
    const size_t skipped = (size_t)cJSON_GetArraySize(all.skipped);
    printf("%s: %s faces from %s photos, %s photos left out\n", options->out,
           grouped((uint64_t)cJSON_GetArraySize(all.faces)), grouped(all.photo_count - skipped), grouped(skipped));
    if (skipped) warn("%s photos were left out; %s/skipped.csv says why.", grouped(skipped), options->out);
  }
  extractor_free(&all);
  return fine;
}

static bool extract(const extract_options *options, sentence *why) {
  networks set;
  if (!networks_load(&options->networks, false, &set, why)) return false;
  bool fine = extract_with(options, &set, why);
  networks_free(&set);
  return fine;
}

int doppel_extract(int argc, char **argv) {
  extract_options options = {.jobs = processor_count(), .width = 200, .height = 280};
  command_begin("doppel extract", &argp, argc, argv, &options);
  parallel_heed_interrupts();
  sentence why;
  bool fine = extract(&options, &why);
  name_list_free(&options.places);
  name_list_free(&options.networks.paths);
  return fine ? EXIT_DONE : report_failure(&why);
}
