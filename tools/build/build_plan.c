/* Making a plan from a roster, or from photos alone. */
#include "build_plan.h"

#include <stdlib.h>
#include <string.h>

#include "build_report.h"
#include "gallery_words.h"
#include "output.h"
#include "roster_sources.h"
#include "unicode.h"

/* `path` may be NULL. */
static plan_photo *add_photo(build_plan *plan, const char *path, const char *shown) {
  plan->photos = room_for_one_more(plan->photos, plan->photo_count, &plan->photo_capacity, sizeof *plan->photos);
  plan->photos[plan->photo_count] = (plan_photo){.path = path ? text_pool_keep(&plan->texts, path) : NULL,
                                                 .shown = text_pool_keep(&plan->texts, shown),
                                                 .department = NO_DEPARTMENT};
  return &plan->photos[plan->photo_count++];
}

const given_face *plan_face(const build_plan *plan, const plan_photo *photo) {
  static const given_face none;
  return photo->face ? &plan->faces[photo->face - 1] : &none;
}

static void add_note(build_plan *plan, char *note) {
  name_list_add(&plan->notes, note);
  free(note);
}

/* ---------------------------------------------------------------------------------------------- of a roster */

static void note_roster(build_plan *plan, const roster *people) {
  plan->records = people->record_count - people->stranger_count;
  plan->records_without_photo = people->without_photo;
  for (size_t i = 0; i < people->notes.count; ++i) name_list_add(&plan->notes, people->notes.names[i]);
  for (size_t i = 0; i < people->field_count; ++i) {
    if (!people->differing[i]) continue;
    const char *advice = people->folded_by_name ? " If these are different people of the same name, say which column "
                                                  "tells them apart with --person-column."
                                                : "";
    add_note(plan, new_text_of("The column %s differs between records of one person (%s times); the first value was "
                               "kept.%s",
                               people->fields[i], grouped(people->differing[i]), advice));
  }
}

/* Only departments of photos in the plan: the others are those of excluded records, or of no record. */
static void take_departments(build_plan *plan, const matching_rules *rules) {
  int *place = new_array(rules->department_count, sizeof *place);
  plan->departments_given = rules->departments_given;
  plan->departments = new_array(rules->department_count, sizeof *plan->departments);
  for (size_t i = 0; i < plan->photo_count; ++i) {
    if (plan->photos[i].department != NO_DEPARTMENT) place[plan->photos[i].department] = 1;
  }
  for (size_t i = 0; i < rules->department_count; ++i) {
    const department *one = &rules->departments[i];
    if (!place[i]) continue;
    place[i] = (int)plan->department_count;
    plan->departments[plan->department_count++] =
        (department){new_text(one->name), new_text(one->jurisdiction), one->face_matching, NULL};
  }
  for (size_t i = 0; i < plan->photo_count; ++i) {
    int *belongs_to = &plan->photos[i].department;
    if (*belongs_to != NO_DEPARTMENT) *belongs_to = place[*belongs_to];
  }
  free(place);
}

static void copy_allowed(build_plan *plan, const matching_rules *rules) {
  plan->allowed_count = rules->allowed_count;
  plan->allowed = new_array(plan->allowed_count, sizeof *plan->allowed);
  for (size_t i = 0; i < plan->allowed_count; ++i) {
    const allowed_jurisdiction *one = &rules->allowed[i];
    plan->allowed[i] = (allowed_jurisdiction){new_text(one->name), new_text(one->reason)};
  }
}

static void note_matching(build_plan *plan, const matching_rules *rules) {
  for (size_t i = 0; i < rules->not_listed.count; ++i) {
    add_note(plan,
             new_text_of("%s names a department that is not in the departments file.", rules->not_listed.names[i]));
  }
  for (size_t i = 0; i < rules->allowed_count; ++i) {
    add_note(plan,
             new_text_of("Photos from %s were allowed, because: %s", rules->allowed[i].name, rules->allowed[i].reason));
  }
}

/* Takes people, fields and texts over from the roster. */
static void take_people(build_plan *plan, roster *people) {
  plan->field_count = people->field_count;
  plan->fields = people->fields;
  plan->values = people->values;
  plan->faces = people->faces;
  plan->face_count = people->face_count;
  plan->people_count = people->people_count;
  plan->people = new_array(plan->people_count, sizeof *plan->people);
  for (size_t i = 0; i < plan->people_count; ++i) {
    const roster_person *person = &people->people[i];
    plan->people[i] = (plan_person){person->id, person->name, person->values};
  }
  people->fields = people->values = NULL;
  people->faces = NULL;
  build_plan_drop_people(plan);
}

/* ---------------------------------------------------------------------------------------------- near misses */

/* Files that stay out, whose names must not be told. */
typedef struct untold {
  const roster *people;
  bool *paths; /* of the roster's paths: only excluded records have it */
} untold;

static bool same_stem(const char *a, const char *b) {
  char *first = path_stem(path_name(a)), *second = path_stem(path_name(b));
  bool same = text_same(first, second);
  free(first);
  free(second);
  return same;
}

static bool may_name(const void *context, const char *path) {
  const untold *all = context;
  for (size_t i = 0; i < all->people->paths.count; ++i) {
    const char *file = all->people->files[i].path, *shown = all->people->paths.texts[i];
    if (all->paths[i] && ((file && path_is_within(file, path)) || same_stem(shown, path))) return false;
  }
  return true;
}

/* Sentences on the first photos that are missing, once it is known who stays out. */
static void name_near_misses(build_plan *plan, const roster *people, const exclusion *decisions) {
  enum { MOST = 100 };
  untold out = {people, new_array(people->paths.count, sizeof *out.paths)};
  for (size_t i = 0; i < people->photo_count; ++i) out.paths[people->photos[i].path] |= decisions[i] != INCLUDED;
  for (size_t i = 0, asked = 0; i < plan->photo_count && asked < MOST; ++i) {
    plan_photo *photo = &plan->photos[i];
    if (photo->path || photo->refused) continue;
    if (!strncmp(photo->problem, "There is no", 11))
      photo->problem =
          text_pool_take(&plan->texts, path_search_near_miss(people->search, photo->shown, may_name, &out));
    ++asked;
  }
  free(out.paths);
}

/* ---------------------------------------------------------------------------------------------- planning */

enum { PASSED_OVER_SHOWN = 10 };

static bool fail_without_photos(const build_plan *plan, const roster *people, sentence *why) {
  if (!people->photo_count) return fail(why, "The roster names no photos.");
  char *list = exclusions_text(plan->excluded);
  fail(why, "No photo of the roster may be matched: %s.", list);
  free(list);
  return false;
}

/* The department of each place of the roster among those of the rules. */
static int *departments_of(const roster *people, const matching_rules *rules) {
  int *of_place = new_array(people->places.count, sizeof *of_place);
  for (size_t i = 0; i < people->places.count; ++i) of_place[i] = matching_department(rules, people->places.texts[i]);
  return of_place;
}

static void add_photos(build_plan *plan, roster *people, const matching_rules *rules, const exclusion *decisions,
                       size_t *passed_over) {
  int *of_place = departments_of(people, rules);
  for (size_t i = 0; i < people->photo_count; ++i) {
    const roster_photo *photo = &people->photos[i];
    const found_file *file = roster_file(people, photo);
    const char *shown = roster_path(people, photo);
    if (photo->record >= people->record_count - people->stranger_count) continue;
    if (decisions[i] != INCLUDED) {
      ++plan->excluded[decisions[i]];
      continue;
    }
    if (people->is_folder && file->path && !file_is_photo(file->path)) {
      if (++*passed_over <= PASSED_OVER_SHOWN)
        add_note(plan, new_text_of("%s is no photo and was passed over.", shown));
      continue;
    }
    plan_photo *planned = add_photo(plan, file->path, shown);
    planned->refused = file->refused;
    planned->problem = file->problem;
    planned->person = photo->person;
    planned->department = of_place[people->records[photo->record].department];
    planned->face = photo->face;
  }
  free(of_place);
}

bool build_plan_of_roster(roster *people, matching_rules *rules, const char *folder, build_plan *plan, sentence *why) {
  *plan = (build_plan){.has_roster = true};
  if (!path_is_folder(folder)) return fail(why, "There is no folder %s (--photos).", folder);
  roster_find_photos(people, folder);
  exclusion *decisions = matching_decide(rules, people);
  size_t passed_over = 0;
  plan->texts = people->texts;
  people->texts = (text_pool){0};
  add_photos(plan, people, rules, decisions, &passed_over);
  name_near_misses(plan, people, decisions);
  plan->closed = matching_closed_files(people, decisions);
  free(decisions);
  if (passed_over > PASSED_OVER_SHOWN)
    add_note(plan, new_text_of("%s files of the folder are no photos and were passed over.", grouped(passed_over)));
  if (passed_over && !plan->photo_count) return fail_without_photos_in(folder, why);
  note_roster(plan, people);
  take_people(plan, people);
  take_departments(plan, rules);
  copy_allowed(plan, rules);
  note_matching(plan, rules);
  return plan->photo_count || fail_without_photos(plan, people, why);
}

/* ---------------------------------------------------------------------------------------------- of photos alone */

bool build_plan_of_photos(const name_list *places, build_plan *plan, sentence *why) {
  *plan = (build_plan){.all_faces = true, .field_count = 2};
  plan->fields = new_array(plan->field_count, sizeof *plan->fields);
  plan->fields[0] = text_pool_keep(&plan->texts, "photo");
  plan->fields[1] = text_pool_keep(&plan->texts, "faces_in_photo");
  for (size_t i = 0; i < places->count; ++i) {
    const char *place = places->names[i];
    if (!path_is_folder(place)) {
      if (!path_exists(place)) return fail(why, "There is no photo or folder %s.", place);
      char *shown = text_decoded(path_name(place));
      add_photo(plan, place, shown);
      free(shown);
      continue;
    }
    name_list names = {0};
    if (!folder_list(place, &names, why)) return false;
    for (size_t j = 0; j < names.count; ++j) {
      char *path = path_joined(place, names.names[j]), *shown = text_decoded(names.names[j]);
      if (!path_is_folder(path) && file_is_photo(path)) add_photo(plan, path, shown);
      free(path);
      free(shown);
    }
    name_list_free(&names);
  }
  return plan->photo_count || fail(why, "There are no photos in what was named.");
}

void build_plan_say(build_plan *plan, const gallery_words *words, const char *notice) {
  free(plan->id);
  free(plan->language);
  free(plan->title);
  free(plan->publisher);
  free(plan->notice);
  plan->title = text_tidied(words->title ? words->title : plan->has_roster ? "Gallery" : "Faces in photos");
  plan->publisher = text_tidied(words->publisher ? words->publisher : "");
  plan->notice = text_decoded(notice ? notice : "");
  plan->language = new_text(words->language ? words->language : "");
  plan->id = words->id ? new_text(words->id) : gallery_id_of(plan->title);
}

/* ---------------------------------------------------------------------------------------------- the end of it */

void build_plan_drop_people(build_plan *plan) {
  bool *shown = new_array(plan->people_count, sizeof *shown);
  size_t *place = new_array(plan->people_count, sizeof *place), kept = 0;
  for (size_t i = 0; i < plan->photo_count; ++i) shown[plan->photos[i].person] = true;
  for (size_t i = 0; i < plan->people_count; ++i) {
    place[i] = kept;
    if (shown[i]) plan->people[kept++] = plan->people[i];
  }
  for (size_t i = 0; i < plan->photo_count; ++i) plan->photos[i].person = place[plan->photos[i].person];
  plan->people_count = kept;
  free(shown);
  free(place);
}

void build_plan_free(build_plan *plan) {
  for (size_t i = 0; i < plan->department_count; ++i) {
    free(plan->departments[i].name);
    free(plan->departments[i].jurisdiction);
  }
  for (size_t i = 0; i < plan->allowed_count; ++i) {
    free(plan->allowed[i].name);
    free(plan->allowed[i].reason);
  }
  free(plan->people);
  free(plan->values);
  free(plan->faces);
  free(plan->fields);
  free(plan->photos);
  free(plan->departments);
  free(plan->allowed);
  closed_files_free(&plan->closed);
  name_list_free(&plan->notes);
  name_list_free(&plan->joined);
  text_pool_free(&plan->texts);
  free(plan->id);
  free(plan->title);
  free(plan->publisher);
  free(plan->notice);
  free(plan->language);
  *plan = (build_plan){0};
}
