/* Going over the photos in the plan's order. */
#include "assemble.h"

#include <stdio.h>
#include <stdlib.h>

#include "face_names.h"
#include "files.h"
#include "gallery_writer.h"
#include "output.h"
#include "output_folder.h"
#include "parallel.h"
#include "photo_record.h"

typedef struct assembler {
  const assembly *parts;
  const build_plan *plan;
  size_t dimension;
  gallery_writer writer;
  build_report report;
  size_t *department_photos;
  gallery_person *people; /* of the gallery */
  size_t people_count, people_capacity;
  size_t *gallery_index; /* of a person of the plan, plus one; 0: not in the gallery so far */
} assembler;

/* ---------------------------------------------------------------------------------------------- people */

static size_t add_person(assembler *all, char *name, char *const *values) {
  all->people = room_for_one_more(all->people, all->people_count, &all->people_capacity, sizeof *all->people);
  all->people[all->people_count] = (gallery_person){name, values};
  return all->people_count++;
}

static size_t person_of_roster(assembler *all, const plan_photo *photo) {
  size_t *index = &all->gallery_index[photo->person];
  if (!*index) {
    const plan_person *person = &all->plan->people[photo->person];
    char *name = *person->name ? new_text(person->name) : photo_title(photo->shown);
    *index = add_person(all, name, person->values) + 1;
  }
  return *index - 1;
}

/* A face without a roster is somebody of its own; the values are those of the plan's fields. */
static size_t person_of_face(assembler *all, const plan_photo *photo, const photo_record *record, size_t face) {
  char *title = photo_title(photo->shown);
  char **values = new_array(2, sizeof *values);
  values[0] = new_text(path_name(photo->shown));
  values[1] = new_text_of("%zu", record->count);
  size_t person = add_person(all, face_name(title, record->faces, record->count, face), values);
  free(title);
  return person;
}

static void free_people(assembler *all) {
  for (size_t i = 0; i < all->people_count; ++i) {
    free((void *)(uintptr_t)all->people[i].name);
    if (all->plan->has_roster) continue;
    free(all->people[i].values[0]);
    free(all->people[i].values[1]);
    free((void *)(uintptr_t)all->people[i].values);
  }
  free(all->people);
}

/* ---------------------------------------------------------------------------------------------- photos */

static const char *detail_without_record(skip_reason reason) {
  switch (reason) {
  case SKIP_REFUSED:
    return "The path leads out of the folder of photos.";
  case SKIP_MISSING:
    return "There is no such file.";
  default:
    return "The file cannot be read.";
  }
}

static void skip_photo(assembler *all, const plan_photo *photo, skip_reason reason, const char *detail) {
  const char *person = all->plan->has_roster ? all->plan->people[photo->person].name : "";
  build_report_skip(&all->report, reason, photo->shown, person, detail);
}

static bool add_photo(assembler *all, const plan_photo *photo, const photo_record *record, sentence *why) {
  if (record->skipped) {
    skip_photo(all, photo, record->reason, record->detail);
    return true;
  }
  ++all->report.photos_built;
  all->report.several_faces += all->plan->has_roster && record->found > 1;
  if (photo->department != NO_DEPARTMENT) ++all->department_photos[photo->department];
  for (size_t i = 0; i < record->count; ++i) {
    size_t person = all->plan->has_roster ? person_of_roster(all, photo) : person_of_face(all, photo, record, i);
    if (!gallery_writer_add_jpeg(&all->writer, (uint32_t)person, record->vectors + i * all->dimension,
                                 &record->faces[i], &record->qualities[i], record->portraits[i], why))
      return false;
  }
  return true;
}

static bool take_photo(assembler *all, size_t index, sentence *why) {
  const assembly *parts = all->parts;
  const plan_photo *photo = &all->plan->photos[index];
  const photo_outcome *outcome = &parts->outcomes[index];
  if (!outcome->recorded) {
    skip_photo(all, photo, outcome->reason, detail_without_record(outcome->reason));
    return true;
  }
  dpl_bytes bytes;
  photo_record record;
  journal *records = parts->journals[index % parts->journal_count];
  if (!journal_read(records, &outcome->key, &bytes, why)) return false;
  bool fine = photo_record_read(bytes, all->dimension, &record) ||
              fail(why, "%s holds a record that cannot be read; delete it and build again.", records->path);
  bytes_free(&bytes);
  if (!fine) return false;
  fine = add_photo(all, photo, &record, why);
  photo_record_free(&record);
  return fine;
}

static bool take_photos(assembler *all, sentence *why) {
  for (size_t i = 0; i < all->plan->photo_count; ++i) {
    if (parallel_interrupted())
      return fail(why, "Interrupted while the gallery was being put together; the same command does that again.");
    if (!take_photo(all, i, why)) return false;
  }
  if (all->people_count) return true;
  const build_report *report = &all->report;
  const size_t shown = 5;
  for (size_t i = 0; i < report->skip_count && i < shown; ++i) {
    warn("%s: %s", report->skips[i].photo, report->skips[i].detail);
  }
  return fail(why,
              "No photo had a face that could be used: %zu missing, %zu unreadable, %zu without a face, %zu refused, "
              "%zu with a wrong face in the roster.",
              report->skipped[SKIP_MISSING], report->skipped[SKIP_UNREADABLE], report->skipped[SKIP_NO_FACE],
              report->skipped[SKIP_REFUSED], report->skipped[SKIP_WRONG_FACE]);
}

/* ---------------------------------------------------------------------------------------------- words */

static void begin_report(assembler *all) {
  build_report *report = &all->report;
  const build_plan *plan = all->plan;
  report->records = plan->records;
  report->without_photo = plan->records_without_photo;
  report->photos = plan->photo_count;
  for (int i = 0; i < EXCLUSIONS; ++i) {
    report->excluded[i] = plan->excluded[i];
    report->photos += plan->excluded[i];
  }
  for (size_t i = 0; i < plan->notes.count; ++i) build_report_note(report, new_text(plan->notes.names[i]));
}

static bool finish(assembler *all, const char *folder, sentence *why) {
  const build_plan *plan = all->plan;
  gallery_about about = {.title = plan->title,
                         .notice = plan->notice,
                         .fields = plan->fields,
                         .field_count = plan->field_count,
                         .allowed_jurisdictions = allowed_jurisdictions_json(plan->allowed, plan->allowed_count)};
  if (plan->departments_given)
    about.departments = departments_json(plan->departments, all->department_photos, plan->department_count);
  all->report.people = all->people_count;
  return gallery_writer_finish(&all->writer, &about, all->people, all->people_count, why) &&
         build_report_write(&all->report, folder, why);
}

static void print_result(const assembler *all, const char *place) {
  const build_report *report = &all->report;
  printf("%s: %s %s from %s photos, %s photos left out\n", place, grouped(report->people),
         all->plan->has_roster ? "people" : "faces", grouped(report->photos_built),
         grouped(build_report_skipped(report)));
  if (build_report_excluded(report)) {
    char *list = exclusions_text(report->excluded);
    warn("%s photos must not be matched and were not opened: %s.", grouped(build_report_excluded(report)), list);
    free(list);
  }
  for (size_t i = 0; i < report->note_count; ++i) warn("%s", report->notes[i]);
  if (build_report_skipped(report)) {
    warn("%s photos were left out (%s missing, %s unreadable, %s without a face, %s refused, %s with a wrong face in "
         "the roster); see %s/report.txt.",
         grouped(build_report_skipped(report)), grouped(report->skipped[SKIP_MISSING]),
         grouped(report->skipped[SKIP_UNREADABLE]), grouped(report->skipped[SKIP_NO_FACE]),
         grouped(report->skipped[SKIP_REFUSED]), grouped(report->skipped[SKIP_WRONG_FACE]), place);
  }
}

/* ---------------------------------------------------------------------------------------------- all of it */

static bool write_into(assembler *all, const char *folder, sentence *why) {
  cJSON *context = cJSON_Parse(all->parts->context);
  cJSON *embedder = cJSON_DetachItemFromObjectCaseSensitive(context, "embedder");
  cJSON *detector = cJSON_DetachItemFromObjectCaseSensitive(context, "detector");
  cJSON_Delete(context);
  if (!gallery_writer_begin(&all->writer, folder, embedder, detector, why)) return false;
  all->dimension = all->writer.vectors.dimension;
  all->gallery_index = new_array(all->plan->people_count, sizeof *all->gallery_index);
  all->department_photos = new_array(all->plan->department_count, sizeof *all->department_photos);
  begin_report(all);
  return take_photos(all, why) && finish(all, folder, why);
}

bool assemble(const assembly *parts, const char *place, bool replace, sentence *why) {
  output_folder output;
  if (!output_folder_begin(place, &folder_of_gallery, replace, &output, why)) return false;
  assembler all = {.parts = parts, .plan = parts->plan};
  bool fine = write_into(&all, output.made, why);
  if (fine)
    fine = output_folder_finish(&output, why);
  else
    output_folder_abandon(&output);
  if (fine) print_result(&all, place);
  gallery_writer_free(&all.writer);
  build_report_free(&all.report);
  free_people(&all);
  free(all.gallery_index);
  free(all.department_photos);
  return fine;
}
