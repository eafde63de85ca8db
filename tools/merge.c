/* `doppel merge`: the parts of a build, made on one machine or on many, become one gallery: the same, byte for byte, as
   if it had been built in one go. Needs neither photos, nor roster, nor networks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assemble.h"
#include "build_report.h"
#include "command.h"
#include "files.h"
#include "output_folder.h"
#include "parallel.h"
#include "part.h"

typedef struct merge_options {
  name_list parts;
  const char *out;
  bool force;
  gallery_pictures pictures;
} merge_options;

enum { KEY_FORCE = 2100 };

static const struct argp_option option_list[] = {
    {"output", 'o', "OUT", 0, "Folder of the gallery to write", 1},
    {"force", KEY_FORCE, NULL, 0, "Replace a gallery that is already at OUT", 1},
    {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  merge_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->pictures;
    return 0;
  case 'o':
    options->out = value;
    return 0;
  case KEY_FORCE:
    options->force = true;
    return 0;
  case ARGP_KEY_ARG:
    name_list_add(&options->parts, value);
    return 0;
  case ARGP_KEY_END:
    if (!options->parts.count) argp_error(state, "the parts are missing");
    if (!options->out) argp_error(state, "--output OUT is missing");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&gallery_pictures_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = option_list,
    .children = children,
    .parser = parse_option,
    .args_doc = "PART... -o OUT",
    .doc = "Makes one gallery of the parts that `doppel build --part` has left."
           "\vAll parts are needed, in any order, and they must have been made from the same roster with the same "
           "networks and options. What comes out is what one build of everything gives.\n\n"
           "Exit codes: 0 made, 1 not made, 2 wrong command line."};

/* ---------------------------------------------------------------------------------------------- do they fit */

static bool check_pair(const part *first, const part *one, sentence *why) {
  if (one->parts != first->parts)
    return fail(why, "%s is one of %zu parts, and %s one of %zu; they do not belong together.", first->path,
                first->parts, one->path, one->parts);
  if (strcmp(one->plan_sha256, first->plan_sha256) != 0)
    return fail(why,
                "%s and %s have different plans; make all parts from the same roster, with the same title, notice and "
                "rules.",
                first->path, one->path);
  return !strcmp(one->context, first->context) ||
         fail(why,
              "%s and %s were made with different networks, options or versions of doppel; make them with the same "
              "ones.",
              first->path, one->path);
}

static bool check_together(const part *parts, size_t count, sentence *why) {
  const part **found = new_array(parts->parts, sizeof(part *));
  bool fine = true;
  for (size_t i = 0; i < count && fine; ++i) {
    const part *one = &parts[i];
    fine = check_pair(parts, one, why);
    if (fine && found[one->number])
      fine = fail(why, "%s and %s are both part %zu of %zu; leave one out.", found[one->number]->path, one->path,
                  one->number + 1, one->parts);
    if (fine) found[one->number] = one;
  }
  for (size_t i = 0; i < parts->parts && fine; ++i) {
    if (!found[i]) fine = fail(why, "Part %zu of %zu is missing; name all parts.", i + 1, parts->parts);
  }
  free(found);
  return fine;
}

static int by_number(const void *a, const void *b) {
  const part *first = a, *second = b;
  return first->number < second->number ? -1 : first->number > second->number;
}

/* ---------------------------------------------------------------------------------------------- together */

/* Photo i is photo i div parts of part i mod parts. */
static bool collect_outcomes(const part *parts, const build_plan *plan, photo_outcome *outcomes, sentence *why) {
  for (size_t i = 0; i < parts->parts; ++i) {
    if (parts[i].count != share_size(plan->photo_count, i, parts->parts))
      return fail(why, "%s lists %zu photos and should list %zu; run its command again.", parts[i].path, parts[i].count,
                  share_size(plan->photo_count, i, parts->parts));
  }
  for (size_t i = 0; i < plan->photo_count; ++i) outcomes[i] = parts[i % parts->parts].outcomes[i / parts->parts];
  return true;
}

static bool assemble_parts(const merge_options *options, const part *parts, const build_plan *plan, sentence *why) {
  photo_outcome *outcomes = new_array(plan->photo_count, sizeof *outcomes);
  journal **journals = new_array(parts->parts, sizeof(journal *));
  for (size_t i = 0; i < parts->parts; ++i) journals[i] = (journal *)(uintptr_t)&parts[i].records;
  const assembly all = {.plan = plan,
                        .outcomes = outcomes,
                        .journals = journals,
                        .journal_count = parts->parts,
                        .context = parts->context,
                        .pictures = &options->pictures};
  bool fine = collect_outcomes(parts, plan, outcomes, why) && assemble(&all, options->out, options->force, why);
  free(outcomes);
  free(journals);
  return fine;
}

static bool merge(const merge_options *options, sentence *why) {
  part *parts = new_array(options->parts.count, sizeof *parts);
  build_plan plan = {0};
  size_t opened = 0;
  bool fine = gallery_pictures_check(&options->pictures, NULL, why) &&
              output_folder_check(options->out, &folder_of_gallery, options->force, why) &&
              build_report_check(options->out, why);
  for (; fine && opened < options->parts.count; ++opened) {
    fine = part_open(&parts[opened], options->parts.names[opened], why);
    if (!fine) break;
  }
  fine = fine && check_together(parts, opened, why);
  if (fine) {
    qsort(parts, opened, sizeof *parts, by_number);
    fine = part_read_plan(&parts[0], &plan, why) && assemble_parts(options, parts, &plan, why);
  }
  for (size_t i = 0; i < opened; ++i) part_close(&parts[i]);
  build_plan_free(&plan);
  free(parts);
  return fine;
}

int doppel_merge(int argc, char **argv) {
  merge_options options = {0};
  command_begin("doppel merge", &argp, argc, argv, &options);
  parallel_heed_interrupts();
  sentence why;
  bool fine = merge(&options, &why);
  name_list_free(&options.parts);
  gallery_pictures_free(&options.pictures);
  return fine ? EXIT_DONE : report_failure(&why);
}
