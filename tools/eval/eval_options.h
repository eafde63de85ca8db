/* The options that all eval commands share. */
#ifndef TOOL_EVAL_OPTIONS_H
#define TOOL_EVAL_OPTIONS_H

#include <argp.h>

#include "networks.h"

typedef struct eval_options {
  network_options networks;
  int jobs;
  bool json, quiet;
} eval_options;

/* --jobs, --json, --quiet and the networks' options: a child parser whose input is an eval_options. */
extern const struct argp eval_argp;

int doppel_eval_pairs(int argc, char **argv);
int doppel_eval_turned(int argc, char **argv);
int doppel_eval_boxes(int argc, char **argv);
int doppel_eval_faces(int argc, char **argv);
int doppel_eval_groups(int argc, char **argv);

#endif
