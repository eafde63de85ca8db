/* From a checked graph to an XNNPACK subgraph and runtime. Knows operators, not faces. */
#include "net.h"

#include "status.h"
#include "weights.h"

#include <stdlib.h>
#include <string.h>
#include <xnnpack.h>

static const size_t max_batch = 64;

struct dpl_network {
  dpl_network_file file; /* after opening, only the shapes of its tensors may be read: their data were the caller's */
  xnn_runtime_t runtime;
  float *input, *outputs[DPL_MAX_OUTPUTS];
  size_t input_capacity, output_capacity[DPL_MAX_OUTPUTS];
  float **kept; /* constants of binary nodes, which the runtime reads at every invocation */
  size_t kept_count;
  size_t shape[4]; /* that the runtime is set up for */
};

/* ---- building ---- */

typedef struct builder {
  dpl_network *network;
  xnn_subgraph_t subgraph;
  uint32_t *ids;  /* of each value of the graph */
  float **packed; /* weights that XNNPACK copies when the runtime is made */
  size_t packed_count;
  dpl_error *error;
} builder;

static dpl_status expand(builder *build, const dpl_tensor *tensor, float **floats) {
  *floats = malloc(dpl_weights_bytes(tensor));
  if (!*floats) return dpl_fail_plain(build->error, DPL_OUT_OF_MEMORY);
  return dpl_weights_expand(build->network->file.tensors, tensor, *floats, build->error);
}

static dpl_status internal(builder *build, const char *what) {
  return dpl_fail(build->error, DPL_INTERNAL, "The network \"%s\" could not be built at %s.",
                  build->network->file.spec.info.name, what);
}

/* A static tensor whose numbers are needed only until the runtime is made. */
static dpl_status define_weight(builder *build, const dpl_tensor *tensor, uint32_t *id) {
  *id = XNN_INVALID_VALUE_ID;
  if (!tensor) return DPL_OK;
  float **floats = &build->packed[build->packed_count++];
  dpl_status status = expand(build, tensor, floats);
  if (status) return status;
  if (xnn_define_tensor_value(build->subgraph, xnn_datatype_fp32, tensor->rank, tensor->shape, *floats,
                              XNN_INVALID_VALUE_ID, 0, id))
    return internal(build, tensor->name);
  return DPL_OK;
}

static dpl_status define_values(builder *build) {
  dpl_network *network = build->network;
  const dpl_graph *graph = &network->file.graph;
  for (size_t i = 0; i < graph->value_count; i++) {
    const dpl_value *value = &graph->values[i];
    uint32_t external = XNN_INVALID_VALUE_ID, flags = 0;
    float *constant = NULL;
    if (i == graph->input) external = 0, flags = XNN_VALUE_FLAG_EXTERNAL_INPUT;
    for (size_t output = 0; output < graph->output_count; output++)
      if (graph->outputs[output] == i) external = (uint32_t)output + 1, flags = XNN_VALUE_FLAG_EXTERNAL_OUTPUT;
    if (value->constant) {
      const dpl_status status = expand(build, value->constant, &network->kept[network->kept_count++]);
      if (status) return status;
      constant = network->kept[network->kept_count - 1];
    }
    if (xnn_define_tensor_value(build->subgraph, xnn_datatype_fp32, value->rank, value->shape, constant, external,
                                flags, &build->ids[i]))
      return internal(build, value->name);
  }
  return DPL_OK;
}

static dpl_status define_conv(builder *build, const dpl_node *node, uint32_t in, uint32_t out) {
  uint32_t weight, bias;
  dpl_status status = define_weight(build, node->weight, &weight);
  if (!status) status = define_weight(build, node->bias, &bias);
  if (status) return status;
  const uint32_t flags = node->same ? XNN_FLAG_TENSORFLOW_SAME_PADDING : 0;
  const uint32_t pad[4] = {(uint32_t)node->pad[0], (uint32_t)node->pad[1], (uint32_t)node->pad[2],
                           (uint32_t)node->pad[3]};
  const uint32_t kernel[2] = {(uint32_t)node->kernel[0], (uint32_t)node->kernel[1]},
                 stride[2] = {(uint32_t)node->stride[0], (uint32_t)node->stride[1]},
                 dilation[2] = {(uint32_t)node->dilation[0], (uint32_t)node->dilation[1]};
  const size_t *w = node->weight->shape;
  const enum xnn_status built =
      node->op == DPL_OP_DEPTHWISE_CONV2D
          ? xnn_define_depthwise_convolution_2d(build->subgraph, pad[0], pad[1], pad[2], pad[3], kernel[0], kernel[1],
                                                stride[0], stride[1], dilation[0], dilation[1], 1, w[3], node->min,
                                                node->max, in, weight, bias, out, flags)
          : xnn_define_convolution_2d(build->subgraph, pad[0], pad[1], pad[2], pad[3], kernel[0], kernel[1], stride[0],
                                      stride[1], dilation[0], dilation[1], (uint32_t)node->groups, w[3],
                                      w[0] / node->groups, node->min, node->max, in, weight, bias, out, flags);
  return built ? internal(build, node->weight->name) : DPL_OK;
}

static dpl_status define_fully_connected(builder *build, const dpl_node *node, uint32_t in, uint32_t out) {
  uint32_t weight, bias;
  dpl_status status = define_weight(build, node->weight, &weight);
  if (!status) status = define_weight(build, node->bias, &bias);
  if (status) return status;
  if (xnn_define_fully_connected(build->subgraph, node->min, node->max, in, weight, bias, out, 0))
    return internal(build, node->weight->name);
  return DPL_OK;
}

static enum xnn_status define_pool(builder *build, const dpl_node *node, uint32_t in, uint32_t out) {
  const uint32_t flags = node->same ? XNN_FLAG_TENSORFLOW_SAME_PADDING : 0;
  const uint32_t top = (uint32_t)node->pad[0], right = (uint32_t)node->pad[1], bottom = (uint32_t)node->pad[2],
                 left = (uint32_t)node->pad[3], height = (uint32_t)node->kernel[0], width = (uint32_t)node->kernel[1],
                 down = (uint32_t)node->stride[0], across = (uint32_t)node->stride[1];
  if (node->op == DPL_OP_AVERAGE_POOL)
    return xnn_define_average_pooling_2d(build->subgraph, top, right, bottom, left, height, width, down, across,
                                         node->min, node->max, in, out, flags);
  return xnn_define_max_pooling_2d(build->subgraph, top, right, bottom, left, height, width, down, across,
                                   (uint32_t)node->dilation[0], (uint32_t)node->dilation[1], node->min, node->max, in,
                                   out, flags);
}

static enum xnn_status define_binary(builder *build, const dpl_node *node, uint32_t a, uint32_t b, uint32_t out) {
  const struct xnn_binary_params range = {.output_min = node->min, .output_max = node->max};
  const enum xnn_binary_operator operator= node->op == DPL_OP_ADD ? xnn_binary_add
  : node->op == DPL_OP_SUBTRACT                                   ? xnn_binary_subtract
  : node->op == DPL_OP_MULTIPLY                                   ? xnn_binary_multiply
  : node->op == DPL_OP_DIVIDE                                     ? xnn_binary_divide
                                                                  : xnn_binary_prelu;
  return xnn_define_binary(build->subgraph, operator, node->op == DPL_OP_PRELU ? NULL : & range, a, b, out, 0);
}

static enum xnn_status define_unary(builder *build, const dpl_node *node, uint32_t in, uint32_t out) {
  union xnn_unary_params params = {0};
  enum xnn_unary_operator operator= node->op == DPL_OP_SIGMOID ? xnn_unary_sigmoid : xnn_unary_hardswish;
  if (node->op == DPL_OP_CLAMP) {
    operator= xnn_unary_clamp;
    params.clamp.min = node->min, params.clamp.max = node->max;
  } else if (node->op == DPL_OP_LEAKY_RELU) {
    operator= xnn_unary_leaky_relu;
    params.leaky_relu.negative_slope = node->alpha;
  }
  return xnn_define_unary(build->subgraph, operator, & params, in, out, 0);
}

static enum xnn_status define_concat(builder *build, const dpl_node *node, const uint32_t *in, uint32_t out) {
  const int32_t axis = (int32_t)node->axis;
  switch (node->input_count) {
  case 2:
    return xnn_define_concatenate2(build->subgraph, axis, in[0], in[1], out, 0);
  case 3:
    return xnn_define_concatenate3(build->subgraph, axis, in[0], in[1], in[2], out, 0);
  case 4:
    return xnn_define_concatenate4(build->subgraph, axis, in[0], in[1], in[2], in[3], out, 0);
  default:
    return xnn_define_concatenate5(build->subgraph, axis, in[0], in[1], in[2], in[3], in[4], out, 0);
  }
}

static dpl_status define_node(builder *build, const dpl_node *node) {
  static const size_t spatial_axes[2] = {1, 2};
  uint32_t in[DPL_MAX_NODE_INPUTS];
  for (size_t i = 0; i < node->input_count; i++) in[i] = build->ids[node->inputs[i]];
  const uint32_t out = build->ids[node->output];
  enum xnn_status built = xnn_status_success;
  switch (node->op) {
  case DPL_OP_CONV2D:
  case DPL_OP_DEPTHWISE_CONV2D:
    return define_conv(build, node, in[0], out);
  case DPL_OP_FULLY_CONNECTED:
    return define_fully_connected(build, node, in[0], out);
  case DPL_OP_MAX_POOL:
  case DPL_OP_AVERAGE_POOL:
    built = define_pool(build, node, in[0], out);
    break;
  case DPL_OP_GLOBAL_AVERAGE_POOL:
    built = xnn_define_static_reduce(build->subgraph, xnn_reduce_mean, 2, spatial_axes, in[0], out, 0);
    break;
  case DPL_OP_ADD:
  case DPL_OP_SUBTRACT:
  case DPL_OP_MULTIPLY:
  case DPL_OP_DIVIDE:
  case DPL_OP_PRELU:
    built = define_binary(build, node, in[0], in[1], out);
    break;
  case DPL_OP_CLAMP:
  case DPL_OP_LEAKY_RELU:
  case DPL_OP_SIGMOID:
  case DPL_OP_HARD_SWISH:
    built = define_unary(build, node, in[0], out);
    break;
  case DPL_OP_PAD:
    built = xnn_define_static_constant_pad(build->subgraph, node->before, node->after, 0, in[0], out, 0);
    break;
  case DPL_OP_CONCAT:
    built = define_concat(build, node, in, out);
    break;
  }
  return built ? internal(build, dpl_op_name(node->op)) : DPL_OK;
}

static dpl_status build_runtime(builder *build) {
  dpl_network *network = build->network;
  const dpl_graph *graph = &network->file.graph;
  build->ids = calloc(graph->value_count, sizeof *build->ids);
  build->packed = calloc(2 * graph->node_count, sizeof *build->packed);
  network->kept = calloc(graph->value_count, sizeof *network->kept);
  if (!build->ids || !build->packed || !network->kept) return dpl_fail_plain(build->error, DPL_OUT_OF_MEMORY);
  if (xnn_initialize(NULL)) return internal(build, "the start of XNNPACK");
  if (xnn_create_subgraph((uint32_t)graph->output_count + 1, 0, &build->subgraph)) return internal(build, "the start");
  dpl_status status = define_values(build);
  for (size_t i = 0; !status && i < graph->node_count; i++) status = define_node(build, &graph->nodes[i]);
  /* Convolutions look their input up through tables of pointers, a few times as large as the picture. A network whose
     input keeps changing would make them anew at every look: better in memory that the next layer uses again. */
  const uint32_t flags = network->file.spec.resizable ? XNN_FLAG_TRANSIENT_INDIRECTION_BUFFER : 0;
  if (!status && xnn_create_runtime_v2(build->subgraph, NULL, flags, &network->runtime))
    status = internal(build, "its last step");
  return status;
}

static void end_building(builder *build) {
  if (build->subgraph) xnn_delete_subgraph(build->subgraph);
  for (size_t i = 0; i < build->packed_count; i++) free(build->packed[i]);
  free(build->packed);
  free(build->ids);
}

dpl_status dpl_network_open(dpl_bytes bytes, dpl_network **opened, dpl_error *error) {
  dpl_network *network = calloc(1, sizeof *network);
  if (!network) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  dpl_status status = dpl_network_file_open(bytes, &network->file, error);
  if (!status) {
    builder build = {.network = network, .error = error};
    status = build_runtime(&build);
    end_building(&build);
  }
  if (status) {
    dpl_network_close(network);
    return status;
  }
  *opened = network;
  return DPL_OK;
}

void dpl_network_close(dpl_network *network) {
  if (!network) return;
  if (network->runtime) xnn_delete_runtime(network->runtime);
  for (size_t i = 0; i < network->kept_count; i++) free(network->kept[i]);
  free(network->kept);
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

static dpl_status reshape(dpl_network *network, const size_t shape[4], dpl_error *error) {
  dpl_graph *graph = &network->file.graph;
  dpl_status status = dpl_graph_infer(graph, shape, error);
  if (status) return status;
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
  if (xnn_reshape_external_value(network->runtime, 0, 4, shape) || xnn_reshape_runtime(network->runtime) ||
      xnn_setup_runtime_v2(network->runtime, graph->output_count + 1, externals))
    return dpl_fail(error, DPL_INTERNAL, "The network \"%s\" could not be set up for %zux%zu pixels.",
                    network->file.spec.info.name, shape[2], shape[1]);
  memcpy(network->shape, shape, sizeof network->shape);
  return DPL_OK;
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
