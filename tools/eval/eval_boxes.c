/* `doppel eval boxes`: the detector against boxes that a person drew. */
#include <stdio.h>
#include <stdlib.h>

#include "box_list.h"
#include "command.h"
#include "eval_options.h"
#include "output.h"
#include "parallel.h"
#include "photos.h"

typedef struct boxes_options {
  eval_options eval;
  const char *file;
  float iou;
} boxes_options;

enum { KEY_IOU = 1300 };

static const struct argp_option option_list[] = {
    {"iou", KEY_IOU, "NUMBER", 0, "A box is found where the overlap is at least this (default 0.4)", 0}, {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  boxes_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->eval;
    return 0;
  case KEY_IOU:
    options->iou = (float)option_number(state, "iou", value, 0.01, 1);
    return 0;
  default:
    return option_only_argument(state, key, value, "the XML file with the boxes", &options->file);
  }
}

static const struct argp_child children[] = {{&eval_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = option_list,
    .parser = parse_option,
    .children = children,
    .args_doc = "FILE.xml",
    .doc = "Counts the drawn boxes that the detector finds, and its boxes that nobody drew. FILE.xml lists photos "
           "beside it "
           "and their boxes as dlib's examples do."
           "\vEach found face answers for one drawn box at most, the best overlaps first. Boxes with ignore='1' count "
           "neither as missed nor as false."};

typedef struct photo_result {
  bool readable;
  size_t drawn, found, false_boxes;
  face_list faces;
  bool is_false[MAX_FACES];
  double milliseconds;
  sentence why;
} photo_result;

typedef struct evaluation {
  const boxes_options *options;
  const box_list *list;
  size_t drawn, found, false_boxes, unreadable;
  cJSON *photos;
} evaluation;

/* The pair of a face and a drawn box, both not yet matched, with the best overlap; false where none reaches `least`. */
static bool best_match(const photo_result *result, const boxed_photo *photo, const bool *taken, float least,
                       size_t *face, size_t *box) {
  float best = 0;
  for (size_t i = 0; i < result->faces.count; ++i) {
    if (!result->is_false[i]) continue;
    for (size_t j = 0; j < photo->count; ++j) {
      float overlap = taken[j] ? 0 : dpl_box_iou(result->faces.faces[i].box, photo->boxes[j].box);
      if (overlap < least || overlap <= best) continue;
      best = overlap;
      *face = i;
      *box = j;
    }
  }
  return best > 0;
}

static void compare(photo_result *result, const boxed_photo *photo, float least) {
  bool *taken = new_array(photo->count, sizeof *taken);
  for (size_t i = 0; i < result->faces.count; ++i) result->is_false[i] = true;
  for (size_t face = 0, box = 0; best_match(result, photo, taken, least, &face, &box);) {
    taken[box] = true;
    result->is_false[face] = false;
    if (!photo->boxes[box].ignore) ++result->found;
  }
  for (size_t i = 0; i < result->faces.count; ++i) result->false_boxes += result->is_false[i];
  free(taken);
}

static void *detect_one(void *context, network_handles *handles, size_t index) {
  evaluation *all = context;
  const boxed_photo *photo = &all->list->photos[index];
  photo_result *result = new_array(1, sizeof *result);
  for (size_t i = 0; i < photo->count; ++i) result->drawn += !photo->boxes[i].ignore;
  dpl_image *image = NULL;
  result->readable = photo_read(photo->path, &image, &result->why);
  double begun = seconds_now();
  result->readable = result->readable && photo_faces(handles, image, &result->faces, &result->why);
  result->milliseconds = (seconds_now() - begun) * 1000;
  if (result->readable) compare(result, photo, all->options->iou);
  dpl_image_close(image);
  return result;
}

static void print_photo(const char *path, const photo_result *result) {
  if (!result->readable) {
    printf("%s\n", result->why.text);
    return;
  }
  printf("%s: %zu of %zu boxes, %zu false, %.1f ms\n", path, result->found, result->drawn, result->false_boxes,
         result->milliseconds);
  for (size_t i = 0; i < result->faces.count; ++i) {
    const dpl_face *face = &result->faces.faces[i];
    if (!result->is_false[i]) continue;
    printf("  false: %.0f×%.0f at %.0f, %.0f, score %.3f\n", (double)face->box.width, (double)face->box.height,
           (double)face->box.x, (double)face->box.y, (double)face->score);
  }
}

static cJSON *photo_json(const char *path, const photo_result *result) {
  cJSON *entry = cJSON_CreateObject();
  cJSON_AddStringToObject(entry, "photo", path);
  cJSON_AddNumberToObject(entry, "boxes", (double)result->drawn);
  cJSON_AddNumberToObject(entry, "found", (double)result->found);
  cJSON_AddNumberToObject(entry, "false", (double)result->false_boxes);
  add_rounded(entry, "ms", result->milliseconds, 2);
  if (!result->readable) cJSON_AddStringToObject(entry, "error", result->why.text);
  return entry;
}

static bool take_one(void *context, size_t index, void *taken, sentence *why) {
  (void)why;
  evaluation *all = context;
  photo_result *result = taken;
  const char *path = all->list->photos[index].path;
  all->drawn += result->drawn;
  all->found += result->found;
  all->false_boxes += result->false_boxes;
  all->unreadable += !result->readable;
  if (all->options->eval.json)
    cJSON_AddItemToArray(all->photos, photo_json(path, result));
  else
    print_photo(path, result);
  free(result);
  return true;
}

static bool evaluate(const boxes_options *options, const networks *set, const box_list *list, sentence *why) {
  evaluation all = {.options = options, .list = list, .photos = cJSON_CreateArray()};
  parallel_plan plan = {.count = list->count,
                        .jobs = options->eval.jobs,
                        .networks = set,
                        .context = &all,
                        .work = detect_one,
                        .take = take_one,
                        .drop = free};
  if (!parallel_run(&plan, why)) {
    cJSON_Delete(all.photos);
    return false;
  }
  if (options->eval.json) {
    cJSON *out = cJSON_CreateObject();
    cJSON_AddItemToObject(out, "detector", networks_detector_json(set));
    cJSON_AddNumberToObject(out, "boxes", (double)all.drawn);
    cJSON_AddNumberToObject(out, "found", (double)all.found);
    cJSON_AddNumberToObject(out, "false", (double)all.false_boxes);
    cJSON_AddItemToObject(out, "photos", all.photos);
    print_json(out);
  } else {
    cJSON_Delete(all.photos);
    printf("in all: %zu of %zu boxes at IoU >= %.2f, %zu false; %s\n", all.found, all.drawn, (double)options->iou,
           all.false_boxes, set->detector_name);
  }
  return !all.unreadable || fail(why, "%zu of the photos could not be read.", all.unreadable);
}

int doppel_eval_boxes(int argc, char **argv) {
  boxes_options options = {.iou = 0.4f};
  command_begin("doppel eval boxes", &argp, argc, argv, &options);
  sentence why;
  box_list list;
  networks set;
  if (!box_list_read(options.file, &list, &why)) return report_failure(&why);
  bool fine = networks_load(&options.eval.networks, false, &set, &why);
  if (fine) {
    fine = evaluate(&options, &set, &list, &why);
    networks_free(&set);
  }
  box_list_free(&list);
  name_list_free(&options.eval.networks.paths);
  return fine ? EXIT_DONE : report_failure(&why);
}
