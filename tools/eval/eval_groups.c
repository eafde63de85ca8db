/* `doppel eval groups`: how often strangers of one group are taken for one person, and how often no face is found. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "eval_options.h"
#include "output.h"
#include "subjects.h"
#include "table.h"

typedef struct groups_options {
  eval_options eval;
  const char *folder, *field;
  double rate;
} groups_options;

enum { KEY_BY = 1500, KEY_RATE };

static const struct argp_option option_list[] = {
    {"by", KEY_BY, "FIELD", 0, "The column of labels.csv that says which group a photo is of", 0},
    {"rate", KEY_RATE, "NUMBER", 0, "The false match rate over all pairs that sets the threshold (default 0.001)", 0},
    {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  groups_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->eval;
    return 0;
  case KEY_BY:
    options->field = value;
    return 0;
  case KEY_RATE:
    options->rate = option_number(state, "rate", value, 1e-6, 0.5);
    return 0;
  case ARGP_KEY_END:
    if (!options->field) argp_error(state, "--by FIELD is needed");
    return 0;
  default:
    return option_only_argument(state, key, value, "the folder with labels.csv", &options->folder);
  }
}

static const struct argp_child children[] = {{&eval_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = option_list,
    .parser = parse_option,
    .children = children,
    .args_doc = "DIR",
    .doc = "Compares groups of people: photos without a face, and false matches within each group and with the others, "
           "at the threshold that gives one false match rate over all pairs. DIR/labels.csv has the columns file and "
           "FIELD; each photo shows another person."
           "\vIntervals are Wilson's, of 95 %. Those of false matches count pairs as if they were independent; pairs "
           "share their photos, so the true intervals are wider."};

typedef struct group {
  const char *name;
  size_t photos, missed;
  uint64_t within_pairs, within, across_pairs, across;
} group;

typedef struct grouping {
  group *groups;
  size_t count, capacity;
  size_t *of; /* group of each photo */
} grouping;

static size_t group_named(grouping *all, const char *name) {
  for (size_t i = 0; i < all->count; ++i)
    if (!strcmp(all->groups[i].name, name)) return i;
  all->groups = room_for_one_more(all->groups, all->count, &all->capacity, sizeof *all->groups);
  all->groups[all->count] = (group){.name = name};
  return all->count++;
}

typedef struct interval {
  double low, high;
} interval;

/* E. B. Wilson, "Probable inference", JASA 22, 1927. */
static interval wilson(uint64_t hits, uint64_t of) {
  if (!of) return (interval){0, 1};
  const double z = 1.959964, n = (double)of, p = (double)hits / n, middle = (p + z * z / (2 * n)) / (1 + z * z / n),
               half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return (interval){fmax(0, middle - half), fmin(1, middle + half)};
}

static int falling(const void *a, const void *b) {
  const double first = *(const double *)a, second = *(const double *)b;
  return first < second ? 1 : first > second ? -1 : 0;
}

/* The least cosine that at most the share `rate` of all pairs reach. */
static double threshold_for(const double *cosines, size_t pairs, double rate) {
  double *sorted = new_array(pairs, sizeof *sorted);
  memcpy(sorted, cosines, pairs * sizeof *sorted);
  qsort(sorted, pairs, sizeof *sorted, falling);
  const size_t allowed = (size_t)(rate * (double)pairs);
  const double threshold = allowed ? sorted[allowed - 1] : 1;
  free(sorted);
  return threshold;
}

static void count_pair(grouping *all, size_t a, size_t b, bool matched) {
  group *first = &all->groups[all->of[a]], *second = &all->groups[all->of[b]];
  if (first == second) {
    ++first->within_pairs, first->within += matched;
    return;
  }
  ++first->across_pairs, first->across += matched;
  ++second->across_pairs, second->across += matched;
}

/* Returns the threshold. */
static double compare_all(grouping *all, const subject *subjects, size_t count, int dimension, double rate) {
  double *cosines = new_array(count * (count - 1) / 2 + 1, sizeof *cosines);
  size_t pairs = 0;
  for (size_t a = 0; a < count; ++a)
    for (size_t b = 0; b < a; ++b)
      if (subjects[a].found && subjects[b].found)
        cosines[pairs++] = cosine_of(subjects[a].vector, subjects[b].vector, dimension);
  const double threshold = threshold_for(cosines, pairs, rate);
  size_t at = 0;
  for (size_t a = 0; a < count; ++a)
    for (size_t b = 0; b < a; ++b)
      if (subjects[a].found && subjects[b].found) count_pair(all, a, b, cosines[at++] >= threshold);
  free(cosines);
  return threshold;
}

static double share_of(uint64_t part, uint64_t whole) {
  return whole ? (double)part / (double)whole : 0;
}

static void print_share(uint64_t part, uint64_t whole, int digits) {
  const interval range = wilson(part, whole);
  printf("  %.*f %% (%.*f to %.*f)", digits, 100 * share_of(part, whole), digits, 100 * range.low, digits,
         100 * range.high);
}

static void print_text(const grouping *all, const groups_options *options, const networks *set, double threshold) {
  printf("networks: %s, %s; threshold %.4f, a false match rate of %g over all pairs\n", set->detector_name,
         set->embedder->info.name, threshold, options->rate);
  printf("%s: photos; without a face; false matches within the group; with others\n", options->field);
  for (size_t i = 0; i < all->count; ++i) {
    const group *one = &all->groups[i];
    printf("%-18s %5zu", one->name, one->photos);
    print_share(one->missed, one->photos, 1);
    print_share(one->within, one->within_pairs, 3);
    print_share(one->across, one->across_pairs, 3);
    printf("\n");
  }
}

static cJSON *share_json(uint64_t part, uint64_t whole) {
  const interval range = wilson(part, whole);
  cJSON *entry = cJSON_CreateObject();
  cJSON_AddNumberToObject(entry, "count", (double)part);
  cJSON_AddNumberToObject(entry, "of", (double)whole);
  add_rounded(entry, "low", range.low, 7);
  add_rounded(entry, "high", range.high, 7);
  return entry;
}

static void print_as_json(const grouping *all, const groups_options *options, const networks *set, double threshold) {
  cJSON *out = cJSON_CreateObject();
  cJSON_AddItemToObject(out, "embedder", networks_embedder_json(set));
  cJSON_AddItemToObject(out, "detector", networks_detector_json(set));
  cJSON_AddStringToObject(out, "by", options->field);
  cJSON_AddNumberToObject(out, "rate", options->rate);
  add_rounded(out, "threshold", threshold, 6);
  cJSON *list = cJSON_AddArrayToObject(out, "groups");
  for (size_t i = 0; i < all->count; ++i) {
    const group *one = &all->groups[i];
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "group", one->name);
    cJSON_AddItemToObject(entry, "missed", share_json(one->missed, one->photos));
    cJSON_AddItemToObject(entry, "within", share_json(one->within, one->within_pairs));
    cJSON_AddItemToObject(entry, "across", share_json(one->across, one->across_pairs));
    cJSON_AddItemToArray(list, entry);
  }
  print_json(out);
}

static bool measure(const groups_options *options, const networks *set, const csv_table *table, int file, int field,
                    sentence *why) {
  const size_t count = table->row_count;
  grouping all = {.of = new_array(count, sizeof *all.of)};
  subject_task *tasks = new_array(count, sizeof *tasks);
  char **paths = new_array(count, sizeof *paths);
  for (size_t i = 0; i < count; ++i) {
    all.of[i] = group_named(&all, table_cell(table, i, field));
    tasks[i].path = paths[i] = path_joined(options->folder, table_cell(table, i, file));
  }
  subject *subjects = NULL;
  bool fine =
      subjects_measure(set, tasks, count, SUBJECT_LARGEST, options->eval.jobs, options->eval.quiet, &subjects, why);
  for (size_t i = 0; fine && i < count; ++i) {
    ++all.groups[all.of[i]].photos;
    all.groups[all.of[i]].missed += !subjects[i].found;
    if (!subjects[i].readable) fine = fail(why, "%s", subjects[i].why.text);
  }
  if (fine) {
    const double threshold = compare_all(&all, subjects, count, set->embedder->info.dimension, options->rate);
    (options->eval.json ? print_as_json : print_text)(&all, options, set, threshold);
  }
  if (subjects) subjects_free(subjects, count);
  for (size_t i = 0; i < count; ++i) free(paths[i]);
  free(paths);
  free(tasks);
  free(all.of);
  free(all.groups);
  return fine;
}

int doppel_eval_groups(int argc, char **argv) {
  groups_options options = {.rate = 0.001};
  command_begin("doppel eval groups", &argp, argc, argv, &options);
  sentence why;
  char *path = path_joined(options.folder, "labels.csv");
  csv_table table;
  if (!table_read_csv(path, 0, &table, &why)) {
    free(path);
    return report_failure(&why);
  }
  const int file = table_column(&table, "file"), field = table_column(&table, options.field);
  networks set;
  bool fine = (file >= 0 && field >= 0) || fail(&why, "%s needs the columns file and %s.", path, options.field);
  if (fine && (fine = networks_load(&options.eval.networks, true, &set, &why))) {
    fine = measure(&options, &set, &table, file, field, &why);
    networks_free(&set);
  }
  table_free(&table);
  free(path);
  name_list_free(&options.eval.networks.paths);
  return fine ? EXIT_DONE : report_failure(&why);
}
