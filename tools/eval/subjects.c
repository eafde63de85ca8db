/* Detecting and embedding the subject of each photo. */
#include "subjects.h"

#include <math.h>
#include <stdlib.h>

#include "parallel.h"
#include "progress.h"

bool photo_turned(const dpl_image *photo, double degrees, dpl_image **turned, sentence *why) {
  double radians = degrees * acos(-1) / 180, cosine = cos(radians), sine = sin(radians);
  double width = dpl_image_width(photo), height = dpl_image_height(photo);
  int canvas_width = (int)ceil(fabs(width * cosine) + fabs(height * sine) - 1e-6);
  int canvas_height = (int)ceil(fabs(width * sine) + fabs(height * cosine) - 1e-6);
  dpl_similarity turn = {
      .a = (float)cosine,
      .b = (float)sine,
      .tx = (float)(canvas_width / 2.0 - (cosine * width - sine * height) / 2),
      .ty = (float)(canvas_height / 2.0 - (sine * width + cosine * height) / 2),
  };
  dpl_error error;
  if (dpl_image_warp(photo, turn, canvas_width, canvas_height, turned, &error)) return fail(why, "%s", error.message);
  return true;
}

typedef struct measuring {
  const subject_task *tasks;
  subject *subjects;
  subject_rule rule;
  progress progress;
} measuring;

static bool read_turned(const subject_task *task, dpl_image **photo, sentence *why) {
  if (!photo_read(task->path, photo, why)) return false;
  if (task->angle == 0) return true;
  dpl_image *turned;
  bool fine = photo_turned(*photo, task->angle, &turned, why);
  dpl_image_close(*photo);
  *photo = fine ? turned : NULL;
  return fine;
}

static bool find_subject(network_handles *handles, const dpl_image *photo, subject_rule rule, subject *result) {
  face_list *found = new_array(1, sizeof *found);
  double begun = seconds_now();
  bool fine = photo_faces(handles, photo, found, &result->why);
  result->detect_ms = (seconds_now() - begun) * 1000;
  result->faces = fine ? found->count : 0;
  if (fine && found->count) {
    result->face = found->faces[subject_of(found, photo, rule)];
    begun = seconds_now();
    result->vector = photo_vectors(handles, photo, &result->face, 1, &result->why);
    result->embed_ms = (seconds_now() - begun) * 1000;
    fine = result->found = result->vector != NULL;
  }
  free(found);
  return fine;
}

static void *measure_one(void *context, network_handles *handles, size_t index) {
  measuring *all = context;
  subject *result = new_array(1, sizeof *result);
  dpl_image *photo = NULL;
  result->readable =
      read_turned(&all->tasks[index], &photo, &result->why) && find_subject(handles, photo, all->rule, result);
  dpl_image_close(photo);
  return result;
}

static bool take_one(void *context, size_t index, void *result, sentence *why) {
  (void)why;
  measuring *all = context;
  all->subjects[index] = *(subject *)result;
  free(result);
  progress_step(&all->progress, PROGRESS_COMPUTED, !all->subjects[index].found);
  return true;
}

static void drop_one(void *result) {
  free(((subject *)result)->vector);
  free(result);
}

bool subjects_measure(const networks *set, const subject_task *tasks, size_t count, subject_rule rule, int jobs,
                      bool quiet, subject **subjects, sentence *why) {
  measuring all = {.tasks = tasks, .rule = rule, .subjects = new_array(count, sizeof **subjects)};
  progress_begin(&all.progress, "photos", count, quiet);
  parallel_plan plan = {.count = count,
                        .jobs = jobs,
                        .networks = set,
                        .context = &all,
                        .work = measure_one,
                        .take = take_one,
                        .drop = drop_one};
  if (!parallel_run(&plan, why)) {
    progress_break_off(&all.progress);
    subjects_free(all.subjects, count);
    return false;
  }
  progress_end(&all.progress);
  *subjects = all.subjects;
  return true;
}

void subjects_free(subject *subjects, size_t count) {
  for (size_t i = 0; subjects && i < count; ++i) free(subjects[i].vector);
  free(subjects);
}

static int by_size(const void *a, const void *b) {
  double first = *(const double *)a, second = *(const double *)b;
  return first < second ? -1 : first > second;
}

static double median_of(double *values, size_t count) {
  if (!count) return 0;
  qsort(values, count, sizeof *values, by_size);
  return values[count / 2];
}

double median_detect_ms(const subject *subjects, size_t count) {
  double *values = new_array(count, sizeof *values);
  size_t measured = 0;
  for (size_t i = 0; i < count; ++i) {
    if (subjects[i].readable) values[measured++] = subjects[i].detect_ms;
  }
  double median = median_of(values, measured);
  free(values);
  return median;
}

double median_embed_ms(const subject *subjects, size_t count) {
  double *values = new_array(count, sizeof *values);
  size_t measured = 0;
  for (size_t i = 0; i < count; ++i) {
    if (subjects[i].found) values[measured++] = subjects[i].embed_ms;
  }
  double median = median_of(values, measured);
  free(values);
  return median;
}
