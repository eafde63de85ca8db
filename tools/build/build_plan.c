/* Making a plan from a roster, or from photos alone. */
#include "build_plan.h"

#include <stdlib.h>

#include "build_report.h"
#include "gallery_words.h"
#include "output.h"
#include "roster_sources.h"
#include "unicode.h"

static plan_photo *add_photo(build_plan *plan, char *path, const char *shown) {
  plan->photos = room_for_one_more(plan->photos, plan->photo_count, &plan->photo_capacity, sizeof *plan->photos);
  plan->photos[plan->photo_count] = (plan_photo){.path = path, .shown = new_text(shown), .department = NO_DEPARTMENT};
  return &plan->photos[plan->photo_count++];
}

static void add_note(build_plan *plan, char *note) {
  name_list_add(&plan->notes, note);
  free(note);
}

/* ---------------------------------------------------------------------------------------------- of a roster */

static void note_roster(build_plan *plan, const roster *people) {
  plan->records = people->record_count;
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

static void copy_rules(build_plan *plan, const matching_rules *rules) {
  plan->departments_given = rules->departments_given;
  plan->department_count = rules->department_count;
  plan->departments = new_array(plan->department_count, sizeof *plan->departments);
  for (size_t i = 0; i < plan->department_count; ++i) {
    const department *one = &rules->departments[i];
    plan->departments[i] = (department){new_text(one->name), new_text(one->jurisdiction), one->face_matching, NULL};
  }
  plan->allowed_count = rules->allowed_count;
  plan->allowed = new_array(plan->allowed_count, sizeof *plan->allowed);
  for (size_t i = 0; i < plan->allowed_count; ++i) {
    const allowed_jurisdiction *one = &rules->allowed[i];
    plan->allowed[i] = (allowed_jurisdiction){new_text(one->name), new_text(one->reason)};
  }
}

static void note_matching(build_plan *plan, const matching_rules *rules) {
  for (size_t i = 0; i < rules->not_listed.count; ++i) {
    add_note(plan, new_text_of("The department %s of the roster is not in the departments file.",
                               rules->not_listed.names[i]));
  }
  for (size_t i = 0; i < rules->allowed_count; ++i) {
    add_note(plan,
             new_text_of("Photos from %s were allowed, because: %s", rules->allowed[i].name, rules->allowed[i].reason));
  }
}

/* Those with a photo in the plan, in the roster's order; says where each is then. */
static size_t *copy_people(build_plan *plan, const roster *people) {
  plan->field_count = people->field_count;
  plan->fields = new_array(plan->field_count, sizeof *plan->fields);
  for (size_t i = 0; i < plan->field_count; ++i) plan->fields[i] = new_text(people->fields[i]);
  bool *shown = new_array(people->people_count, sizeof *shown);
  size_t *place = new_array(people->people_count, sizeof *place);
  for (size_t i = 0; i < plan->photo_count; ++i) shown[plan->photos[i].person] = true;
  plan->people = new_array(people->people_count, sizeof *plan->people);
  for (size_t i = 0; i < people->people_count; ++i) {
    if (!shown[i]) continue;
    place[i] = plan->people_count;
    plan_person *person = &plan->people[plan->people_count++];
    person->id = new_text(people->people[i].id);
    person->name = new_text(people->people[i].name);
    person->values = new_array(plan->field_count, sizeof *person->values);
    for (size_t j = 0; j < plan->field_count; ++j) person->values[j] = new_text(people->people[i].values[j]);
  }
  free(shown);
  return place;
}

enum { PASSED_OVER_SHOWN = 10 };

static bool fail_without_photos(const build_plan *plan, const roster *people, sentence *why) {
  if (!people->photo_count) return fail(why, "The roster names no photos.");
  char *list = exclusions_text(plan->excluded);
  fail(why, "No photo of the roster may be matched: %s.", list);
  free(list);
  return false;
}

bool build_plan_of_roster(roster *people, matching_rules *rules, const char *folder, build_plan *plan, sentence *why) {
  *plan = (build_plan){.has_roster = true};
  if (!path_is_folder(folder)) return fail(why, "There is no folder %s (--photos).", folder);
  roster_find_photos(people, folder);
  exclusion *decisions = matching_decide(rules, people);
  size_t passed_over = 0;
  for (size_t i = 0; i < people->photo_count; ++i) {
    const roster_photo *photo = &people->photos[i];
    const found_file *file = &photo->file;
    if (decisions[i] != INCLUDED) {
      ++plan->excluded[decisions[i]];
      continue;
    }
    if (people->is_folder && file->path && !file_is_photo(file->path)) {
      ++passed_over;
      if (passed_over <= PASSED_OVER_SHOWN)
        add_note(plan, new_text_of("%s is no photo and was passed over.", photo->path));
      continue;
    }
    plan_photo *planned = add_photo(plan, file->path ? new_text(file->path) : NULL, photo->path);
    planned->refused = file->refused;
    planned->problem = file->problem ? new_text(file->problem) : NULL;
    planned->person = photo->person;
    planned->department = matching_department(rules, people->records[photo->record].department);
    planned->face = photo->face;
  }
  free(decisions);
  if (passed_over > PASSED_OVER_SHOWN)
    add_note(plan, new_text_of("%s files of the folder are no photos and were passed over.", grouped(passed_over)));
  if (passed_over && !plan->photo_count) return fail_without_photos_in(folder, why);
  size_t *place = copy_people(plan, people);
  for (size_t i = 0; i < plan->photo_count; ++i) plan->photos[i].person = place[plan->photos[i].person];
  free(place);
  copy_rules(plan, rules);
  note_roster(plan, people);
  note_matching(plan, rules);
  return plan->photo_count || fail_without_photos(plan, people, why);
}

/* ---------------------------------------------------------------------------------------------- of photos alone */

bool build_plan_of_photos(const name_list *places, build_plan *plan, sentence *why) {
  *plan = (build_plan){.all_faces = true, .field_count = 2};
  plan->fields = new_array(plan->field_count, sizeof *plan->fields);
  plan->fields[0] = new_text("photo");
  plan->fields[1] = new_text("faces_in_photo");
  for (size_t i = 0; i < places->count; ++i) {
    const char *place = places->names[i];
    if (!path_is_folder(place)) {
      if (!path_exists(place)) return fail(why, "There is no photo or folder %s.", place);
      char *shown = text_decoded(path_name(place));
      add_photo(plan, new_text(place), shown);
      free(shown);
      continue;
    }
    name_list names = {0};
    if (!folder_list(place, &names, why)) return false;
    for (size_t j = 0; j < names.count; ++j) {
      char *path = path_joined(place, names.names[j]), *shown = text_decoded(names.names[j]);
      if (!path_is_folder(path) && file_is_photo(path))
        add_photo(plan, path, shown);
      else
        free(path);
      free(shown);
    }
    name_list_free(&names);
  }
  return plan->photo_count || fail(why, "There are no photos in what was named.");
}

void build_plan_say(build_plan *plan, const char *id, const char *title, const char *notice) {
  free(plan->id);
  free(plan->title);
  free(plan->notice);
  plan->title = text_tidied(title ? title : plan->has_roster ? "Gallery" : "Faces in photos");
  plan->notice = text_decoded(notice ? notice : "");
  plan->id = id ? new_text(id) : gallery_id_of(plan->title);
}

/* ---------------------------------------------------------------------------------------------- the end of it */

static void free_person(const build_plan *plan, plan_person *person) {
  for (size_t i = 0; person->values && i < plan->field_count; ++i) free(person->values[i]);
  free(person->values);
  free(person->id);
  free(person->name);
}

void build_plan_drop_people(build_plan *plan) {
  bool *shown = new_array(plan->people_count, sizeof *shown);
  size_t *place = new_array(plan->people_count, sizeof *place), kept = 0;
  for (size_t i = 0; i < plan->photo_count; ++i) shown[plan->photos[i].person] = true;
  for (size_t i = 0; i < plan->people_count; ++i) {
    place[i] = kept;
    if (shown[i])
      plan->people[kept++] = plan->people[i];
    else
      free_person(plan, &plan->people[i]);
  }
  for (size_t i = 0; i < plan->photo_count; ++i) plan->photos[i].person = place[plan->photos[i].person];
  plan->people_count = kept;
  free(shown);
  free(place);
}

void build_plan_free(build_plan *plan) {
  for (size_t i = 0; i < plan->people_count; ++i) free_person(plan, &plan->people[i]);
  for (size_t i = 0; plan->fields && i < plan->field_count; ++i) free(plan->fields[i]);
  for (size_t i = 0; i < plan->photo_count; ++i) {
    free(plan->photos[i].path);
    free(plan->photos[i].shown);
    free(plan->photos[i].problem);
  }
  for (size_t i = 0; i < plan->department_count; ++i) {
    free(plan->departments[i].name);
    free(plan->departments[i].jurisdiction);
  }
  for (size_t i = 0; i < plan->allowed_count; ++i) {
    free(plan->allowed[i].name);
    free(plan->allowed[i].reason);
  }
  free(plan->people);
  free(plan->fields);
  free(plan->photos);
  free(plan->departments);
  free(plan->allowed);
  name_list_free(&plan->notes);
  free(plan->id);
  free(plan->title);
  free(plan->notice);
  *plan = (build_plan){0};
}
