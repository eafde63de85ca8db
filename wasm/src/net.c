/* Opens a network and runs it: the runtime, its input and outputs, and the sizes that it is set up for. */
#include "net.h"

#include "net_build.h"
#include "net_memory.h"
#include "status.h"

#include <stdlib.h>
#include <string.h>

static const size_t max_batch = 64;

struct dpl_network {
  dpl_network_file file; /* after opening, only the shapes of its tensors may be read: their data were the caller's */
  xnn_runtime_t runtime;
  float *input, *outputs[DPL_MAX_OUTPUTS];
  size_t input_capacity, output_capacity[DPL_MAX_OUTPUTS];
  dpl_kept kept;
  size_t shape[4]; /* that the runtime is set up for */
  size_t widest;   /* the longest side that there is memory for, whatever the other one is */
  void *plan;      /* lent to XNNPACK while it plans */
  size_t plan_size;
  bool unplanned; /* XNNPACK takes a plan that failed for made, so it cannot be asked again */
};

dpl_status dpl_workspace_open(xnn_workspace_t *workspace, dpl_error *error) {
  const dpl_status status = dpl_xnnpack_start(error);
  if (status) return status;
  return xnn_create_workspace(workspace) ? dpl_fail_plain(error, DPL_OUT_OF_MEMORY) : DPL_OK;
}

/* The graph's values, the same in int8, and weight, bias and scales of each node. */
static dpl_status take_plan(dpl_network *network, dpl_error *error) {
  const dpl_graph *graph = &network->file.graph;
  network->plan_size = dpl_xnnpack_plan_size(3 * graph->value_count + 3 * graph->node_count, 3 * graph->node_count);
  network->plan = malloc(network->plan_size);
  return network->plan ? DPL_OK : dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
}

dpl_status dpl_network_open_as(dpl_bytes bytes, const dpl_network_options *options, dpl_network **opened,
                               dpl_error *error) {
  dpl_network *network = calloc(1, sizeof *network);
  if (!network) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  dpl_status status = dpl_network_file_open(bytes, &network->file, error);
  const bool as_file = options->arithmetic == DPL_ARITHMETIC_AS_THE_FILE_SAYS;
  const dpl_build_options build = {
      .int8 = as_file ? network->file.spec.int8 : options->arithmetic == DPL_ARITHMETIC_INT8,
      .workspace = options->workspace,
  };
  if (!status) status = dpl_network_build(&network->file, &build, &network->runtime, &network->kept, error);
  if (!status) status = take_plan(network, error);
  if (status) {
    dpl_network_close(network);
    return status;
  }
  *opened = network;
  return DPL_OK;
}

dpl_status dpl_network_open(dpl_bytes bytes, dpl_network **opened, dpl_error *error) {
  return dpl_network_open_as(bytes, &(dpl_network_options){0}, opened, error);
}

void dpl_network_close(dpl_network *network) {
  if (!network) return;
  if (network->runtime) xnn_delete_runtime(network->runtime);
  dpl_kept_free(&network->kept);
  free(network->plan);
  free(network->input);
  for (size_t i = 0; i < DPL_MAX_OUTPUTS; i++) free(network->outputs[i]);
  dpl_network_file_close(&network->file);
  free(network);
}

/* ---- running ---- */

const dpl_network_spec *dpl_network_spec_of(const dpl_network *network) {
  return &network->file.spec;
}

static bool reserve(float **buffer, size_t *capacity, size_t count) {
  if (count <= *capacity) return true;
  float *larger = realloc(*buffer, count * sizeof(float) + XNN_EXTRA_BYTES);
  if (!larger) return false;
  *buffer = larger;
  *capacity = count;
  return true;
}

static dpl_status check_shape(const dpl_network *network, const size_t shape[4], dpl_error *error) {
  const dpl_network_spec *spec = &network->file.spec;
  const size_t stride = (size_t)spec->stride;
  const bool own_size = shape[1] == (size_t)spec->info.input_height && shape[2] == (size_t)spec->info.input_width;
  if (shape[0] < 1 || shape[0] > max_batch || shape[3] != 3 ||
      !(own_size || (spec->resizable && shape[1] % stride == 0 && shape[2] % stride == 0)))
    return dpl_fail(error, DPL_INVALID_ARGUMENT,
                    "The network \"%s\" takes 1 to %zu images of %dx%dx3, not %zu of %zux%zux%zu.", spec->info.name,
                    max_batch, spec->info.input_width, spec->info.input_height, shape[0], shape[2], shape[1], shape[3]);
  return DPL_OK;
}

static dpl_status set_up(dpl_network *network, const size_t shape[4], dpl_error *error) {
  dpl_graph *graph = &network->file.graph;
  dpl_status status = dpl_graph_infer(graph, shape, error);
  if (status) return status;
  if (network->unplanned) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  memset(network->shape, 0, sizeof network->shape);
  struct xnn_external_value externals[DPL_MAX_OUTPUTS + 1];
  if (!reserve(&network->input, &network->input_capacity, dpl_value_count(&graph->values[graph->input])))
    return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  externals[0] = (struct xnn_external_value){0, network->input};
  for (size_t i = 0; i < graph->output_count; i++) {
    if (!reserve(&network->outputs[i], &network->output_capacity[i],
                 dpl_value_count(&graph->values[graph->outputs[i]])))
      return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
    externals[i + 1] = (struct xnn_external_value){(uint32_t)i + 1, network->outputs[i]};
  }
  enum xnn_status ready = xnn_reshape_external_value(network->runtime, 0, 4, shape);
  dpl_xnnpack_lend(network->plan, network->plan_size);
  if (!ready) ready = xnn_reshape_runtime(network->runtime);
  dpl_xnnpack_lend(NULL, 0);
  network->unplanned = ready != xnn_status_success;
  if (!ready) ready = xnn_setup_runtime_v2(network->runtime, graph->output_count + 1, externals);
  if (ready == xnn_status_out_of_memory) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  if (ready)
    return dpl_fail(error, DPL_INTERNAL, "The network \"%s\" could not be set up for %zux%zu pixels.",
                    network->file.spec.info.name, shape[2], shape[1]);
  memcpy(network->shape, shape, sizeof network->shape);
  return DPL_OK;
}

/* Looks have one long side and any other, and memory that grew a little with each would lie in pieces. So a network
   that sees a longer side than before first gets what a square takes, and then never more. */
static dpl_status reshape(dpl_network *network, const size_t shape[4], dpl_error *error) {
  const size_t side = shape[1] > shape[2] ? shape[1] : shape[2];
  if (network->file.spec.resizable && side > network->widest) {
    const dpl_status status = set_up(network, (const size_t[4]){shape[0], side, side, 3}, error);
    if (status) return status;
    network->widest = side;
  }
  return set_up(network, shape, error);
}

dpl_status dpl_network_input(dpl_network *network, size_t batch, size_t height, size_t width, float **input,
                             dpl_error *error) {
  const size_t shape[4] = {batch, height, width, 3};
  dpl_status status = check_shape(network, shape, error);
  if (!status && memcmp(shape, network->shape, sizeof shape) != 0) status = reshape(network, shape, error);
  if (!status) *input = network->input;
  return status;
}

dpl_status dpl_network_invoke(dpl_network *network, dpl_error *error) {
  if (network->shape[0] == 0 || xnn_invoke_runtime(network->runtime))
    return dpl_fail(error, DPL_INTERNAL, "The network \"%s\" could not be run.", network->file.spec.info.name);
  return DPL_OK;
}

size_t dpl_network_output_count(const dpl_network *network) {
  return network->file.graph.output_count;
}

const float *dpl_network_output(const dpl_network *network, size_t index, const dpl_value **value) {
  const dpl_graph *graph = &network->file.graph;
  if (value) *value = &graph->values[graph->outputs[index]];
  return network->outputs[index];
}

dpl_status dpl_network_run(dpl_network *network, const float *input, const size_t shape[4], float *output,
                           size_t output_capacity, size_t *output_count, dpl_error *error) {
  if (shape[3] != 3) return check_shape(network, shape, error);
  float *buffer;
  dpl_status status = dpl_network_input(network, shape[0], shape[1], shape[2], &buffer, error);
  if (status) return status;
  size_t total = 0;
  const dpl_value *value;
  for (size_t i = 0; i < dpl_network_output_count(network); i++) {
    dpl_network_output(network, i, &value);
    total += dpl_value_count(value);
  }
  *output_count = total;
  if (!output) return DPL_OK;
  if (output_capacity < total)
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "The outputs take %zu floats; there is room for %zu.", total,
                    output_capacity);
  memcpy(buffer, input, shape[0] * shape[1] * shape[2] * shape[3] * sizeof *input);
  status = dpl_network_invoke(network, error);
  if (status) return status;
  for (size_t i = 0; i < dpl_network_output_count(network); i++) {
    const float *data = dpl_network_output(network, i, &value);
    memcpy(output, data, dpl_value_count(value) * sizeof *output);
    output += dpl_value_count(value);
  }
  return DPL_OK;
}
