/* From photo files to records in the journal. */
#include "analyse.h"

#include <stdlib.h>

#include "build_photo.h"
#include "output.h"
#include "parallel.h"
#include "portrait_files.h"
#include "progress.h"

char *analysis_context(const networks *set, bool all_faces) {
  cJSON *out = cJSON_CreateObject();
  cJSON_AddNumberToObject(out, "record", RECORD_VERSION);
  cJSON_AddItemToObject(out, "embedder", networks_embedder_json(set));
  cJSON_AddNumberToObject(out, "threshold", (double)set->embedder->info.threshold);
  cJSON_AddItemToObject(out, "detector", networks_detector_json(set));
  cJSON_AddNumberToObject(out, "score", (double)set->options.detector.score_threshold);
  cJSON_AddNumberToObject(out, "min_face", set->options.detector.min_face);
  if (set->options.detector.crowd) cJSON_AddBoolToObject(out, "crowd", true);
  cJSON_AddBoolToObject(out, "all_faces", all_faces);
  cJSON_AddNumberToObject(out, "portrait", PORTRAIT_SIZE);
  cJSON_AddNumberToObject(out, "large_portrait", LARGE_SIZE);
  char *text = cJSON_PrintUnformatted(out);
  cJSON_Delete(out);
  return text ? text : new_text("");
}

/* ---------------------------------------------------------------------------------------------- on any thread */

typedef struct analysed {
  photo_outcome outcome;
  bool is_new, skipped;
  dpl_bytes record; /* where it is new */
  bool failed;
  sentence why;
} analysed;

typedef struct analyser {
  analysis_job *job;
  photo_outcome *outcomes;
  size_t *photos; /* of the share, those that are looked at: each file once, but where the roster gives faces */
  size_t count;
  progress progress;
} analyser;

static void forget(void *taken) {
  analysed *result = taken;
  bytes_free(&result->record);
  free(result);
}

static void without_content(analysed *result, skip_reason reason) {
  result->outcome.reason = reason;
  result->skipped = true;
}

static void analyse_content(const analysis_job *job, const plan_photo *photo, dpl_bytes file, network_handles *handles,
                            analysed *result) {
  result->outcome = (photo_outcome){.recorded = true, .key = photo_key(file, plan_face(job->plan, photo))};
  switch (journal_claim_record(job->records, &result->outcome.key)) {
  case CLAIM_AT_WORK:
    return;
  case CLAIM_KNOWN: {
    dpl_bytes record;
    result->failed = !journal_read(job->records, &result->outcome.key, &record, &result->why);
    result->skipped = !result->failed && photo_record_is_skip(record);
    bytes_free(&record);
    return;
  }
  case CLAIM_NEW:
    break;
  }
  photo_record record;
  result->is_new = true;
  result->failed =
      !photo_record_of(file, plan_face(job->plan, photo), handles, job->plan->all_faces, &record, &result->why);
  if (result->failed) return;
  result->skipped = record.skipped;
  result->record = photo_record_bytes(&record, (size_t)dpl_embedder_dimension(handles->embedder));
  photo_record_free(&record);
}

static void *analyse_photo(void *context, network_handles *handles, size_t index) {
  const analyser *all = context;
  const analysis_job *job = all->job;
  const plan_photo *photo = &job->plan->photos[all->photos[index]];
  analysed *result = new_array(1, sizeof *result);
  dpl_bytes file;
  if (!photo->path) {
    without_content(result, photo->refused ? SKIP_REFUSED : SKIP_MISSING);
  } else if (!path_exists(photo->path)) {
    without_content(result, SKIP_MISSING);
  } else if (!file_read(photo->path, &file, &result->why)) {
    without_content(result, SKIP_UNREADABLE);
  } else {
    analyse_content(job, photo, file, handles, result);
    bytes_free(&file);
  }
  return result;
}

/* ---------------------------------------------------------------------------------------------- on the caller's */

static bool keep_result(void *context, size_t index, void *taken, sentence *why) {
  analyser *all = context;
  analysis_job *job = all->job;
  analysed *result = taken;
  size_t photo = all->photos[index];
  bool fine = !result->failed || fail(why, "%s: %s", job->plan->photos[photo].shown, result->why.text);
  if (fine && result->is_new) fine = journal_append(job->records, &result->outcome.key, result->record, why);
  if (fine) {
    progress_kind kind = result->is_new             ? PROGRESS_COMPUTED
                         : result->outcome.recorded ? PROGRESS_KNOWN
                                                    : PROGRESS_NOTHING_TO_DO;
    all->outcomes[photo] = result->outcome;
    job->known += kind == PROGRESS_KNOWN;
    progress_step(&all->progress, kind, result->skipped);
  }
  forget(result);
  return fine;
}

static bool sync_journal(void *context, sentence *why) {
  return journal_sync(((analyser *)context)->job->records, why);
}

size_t share_size(size_t photos, size_t part, size_t parts) {
  return (photos + parts - 1 - part) / parts;
}

/* Where each photo of the share gets its outcome from: itself, or the first one with the same path. */
static size_t *find_sources(analyser *all) {
  const analysis_job *job = all->job;
  const build_plan *plan = job->plan;
  size_t *source = new_array(plan->photo_count, sizeof *source);
  size_t *first = new_array(plan->texts.count, sizeof *first); /* by the path's number, plus one */
  all->photos = new_array(plan->photo_count, sizeof *all->photos);
  for (size_t i = job->part; i < plan->photo_count; i += job->parts) {
    const plan_photo *photo = &plan->photos[i];
    const size_t path = photo->path && !photo->face ? text_pool_find(&plan->texts, photo->path) : NO_TEXT;
    source[i] = path != NO_TEXT && first[path] ? first[path] - 1 : i;
    if (source[i] != i) continue;
    if (path != NO_TEXT) first[path] = i + 1;
    all->photos[all->count++] = i;
  }
  free(first);
  return source;
}

static void share_outcomes(analyser *all, const size_t *source) {
  const analysis_job *job = all->job;
  for (size_t i = job->part; i < job->plan->photo_count; i += job->parts) {
    if (source[i] == i) continue;
    all->outcomes[i] = all->outcomes[source[i]];
    all->job->known += all->outcomes[i].recorded;
  }
}

bool analyse(analysis_job *job, photo_outcome *outcomes, sentence *why) {
  analyser all = {.job = job, .outcomes = outcomes};
  size_t *source = find_sources(&all), count = all.count;
  parallel_plan plan = {.count = count,
                        .jobs = job->jobs,
                        .networks = job->networks,
                        .context = &all,
                        .any_order = true,
                        .work = analyse_photo,
                        .take = keep_result,
                        .rest = sync_journal,
                        .drop = forget};
  progress_begin(&all.progress, "photos", count, job->quiet);
  bool fine = parallel_run(&plan, why);
  if (fine) share_outcomes(&all, source);
  free(source);
  free(all.photos);
  if (fine) {
    progress_end(&all.progress);
    return true;
  }
  progress_break_off(&all.progress);
  if (parallel_interrupted())
    fail(why, "Interrupted after %s of %s photos; the same command goes on from there.", grouped(all.progress.done),
         grouped(count));
  return false;
}
