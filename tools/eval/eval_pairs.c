/* `doppel eval pairs`: verification on labelled pairs. */
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

typedef struct pairs_options {
  eval_options eval;
  const char *folder;
  int face; /* a subject_rule, or −1: the layout's own */
  bool list_errors;
  name_list wrong; /* photos whose label is wrong, as parts of their paths */
} pairs_options;

enum { KEY_FACE = 1200, KEY_ERRORS, KEY_EXCEPT };

static const struct argp_option option_list[] = {
    {"face", KEY_FACE, "WHICH", 0,
     "Of several faces take the `largest`, or the `centred` one: large and near the middle (default: centred for "
     "LFW, whose photos are centred on their subject; largest for DeepFace's)",
     0},
    {"errors", KEY_ERRORS, NULL, 0, "List the pairs on the wrong side of the best threshold", 0},
    {"except", KEY_EXCEPT, "TEXT", 0,
     "Leave out pairs with a photo whose path contains this, because its label is wrong; may be repeated", 0},
    {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  pairs_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->eval;
    return 0;
  case KEY_FACE:
    if (!strcmp(value, "largest"))
      options->face = SUBJECT_LARGEST;
    else if (!strcmp(value, "centred"))
      options->face = SUBJECT_CENTRED;
    else
      argp_error(state, "--face wants `largest` or `centred`, not `%s`", value);
    return 0;
  case KEY_ERRORS:
    options->list_errors = true;
    return 0;
  case KEY_EXCEPT:
    name_list_add(&options->wrong, value);
    return 0;
  default:
    return option_only_argument(state, key, value, "the folder with pairs.txt or pairs.csv", &options->folder);
  }
}

static const struct argp_child children[] = {{&eval_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = option_list,
    .parser = parse_option,
    .children = children,
    .args_doc = "DIR",
    .doc =
        "Measures verification on the labelled pairs of DIR: pairs.txt as in Labeled Faces in the Wild (photos in "
        "DIR/images/Name/Name_0001.jpg or DIR/Name/…), or pairs.csv as in DeepFace's tests (file_x, file_y, Decision)."
        "\vA pair with a photo in which no face is found, or that cannot be read, counts as an error at every "
        "threshold "
        "and as the worst similarity in the AUC. Such photos are listed."};

static bool is_wrong(const name_list *wrong, const char *photo) {
  for (size_t i = 0; i < wrong->count; ++i)
    if (strstr(photo, wrong->names[i])) return true;
  return false;
}

static void leave_out(pair_list *list, const name_list *wrong) {
  size_t kept = 0;
  for (size_t i = 0; i < list->count; ++i) {
    const labelled_pair pair = list->pairs[i];
    if (!is_wrong(wrong, list->photos.names[pair.a]) && !is_wrong(wrong, list->photos.names[pair.b]))
      list->pairs[kept++] = pair;
  }
  list->count = kept;
}

static void score_pairs(const pair_list *list, const subject *subjects, int dimension, scored_pair *scored) {
  for (size_t i = 0; i < list->count; ++i) {
    const subject *a = &subjects[list->pairs[i].a], *b = &subjects[list->pairs[i].b];
    bool found = a->found && b->found;
    scored[i] = scored_pair_of(found, found ? cosine_of(a->vector, b->vector, dimension) : 0, list->pairs[i].same);
  }
}

static size_t found_count(const subject *subjects, size_t count) {
  size_t found = 0;
  for (size_t i = 0; i < count; ++i) found += subjects[i].found;
  return found;
}

static const char *reason_of(const subject *measured) {
  return measured->readable ? "no face was found" : measured->why.text;
}

static double percent(size_t part, size_t whole) {
  return whole ? 100.0 * (double)part / (double)whole : NAN;
}

static void print_text(const pair_list *list, const networks *set, const subject *subjects, const pair_figures *figures,
                       subject_rule rule) {
  size_t photos = list->photos.count, found = found_count(subjects, photos);
  printf("%s pairs: %zu of one person, %zu of two; %zu photos\n", list->layout, figures->same,
         figures->pairs - figures->same, photos);
  printf("networks: %s, %s; of several faces the %s one\n", set->detector_name, set->embedder->info.name,
         rule == SUBJECT_CENTRED ? "centred" : "largest");
  printf("faces found:       %zu of %zu photos (%.2f %%)\n", found, photos, percent(found, photos));
  printf("best accuracy:     %.2f %% (%zu of %zu) at cosine %.4f\n", percent(figures->best_correct, figures->pairs),
         figures->best_correct, figures->pairs, figures->threshold);
  printf("AUC:               %.5f\n", figures->auc);
  printf("at own threshold:  %.2f %% (%zu of %zu) at cosine %.4f\n", percent(figures->own_correct, figures->pairs),
         figures->own_correct, figures->pairs, figures->own_threshold);
  printf("mean similarity:   %.4f same, %.4f different\n", figures->mean_same, figures->mean_different);
  printf("time (median):     %.1f ms detect, %.1f ms embed\n", median_detect_ms(subjects, photos),
         median_embed_ms(subjects, photos));
  if (found == photos) return;
  printf("%zu pairs count as errors because of these photos:\n", figures->missing);
  for (size_t i = 0; i < photos; ++i) {
    if (!subjects[i].found) printf("  %s: %s\n", list->photos.names[i], reason_of(&subjects[i]));
  }
}

static cJSON *missing_json(const pair_list *list, const subject *subjects) {
  cJSON *missing = cJSON_CreateArray();
  for (size_t i = 0; i < list->photos.count; ++i) {
    if (subjects[i].found) continue;
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "photo", list->photos.names[i]);
    cJSON_AddStringToObject(entry, "reason", reason_of(&subjects[i]));
    cJSON_AddItemToArray(missing, entry);
  }
  return missing;
}

static void print_as_json(const pair_list *list, const networks *set, const subject *subjects,
                          const pair_figures *figures, subject_rule rule) {
  size_t photos = list->photos.count, found = found_count(subjects, photos);
  cJSON *out = cJSON_CreateObject();
  cJSON_AddStringToObject(out, "layout", list->layout);
  cJSON_AddItemToObject(out, "embedder", networks_embedder_json(set));
  cJSON_AddItemToObject(out, "detector", networks_detector_json(set));
  cJSON_AddStringToObject(out, "face", rule == SUBJECT_CENTRED ? "centred" : "largest");
  cJSON_AddNumberToObject(out, "photos", (double)photos);
  cJSON_AddNumberToObject(out, "photos_with_face", (double)found);
  add_rounded(out, "found_share", percent(found, photos) / 100, 6);
  cJSON_AddNumberToObject(out, "pairs", (double)figures->pairs);
  cJSON_AddNumberToObject(out, "same_pairs", (double)figures->same);
  cJSON_AddNumberToObject(out, "missing_pairs", (double)figures->missing);
  cJSON_AddNumberToObject(out, "correct", (double)figures->best_correct);
  add_rounded(out, "accuracy", percent(figures->best_correct, figures->pairs) / 100, 6);
  add_rounded(out, "threshold", figures->threshold, 6);
  add_rounded(out, "auc", figures->auc, 6);
  add_rounded(out, "own_threshold", figures->own_threshold, 6);
  cJSON_AddNumberToObject(out, "own_correct", (double)figures->own_correct);
  add_rounded(out, "own_accuracy", percent(figures->own_correct, figures->pairs) / 100, 6);
  add_rounded(out, "mean_same", figures->mean_same, 6);
  add_rounded(out, "mean_different", figures->mean_different, 6);
  add_rounded(out, "detect_ms", median_detect_ms(subjects, photos), 2);
  add_rounded(out, "embed_ms", median_embed_ms(subjects, photos), 2);
  cJSON_AddItemToObject(out, "missing", missing_json(list, subjects));
  print_json(out);
}

/* On stderr, so that JSON stays JSON. */
static void print_errors(const pair_list *list, const subject *subjects, int dimension, double threshold) {
  for (size_t i = 0; i < list->count; ++i) {
    const labelled_pair *pair = &list->pairs[i];
    const subject *a = &subjects[pair->a], *b = &subjects[pair->b];
    if (!a->found || !b->found) continue;
    double similarity = cosine_of(a->vector, b->vector, dimension);
    if ((similarity >= threshold) == pair->same) continue;
    fprintf(stderr, "  %s %.4f %s %s\n", pair->same ? "same     " : "different", similarity,
            list->photos.names[pair->a], list->photos.names[pair->b]);
  }
}

static bool evaluate(const pairs_options *options, const networks *set, const pair_list *list, sentence *why) {
  subject_rule rule = options->face < 0 ? list->subject : (subject_rule)options->face;
  size_t photos = list->photos.count;
  subject_task *tasks = new_array(photos, sizeof *tasks);
  for (size_t i = 0; i < photos; ++i) tasks[i].path = list->photos.names[i];
  subject *subjects;
  bool fine = subjects_measure(set, tasks, photos, rule, options->eval.jobs, options->eval.quiet, &subjects, why);
  free(tasks);
  if (!fine) return false;

  const dpl_network_info *embedder = &set->embedder->info;
  scored_pair *scored = new_array(list->count, sizeof *scored);
  score_pairs(list, subjects, embedder->dimension, scored);
  pair_figures figures = figures_of(scored, list->count, (double)embedder->threshold);
  if (options->eval.json)
    print_as_json(list, set, subjects, &figures, rule);
  else
    print_text(list, set, subjects, &figures, rule);
  if (options->list_errors) print_errors(list, subjects, embedder->dimension, figures.threshold);
  free(scored);
  subjects_free(subjects, photos);
  return true;
}

int doppel_eval_pairs(int argc, char **argv) {
  pairs_options options = {.face = -1};
  command_begin("doppel eval pairs", &argp, argc, argv, &options);
  sentence why;
  pair_list list;
  networks set;
  if (!pair_list_read(options.folder, &list, &why)) return report_failure(&why);
  leave_out(&list, &options.wrong);
  bool fine = networks_load(&options.eval.networks, true, &set, &why);
  if (fine) {
    fine = evaluate(&options, &set, &list, &why);
    networks_free(&set);
  }
  pair_list_free(&list);
  name_list_free(&options.wrong);
  name_list_free(&options.eval.networks.paths);
  return fine ? EXIT_DONE : report_failure(&why);
}
