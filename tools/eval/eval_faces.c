/* `doppel eval faces`: how many faces are found in photos, and whether they are enough. */
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "eval_options.h"
#include "output.h"
#include "parallel.h"
#include "photos.h"

typedef struct faces_options {
  eval_options eval;
  name_list photos;
  int least;
} faces_options;

enum { KEY_MIN = 1400 };

static const struct argp_option option_list[] = {
    {"min", KEY_MIN, "N", 0, "End with exit code 3 where a photo has fewer faces (default 0)", 0}, {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  faces_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->eval;
    return 0;
  case KEY_MIN:
    options->least = option_whole_number(state, "min", value, 0, MAX_FACES);
    return 0;
  case ARGP_KEY_ARG:
    name_list_add(&options->photos, value);
    return 0;
  case ARGP_KEY_NO_ARGS:
    argp_error(state, "a photo is missing");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&eval_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {.options = option_list,
                                 .parser = parse_option,
                                 .children = children,
                                 .args_doc = "PHOTO...",
                                 .doc = "Finds the faces of each photo and prints them, largest first."};

typedef struct photo_result {
  bool readable;
  face_list found;
  double milliseconds;
  sentence why;
} photo_result;

typedef struct evaluation {
  const faces_options *options;
  cJSON *photos;
  size_t unreadable, too_few;
} evaluation;

static void *detect_one(void *context, network_handles *handles, size_t index) {
  evaluation *all = context;
  photo_result *result = new_array(1, sizeof *result);
  dpl_image *image = NULL;
  result->readable = photo_read(all->options->photos.names[index], &image, &result->why);
  double begun = seconds_now();
  result->readable = result->readable && photo_faces(handles, image, &result->found, &result->why);
  result->milliseconds = (seconds_now() - begun) * 1000;
  dpl_image_close(image);
  return result;
}

static void print_photo(const char *path, const photo_result *result) {
  if (!result->readable) {
    warn("%s", result->why.text);
    return;
  }
  printf("%s: %zu %s, %.1f ms\n", path, result->found.count, result->found.count == 1 ? "face" : "faces",
         result->milliseconds);
  for (size_t i = 0; i < result->found.count; ++i) {
    const dpl_face *face = &result->found.faces[i];
    printf("  %4.0f×%-4.0f at %4.0f, %4.0f  score %.3f  turned %+.0f°\n", (double)face->box.width,
           (double)face->box.height, (double)face->box.x, (double)face->box.y, (double)face->score, (double)face->roll);
  }
}

static cJSON *photo_json(const char *path, const photo_result *result) {
  cJSON *entry = cJSON_CreateObject(), *faces = cJSON_AddArrayToObject(entry, "faces");
  cJSON_AddStringToObject(entry, "photo", path);
  add_rounded(entry, "ms", result->milliseconds, 2);
  if (!result->readable) cJSON_AddStringToObject(entry, "error", result->why.text);
  for (size_t i = 0; i < result->found.count; ++i) {
    cJSON *face = cJSON_CreateObject();
    cJSON_AddItemToObject(face, "facial_area", facial_area_json(&result->found.faces[i]));
    add_rounded(face, "face_confidence", (double)result->found.faces[i].score, 4);
    add_rounded(face, "roll", (double)result->found.faces[i].roll, 1);
    cJSON_AddItemToArray(faces, face);
  }
  return entry;
}

static bool take_one(void *context, size_t index, void *taken, sentence *why) {
  (void)why;
  evaluation *all = context;
  photo_result *result = taken;
  const char *path = all->options->photos.names[index];
  if (!result->readable)
    ++all->unreadable;
  else if (result->found.count < (size_t)all->options->least)
    ++all->too_few;
  if (all->options->eval.json)
    cJSON_AddItemToArray(all->photos, photo_json(path, result));
  else
    print_photo(path, result);
  free(result);
  return true;
}

int doppel_eval_faces(int argc, char **argv) {
  faces_options options = {0};
  command_begin("doppel eval faces", &argp, argc, argv, &options);
  sentence why;
  networks set;
  if (!networks_load(&options.eval.networks, false, &set, &why)) return report_failure(&why);
  evaluation all = {.options = &options, .photos = cJSON_CreateArray()};
  parallel_plan plan = {.count = options.photos.count,
                        .jobs = options.eval.jobs,
                        .networks = &set,
                        .context = &all,
                        .work = detect_one,
                        .take = take_one,
                        .drop = free};
  bool fine = parallel_run(&plan, &why);
  if (fine && options.eval.json)
    print_json(all.photos);
  else
    cJSON_Delete(all.photos);
  networks_free(&set);
  name_list_free(&options.photos);
  name_list_free(&options.eval.networks.paths);
  if (!fine) return report_failure(&why);
  if (all.unreadable) {
    warn("%zu of the photos could not be read.", all.unreadable);
    return EXIT_FAILED;
  }
  if (all.too_few) warn("%zu of the photos have fewer than %d faces.", all.too_few, options.least);
  return all.too_few ? EXIT_DIFFERENT : EXIT_DONE;
}
