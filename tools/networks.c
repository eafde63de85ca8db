/* The set of networks: from models.json or from a folder's .safetensors files to handles. */
#include "networks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

/* ---------------------------------------------------------------------------------------------- command line */

enum { KEY_SCORE = 1000, KEY_MIN_FACE, KEY_MIRROR };

static const struct argp_option option_list[] = {
    {NULL, 0, NULL, 0, "Networks:", 100},
    {"models", 'm', "PATH", 0,
     "Folder of networks (with models.json, or any .safetensors files) or one .safetensors file; may be repeated. "
     "Default: the folder `models` beside the program's own",
     100},
    {"networks", 0, NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, 100},
    {"score", KEY_SCORE, "NUMBER", 0, "Take faces from this detector score on, 0 to 1 (default: the network's own)",
     100},
    {"min-face", KEY_MIN_FACE, "PIXELS", 0, "Leave out faces smaller than this (default 16)", 100},
    {"mirror", KEY_MIRROR, "on|off", 0,
     "Add the vector of the face's mirror image or not (default: as the network's file says, which is what the page "
     "does)",
     100},
    {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  network_options *options = state->input;
  switch (key) {
  case 'm':
    name_list_add(&options->paths, value);
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
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

const struct argp networks_argp = {.options = option_list, .parser = parse_option};

/* ---------------------------------------------------------------------------------------------- finding */

char *networks_default_folder(void) {
  char program[4096];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length <= 0) return new_text("models");
  program[length] = 0;
  char *folder = path_folder(program);
  char *inside = path_joined(folder, "models");
  if (!path_is_folder(inside)) {
    free(inside);
    char *parent = path_folder(folder);
    inside = path_joined(parent, "models");
    free(parent);
  }
  free(folder);
  return inside;
}

static bool add_file(networks *set, const char *path, const char *expected_sha256, sentence *why) {
  if (set->count == MAX_NETWORKS)
    return fail(why, "More than %d networks were given; name those to use with --models.", MAX_NETWORKS);
  network_file *file = &set->files[set->count];
  if (!file_read(path, &file->bytes, why)) return false;
  file->path = new_text(path);
  ++set->count;
  sha256_of(file->bytes, file->sha256);
  if (expected_sha256 && strcmp(expected_sha256, file->sha256) != 0) {
    return fail(why, "%s is not the file that models.json lists (its sha256 differs); fetch it again.", path);
  }
  dpl_error error;
  if (dpl_network_describe(file->bytes, &file->info, &error)) return fail(why, "%s: %s", path, error.message);
  return true;
}

static bool add_listed(networks *set, const char *folder, const char *manifest_path, sentence *why) {
  dpl_bytes text;
  if (!file_read(manifest_path, &text, why)) return false;
  cJSON *manifest = cJSON_ParseWithLength((const char *)text.data, text.size);
  bytes_free(&text);
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(manifest, "networks"), *entry;
  bool fine = cJSON_IsArray(list) || fail(why, "%s is not a list of networks.", manifest_path);
  cJSON_ArrayForEach(entry, list) {
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "path"));
    const char *sha256 = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "sha256"));
    if (!name || !path_stays_inside(name) || path_has_extension(name, ".gz")) {
      fine = fail(why, "%s lists a network without a usable path (a .safetensors file beside it).", manifest_path);
      break;
    }
    char *path = path_joined(folder, name);
    fine = add_file(set, path, sha256, why);
    free(path);
    if (!fine) break;
  }
  cJSON_Delete(manifest);
  return fine;
}

static bool add_folder(networks *set, const char *folder, sentence *why) {
  char *manifest = path_joined(folder, "models.json");
  bool listed = path_exists(manifest);
  bool fine = !listed || add_listed(set, folder, manifest, why);
  free(manifest);
  if (listed) return fine;

  name_list names = {0};
  size_t before = set->count;
  fine = folder_list(folder, &names, why);
  for (size_t i = 0; i < names.count && fine; ++i) {
    if (!path_has_extension(names.names[i], ".safetensors")) continue;
    char *path = path_joined(folder, names.names[i]);
    fine = add_file(set, path, NULL, why);
    free(path);
  }
  name_list_free(&names);
  if (fine && set->count == before) return fail(why, "The folder %s holds no networks (.safetensors files).", folder);
  return fine;
}

static bool add_path(networks *set, const char *path, sentence *why) {
  return path_is_folder(path) ? add_folder(set, path, why) : add_file(set, path, NULL, why);
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

bool networks_load(const network_options *options, bool needs_embedder, networks *set, sentence *why) {
  *set = (networks){.options = *options};
  bool fine = true;
  for (size_t i = 0; i < options->paths.count && fine; ++i) fine = add_path(set, options->paths.names[i], why);
  if (!options->paths.count) {
    char *folder = networks_default_folder();
    fine = path_is_folder(folder) ? add_folder(set, folder, why)
                                  : fail(why,
                                         "There are no networks in %s; run `npm start` once, or name them with "
                                         "--models.",
                                         folder);
    free(folder);
  }
  fine = fine && put_in_order(set, needs_embedder, why);
  if (!fine) networks_free(set);
  return fine;
}

void networks_free(networks *set) {
  for (size_t i = 0; i < set->count; ++i) {
    free(set->files[i].path);
    bytes_free(&set->files[i].bytes);
  }
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
  }
  return "unknown";
}
