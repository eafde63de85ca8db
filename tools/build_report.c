/* The report of a build, for programs and for people. */
#include "build_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "output.h"

static const struct {
  const char *key, *words;
} reasons[SKIP_REASONS] = {
    [SKIP_REFUSED] = {"refused", "refused: the path leads out of the folder of photos"},
    [SKIP_MISSING] = {"missing", "missing: there is no such file in the folder of photos"},
    [SKIP_UNREADABLE] = {"unreadable", "unreadable: the file cannot be read as a photo"},
    [SKIP_NO_FACE] = {"no_face", "no face: the detector found none in the photo"},
    [SKIP_WRONG_FACE] = {"wrong_face", "wrong face: the roster's box or landmarks do not fit the photo"},
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

void build_report_skip(build_report *report, skip_reason reason, const char *photo, const char *person,
                       const char *detail) {
  report->skips = room_for_one_more(report->skips, report->skip_count, &report->skip_capacity, sizeof *report->skips);
  report->skips[report->skip_count++] = (skip){reason, new_text(photo), new_text(person), new_text(detail)};
  ++report->skipped[reason];
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

static cJSON *report_json(const build_report *report) {
  cJSON *out = cJSON_CreateObject();
  cJSON_AddStringToObject(out, "format", "doppel-build-report");
  cJSON_AddNumberToObject(out, "version", 1);
  if (report->records) cJSON_AddNumberToObject(out, "records", (double)report->records);
  cJSON_AddNumberToObject(out, "photos", (double)report->photos);
  cJSON_AddNumberToObject(out, "photos_built", (double)report->photos_built);
  cJSON_AddNumberToObject(out, "people", (double)report->people);
  cJSON_AddNumberToObject(out, "records_without_photo", (double)report->without_photo);
  cJSON_AddNumberToObject(out, "photos_with_several_faces", (double)report->several_faces);
  cJSON *counts = cJSON_AddObjectToObject(out, "skipped");
  for (int i = 0; i < SKIP_REASONS; ++i) cJSON_AddNumberToObject(counts, reasons[i].key, (double)report->skipped[i]);
  counts = cJSON_AddObjectToObject(out, "excluded");
  for (int i = 0; i < EXCLUSIONS; ++i) cJSON_AddNumberToObject(counts, exclusions[i].key, (double)report->excluded[i]);
  cJSON *notes = cJSON_AddArrayToObject(out, "notes");
  for (size_t i = 0; i < report->note_count; ++i) cJSON_AddItemToArray(notes, cJSON_CreateString(report->notes[i]));
  cJSON *skips = cJSON_AddArrayToObject(out, "skips");
  for (size_t i = 0; i < report->skip_count; ++i) {
    const skip *left_out = &report->skips[i];
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "photo", left_out->photo);
    if (*left_out->person) cJSON_AddStringToObject(entry, "person", left_out->person);
    cJSON_AddStringToObject(entry, "reason", reasons[left_out->reason].key);
    cJSON_AddStringToObject(entry, "detail", left_out->detail);
    cJSON_AddItemToArray(skips, entry);
  }
  return out;
}

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
  for (size_t i = 0; i < report->note_count; ++i) fprintf(out, "%s\n", report->notes[i]);
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

bool build_report_write(const build_report *report, const char *folder, sentence *why) {
  cJSON *document = report_json(report);
  char *json = cJSON_Print(document), *json_path = path_joined(folder, "report.json");
  char *text_path = path_joined(folder, "report.txt"), *text = NULL;
  size_t text_size = 0;
  FILE *memory = open_memstream(&text, &text_size);
  bool fine = json && memory;
  if (memory) {
    print_text(report, memory);
    fclose(memory);
  }
  if (!fine) fail(why, "There is not enough memory.");
  fine = fine && file_write(json_path, json, strlen(json), why) && file_write(text_path, text, text_size, why);
  cJSON_free(json);
  cJSON_Delete(document);
  free(text);
  free(json_path);
  free(text_path);
  return fine;
}

void build_report_free(build_report *report) {
  for (size_t i = 0; i < report->skip_count; ++i) {
    free(report->skips[i].photo);
    free(report->skips[i].person);
    free(report->skips[i].detail);
  }
  for (size_t i = 0; i < report->note_count; ++i) free(report->notes[i]);
  free(report->skips);
  free(report->notes);
  *report = (build_report){0};
}
