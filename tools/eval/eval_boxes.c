/* `doppel eval boxes`: the detector against boxes that a person drew. */
#include <math.h>
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
    return option_only_argument(state, key, value, "the file with the boxes", &options->file);
  }
}

static const struct argp_child children[] = {{&eval_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = option_list,
    .parser = parse_option,
    .children = children,
    .args_doc = "FILE",
    .doc = "Counts the drawn boxes that the detector finds, and its boxes that nobody drew. FILE lists photos beside "
           "it and their boxes: XML as in dlib's examples, or CSV with the columns file, x, y, width and height."
           "\vEach found face matches at most one drawn box, the best overlaps first. Boxes with ignore='1' count "
           "neither as missed nor as false. A box's size is the geometric mean of its sides."};

/* Classes of drawn boxes by size, in pixels. */
enum { SIZES = 3 };
static const float least_size[SIZES] = {0, 16, 32};
static const char *const size_names[SIZES] = {"below 16 px", "16 to 32 px", "32 px and more"};

typedef struct photo_result {
  bool readable;
  size_t drawn[SIZES], found[SIZES], false_boxes[SIZES];
  face_list faces;
  bool is_false[MAX_FACES];
  double milliseconds;
  sentence why;
} photo_result;

typedef struct evaluation {
  const boxes_options *options;
  const box_list *list;
  size_t drawn[SIZES], found[SIZES], false_boxes[SIZES], unreadable;
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

static size_t size_class(dpl_box box) {
  size_t class = SIZES - 1;
  while (class > 0 && sqrtf(box.width * box.height) < least_size[class]) --class;
  return class;
}

static double share_of(size_t part, size_t whole) {
  return whole ? (double)part / (double)whole : 0;
}

static size_t sum_of(const size_t counts[SIZES], size_t first) {
  size_t sum = 0;
  for (size_t i = first; i < SIZES; ++i) sum += counts[i];
  return sum;
}

static void compare(photo_result *result, const boxed_photo *photo, float least) {
  bool *taken = new_array(photo->count, sizeof *taken);
  for (size_t i = 0; i < result->faces.count; ++i) result->is_false[i] = true;
  for (size_t face = 0, box = 0; best_match(result, photo, taken, least, &face, &box);) {
    taken[box] = true;
    result->is_false[face] = false;
    if (!photo->boxes[box].ignore) ++result->found[size_class(photo->boxes[box].box)];
  }
  for (size_t i = 0; i < result->faces.count; ++i)
    result->false_boxes[size_class(result->faces.faces[i].box)] += result->is_false[i];
  free(taken);
}

static void *detect_one(void *context, network_handles *handles, size_t index) {
  evaluation *all = context;
  const boxed_photo *photo = &all->list->photos[index];
  photo_result *result = new_array(1, sizeof *result);
  for (size_t i = 0; i < photo->count; ++i) result->drawn[size_class(photo->boxes[i].box)] += !photo->boxes[i].ignore;
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
  printf("%s: %zu of %zu boxes, %zu false, %.1f ms\n", path, sum_of(result->found, 0), sum_of(result->drawn, 0),
         sum_of(result->false_boxes, 0), result->milliseconds);
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
  cJSON_AddNumberToObject(entry, "boxes", (double)sum_of(result->drawn, 0));
  cJSON_AddNumberToObject(entry, "found", (double)sum_of(result->found, 0));
  cJSON_AddNumberToObject(entry, "false", (double)sum_of(result->false_boxes, 0));
  add_rounded(entry, "ms", result->milliseconds, 2);
  if (!result->readable) cJSON_AddStringToObject(entry, "error", result->why.text);
  return entry;
}

static bool take_one(void *context, size_t index, void *taken, sentence *why) {
  (void)why;
  evaluation *all = context;
  photo_result *result = taken;
  const char *path = all->list->photos[index].path;
  for (size_t i = 0; i < SIZES; ++i) {
    all->drawn[i] += result->drawn[i];
    all->found[i] += result->found[i];
    all->false_boxes[i] += result->false_boxes[i];
  }
  all->unreadable += !result->readable;
  if (all->options->eval.json)
    cJSON_AddItemToArray(all->photos, photo_json(path, result));
  else
    print_photo(path, result);
  free(result);
  return true;
}

/* Found, drawn and false boxes of the size classes from `first` on. */
static void print_sizes(const evaluation *all, const char *name, size_t first, size_t last) {
  size_t drawn = 0, found = 0, wrong = 0;
  for (size_t i = first; i <= last; ++i) drawn += all->drawn[i], found += all->found[i], wrong += all->false_boxes[i];
  printf("%-16s %5zu of %5zu boxes, recall %5.1f %%; %4zu false, precision %5.1f %%\n", name, found, drawn,
         100 * share_of(found, drawn), wrong, 100 * share_of(found, found + wrong));
}

static cJSON *sizes_json(const evaluation *all) {
  cJSON *list = cJSON_CreateArray();
  for (size_t i = 0; i < SIZES; ++i) {
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddNumberToObject(entry, "from", (double)least_size[i]);
    cJSON_AddNumberToObject(entry, "boxes", (double)all->drawn[i]);
    cJSON_AddNumberToObject(entry, "found", (double)all->found[i]);
    cJSON_AddNumberToObject(entry, "false", (double)all->false_boxes[i]);
    cJSON_AddItemToArray(list, entry);
  }
  return list;
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
    cJSON_AddNumberToObject(out, "boxes", (double)sum_of(all.drawn, 0));
    cJSON_AddNumberToObject(out, "found", (double)sum_of(all.found, 0));
    cJSON_AddNumberToObject(out, "false", (double)sum_of(all.false_boxes, 0));
    cJSON_AddItemToObject(out, "sizes", sizes_json(&all));
    cJSON_AddItemToObject(out, "photos", all.photos);
    print_json(out);
  } else {
    cJSON_Delete(all.photos);
    for (size_t i = 0; i < SIZES; ++i) print_sizes(&all, size_names[i], i, i);
    print_sizes(&all, "16 px and more", 1, SIZES - 1);
    printf("in all: %zu of %zu boxes at IoU >= %.2f, %zu false; %s\n", sum_of(all.found, 0), sum_of(all.drawn, 0),
           (double)options->iou, sum_of(all.false_boxes, 0), set->detector_name);
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
