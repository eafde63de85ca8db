/* The set of networks: chosen among the files that are there, put in order, opened. */
#include "networks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "network_places.h"

/* ---------------------------------------------------------------------------------------------- command line */

enum { KEY_SCORE = 1000, KEY_MIN_FACE, KEY_MIRROR, KEY_DETECTOR, KEY_EMBEDDER, KEY_PARITY, KEY_ARITHMETIC, KEY_CROWD };

static const struct argp_option option_list[] = {
    {NULL, 0, NULL, 0, "Networks:", 100},
    {"models", 'm', "PATH", 0,
     "Folder of networks (with models.json, or any .safetensors files) or one .safetensors file; may be repeated. "
     "Default: the folder `models` beside the program's own",
     100},
    {"networks", 0, NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, 100},
    {"detector", KEY_DETECTOR, "NAME[,NAME]", 0,
     "Detector by name, among --models and the networks that `npm run models` has brought; several names with commas "
     "where it is made of several networks, or `packaged` for the packaged set's (default: the detector in --models)",
     100},
    {"embedder", KEY_EMBEDDER, "NAME|PATH", 0,
     "Embedder by name, in the same way, or its .safetensors file (default: the embedder in --models)", 100},
    {"score", KEY_SCORE, "NUMBER", 0, "Take faces from this detector score on, 0 to 1 (default: the network's own)",
     100},
    {"min-face", KEY_MIN_FACE, "PIXELS", 0, "Leave out faces whose longer side is smaller than this (default 16)", 100},
    {"mirror", KEY_MIRROR, "on|off", 0,
     "Add the vector of the face's mirror image or not (default: as the network's file says, which is what the page "
     "does)",
     100},
    {"arithmetic", KEY_ARITHMETIC, "float|int8", 0,
     "Multiply in float32, or in int8 where the embedder's weights are stored so (default: as its file says)", 100},
    {"crowd", KEY_CROWD, NULL, 0, "Look for more faces in tiles of each photo: slower; only with YuNet", 100},
    {"parity", KEY_PARITY, NULL, 0,
     "Detect as DeepFace does with YuNet: one look with the long side at most 640, score 0.9, no closer look", 100},
    {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  network_options *options = state->input;
  switch (key) {
  case 'm':
    name_list_add(&options->paths, value);
    return 0;
  case KEY_DETECTOR:
    options->detector_names = value;
    return 0;
  case KEY_EMBEDDER:
    options->embedder_name = value;
    return 0;
  case KEY_SCORE:
    options->detector.score_threshold = (float)option_number(state, "score", value, 0.001, 1);
    return 0;
  case KEY_MIN_FACE:
    options->detector.min_face = option_whole_number(state, "min-face", value, 1, 16384);
    return 0;
  case KEY_MIRROR:
    if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0) argp_error(state, "--mirror is `on` or `off`");
    options->embedder.mirror = strcmp(value, "on") == 0 ? DPL_MIRROR_ON : DPL_MIRROR_OFF;
    return 0;
  case KEY_ARITHMETIC:
    if (strcmp(value, "float") != 0 && strcmp(value, "int8") != 0)
      argp_error(state, "--arithmetic is `float` or `int8`");
    options->embedder.arithmetic = strcmp(value, "int8") == 0 ? DPL_ARITHMETIC_INT8 : DPL_ARITHMETIC_FLOAT;
    return 0;
  case KEY_CROWD:
    options->detector.crowd = true;
    return 0;
  case KEY_PARITY:
    options->detector.parity = true;
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

const struct argp networks_argp = {.options = option_list, .parser = parse_option};

/* ---------------------------------------------------------------------------------------------- choosing */

static const char packaged_detector[] = "tiny_face_detector,ssd_mobilenetv1,face_landmark_68";

/* Moves a file from where it was read into the set. */
static bool take(networks *set, network_file *file, sentence *why) {
  if (set->count == MAX_NETWORKS)
    return fail(why, "More than %d networks were given; name those to use with --models.", MAX_NETWORKS);
  set->files[set->count++] = *file;
  *file = (network_file){0};
  return true;
}

/* All that are embedders, or all that are not. */
static bool take_all(networks *set, network_pool *pool, bool embedders, sentence *why) {
  for (size_t i = 0; i < pool->count; ++i) {
    network_file *file = &pool->files[i];
    if (file->path && (file->info.task == DPL_TASK_EMBEDDER) == embedders && !take(set, file, why)) return false;
  }
  return true;
}

static bool fail_with_names(const network_pool *pool, const char *name, sentence *why) {
  char known[640] = "";
  name_list library = {0};
  network_library_names(&library);
  for (size_t i = 0; i < pool->count + library.count; ++i) {
    const char *next = i < pool->count ? pool->files[i].info.name : library.names[i - pool->count];
    size_t length = strlen(known);
    if (i >= pool->count && network_pool_named(pool, next)) continue;
    if (*next) snprintf(known + length, sizeof known - length, "%s%s", length ? ", " : "", next);
  }
  name_list_free(&library);
  return fail(
      why,
      "There is no network called %.80s here; there are %s. `npm run models -- list` says which others can be had.",
      name, *known ? known : "none");
}

static bool take_named(networks *set, network_pool *pool, const char *name, bool embedder, sentence *why) {
  bool is_path = path_has_extension(name, ".safetensors");
  network_file *file = is_path ? NULL : network_pool_named(pool, name);
  char *path = file ? NULL : is_path ? new_text(name) : network_in_library(name);
  bool fine = !path || network_pool_add(pool, path, why);
  free(path);
  if (!fine) return false;
  file = is_path ? &pool->files[pool->count - 1] : network_pool_named(pool, name);
  if (!file) return fail_with_names(pool, name, why);
  if ((file->info.task == DPL_TASK_EMBEDDER) != embedder) {
    return fail(why, "%s is of the kind `%s`; it cannot be the %s.", name, task_name(file->info.task),
                embedder ? "embedder" : "detector");
  }
  return take(set, file, why);
}

static bool take_detector(networks *set, network_pool *pool, const char *names, sentence *why) {
  char *list = new_text(!strcmp(names, "packaged") ? packaged_detector : names), *rest = list;
  bool fine = true;
  for (char *name; fine && (name = strsep(&rest, ","));) fine = !*name || take_named(set, pool, name, false, why);
  free(list);
  return fine;
}

/* Detectors and landmarks come first; the embedder, of which there may be one, last. */
static bool put_in_order(networks *set, bool needs_embedder, sentence *why) {
  network_file embedders[MAX_NETWORKS];
  size_t kept = 0, embedder_count = 0, detector_count = 0;
  for (size_t i = 0; i < set->count; ++i) {
    if (set->files[i].info.task == DPL_TASK_DETECTOR) ++detector_count;
    if (set->files[i].info.task == DPL_TASK_EMBEDDER)
      embedders[embedder_count++] = set->files[i];
    else
      set->files[kept++] = set->files[i];
  }
  for (size_t i = 0; i < embedder_count; ++i) set->files[kept + i] = embedders[i];
  for (size_t i = 0; i < kept; ++i) {
    size_t length = strlen(set->detector_name);
    snprintf(set->detector_name + length, sizeof set->detector_name - length, "%s%s", i ? " + " : "",
             set->files[i].info.name);
  }
  if (embedder_count > 1) {
    return fail(why, "There are two embedders, %s and %s; name the networks to use with --models.",
                embedders[0].info.name, embedders[1].info.name);
  }
  if (detector_count == 0) return fail(why, "There is no detector among the networks; add one with --models.");
  if (embedder_count == 1) set->embedder = &set->files[kept];
  if (needs_embedder && !set->embedder)
    return fail(why, "There is no embedder among the networks; add one with --models.");
  return true;
}

static bool read_pool(const network_options *options, network_pool *pool, sentence *why) {
  bool fine = true;
  for (size_t i = 0; i < options->paths.count && fine; ++i) fine = network_pool_add(pool, options->paths.names[i], why);
  if (options->paths.count) return fine;
  bool all_are_named = options->detector_names && options->embedder_name;
  char *folder = network_models_folder();
  if (path_is_folder(folder))
    fine = network_pool_add(pool, folder, why);
  else if (!all_are_named)
    fine = fail(why, "There are no networks in %s; run `npm start` once, or name them with --models.", folder);
  free(folder);
  return fine;
}

bool networks_load(const network_options *options, bool needs_embedder, networks *set, sentence *why) {
  *set = (networks){.options = *options};
  network_pool pool = {0};
  bool fine = read_pool(options, &pool, why) &&
              (options->detector_names ? take_detector(set, &pool, options->detector_names, why)
                                       : take_all(set, &pool, false, why)) &&
              (options->embedder_name ? take_named(set, &pool, options->embedder_name, true, why)
                                      : take_all(set, &pool, true, why)) &&
              put_in_order(set, needs_embedder, why);
  network_pool_free(&pool);
  if (!fine) networks_free(set);
  return fine;
}

static char *file_of(const cJSON *entry) {
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "name"));
  const char *sha256 = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "sha256"));
  return name && sha256 ? network_with_sha256(name, sha256) : NULL;
}

void networks_prefer_those_of(const cJSON *manifest, network_options *options) {
  if (options->paths.count || options->detector_names || options->embedder_name) return;
  const cJSON *detector = cJSON_GetObjectItemCaseSensitive(manifest, "detector"), *entry;
  char *path = file_of(cJSON_GetObjectItemCaseSensitive(manifest, "embedder"));
  bool all = path && cJSON_GetArraySize(detector) > 0;
  if (path) name_list_add(&options->paths, path);
  free(path);
  cJSON_ArrayForEach(entry, detector) {
    path = file_of(entry);
    all = all && path;
    if (path) name_list_add(&options->paths, path);
    free(path);
  }
  if (!all) name_list_free(&options->paths);
}

void networks_free(networks *set) {
  for (size_t i = 0; i < set->count; ++i) network_file_free(&set->files[i]);
  *set = (networks){0};
}

/* ---------------------------------------------------------------------------------------------- handles */

bool networks_open(const networks *set, network_handles *handles, sentence *why) {
  *handles = (network_handles){0};
  dpl_bytes parts[MAX_NETWORKS];
  size_t count = 0;
  for (size_t i = 0; i < set->count; ++i) {
    if (set->files[i].info.task != DPL_TASK_EMBEDDER) parts[count++] = set->files[i].bytes;
  }
  dpl_error error;
  if (dpl_detector_open(parts, count, &set->options.detector, &handles->detector, &error) ||
      (set->embedder && dpl_embedder_open(set->embedder->bytes, &set->options.embedder, &handles->embedder, &error))) {
    networks_close(handles);
    return fail(why, "%s", error.message);
  }
  return true;
}

void networks_close(network_handles *handles) {
  dpl_detector_close(handles->detector);
  dpl_embedder_close(handles->embedder);
  *handles = (network_handles){0};
}

cJSON *networks_detector_json(const networks *set) {
  cJSON *list = cJSON_CreateArray();
  for (size_t i = 0; i < set->count; ++i) {
    if (set->files[i].info.task == DPL_TASK_EMBEDDER) continue;
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "name", set->files[i].info.name);
    cJSON_AddStringToObject(entry, "sha256", set->files[i].sha256);
    cJSON_AddItemToArray(list, entry);
  }
  return list;
}

cJSON *networks_embedder_json(const networks *set) {
  cJSON *entry = cJSON_CreateObject();
  cJSON_AddStringToObject(entry, "name", set->embedder->info.name);
  cJSON_AddStringToObject(entry, "sha256", set->embedder->sha256);
  cJSON_AddNumberToObject(entry, "dimension", set->embedder->info.dimension);
  return entry;
}

const char *task_name(dpl_task task) {
  switch (task) {
  case DPL_TASK_DETECTOR:
    return "detector";
  case DPL_TASK_LANDMARKS:
    return "landmarks";
  case DPL_TASK_EMBEDDER:
    return "embedder";
  case DPL_TASK_OTHER:
    return "other";
  }
  return "unknown";
}
