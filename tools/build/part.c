/* Writing and reading the folder of a part. */
#include "part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cJSON.h"

enum { PART_VERSION = 1 };

static const char plan_name[] = "plan.json", part_name[] = "part.json";

/* Reasons that need no record, as part.json names them. */
static const struct {
  skip_reason reason;
  const char *name;
} without_record[] = {{SKIP_REFUSED, "refused"}, {SKIP_MISSING, "missing"}, {SKIP_UNREADABLE, "unreadable"}};
enum { WITHOUT_RECORD = sizeof without_record / sizeof *without_record };

/* ---------------------------------------------------------------------------------------------- writing */

static bool is_ours(const char *name) {
  const bool list = !strncmp(name, plan_name, strlen(plan_name)) || !strncmp(name, part_name, strlen(part_name));
  return list || work_folder_has(name); /* lists that were being written have more behind their names */
}

bool part_check(const char *path, sentence *why) {
  name_list names = {0};
  if (!path_exists(path)) return true;
  if (!path_is_folder(path)) return fail(why, "%s is a file; name a folder with --output.", path);
  if (!folder_list(path, &names, why)) return false;
  bool fine = true;
  for (size_t i = 0; i < names.count && fine; ++i) {
    fine =
        is_ours(names.names[i]) ||
        fail(why, "The folder %s has other things in it (%s); name another one with --output.", path, names.names[i]);
  }
  name_list_free(&names);
  return fine;
}

bool part_begin(const char *path, sentence *why) {
  char *finished = path_joined(path, part_name);
  bool fine =
      unlink(finished) == 0 || errno == ENOENT || fail(why, "%s cannot be removed: %s.", finished, strerror(errno));
  free(finished);
  return fine;
}

static cJSON *outcome_json(const photo_outcome *outcome) {
  if (outcome->recorded) {
    char *key = key_text(&outcome->key);
    cJSON *text = cJSON_CreateString(key);
    free(key);
    return text;
  }
  int reason = 0;
  while (reason < WITHOUT_RECORD - 1 && without_record[reason].reason != outcome->reason) ++reason;
  return cJSON_CreateString(without_record[reason].name);
}

static char *part_text(const work_folder *work, const char *plan_text, const analysis_job *job,
                       const photo_outcome *outcomes) {
  char sha256[SHA256_TEXT];
  sha256_of((dpl_bytes){(const uint8_t *)plan_text, strlen(plan_text)}, sha256);
  cJSON *out = cJSON_CreateObject();
  cJSON_AddStringToObject(out, "format", "doppel-part");
  cJSON_AddNumberToObject(out, "version", PART_VERSION);
  cJSON_AddNumberToObject(out, "part", (double)job->part + 1);
  cJSON_AddNumberToObject(out, "parts", (double)job->parts);
  cJSON_AddStringToObject(out, "plan_sha256", sha256);
  cJSON_AddStringToObject(out, "context", work->records.context);
  cJSON_AddStringToObject(out, "journal", path_name(work->records.path));
  cJSON *list = cJSON_AddArrayToObject(out, "photos");
  for (size_t i = job->part; i < job->plan->photo_count; i += job->parts)
    cJSON_AddItemToArray(list, outcome_json(&outcomes[i]));
  char *text = cJSON_PrintUnformatted(out);
  cJSON_Delete(out);
  return text ? text : new_text("");
}

bool part_finish(const work_folder *work, const analysis_job *job, const photo_outcome *outcomes, sentence *why) {
  char *plan_text = build_plan_text(job->plan), *text = part_text(work, plan_text, job, outcomes);
  char *plan_path = path_joined(work->path, plan_name), *path = path_joined(work->path, part_name);
  bool fine = file_write(plan_path, plan_text, strlen(plan_text), why) && work_folder_sync(work, why) &&
              file_write(path, text, strlen(text), why) && work_folder_sync(work, why);
  free(plan_text);
  free(text);
  free(plan_path);
  free(path);
  return fine;
}

/* ---------------------------------------------------------------------------------------------- reading */

static bool take_outcome(const cJSON *entry, photo_outcome *outcome) {
  const char *text = cJSON_GetStringValue(entry);
  if (!text) return false;
  outcome->recorded = key_from_text(text, &outcome->key);
  for (int i = 0; i < WITHOUT_RECORD && !outcome->recorded; ++i) {
    if (strcmp(text, without_record[i].name) != 0) continue;
    outcome->reason = without_record[i].reason;
    return true;
  }
  return outcome->recorded;
}

static bool take_outcomes(const cJSON *list, part *one) {
  if (!cJSON_IsArray(list)) return false;
  one->outcomes = new_array((size_t)cJSON_GetArraySize(list), sizeof *one->outcomes);
  const cJSON *entry;
  cJSON_ArrayForEach(entry, list) {
    if (!take_outcome(entry, &one->outcomes[one->count++])) return false;
  }
  return true;
}

static const char *text_in(const cJSON *in, const char *key) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(in, key));
  return text ? text : "";
}

static double number_in(const cJSON *in, const char *key) {
  const cJSON *number = cJSON_GetObjectItemCaseSensitive(in, key);
  return cJSON_IsNumber(number) ? number->valuedouble : 0;
}

/* Journal and keys are checked against each other later, record by record. */
static bool take_part(const cJSON *in, part *one, char **journal_name) {
  const double number = number_in(in, "part"), parts = number_in(in, "parts");
  if (strcmp(text_in(in, "format"), "doppel-part") != 0 || !(parts >= 1 && parts <= MOST_PARTS) ||
      !(number >= 1 && number <= parts) || !work_folder_has(text_in(in, "journal")))
    return false;
  one->number = (size_t)number - 1;
  one->parts = (size_t)parts;
  one->plan_sha256 = new_text(text_in(in, "plan_sha256"));
  one->context = new_text(text_in(in, "context"));
  *journal_name = new_text(text_in(in, "journal"));
  return take_outcomes(cJSON_GetObjectItemCaseSensitive(in, "photos"), one);
}

static bool fail_without_list(const char *path, sentence *why) {
  name_list names = {0};
  bool begun = false;
  if (!path_is_folder(path)) return fail(why, "There is no folder %s.", path);
  if (!folder_list(path, &names, why)) return false;
  for (size_t i = 0; i < names.count; ++i) begun |= is_ours(names.names[i]);
  name_list_free(&names);
  return begun ? fail(why, "The part %s is not finished; run its command again.", path)
               : fail(why, "%s is no part of a build; `doppel build --part` makes parts.", path);
}

static bool read_part(part *one, char **journal_name, sentence *why) {
  char *path = path_joined(one->path, part_name);
  dpl_bytes text;
  bool fine = path_exists(path) ? file_read(path, &text, why) : fail_without_list(one->path, why);
  if (fine) {
    cJSON *in = cJSON_ParseWithLength((const char *)text.data, text.size);
    if (number_in(in, "version") > PART_VERSION)
      fine = fail(why, "The part %s was made by a later version of doppel; use that one.", one->path);
    else if (!take_part(in, one, journal_name))
      fine = fail(why, "%s is damaged; run the command of this part again, which computes what is missing.", path);
    cJSON_Delete(in);
    bytes_free(&text);
  }
  free(path);
  return fine;
}

static bool has_all_records(const part *one) {
  for (size_t i = 0; i < one->count; ++i) {
    if (one->outcomes[i].recorded && !key_index_find(&one->records.index, &one->outcomes[i].key)) return false;
  }
  return true;
}

bool part_open(part *one, const char *path, sentence *why) {
  *one = (part){.path = new_text(path), .records.file = -1};
  char *name = NULL;
  if (!read_part(one, &name, why)) {
    free(name);
    part_close(one);
    return false;
  }
  char *journal_path = path_joined(path, name);
  sentence reason;
  bool fine = journal_open_whole(&one->records, journal_path, one->context, &reason) && has_all_records(one);
  if (!fine)
    fail(why,
         "The journal of the part %s is damaged; run the command of this part again, which computes what is "
         "missing.",
         path);
  free(journal_path);
  free(name);
  if (!fine) part_close(one);
  return fine;
}

bool part_read_plan(const part *one, build_plan *plan, sentence *why) {
  char *path = path_joined(one->path, plan_name), sha256[SHA256_TEXT];
  dpl_bytes text;
  bool fine = file_read(path, &text, why);
  if (fine) {
    sha256_of(text, sha256);
    fine = !strcmp(sha256, one->plan_sha256) || fail(why, "%s is damaged; run the command of this part again.", path);
    fine = fine && build_plan_read(text, path, plan, why);
    bytes_free(&text);
  }
  free(path);
  return fine;
}

void part_close(part *one) {
  journal_close(&one->records);
  free(one->path);
  free(one->plan_sha256);
  free(one->context);
  free(one->outcomes);
  *one = (part){.records.file = -1};
}
