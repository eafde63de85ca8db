/* Going over the photos in the plan's order. */
#include "assemble.h"

#include <stdio.h>
#include <stdlib.h>

#include "face_names.h"
#include "files.h"
#include "folding.h"
#include "gallery_folder.h"
#include "gallery_writer.h"
#include "output.h"
#include "output_folder.h"
#include "parallel.h"
#include "stable_id.h"
#include "suspects.h"

/* Where a photo of the gallery comes from. */
typedef struct gallery_entry {
  size_t photo, face; /* of the plan; of its record */
} gallery_entry;

typedef struct assembler {
  const assembly *parts;
  const build_plan *plan;
  size_t dimension;
  gallery_writer writer;
  build_report report;
  size_t *department_photos;
  gallery_person *people; /* of the gallery; their texts are the plan's, or in the pool */
  text_pool texts;
  const char **face_values; /* of faces without a roster, two each */
  size_t face_value_capacity;
  size_t people_count, people_capacity;
  size_t *gallery_index; /* of a person of the plan, plus one; 0: not in the gallery so far */
  folding folds;
  float threshold;        /* the embedder's */
  gallery_entry *entries; /* one a photo of the gallery */
  size_t entry_capacity;
} assembler;

/* ---------------------------------------------------------------------------------------------- people */

static size_t add_person(assembler *all, const char *id, const char *name, const char *const *values) {
  all->people = room_for_one_more(all->people, all->people_count, &all->people_capacity, sizeof *all->people);
  all->people[all->people_count] = (gallery_person){id, name, values};
  return all->people_count++;
}

static size_t person_of_roster(assembler *all, const plan_photo *photo) {
  size_t *index = &all->gallery_index[photo->person];
  if (!*index) {
    const plan_person *person = &all->plan->people[photo->person];
    const char *name = *person->name ? person->name : text_pool_take(&all->texts, photo_title(photo->shown));
    *index = add_person(all, person->id, name, person->values) + 1;
  }
  return *index - 1;
}

/* What a gallery without a roster has for fields. The array moves while it grows, so that people get theirs at the end:
   see give_values. */
static void add_face_values(assembler *all, const plan_photo *photo, const photo_record *record) {
  char *count = new_text_of("%zu", record->count);
  while (all->face_value_capacity < 2 * (all->people_count + 1))
    all->face_values = room_for_one_more(all->face_values, all->face_value_capacity, &all->face_value_capacity,
                                         sizeof *all->face_values);
  all->face_values[2 * all->people_count] = text_pool_keep(&all->texts, path_name(photo->shown));
  all->face_values[2 * all->people_count + 1] = text_pool_take(&all->texts, count);
}

static void give_values(assembler *all) {
  for (size_t i = 0; !all->plan->has_roster && i < all->people_count; ++i)
    all->people[i].values = all->face_values + 2 * i;
}

/* With --all-faces every face is somebody of its own: with the fields of its record, or of the plan without a roster.
 */
static size_t person_of_face(assembler *all, const plan_photo *photo, const photo_record *record, size_t face) {
  const plan_person *given = all->plan->has_roster ? &all->plan->people[photo->person] : NULL;
  char *title = given && *given->name ? new_text(given->name) : photo_title(photo->shown);
  if (!given) add_face_values(all, photo, record);
  char *key = new_text_of("%s\n%s\n%zu", given ? given->id : "", photo->shown, face);
  const char *id = text_pool_take(&all->texts, id_of_key("face", key));
  const char *name = text_pool_take(&all->texts, face_name(title, record->faces, record->count, face));
  free(key);
  free(title);
  return add_person(all, id, name, given ? given->values : NULL);
}

/* Photos of two folders may have one name. */
static void unique_ids(assembler *all) {
  used_ids used = {0};
  for (size_t i = 0; all->plan->all_faces && i < all->people_count; ++i)
    all->people[i].id = text_pool_keep(&all->texts, unique_id(&used, all->people[i].id));
  used_ids_free(&used);
}

/* ---------------------------------------------------------------------------------------------- photos */

/* A plan that was read from a file knows no problems, but a path shows why it is refused. */
static const char *detail_without_record(const plan_photo *photo, skip_reason reason) {
  const char *refused = reason == SKIP_REFUSED ? path_problem(photo->shown) : NULL;
  if (photo->problem || refused) return photo->problem ? photo->problem : refused;
  return reason == SKIP_UNREADABLE ? "The file cannot be read." : "There is no such file.";
}

static void skip_photo(assembler *all, const plan_photo *photo, skip_reason reason, const char *detail,
                       const dpl_bytes *picture) {
  const char *person = all->plan->has_roster ? all->plan->people[photo->person].name : "";
  build_report_skip(&all->report, reason, photo->shown, person, detail, picture ? *picture : (dpl_bytes){0});
}

static size_t person_of(assembler *all, const plan_photo *photo, const photo_record *record, size_t face) {
  return all->plan->all_faces ? person_of_face(all, photo, record, face) : person_of_roster(all, photo);
}

static bool add_photo(assembler *all, size_t index, const photo_record *record, sentence *why) {
  const plan_photo *photo = &all->plan->photos[index];
  if (record->skipped) {
    skip_photo(all, photo, record->reason, record->detail, &record->thumbnail);
    return true;
  }
  ++all->report.photos_built;
  if (record->incomplete) name_list_add(&all->report.incomplete, photo->shown);
  all->report.several_faces += !all->plan->all_faces && record->found > 1;
  if (photo->department != NO_DEPARTMENT) ++all->department_photos[photo->department];
  for (size_t i = 0; i < record->count; ++i) {
    all->entries = room_for_one_more(all->entries, all->writer.count, &all->entry_capacity, sizeof *all->entries);
    all->entries[all->writer.count] = (gallery_entry){index, i};
    if (!gallery_writer_add_files(&all->writer, (uint32_t)person_of(all, photo, record, i),
                                  record->vectors + i * all->dimension, &record->faces[i], &record->qualities[i],
                                  record->portraits[i], record->large[i], why))
      return false;
  }
  return true;
}

bool assembly_read(const assembly *parts, size_t dimension, size_t photo, photo_record *record, sentence *why) {
  dpl_bytes bytes;
  journal *records = parts->journals[photo % parts->journal_count];
  if (!journal_read(records, &parts->outcomes[photo].key, &bytes, why)) return false;
  bool fine = photo_record_read(bytes, dimension, record) ||
              fail(why, "%s holds a record that cannot be read; delete it and build again.", records->path);
  bytes_free(&bytes);
  return fine;
}

static bool take_photo(assembler *all, size_t index, sentence *why) {
  const photo_outcome *outcome = &all->parts->outcomes[index];
  photo_record record;
  if (!outcome->recorded) {
    const plan_photo *photo = &all->plan->photos[index];
    skip_photo(all, photo, outcome->reason, detail_without_record(photo, outcome->reason), NULL);
    return true;
  }
  if (all->folds.is_folded[index]) return true;
  if (!assembly_read(all->parts, all->dimension, index, &record, why)) return false;
  bool fine = add_photo(all, index, &record, why);
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
              "%zu with a wrong face in the roster, %zu cut short.",
              report->skipped[SKIP_MISSING], report->skipped[SKIP_UNREADABLE], report->skipped[SKIP_NO_FACE],
              report->skipped[SKIP_REFUSED], report->skipped[SKIP_WRONG_FACE], report->skipped[SKIP_INCOMPLETE]);
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

/* ---------------------------------------------------------------------------------------------- what looks wrong */

/* Face number `face` of a photo of the plan, with its portrait where there is room for one more picture. */
static bool face_of_photo(const assembler *all, size_t photo, size_t face, bool with_picture, report_face *out,
                          sentence *why) {
  const plan_photo *planned = &all->plan->photos[photo];
  *out = (report_face){
      new_text(planned->shown), new_text(all->plan->has_roster ? all->plan->people[planned->person].name : ""), {0}};
  if (!with_picture) return true;
  photo_record record;
  if (!assembly_read(all->parts, all->dimension, photo, &record, why)) return false;
  out->picture = record.portraits[face];
  record.portraits[face] = (dpl_bytes){0};
  photo_record_free(&record);
  return true;
}

static bool report_twins(const assembler *all, const near_pair *twins, size_t count, report_pairs *list,
                         sentence *why) {
  bool fine = true;
  for (size_t i = 0; i < count && i < MOST_PAIRS && fine; ++i) {
    report_pair pair = {.same_file = twins[i].same_file};
    fine = face_of_photo(all, twins[i].kept, 0, i < MOST_PICTURES, &pair.one, why) &&
           face_of_photo(all, twins[i].folded, 0, i < MOST_PICTURES, &pair.other, why);
    report_pairs_add(list, pair);
  }
  list->found = count;
  return fine;
}

static bool face_of_entry(const assembler *all, size_t entry, report_face *out, sentence *why) {
  const gallery_entry *place = &all->entries[entry];
  if (!face_of_photo(all, place->photo, place->face, true, out, why)) return false;
  free(out->person);
  out->person = new_text(all->people[all->writer.person[entry]].name);
  return true;
}

static bool report_suspects(const assembler *all, const suspect *listed, size_t count, size_t found, report_pairs *list,
                            sentence *why) {
  bool fine = true;
  for (size_t i = 0; i < count && fine; ++i) {
    report_pair pair = {.similarity = listed[i].similarity, .groups = listed[i].groups};
    fine = face_of_entry(all, listed[i].photo, &pair.one, why) && face_of_entry(all, listed[i].other, &pair.other, why);
    report_pairs_add(list, pair);
  }
  list->found = found;
  return fine;
}

/* The gallery that was just written, with one of its shards. */
typedef struct written_gallery {
  const char *folder;
  gallery_folder opened;
} written_gallery;

static bool open_shard(void *context, size_t shard, const dpl_gallery **gallery, sentence *why) {
  written_gallery *written = context;
  gallery_folder_close(&written->opened);
  if (!gallery_folder_open(written->folder, &written->opened, why)) return false;
  *gallery = written->opened.gallery;
  return gallery_folder_load_shard(&written->opened, shard, why);
}

/* Looks for names that look wrong. */
static bool find_suspects(assembler *all, const char *folder, sentence *why) {
  const float *vectors;
  if (!vector_file_map(&all->writer.vectors, &vectors, why)) return false;
  written_gallery written = {.folder = folder};
  const suspect_search search = {.open_shard = open_shard,
                                 .context = &written,
                                 .shards = all->writer.shards,
                                 .vectors = vectors,
                                 .person = all->writer.person,
                                 .qualities = all->writer.qualities,
                                 .count = all->writer.count,
                                 .dimension = all->dimension,
                                 .threshold = all->threshold,
                                 .interrupted = parallel_interrupted};
  suspects *found = new_array(1, sizeof *found);
  bool fine =
      suspects_find(&search, found, why) &&
      report_suspects(all, found->two_names, found->two_names_count, found->two_names_found, &all->report.two_names,
                      why) &&
      report_suspects(all, found->one_name, found->one_name_count, found->one_name_found, &all->report.one_name, why);
  all->report.probes = found->probes;
  free(found);
  gallery_folder_close(&written.opened);
  return fine;
}

/* `folder` holds the gallery that was just written. */
static bool fill_report(assembler *all, const char *folder, sentence *why) {
  build_report *report = &all->report;
  const near_duplicates *twins = &all->folds.found;
  report->people = all->people_count;
  report->title = all->plan->title;
  report->calibration = all->writer.calibration;
  report->qualities = all->writer.qualities;
  report->faces = all->writer.count;
  report->threshold = all->threshold;
  return report_twins(all, twins->folded, twins->folded_count, &report->folded, why) &&
         report_twins(all, twins->shared, twins->shared_count, &report->shared, why) && find_suspects(all, folder, why);
}

static bool finish(assembler *all, const char *folder, sentence *why) {
  const build_plan *plan = all->plan;
  gallery_about about = {.id = plan->id,
                         .title = plan->title,
                         .publisher = plan->publisher,
                         .notice = plan->notice,
                         .language = plan->language,
                         .joined = &plan->joined,
                         .fields = plan->fields,
                         .field_count = plan->field_count,
                         .pictures = all->parts->pictures,
                         .allowed_jurisdictions = allowed_jurisdictions_json(plan->allowed, plan->allowed_count)};
  if (plan->departments_given)
    about.departments = departments_json(plan->departments, all->department_photos, plan->department_count);
  unique_ids(all);
  give_values(all);
  return gallery_writer_finish(&all->writer, &about, all->people, all->people_count, why) &&
         fill_report(all, folder, why);
}

static void print_result(const assembler *all, const char *place) {
  const build_report *report = &all->report;
  char *beside = build_report_place(place);
  printf("%s: %s %s from %s photos, %s photos left out\n", place, grouped(report->people),
         all->plan->has_roster ? "people" : "faces", grouped(report->photos_built),
         grouped(build_report_skipped(report)));
  if (build_report_excluded(report)) {
    char *list = exclusions_text(report->excluded);
    warn("%s photos must not be matched and were not opened: %s.", grouped(build_report_excluded(report)), list);
    free(list);
  }
  for (size_t i = 0; i < report->note_count; ++i) warn("%s", report->notes[i]);
  if (report->incomplete.count)
    warn("%s photos in the gallery have files that are cut short, though nothing of their faces is missing; see "
         "%s/report.txt.",
         grouped(report->incomplete.count), beside);
  if (report->folded.found)
    warn("%s photos show the same picture as a better one of the same person and were folded into it.",
         grouped(report->folded.found));
  if (build_report_skipped(report)) {
    warn("%s photos were left out (%s missing, %s unreadable, %s without a face, %s refused, %s with a wrong face in "
         "the roster, %s cut short); see %s/report.html.",
         grouped(build_report_skipped(report)), grouped(report->skipped[SKIP_MISSING]),
         grouped(report->skipped[SKIP_UNREADABLE]), grouped(report->skipped[SKIP_NO_FACE]),
         grouped(report->skipped[SKIP_REFUSED]), grouped(report->skipped[SKIP_WRONG_FACE]),
         grouped(report->skipped[SKIP_INCOMPLETE]), beside);
  }
  free(beside);
}

/* ---------------------------------------------------------------------------------------------- all of it */

static bool write_into(assembler *all, const char *folder, sentence *why) {
  cJSON *context = cJSON_Parse(all->parts->context);
  cJSON *embedder = cJSON_DetachItemFromObjectCaseSensitive(context, "embedder");
  cJSON *detector = cJSON_DetachItemFromObjectCaseSensitive(context, "detector");
  const cJSON *threshold = cJSON_GetObjectItemCaseSensitive(context, "threshold");
  all->threshold = cJSON_IsNumber(threshold) ? (float)threshold->valuedouble : 1;
  cJSON_Delete(context);
  if (!gallery_writer_begin(&all->writer, folder, embedder, detector, why)) return false;
  all->dimension = all->writer.vectors.dimension;
  all->gallery_index = new_array(all->plan->people_count, sizeof *all->gallery_index);
  all->department_photos = new_array(all->plan->department_count, sizeof *all->department_photos);
  begin_report(all);
  return folding_find(all->parts, all->dimension, folder, &all->folds, why) && take_photos(all, why) &&
         finish(all, folder, why);
}

bool assemble(const assembly *parts, const char *place, bool replace, sentence *why) {
  output_folder output;
  if (!output_folder_begin(place, &folder_of_gallery, replace, &output, why)) return false;
  assembler all = {.parts = parts, .plan = parts->plan};
  bool fine = write_into(&all, output.made, why) && build_report_write(&all.report, place, why);
  if (fine)
    fine = output_folder_finish(&output, why);
  else
    output_folder_abandon(&output);
  if (fine) print_result(&all, place);
  gallery_writer_free(&all.writer);
  build_report_free(&all.report);
  text_pool_free(&all.texts);
  free(all.people);
  free(all.face_values);
  folding_free(&all.folds);
  free(all.entries);
  free(all.gallery_index);
  free(all.department_photos);
  return fine;
}
