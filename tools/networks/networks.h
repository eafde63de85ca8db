/* Which networks are in use: finding them, reading them once, and opening handles on them for each thread. */
#ifndef TOOL_NETWORKS_H
#define TOOL_NETWORKS_H

#include <argp.h>

#include "cJSON.h"
#include "network_pool.h"

/* What the command line says about networks; all zero means the set beside the program. */
typedef struct network_options {
  name_list paths;            /* folders and .safetensors files */
  const char *detector_names; /* with commas between them, or "packaged"; NULL: the detector of the set */
  const char *embedder_name;  /* NULL: the embedder of the set */
  dpl_detector_options detector;
  dpl_embedder_options embedder;
} network_options;

/* Options --models, --detector, --embedder, --score, --min-face, --mirror, --arithmetic, --parity: a child parser whose
   input is a network_options. */
extern const struct argp networks_argp;

#define MAX_NETWORKS 8
typedef struct networks {
  network_file files[MAX_NETWORKS]; /* detectors and landmarks first, the embedder last */
  size_t count;
  const network_file *embedder; /* NULL where there is none */
  network_options options;      /* borrowed */
  char detector_name[256];      /* the detector's networks, joined by " + " */
} networks;

/* Reads and checks the files. With `needs_embedder`, exactly one embedder must be among them; a detector always. */
bool networks_load(const network_options *options, bool needs_embedder, networks *set, sentence *why);
void networks_free(networks *set);

/* Where the command line names no networks: those that the manifest of a gallery names, if all of them are here. */
void networks_prefer_those_of(const cJSON *manifest, network_options *options);

/* A detector and, where the set has one, an embedder: one thread's own. */
typedef struct network_handles {
  dpl_detector *detector;
  dpl_embedder *embedder;
} network_handles;
bool networks_open(const networks *set, network_handles *handles, sentence *why);
void networks_close(network_handles *handles);

/* [{"name", "sha256"}, …] of the detector's networks, and {"name", "sha256", "dimension"} of the embedder. */
cJSON *networks_detector_json(const networks *set);
cJSON *networks_embedder_json(const networks *set);

const char *task_name(dpl_task task); /* "detector", "landmarks", "embedder" */

#endif
