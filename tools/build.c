/* `doppel build`: from photos and a roster to the folder of a gallery, in three steps: plan, analyse, assemble. The
   order of the roster decides what comes out, not the number of threads; a build that fails leaves what was there, and
   what it had computed. */
#include <stdio.h>
#include <stdlib.h>

#include "analyse.h"
#include "assemble.h"
#include "build_plan.h"
#include "build_report.h"
#include "command.h"
#include "corrections.h"
#include "gallery_pictures.h"
#include "gallery_words.h"
#include "output.h"
#include "output_folder.h"
#include "parallel.h"
#include "part.h"
#include "roster_options.h"
#include "work_folder.h"

/* ---------------------------------------------------------------------------------------------- command line */

typedef struct build_options {
  network_options networks;
  name_list arguments, corrections;
  const char *photos, *out, *work;
  gallery_words words;
  gallery_pictures pictures;
  roster_columns columns;
  matching_options matching;
  size_t part, parts; /* the share with this number, from 0, of so many; parts 0: everything */
  int jobs;
  bool all_faces, force, quiet;
  bool photos_alone; /* no roster: the arguments are photos and folders of photos */
} build_options;

enum { KEY_PHOTOS = 1500, KEY_ALL_FACES, KEY_FORCE, KEY_WORK, KEY_PART, KEY_CORRECTIONS };

static const struct argp_option option_list[] = {
    {"photos", KEY_PHOTOS, "DIR", 0,
     "Folder that the roster's photo paths start from; not needed where ROSTER is a folder", 1},
    {"output", 'o', "OUT", 0, "Folder of the gallery to write", 1},
    {"all-faces", KEY_ALL_FACES, NULL, 0,
     "Every face of a photo is an entry of its own, named by the record's name (without a roster: the photo's) and its "
     "position, instead of the largest alone; faces below 24 pixels, or much smaller than the photo's others, are left "
     "out as passers-by",
     4},
    {"corrections", KEY_CORRECTIONS, "FILE", 0,
     "What is known to be wrong: decisions that the page has saved, and entries that are one person or photos that "
     "show "
     "somebody else, written by hand (docs/rosters.md); may be repeated",
     4},
    {"force", KEY_FORCE, NULL, 0, "Replace a gallery that is already at OUT", 5},
    {"work", KEY_WORK, "DIR", 0,
     "Folder that keeps what is computed, so that a build goes on where the last one stopped, and looks at no photo "
     "twice "
     "(default: OUT.work)",
     5},
    {"part", KEY_PART, "I/N", 0,
     "Only analyse the photos of share I of N, into the folder OUT; `doppel merge` makes one gallery of all parts", 5},
    {"jobs", 'j', "N", 0, "Threads (default: as many as there are processors); the result does not depend on it", 5},
    {"quiet", 'q', NULL, 0, "No progress on stderr", 5},
    {0}};

static void parse_part(struct argp_state *state, const char *text, build_options *options) {
  char *end;
  const long number = strtol(text, &end, 10);
  const long parts = *end == '/' ? strtol(end + 1, &end, 10) : 0;
  if (*end || number < 1 || number > parts || parts > MOST_PARTS)
    argp_error(state, "--part wants I/N, from 1/N to N/N, not `%s`", text);
  options->part = (size_t)number - 1;
  options->parts = (size_t)parts;
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
  build_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->networks;
    state->child_inputs[1] = &options->columns;
    state->child_inputs[2] = &options->matching;
    state->child_inputs[3] = &options->words;
    state->child_inputs[4] = &options->pictures;
    return 0;
  case KEY_PHOTOS:
    options->photos = value;
    return 0;
  case 'o':
    options->out = value;
    return 0;
  case KEY_ALL_FACES:
    options->all_faces = true;
    return 0;
  case KEY_CORRECTIONS:
    name_list_add(&options->corrections, value);
    return 0;
  case KEY_FORCE:
    options->force = true;
    return 0;
  case KEY_PART:
    parse_part(state, value, options);
    return 0;
  case KEY_WORK:
    options->work = value;
    return 0;
  case 'j':
    options->jobs = option_whole_number(state, "jobs", value, 1, 256);
    return 0;
  case 'q':
    options->quiet = true;
    return 0;
  case ARGP_KEY_ARG:
    name_list_add(&options->arguments, value);
    return 0;
  case ARGP_KEY_END:
    if (!options->arguments.count)
      argp_error(state,
                 options->all_faces && !options->photos ? "a photo or folder is missing" : "the roster is missing");
    if (!options->out) argp_error(state, "--output OUT is missing");
    if (options->networks.embedder.mirror)
      argp_error(state, "--mirror makes vectors that are unlike the page's; leave it out");
    if (options->networks.embedder.arithmetic)
      argp_error(state, "--arithmetic makes vectors that are unlike the page's; leave it out");
    if (options->networks.detector.parity) argp_error(state, "--parity finds faces unlike the page; leave it out");
    options->photos_alone = options->all_faces && !options->photos;
    if (options->photos_alone && (options->columns.photo_list || options->matching.departments ||
                                  options->matching.denied.count || options->matching.allowed.count))
      argp_error(state, "--photo-list, --departments and jurisdictions go with a roster");
    if (options->corrections.count && options->all_faces)
      argp_error(state, "--corrections are about people, and with --all-faces every face is an entry; leave one out");
    if (options->work && options->out && path_is_within(options->work, options->out))
      argp_error(state, "--work lies in OUT, which a build replaces; name a folder beside it");
    if (options->parts && (options->pictures.all_portraits || options->pictures.without_large ||
                           options->pictures.cover || options->pictures.samples.count))
      argp_error(state,
                 "--portraits, --no-large-portraits, --cover and --sample go with `doppel merge`, not with --part");
    if (options->parts && options->work)
      argp_error(state, "--part keeps what it computes in OUT itself; leave --work out");
    if (!options->photos_alone && options->arguments.count > 1)
      argp_error(state, "one roster is enough; photos go with --photos DIR");
    if (!options->photos_alone && !options->photos) {
      if (!path_is_folder(options->arguments.names[0])) argp_error(state, "--photos DIR is missing");
      options->photos = options->arguments.names[0];
    }
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&networks_argp, 0, NULL, 0},         {&roster_argp, 0, NULL, 0},
                                             {&matching_argp, 0, NULL, 0},         {&gallery_words_argp, 0, NULL, 0},
                                             {&gallery_pictures_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = option_list,
    .parser = parse_option,
    .children = children,
    .args_doc = "ROSTER --photos DIR -o OUT\nDIR -o OUT\n--all-faces PHOTO|DIR... -o OUT",
    .doc = "Makes a gallery: a folder that the page searches, ready for any static file server."
           "\vROSTER is CSV with a header line, or JSON with an array of records; all its other columns travel with "
           "the people "
           "as fields. A folder is a roster too: its folders are the people, NAME/photo.jpg. Several records of one "
           "person "
           "become one entry with several photos. Of a photo with several faces the largest is taken, by the area of "
           "its box, unless --all-faces is given. A photo that shows the same picture as another one of the same "
           "person (the same file, or the picture saved again or in another size) is folded into the larger and "
           "sharper of the two. A photo that is missing, cannot be read or holds no face is left out.\n\n"
           "OUT.report/ has report.html, report.json and report.txt, for you and not for the page: they count and list "
           "what was "
           "left out and why, with pictures, show how alike people are and how good the faces, and list names that "
           "look wrong: people who look like one, and people whose photos look like several. Nothing is changed "
           "because of that.\n\n"
           "OUT appears whole or not at all: a build that fails leaves the gallery that was there. What was computed "
           "stays in OUT.work (or --work): after Ctrl-C, or a power cut, the same command goes on where it stopped; "
           "photos, networks or options that have changed are looked at again, and what no gallery needs any more is "
           "forgotten. Exit codes: 0 built, 1 not built, 2 wrong command line."};

/* ---------------------------------------------------------------------------------------------- the three steps */

static bool plan_roster(const build_options *options, build_plan *plan, sentence *why) {
  roster people = {0};
  matching_rules rules = {0};
  bool fine = matching_rules_read(&options->matching, &rules, why) &&
              roster_read(options->arguments.names[0], &options->columns, &people, why) &&
              build_plan_of_roster(&people, &rules, options->photos, plan, why);
  matching_rules_free(&rules);
  roster_free(&people);
  return fine;
}

static bool make_plan(const build_options *options, build_plan *plan, sentence *why) {
  char *notice;
  if (!gallery_words_notice(&options->words, &notice, why)) return false;
  bool fine =
      options->photos_alone ? build_plan_of_photos(&options->arguments, plan, why) : plan_roster(options, plan, why);
  plan->all_faces = options->all_faces;
  if (fine) build_plan_say(plan, &options->words, notice);
  free(notice);
  return fine;
}

/* People who are no longer in the gallery are forgotten: only its own records stay. */
static void tidy_up(work_folder *work, const photo_outcome *outcomes, size_t count) {
  sentence why;
  record_key *keys = new_array(count, sizeof *keys);
  size_t used = 0;
  for (size_t i = 0; i < count; ++i) {
    if (outcomes[i].recorded) keys[used++] = outcomes[i].key;
  }
  if (!work_folder_keep_only(work, keys, used, &why))
    warn("%s still holds what is no longer needed; delete it. %s", work->path, why.text);
  free(keys);
}

static bool finish_part(work_folder *work, const analysis_job *job, const photo_outcome *outcomes, sentence *why) {
  if (!part_finish(work, job, outcomes, why)) return false;
  printf("%s: part %zu of %zu, %s photos, %s of them known already; `doppel merge` makes a gallery of all parts\n",
         work->path, job->part + 1, job->parts, grouped(share_size(job->plan->photo_count, job->part, job->parts)),
         grouped(job->known));
  return true;
}

static bool finish_gallery(const build_options *options, work_folder *work, const analysis_job *job,
                           const photo_outcome *outcomes, sentence *why) {
  journal *records = &work->records;
  const assembly all = {.plan = job->plan,
                        .outcomes = outcomes,
                        .journals = &records,
                        .journal_count = 1,
                        .context = records->context,
                        .pictures = &options->pictures};
  if (!assemble(&all, options->out, options->force, why)) return false;
  printf("%s keeps what was computed, so that the next build is quick (this time %s photos were known already); it may "
         "be deleted\n",
         work->path, grouped(job->known));
  return true;
}

static bool build_into(const build_options *options, work_folder *work, const build_plan *plan, const networks *set,
                       sentence *why) {
  photo_outcome *outcomes = new_array(plan->photo_count, sizeof *outcomes);
  analysis_job job = {.plan = plan,
                      .networks = set,
                      .records = &work->records,
                      .part = options->part,
                      .parts = options->parts ? options->parts : 1,
                      .jobs = options->jobs,
                      .quiet = options->quiet};
  bool fine = analyse(&job, outcomes, why);
  if (fine)
    fine = options->parts ? finish_part(work, &job, outcomes, why) : finish_gallery(options, work, &job, outcomes, why);
  if (fine) tidy_up(work, outcomes, plan->photo_count);
  free(outcomes);
  return fine;
}

static bool build_with(const build_options *options, const build_plan *plan, const networks *set, sentence *why) {
  work_folder work;
  char *context = analysis_context(set, plan->all_faces);
  char *place = options->parts  ? new_text(options->out)
                : options->work ? new_text(options->work)
                                : path_beside(options->out, ".work");
  bool fine = work_folder_open(&work, place, context, why);
  if (fine) {
    fine = (!options->parts || part_begin(place, why)) && build_into(options, &work, plan, set, why);
    work_folder_close(&work);
  }
  free(place);
  free(context);
  return fine;
}

static bool build_gallery(const build_options *options, sentence *why) {
  build_plan plan = {0};
  networks set;
  bool fine = (options->parts ? part_check(options->out, why)
                              : output_folder_check(options->out, &folder_of_gallery, options->force, why) &&
                                    build_report_check(options->out, why)) &&
              make_plan(options, &plan, why) && gallery_pictures_check(&options->pictures, &plan.closed, why) &&
              corrections_apply(&options->corrections, &plan, why);
  if (fine && (fine = networks_load(&options->networks, true, &set, why))) {
    fine = build_with(options, &plan, &set, why);
    networks_free(&set);
  }
  build_plan_free(&plan);
  return fine;
}

int doppel_build(int argc, char **argv) {
  build_options options = {.jobs = processor_count()};
  command_begin("doppel build", &argp, argc, argv, &options);
  parallel_heed_interrupts();
  sentence why;
  bool fine = build_gallery(&options, &why);
  name_list_free(&options.arguments);
  name_list_free(&options.corrections);
  name_list_free(&options.columns.names);
  name_list_free(&options.networks.paths);
  matching_options_free(&options.matching);
  gallery_pictures_free(&options.pictures);
  return fine ? EXIT_DONE : report_failure(&why);
}
