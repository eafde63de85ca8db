/* A network that runs: the graph built as an XNNPACK subgraph, with one runtime and the buffers around it. */
#ifndef DOPPEL_NET_H
#define DOPPEL_NET_H

#include "network_file.h"

#include <xnnpack.h>

typedef struct dpl_network_options {
  dpl_arithmetic arithmetic;
  xnn_workspace_t workspace; /* memory between layers, for networks that never run at once; NULL: of its own */
} dpl_network_options;

dpl_status dpl_network_open_as(dpl_bytes bytes, const dpl_network_options *options, dpl_network **network,
                               dpl_error *error);

/* For several networks; grows to what the largest of them takes. Ends with xnn_release_workspace, and with the last
   network that has it. */
dpl_status dpl_workspace_open(xnn_workspace_t *workspace, dpl_error *error);

const dpl_network_spec *dpl_network_spec_of(const dpl_network *network);

/* Sets the input to batch × height × width × 3 and gives the buffer to write it to (float32 NHWC, the network's, valid
   until the next call). Sizes other than the file's own need `resizable`. */
dpl_status dpl_network_input(dpl_network *network, size_t batch, size_t height, size_t width, float **input,
                             dpl_error *error);

dpl_status dpl_network_invoke(dpl_network *network, dpl_error *error);

/* The outputs of the last invocation, the network's, valid until the next dpl_network_input. */
size_t dpl_network_output_count(const dpl_network *network);
const float *dpl_network_output(const dpl_network *network, size_t index, const dpl_value **value);

#endif
