/* The report of a build, for programs and for people. */
#include "build_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calibration_json.h"
#include "files.h"
#include "output.h"
#include "output_folder.h"
#include "quality_measures.h"
#include "report_page.h"
#include "report_plots.h"

static const struct {
  const char *key, *words;
} reasons[SKIP_REASONS] = {
    [SKIP_REFUSED] = {"refused", "refused: the path leads out of the folder of photos"},
    [SKIP_MISSING] = {"missing", "missing: there is no such file in the folder of photos"},
    [SKIP_UNREADABLE] = {"unreadable", "unreadable: the file cannot be read as a photo"},
    [SKIP_NO_FACE] = {"no_face", "no face: the detector found none in the photo"},
    [SKIP_WRONG_FACE] = {"wrong_face", "wrong face: the roster's box or landmarks do not fit the photo"},
    [SKIP_INCOMPLETE] = {"incomplete", "incomplete: the file is cut short or damaged, and no face in it is whole"},
};

static const struct {
  const char *key, *words;
} exclusions[EXCLUSIONS] = {
    [EXCLUDED_MARKED] = {"use_for_matching", "marked as not to be used for matching"},
    [EXCLUDED_JURISDICTION] = {"jurisdiction", "from a jurisdiction on the deny list"},
    [EXCLUDED_NO_MATCHING] = {"face_matching", "of departments without face matching"},
    [EXCLUDED_NOT_LISTED] = {"department_not_listed", "of departments that the departments file does not have"},
    [EXCLUDED_NO_DEPARTMENT] = {"no_department", "without a department"},
};

const char *skip_words(skip_reason reason) {
  return reasons[reason].words;
}

const char *exclusion_words(int excluded) {
  return exclusions[excluded].words;
}

static dpl_bytes copy_of(dpl_bytes bytes) {
  if (!bytes.size) return (dpl_bytes){0};
  uint8_t *copy = new_array(bytes.size, 1);
  memcpy(copy, bytes.data, bytes.size);
  return (dpl_bytes){copy, bytes.size};
}

void build_report_skip(build_report *report, skip_reason reason, const char *photo, const char *person,
                       const char *detail, dpl_bytes picture) {
  report->skips = room_for_one_more(report->skips, report->skip_count, &report->skip_capacity, sizeof *report->skips);
  const bool is_shown = report->skipped[reason]++ < MOST_PICTURES;
  report->skips[report->skip_count++] =
      (skip){reason, text_pool_keep(&report->texts, photo), text_pool_keep(&report->texts, person),
             text_pool_keep(&report->texts, detail), is_shown ? copy_of(picture) : (dpl_bytes){0}};
}

void report_pairs_add(report_pairs *list, report_pair pair) {
  list->pairs = room_for_one_more(list->pairs, list->count, &list->capacity, sizeof *list->pairs);
  list->pairs[list->count++] = pair;
}

void build_report_note(build_report *report, char *note) {
  report->notes = room_for_one_more(report->notes, report->note_count, &report->note_capacity, sizeof *report->notes);
  report->notes[report->note_count++] = note;
}

size_t build_report_skipped(const build_report *report) {
  return report->skip_count;
}

size_t build_report_excluded(const build_report *report) {
  size_t sum = 0;
  for (int i = 0; i < EXCLUSIONS; ++i) sum += report->excluded[i];
  return sum;
}

char *exclusions_text(const size_t excluded[EXCLUSIONS]) {
  char *list = new_text("");
  for (int i = 0; i < EXCLUSIONS; ++i) {
    if (!excluded[i]) continue;
    char *longer = new_text_of("%s%s%s %s", list, *list ? ", " : "", grouped(excluded[i]), exclusions[i].words);
    free(list);
    list = longer;
  }
  return list;
}

/* ---------------------------------------------------------------------------------------------- JSON */

static cJSON *face_json(const report_face *face) {
  cJSON *out = cJSON_CreateObject();
  cJSON_AddStringToObject(out, "photo", face->photo);
  if (*face->person) cJSON_AddStringToObject(out, "person", face->person);
  return out;
}

static cJSON *twins_json(const report_pairs *list, bool are_folded) {
  cJSON *out = cJSON_CreateArray();
  for (size_t i = 0; i < list->count; ++i) {
    const report_pair *pair = &list->pairs[i];
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddItemToObject(entry, are_folded ? "kept" : "one", face_json(&pair->one));
    cJSON_AddItemToObject(entry, are_folded ? "folded" : "other", face_json(&pair->other));
    if (are_folded) cJSON_AddBoolToObject(entry, "same_file", pair->same_file);
    cJSON_AddItemToArray(out, entry);
  }
  return out;
}

static cJSON *suspects_json(const report_pairs *list) {
  cJSON *out = cJSON_CreateArray();
  for (size_t i = 0; i < list->count; ++i) {
    const report_pair *pair = &list->pairs[i];
    cJSON *entry = cJSON_CreateObject();
    add_rounded(entry, "similarity", (double)pair->similarity, 4);
    cJSON_AddItemToObject(entry, "one", face_json(&pair->one));
    cJSON_AddItemToObject(entry, "other", face_json(&pair->other));
    if (pair->groups) cJSON_AddNumberToObject(entry, "groups", (double)pair->groups);
    cJSON_AddItemToArray(out, entry);
  }
  return out;
}

static cJSON *all_suspects_json(const build_report *report) {
  cJSON *out = cJSON_CreateObject();
  add_rounded(out, "threshold", (double)report->threshold, 4);
  cJSON_AddNumberToObject(out, "photos_looked_from", (double)report->probes);
  cJSON_AddNumberToObject(out, "one_person_under_two_names_found", (double)report->two_names.found);
  cJSON_AddItemToObject(out, "one_person_under_two_names", suspects_json(&report->two_names));
  cJSON_AddNumberToObject(out, "two_people_under_one_name_found", (double)report->one_name.found);
  cJSON_AddItemToObject(out, "two_people_under_one_name", suspects_json(&report->one_name));
  return out;
}

static cJSON *shares_json(const float *numbers, size_t count, int digits) {
  static const struct {
    const char *key;
    double share;
  } shares[] = {{"least", 0}, {"5_percent", 0.05}, {"half", 0.5}, {"95_percent", 0.95}, {"most", 1}};
  cJSON *out = cJSON_CreateObject();
  for (size_t i = 0; i < sizeof shares / sizeof shares[0]; ++i)
    add_rounded(out, shares[i].key, share_of_numbers(numbers, count, shares[i].share), digits);
  return out;
}

/* How the faces in the gallery are: a few numbers below which so many of them lie. */
static cJSON *qualities_json(const build_report *report) {
  cJSON *out = cJSON_CreateObject();
  float *numbers = new_array(report->faces, sizeof *numbers);
  for (int i = 0; i < QUALITY_MEASURES; ++i) {
    for (size_t k = 0; k < report->faces; ++k) numbers[k] = quality_measure(&report->qualities[k], i);
    cJSON_AddItemToObject(out, quality_measures[i].key,
                          shares_json(numbers, report->faces, quality_measures[i].digits));
  }
  free(numbers);
  return out;
}

static cJSON *report_json(const build_report *report) {
  cJSON *out = cJSON_CreateObject();
  cJSON_AddStringToObject(out, "format", "doppel-build-report");
  cJSON_AddNumberToObject(out, "version", 1);
  if (report->records) cJSON_AddNumberToObject(out, "records", (double)report->records);
  cJSON_AddNumberToObject(out, "photos", (double)report->photos);
  cJSON_AddNumberToObject(out, "photos_built", (double)report->photos_built);
  cJSON_AddNumberToObject(out, "photos_folded", (double)report->folded.found);
  cJSON_AddNumberToObject(out, "people", (double)report->people);
  cJSON_AddNumberToObject(out, "records_without_photo", (double)report->without_photo);
  cJSON_AddNumberToObject(out, "photos_with_several_faces", (double)report->several_faces);
  cJSON *incomplete = cJSON_AddArrayToObject(out, "photos_cut_short");
  for (size_t i = 0; i < report->incomplete.count; ++i)
    cJSON_AddItemToArray(incomplete, cJSON_CreateString(report->incomplete.names[i]));
  cJSON *counts = cJSON_AddObjectToObject(out, "skipped");
  for (int i = 0; i < SKIP_REASONS; ++i) cJSON_AddNumberToObject(counts, reasons[i].key, (double)report->skipped[i]);
  counts = cJSON_AddObjectToObject(out, "excluded");
  for (int i = 0; i < EXCLUSIONS; ++i) cJSON_AddNumberToObject(counts, exclusions[i].key, (double)report->excluded[i]);
  if (report->faces) cJSON_AddItemToObject(out, "faces", qualities_json(report));
  if (report->calibration) cJSON_AddItemToObject(out, "calibration", calibration_json(report->calibration));
  cJSON_AddItemToObject(out, "folded", twins_json(&report->folded, true));
  cJSON_AddItemToObject(out, "same_file_under_two_people", twins_json(&report->shared, false));
  if (report->probes) cJSON_AddItemToObject(out, "suspects", all_suspects_json(report));
  cJSON *notes = cJSON_AddArrayToObject(out, "notes");
  for (size_t i = 0; i < report->note_count; ++i) cJSON_AddItemToArray(notes, cJSON_CreateString(report->notes[i]));
  return out;
}

/* One line per photo, so that memory does not grow with a tree of them all. */
static void print_skips(const build_report *report, FILE *out) {
  fputs("\t\"skips\":\t[", out);
  for (size_t i = 0; i < report->skip_count; ++i) {
    const skip *left_out = &report->skips[i];
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "photo", left_out->photo);
    if (*left_out->person) cJSON_AddStringToObject(entry, "person", left_out->person);
    cJSON_AddStringToObject(entry, "reason", reasons[left_out->reason].key);
    cJSON_AddStringToObject(entry, "detail", left_out->detail);
    char *text = cJSON_PrintUnformatted(entry);
    if (!text) end_without_memory();
    fprintf(out, "%s\n\t\t%s", i ? "," : "", text);
    cJSON_free(text);
    cJSON_Delete(entry);
  }
  fputs(report->skip_count ? "\n\t]\n}" : "]\n}", out);
}

/* The document, with the photos that were left out as its last member. */
static void print_json_report(const build_report *report, FILE *out) {
  cJSON *document = report_json(report);
  char *json = cJSON_Print(document);
  cJSON_Delete(document);
  if (!json) end_without_memory();
  fprintf(out, "%.*s,\n", (int)(strlen(json) - strlen("\n}")), json);
  cJSON_free(json);
  print_skips(report, out);
}

/* ---------------------------------------------------------------------------------------------- text */

static void print_text(const build_report *report, FILE *out) {
  fprintf(out, "%s of %s photos are in the gallery, of %s %s.\n", grouped(report->photos_built),
          grouped(report->photos), grouped(report->people), report->records ? "people" : "faces");
  if (report->without_photo) fprintf(out, "%s records name no photo.\n", grouped(report->without_photo));
  if (report->several_faces) {
    fprintf(out, "%s photos hold several faces; the largest was taken.\n", grouped(report->several_faces));
  }
  if (build_report_excluded(report)) {
    char *list = exclusions_text(report->excluded);
    fprintf(out, "%s photos must not be matched and were not opened: %s.\n", grouped(build_report_excluded(report)),
            list);
    free(list);
  }
  if (report->folded.found) {
    fprintf(out, "%s photos show the same picture as a better one of the same person and were left out.\n",
            grouped(report->folded.found));
  }
  if (report->shared.found) fprintf(out, "%s photos stand under two people.\n", grouped(report->shared.found));
  if (report->two_names.found) fprintf(out, "%s pairs of people look like one.\n", grouped(report->two_names.found));
  if (report->one_name.found) fprintf(out, "%s people look like several.\n", grouped(report->one_name.found));
  if (report->shared.found || report->two_names.found || report->one_name.found)
    fprintf(out, "Look at them in report.html.\n");
  for (size_t i = 0; i < report->note_count; ++i) fprintf(out, "%s\n", report->notes[i]);
  if (report->incomplete.count) {
    fprintf(out, "\ncut short: a part of the file is missing, but not of the face (%s)\n",
            grouped(report->incomplete.count));
    for (size_t i = 0; i < report->incomplete.count; ++i) fprintf(out, "  %s\n", report->incomplete.names[i]);
  }
  for (int reason = 0; reason < SKIP_REASONS; ++reason) {
    if (!report->skipped[reason]) continue;
    fprintf(out, "\n%s (%s)\n", reasons[reason].words, grouped(report->skipped[reason]));
    for (size_t i = 0; i < report->skip_count; ++i) {
      const skip *left_out = &report->skips[i];
      if ((int)left_out->reason != reason) continue;
      fprintf(out, "  %s%s%s%s", left_out->photo, *left_out->person ? " (" : "", left_out->person,
              *left_out->person ? ")" : "");
      if (reason == SKIP_UNREADABLE || reason == SKIP_WRONG_FACE) fprintf(out, ": %s", left_out->detail);
      fputc('\n', out);
    }
  }
}

/* ---------------------------------------------------------------------------------------------- files */

/* A file of what `print` prints. */
static bool write_printed(const build_report *report, void (*print)(const build_report *, FILE *), const char *folder,
                          const char *name, sentence *why) {
  char *path = path_joined(folder, name), *text = NULL;
  size_t size = 0;
  FILE *memory = text_stream_begin(&text, &size);
  print(report, memory);
  text_stream_end(memory);
  bool fine = file_write(path, text, size, why);
  free(text);
  free(path);
  return fine;
}

static bool write_files(const build_report *report, const char *folder, sentence *why) {
  return write_printed(report, print_json_report, folder, "report.json", why) &&
         write_printed(report, print_text, folder, "report.txt", why) && report_page_write(report, folder, why);
}

char *build_report_place(const char *place) {
  return path_beside(place, ".report");
}

bool build_report_check(const char *place, sentence *why) {
  char *folder = build_report_place(place);
  bool fine = output_folder_check(folder, &folder_of_report, true, why);
  free(folder);
  return fine;
}

bool build_report_write(const build_report *report, const char *place, sentence *why) {
  output_folder output;
  char *folder = build_report_place(place);
  bool fine = output_folder_begin(folder, &folder_of_report, true, &output, why);
  free(folder);
  if (!fine) return false;
  if (write_files(report, output.made, why)) return output_folder_finish(&output, why);
  output_folder_abandon(&output);
  return false;
}

static void free_face(report_face *face) {
  free(face->photo);
  free(face->person);
  bytes_free(&face->picture);
}

static void free_pairs(report_pairs *list) {
  for (size_t i = 0; i < list->count; ++i) {
    free_face(&list->pairs[i].one);
    free_face(&list->pairs[i].other);
  }
  free(list->pairs);
}

void build_report_free(build_report *report) {
  for (size_t i = 0; i < report->skip_count; ++i) {
    bytes_free(&report->skips[i].picture);
  }
  text_pool_free(&report->texts);
  for (size_t i = 0; i < report->note_count; ++i) free(report->notes[i]);
  name_list_free(&report->incomplete);
  free(report->skips);
  free(report->notes);
  free_pairs(&report->folded);
  free_pairs(&report->shared);
  free_pairs(&report->two_names);
  free_pairs(&report->one_name);
  *report = (build_report){0};
}
