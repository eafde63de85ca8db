/* `doppel eval turned`: how verification stands when one photo of each pair is turned. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "eval_options.h"
#include "measure.h"
#include "output.h"
#include "pair_list.h"
#include "subjects.h"

#define MAX_ANGLES 32

typedef struct turned_options {
  eval_options eval;
  const char *folder;
  double angles[MAX_ANGLES];
  size_t angle_count;
} turned_options;

static void read_angles(turned_options *options, char *text, struct argp_state *state) {
  options->angle_count = 0;
  for (char *rest = text, *word; (word = strsep(&rest, ","));) {
    if (options->angle_count == MAX_ANGLES) argp_error(state, "--angles takes at most %d angles", MAX_ANGLES);
    options->angles[options->angle_count++] = option_number(state, "angles", word, -360, 360);
  }
}

static const struct argp_option option_list[] = {
    {"angles", 'a', "DEGREES,…", 0, "Clockwise turns of the probe (default 0,15,30,45)", 0}, {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  turned_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->eval;
    return 0;
  case 'a':
    read_angles(options, value, state);
    return 0;
  default:
    return option_only_argument(state, key, value, "the folder with pairs.csv or pairs.txt", &options->folder);
  }
}

static const struct argp_child children[] = {{&eval_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = option_list,
    .parser = parse_option,
    .children = children,
    .args_doc = "DIR",
    .doc = "Turns the photos of DIR's pairs about their middle, on a canvas that holds all of them, with black "
           "corners, and "
           "compares each turned photo with the upright other one of every labelled pair, both ways round."
           "\vA pair with a photo in which no face is found counts as the worst similarity in the AUC."};

/* Turned x against upright y, and turned y against upright x. */
static pair_figures figures_at(const pair_list *list, const subject *upright, const subject *turned, int dimension,
                               double own_threshold) {
  scored_pair *scored = new_array(list->count * 2, sizeof *scored);
  for (size_t i = 0; i < list->count * 2; ++i) {
    const labelled_pair *pair = &list->pairs[i / 2];
    const subject *probe = &turned[i % 2 ? pair->b : pair->a], *other = &upright[i % 2 ? pair->a : pair->b];
    bool found = probe->found && other->found;
    scored[i] = scored_pair_of(found, found ? cosine_of(probe->vector, other->vector, dimension) : 0, pair->same);
  }
  pair_figures figures = figures_of(scored, list->count * 2, own_threshold);
  free(scored);
  return figures;
}

/* Mean similarity of each photo to its own turned self. */
static double self_similarity(const subject *upright, const subject *turned, size_t count, int dimension) {
  double sum = 0;
  size_t found = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!upright[i].found || !turned[i].found) continue;
    sum += cosine_of(upright[i].vector, turned[i].vector, dimension);
    ++found;
  }
  return found ? sum / (double)found : NAN;
}

static cJSON *angle_json(double angle, size_t found, const pair_figures *figures, double self) {
  cJSON *entry = cJSON_CreateObject();
  cJSON_AddNumberToObject(entry, "angle", angle);
  cJSON_AddNumberToObject(entry, "photos_with_face", (double)found);
  add_rounded(entry, "auc", figures->auc, 6);
  add_rounded(entry, "accuracy", (double)figures->best_correct / (double)figures->pairs, 6);
  add_rounded(entry, "threshold", figures->threshold, 6);
  add_rounded(entry, "own_accuracy", (double)figures->own_correct / (double)figures->pairs, 6);
  add_rounded(entry, "self_similarity", self, 6);
  return entry;
}

/* subjects: the upright photos, then the turned ones angle by angle. */
static void print_figures(const turned_options *options, const networks *set, const pair_list *list,
                          const subject *subjects) {
  size_t photos = list->photos.count;
  const dpl_network_info *embedder = &set->embedder->info;
  cJSON *rows = cJSON_CreateArray();
  if (!options->eval.json) {
    printf("%zu photos, %zu pairs both ways; %s, %s\n", photos, list->count, set->detector_name, embedder->name);
    printf("angle  faces found  AUC      best accuracy        own threshold  to its upright self\n");
  }
  for (size_t i = 0; i < options->angle_count; ++i) {
    const subject *turned = subjects + (i + 1) * photos;
    size_t found = 0;
    for (size_t j = 0; j < photos; ++j) found += turned[j].found;
    pair_figures figures = figures_at(list, subjects, turned, embedder->dimension, (double)embedder->threshold);
    double self = self_similarity(subjects, turned, photos, embedder->dimension);
    if (options->eval.json) {
      cJSON_AddItemToArray(rows, angle_json(options->angles[i], found, &figures, self));
      continue;
    }
    printf("%4.0f°  %4zu of %3zu  %.5f  %6.2f %% at %.4f  %6.2f %%       %.4f\n", options->angles[i], found, photos,
           figures.auc, 100.0 * (double)figures.best_correct / (double)figures.pairs, figures.threshold,
           100.0 * (double)figures.own_correct / (double)figures.pairs, self);
    for (size_t j = 0; j < photos; ++j) {
      if (!turned[j].found)
        printf("       %s: %s\n", list->photos.names[j], turned[j].readable ? "no face was found" : turned[j].why.text);
    }
  }
  if (options->eval.json) {
    cJSON *out = cJSON_CreateObject();
    cJSON_AddItemToObject(out, "embedder", networks_embedder_json(set));
    cJSON_AddItemToObject(out, "detector", networks_detector_json(set));
    cJSON_AddNumberToObject(out, "photos", (double)photos);
    cJSON_AddNumberToObject(out, "pairs", (double)list->count);
    cJSON_AddItemToObject(out, "angles", rows);
    print_json(out);
  } else {
    cJSON_Delete(rows);
  }
}

static bool evaluate(const turned_options *options, const networks *set, const pair_list *list, sentence *why) {
  size_t photos = list->photos.count, count = photos * (options->angle_count + 1);
  subject_task *tasks = new_array(count, sizeof *tasks);
  for (size_t i = 0; i < count; ++i) {
    tasks[i].path = list->photos.names[i % photos];
    tasks[i].angle = i < photos ? 0 : options->angles[i / photos - 1];
  }
  subject *subjects;
  bool fine =
      subjects_measure(set, tasks, count, list->subject, options->eval.jobs, options->eval.quiet, &subjects, why);
  free(tasks);
  if (!fine) return false;
  print_figures(options, set, list, subjects);
  subjects_free(subjects, count);
  return true;
}

int doppel_eval_turned(int argc, char **argv) {
  turned_options options = {.angles = {0, 15, 30, 45}, .angle_count = 4};
  command_begin("doppel eval turned", &argp, argc, argv, &options);
  sentence why;
  pair_list list;
  networks set;
  if (!pair_list_read(options.folder, &list, &why)) return report_failure(&why);
  bool fine = networks_load(&options.eval.networks, true, &set, &why);
  if (fine) {
    fine = evaluate(&options, &set, &list, &why);
    networks_free(&set);
  }
  pair_list_free(&list);
  name_list_free(&options.eval.networks.paths);
  return fine ? EXIT_DONE : report_failure(&why);
}
