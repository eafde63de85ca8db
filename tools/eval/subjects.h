/* The faces that photos are of, many photos at once: what the eval commands measure on. */
#ifndef TOOL_SUBJECTS_H
#define TOOL_SUBJECTS_H

#include "basics.h"
#include "networks.h"
#include "photos.h"

typedef struct subject_task {
  const char *path;
  double
      angle; /* degrees by which the photo is turned clockwise before anything else; the canvas grows, black corners */
} subject_task;

typedef struct subject {
  bool readable; /* false: `why` says what is wrong */
  bool found;    /* false: no face */
  size_t faces;  /* found in the photo */
  dpl_face face; /* the one chosen */
  float *vector; /* unit length; NULL where no face was found */
  double detect_ms, embed_ms;
  sentence why;
} subject;

/* One subject a task, in the tasks' order: new array. A photo that cannot be read is a subject that is not readable;
   false only where nothing could be measured at all. */
bool subjects_measure(const networks *set, const subject_task *tasks, size_t count, subject_rule rule, int jobs,
                      bool quiet, subject **subjects, sentence *why);
void subjects_free(subject *subjects, size_t count);

/* The photo turned about its middle, on a canvas that holds all of it. */
bool photo_turned(const dpl_image *photo, double degrees, dpl_image **turned, sentence *why);

/* Middle of the measured times, in milliseconds; 0 without any. */
double median_detect_ms(const subject *subjects, size_t count);
double median_embed_ms(const subject *subjects, size_t count);

#endif
