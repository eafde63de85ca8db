/* From a checked graph to an XNNPACK runtime. Knows operators, not faces; net.c runs what comes out. */
#ifndef DOPPEL_NET_BUILD_H
#define DOPPEL_NET_BUILD_H

#include "network_file.h"

#include <xnnpack.h>

/* Constants that the runtime reads at every invocation. */
typedef struct dpl_kept {
  float **floats;
  size_t count;
} dpl_kept;

typedef struct dpl_build_options {
  bool int8; /* convolutions and fully connected layers but the first, the last and the depthwise ones multiply in int8:
                weights have a scale a channel, and activations are quantised as they come */
  xnn_workspace_t workspace; /* or NULL: the runtime gets its own */
} dpl_build_options;

/* The input has external id 0, output i has i + 1. What is in `kept` must live as long as the runtime, and belongs to
   the caller even when this fails. */
dpl_status dpl_network_build(const dpl_network_file *file, const dpl_build_options *options, xnn_runtime_t *runtime,
                             dpl_kept *kept, dpl_error *error);

void dpl_kept_free(dpl_kept *kept);

#endif
