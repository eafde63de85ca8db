/* One photo of a build, from its file to what the gallery takes in. Runs on any thread; knows nothing of people. */
#ifndef TOOL_BUILD_PHOTO_H
#define TOOL_BUILD_PHOTO_H

#include "basics.h"
#include "build_report.h"
#include "given_face.h"
#include "networks.h"
#include "photos.h"

typedef struct photo_task {
  char *path;        /* on disk; NULL where it was refused */
  const char *shown; /* as the roster or the command line has it */
  size_t person;     /* of the roster */
  char *department;  /* of the roster; NULL without one */
  given_face face;   /* where the roster says that it is */
} photo_task;

typedef struct photo_result {
  bool skipped; /* then `reason` and `why` say why, and there are no faces */
  skip_reason reason;
  sentence why;
  size_t count; /* faces to take in */
  dpl_face *faces;
  float *vectors; /* count × dimension */
  dpl_image **portraits;
  size_t found; /* faces in the photo */
} photo_result;

/* The face that the roster gives; else the largest, or with `each_face` all faces that the photo is of, from left to
 * right. Never NULL. */
photo_result *photo_result_of(const photo_task *task, network_handles *handles, bool each_face);
void photo_result_free(void *result);

#endif
