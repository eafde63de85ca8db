/* `doppel build`: from photos and a roster to the folder of a gallery. The order of the roster decides what comes out,
   not the number of threads; a build that fails leaves what was there. */
#include <stdio.h>
#include <stdlib.h>

#include "build_photo.h"
#include "build_report.h"
#include "command.h"
#include "face_names.h"
#include "gallery_writer.h"
#include "matching.h"
#include "notice.h"
#include "output.h"
#include "output_folder.h"
#include "parallel.h"
#include "progress.h"
#include "roster.h"
#include "roster_options.h"

/* ---------------------------------------------------------------------------------------------- command line */

typedef struct build_options {
  network_options networks;
  name_list arguments;
  const char *photos, *out, *title, *notice, *notice_file;
  roster_columns columns;
  matching_options matching;
  int jobs;
  bool each_face, force, quiet;
} build_options;

enum { KEY_PHOTOS = 1500, KEY_EACH_FACE, KEY_TITLE, KEY_NOTICE, KEY_NOTICE_FILE, KEY_FORCE };

static const struct argp_option option_list[] = {
    {"photos", KEY_PHOTOS, "DIR", 0,
     "Folder that the roster's photo paths start from; not needed where ROSTER is a folder", 1},
    {"output", 'o', "OUT", 0, "Folder of the gallery to write", 1},
    {"each-face", KEY_EACH_FACE, NULL, 0,
     "Without a roster: every face of every photo is an entry of its own, named by photo and position", 4},
    {"title", KEY_TITLE, "TEXT", 0, "Title of the gallery", 5},
    {"notice", KEY_NOTICE, "TEXT", 0, "What the page shows before the first match: source, licence, whom to ask", 5},
    {"notice-file", KEY_NOTICE_FILE, "FILE", 0, "The same, from a text file", 5},
    {"force", KEY_FORCE, NULL, 0, "Replace a gallery that is already at OUT", 5},
    {"jobs", 'j', "N", 0, "Threads (default: as many as there are processors); the result does not depend on it", 5},
    {"quiet", 'q', NULL, 0, "No progress on stderr", 5},
    {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  build_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->networks;
    state->child_inputs[1] = &options->columns;
    state->child_inputs[2] = &options->matching;
    return 0;
  case KEY_PHOTOS:
    options->photos = value;
    return 0;
  case 'o':
    options->out = value;
    return 0;
  case KEY_EACH_FACE:
    options->each_face = true;
    return 0;
  case KEY_TITLE:
    options->title = value;
    return 0;
  case KEY_NOTICE:
    options->notice = value;
    return 0;
  case KEY_NOTICE_FILE:
    options->notice_file = value;
    return 0;
  case KEY_FORCE:
    options->force = true;
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
      argp_error(state, options->each_face ? "a photo or folder is missing" : "the roster is missing");
    if (!options->out) argp_error(state, "--output OUT is missing");
    if (options->networks.embedder.mirror)
      argp_error(state, "--mirror makes vectors that are unlike the page's; leave it out");
    if (options->networks.embedder.arithmetic)
      argp_error(state, "--arithmetic makes vectors that are unlike the page's; leave it out");
    if (options->networks.detector.parity) argp_error(state, "--parity finds faces unlike the page; leave it out");
    if (options->each_face && options->photos)
      argp_error(state, "--photos goes with a roster; name the photos themselves");
    if (options->each_face && (options->columns.photo_list || options->matching.departments ||
                               options->matching.denied.count || options->matching.allowed.count))
      argp_error(state, "--photo-list, --departments and jurisdictions go with a roster");
    if (options->notice && options->notice_file) argp_error(state, "one of --notice and --notice-file is enough");
    if (!options->each_face && options->arguments.count > 1)
      argp_error(state, "one roster is enough; photos go with --photos DIR");
    if (!options->each_face && !options->photos) {
      if (!path_is_folder(options->arguments.names[0])) argp_error(state, "--photos DIR is missing");
      options->photos = options->arguments.names[0];
    }
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {
    {&networks_argp, 0, NULL, 0}, {&roster_argp, 0, NULL, 0}, {&matching_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = option_list,
    .parser = parse_option,
    .children = children,
    .args_doc = "ROSTER --photos DIR -o OUT\nDIR -o OUT\n--each-face PHOTO|DIR... -o OUT",
    .doc = "Makes a gallery: a folder that the page searches, ready for any static file server."
           "\vROSTER is CSV with a header line, or JSON with an array of records; all its other columns travel with "
           "the people "
           "as fields. A folder is a roster too: its folders are the people, NAME/photo.jpg. Of a photo with several "
           "faces the largest is taken. A photo that is missing, cannot be read or "
           "holds no "
           "face is left out, counted, and listed with its reason in OUT/report.txt and OUT/report.json (the page does "
           "not "
           "need these two). Several records of one person become one entry with several photos.\n\n"
           "OUT appears whole or not at all: a build that fails leaves the gallery that was there. Exit codes: 0 "
           "built, 1 not "
           "built, 2 wrong command line."};

/* ---------------------------------------------------------------------------------------------- the build */

typedef struct builder {
  const build_options *options;
  const networks *networks;
  const roster *roster; /* NULL with --each-face */
  matching_rules *rules;
  const char *notice;
  photo_task *tasks;
  size_t task_count, task_capacity;
  gallery_writer writer;
  build_report report;
  progress progress;

  gallery_person *people; /* of the gallery */
  size_t people_count, people_capacity;
  size_t *gallery_index; /* of a roster's person, plus one; 0: not in the gallery so far */
} builder;

/* Fields of an entry that is a face without a roster; see person_of_face. */
static char each_face_photo[] = "photo", each_face_count[] = "faces_in_photo";
static char *const each_face_fields[] = {each_face_photo, each_face_count};

static void *work_on_photo(void *context, network_handles *handles, size_t index) {
  const builder *build = context;
  return photo_result_of(&build->tasks[index], handles, build->options->each_face);
}

/* ---- its result, in order */

static size_t add_person(builder *build, char *name, char *const *values) {
  build->people = room_for_one_more(build->people, build->people_count, &build->people_capacity, sizeof *build->people);
  build->people[build->people_count] = (gallery_person){name, values};
  return build->people_count++;
}

static size_t person_of_roster(builder *build, const photo_task *task) {
  size_t *index = &build->gallery_index[task->person];
  if (!*index) {
    const roster_person *person = &build->roster->people[task->person];
    char *name = *person->name ? new_text(person->name) : photo_title(task->shown);
    *index = add_person(build, name, person->values) + 1;
  }
  return *index - 1;
}

static size_t person_of_face(builder *build, const photo_task *task, const photo_result *result, size_t face) {
  char *title = photo_title(task->shown);
  char **values = new_array(2, sizeof *values);
  values[0] = new_text(path_name(task->shown));
  values[1] = new_text_of("%zu", result->count);
  size_t person = add_person(build, face_name(title, result->faces, result->count, face), values);
  free(title);
  return person;
}

static bool take_photo(void *context, size_t index, void *taken, sentence *why) {
  builder *build = context;
  photo_result *result = taken;
  const photo_task *task = &build->tasks[index];
  size_t dimension = (size_t)build->networks->embedder->info.dimension;
  bool fine = true;
  if (result->skipped) {
    const char *person = build->roster ? build->roster->people[task->person].name : "";
    build_report_skip(&build->report, result->reason, task->shown, person, result->why.text);
  } else {
    ++build->report.photos_built;
    if (task->department) matching_count(build->rules, task->department);
    build->report.several_faces += build->roster && result->found > 1;
  }
  for (size_t i = 0; i < result->count && fine; ++i) {
    size_t person = build->roster ? person_of_roster(build, task) : person_of_face(build, task, result, i);
    fine = gallery_writer_add(&build->writer, (uint32_t)person, result->vectors + i * dimension, &result->faces[i],
                              result->portraits[i], why);
  }
  progress_step(&build->progress, result->skipped);
  photo_result_free(result);
  return fine;
}

/* ---- what there is to do */

static photo_task *add_task(builder *build, char *path, const char *shown, size_t person) {
  build->tasks = room_for_one_more(build->tasks, build->task_count, &build->task_capacity, sizeof *build->tasks);
  build->tasks[build->task_count] = (photo_task){.path = path, .shown = shown, .person = person};
  return &build->tasks[build->task_count++];
}

static void note_matching(builder *build) {
  const matching_rules *rules = build->rules;
  for (size_t i = 0; i < rules->not_listed.count; ++i) {
    build_report_note(&build->report, new_text_of("The department %s of the roster is not in the departments file.",
                                                  rules->not_listed.names[i]));
  }
  for (size_t i = 0; i < rules->allowed_count; ++i) {
    build_report_note(&build->report, new_text_of("Photos from %s were allowed, because: %s", rules->allowed[i].name,
                                                  rules->allowed[i].reason));
  }
}

static void note_roster(builder *build) {
  const roster *people = build->roster;
  build->report.records = people->record_count;
  build->report.without_photo = people->without_photo;
  if (people->listed_strangers) {
    build_report_note(&build->report, new_text_of("%s photos of the list belong to nobody in the roster.",
                                                  grouped(people->listed_strangers)));
  }
  for (size_t i = 0; i < people->field_count; ++i) {
    if (!people->differing[i]) continue;
    const char *advice = people->folded_by_name ? " If these are different people of the same name, say which column "
                                                  "tells them apart with --person-column."
                                                : "";
    build_report_note(&build->report, new_text_of("The column %s differs between records of one person (%s times); the "
                                                  "first value was kept.%s",
                                                  people->fields[i], grouped(people->differing[i]), advice));
  }
}

static bool plan_roster(builder *build, sentence *why) {
  const roster *people = build->roster;
  const char *folder = build->options->photos;
  if (!path_is_folder(folder)) return fail(why, "There is no folder %s (--photos).", folder);
  exclusion *decisions = matching_decide(build->rules, people);
  for (size_t i = 0; i < people->photo_count; ++i) {
    const roster_photo *photo = &people->photos[i];
    if (decisions[i] != INCLUDED) {
      ++build->report.excluded[decisions[i]];
      continue;
    }
    char *path = path_stays_inside(photo->path) ? path_joined(folder, photo->path) : NULL;
    photo_task *task = add_task(build, path, photo->path, photo->person);
    task->department = photo->department;
    task->face = photo->face;
  }
  free(decisions);
  build->gallery_index = new_array(people->people_count, sizeof *build->gallery_index);
  note_roster(build);
  note_matching(build);
  if (build->task_count) return true;
  if (!people->photo_count) return fail(why, "The roster names no photos.");
  char *list = build_report_exclusions(&build->report);
  fail(why, "No photo of the roster may be matched: %s.", list);
  free(list);
  return false;
}

static bool plan_each_face(builder *build, sentence *why) {
  const name_list *given = &build->options->arguments;
  for (size_t i = 0; i < given->count; ++i) {
    if (!path_is_folder(given->names[i])) {
      if (!path_exists(given->names[i])) return fail(why, "There is no photo or folder %s.", given->names[i]);
      add_task(build, new_text(given->names[i]), path_name(given->names[i]), 0);
      continue;
    }
    name_list names = {0};
    if (!folder_list(given->names[i], &names, why)) return false;
    for (size_t j = 0; j < names.count; ++j) {
      if (!path_is_photo(names.names[j])) continue;
      char *path = path_joined(given->names[i], names.names[j]);
      add_task(build, path, path_name(path), 0);
    }
    name_list_free(&names);
  }
  return build->task_count || fail(why, "There are no photos (.jpg, .jpeg, .png) in what was named.");
}

static bool write_gallery(builder *build, const char *folder, sentence *why) {
  gallery_writer_begin(&build->writer, folder, build->networks);
  progress_begin(&build->progress, "photos", build->task_count, build->options->quiet);
  parallel_plan plan = {.count = build->task_count,
                        .jobs = build->options->jobs,
                        .networks = build->networks,
                        .context = build,
                        .work = work_on_photo,
                        .take = take_photo,
                        .drop = photo_result_free};
  if (!parallel_run(&plan, why)) return false;
  progress_end(&build->progress);
  build->report.photos = build->task_count + build_report_excluded(&build->report);
  build->report.people = build->people_count;
  if (!build->people_count) {
    const size_t shown = 5;
    for (size_t i = 0; i < build->report.skip_count && i < shown; ++i) {
      warn("%s: %s", build->report.skips[i].photo, build->report.skips[i].detail);
    }
    return fail(why,
                "No photo had a face that could be used: %zu missing, %zu unreadable, %zu without a face, %zu refused, "
                "%zu with a wrong face in the roster.",
                build->report.skipped[SKIP_MISSING], build->report.skipped[SKIP_UNREADABLE],
                build->report.skipped[SKIP_NO_FACE], build->report.skipped[SKIP_REFUSED],
                build->report.skipped[SKIP_WRONG_FACE]);
  }
  gallery_about about = {.title = build->options->title, .notice = build->notice};
  if (build->roster) {
    about.departments = matching_departments_json(build->rules);
    about.allowed_jurisdictions = matching_allowed_json(build->rules);
  }
  about.fields = build->roster ? build->roster->fields : each_face_fields;
  about.field_count = build->roster ? build->roster->field_count : 2;
  if (!about.title) about.title = build->roster ? "Gallery" : "Faces in photos";
  return gallery_writer_finish(&build->writer, &about, build->people, build->people_count, why) &&
         build_report_write(&build->report, folder, why);
}

static void print_result(const builder *build) {
  const build_report *report = &build->report;
  printf("%s: %s %s from %s photos, %s photos left out\n", build->options->out, grouped(report->people),
         build->roster ? "people" : "faces", grouped(report->photos_built), grouped(build_report_skipped(report)));
  if (build_report_excluded(report)) {
    char *list = build_report_exclusions(report);
    warn("%s photos must not be matched and were not opened: %s.", grouped(build_report_excluded(report)), list);
    free(list);
  }
  for (size_t i = 0; i < report->note_count; ++i) warn("%s", report->notes[i]);
  if (build_report_skipped(report)) {
    warn("%s photos were left out (%s missing, %s unreadable, %s without a face, %s refused, %s with a wrong face in "
         "the "
         "roster); see %s/report.txt.",
         grouped(build_report_skipped(report)), grouped(report->skipped[SKIP_MISSING]),
         grouped(report->skipped[SKIP_UNREADABLE]), grouped(report->skipped[SKIP_NO_FACE]),
         grouped(report->skipped[SKIP_REFUSED]), grouped(report->skipped[SKIP_WRONG_FACE]), build->options->out);
  }
}

static void builder_free(builder *build) {
  for (size_t i = 0; i < build->people_count; ++i) {
    free((void *)(uintptr_t)build->people[i].name);
    if (build->roster) continue;
    free(build->people[i].values[0]);
    free(build->people[i].values[1]);
    free((void *)(uintptr_t)build->people[i].values);
  }
  for (size_t i = 0; i < build->task_count; ++i) free(build->tasks[i].path);
  free(build->people);
  free(build->tasks);
  free(build->gallery_index);
  gallery_writer_free(&build->writer);
  build_report_free(&build->report);
}

static bool build_with(const build_options *options, const roster *people, matching_rules *rules, const char *notice,
                       sentence *why) {
  networks set;
  output_folder output;
  if (!networks_load(&options->networks, true, &set, why)) return false;
  builder build = {.options = options, .networks = &set, .roster = people, .rules = rules, .notice = notice};
  bool fine = (people ? plan_roster(&build, why) : plan_each_face(&build, why)) &&
              output_folder_begin(options->out, options->force, &output, why);
  if (fine) {
    fine = write_gallery(&build, output.made, why);
    if (fine)
      fine = output_folder_finish(&output, why);
    else
      output_folder_abandon(&output);
  }
  if (fine) print_result(&build);
  builder_free(&build);
  networks_free(&set);
  return fine;
}

static bool build_gallery(const build_options *options, sentence *why) {
  roster people = {0};
  matching_rules rules = {0};
  char *notice = NULL;
  bool fine = notice_read(options->notice, options->notice_file, &notice, why) &&
              matching_rules_read(&options->matching, &rules, why) &&
              (options->each_face || roster_read(options->arguments.names[0], &options->columns, &people, why)) &&
              build_with(options, options->each_face ? NULL : &people, &rules, notice, why);
  matching_rules_free(&rules);
  roster_free(&people);
  free(notice);
  return fine;
}

int doppel_build(int argc, char **argv) {
  build_options options = {.jobs = processor_count()};
  command_begin("doppel build", &argp, argc, argv, &options);
  parallel_heed_interrupts();
  sentence why;
  bool fine = build_gallery(&options, &why);
  name_list_free(&options.arguments);
  name_list_free(&options.columns.names);
  name_list_free(&options.networks.paths);
  matching_options_free(&options.matching);
  return fine ? EXIT_DONE : report_failure(&why);
}
