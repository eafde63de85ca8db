/* From a checked graph to an XNNPACK subgraph and runtime. */
#include "net_build.h"

#include "net_memory.h"
#include "status.h"
#include "weights.h"

#include <stdlib.h>
#include <string.h>

typedef struct builder {
  const dpl_network_file *file;
  bool int8;
  xnn_subgraph_t subgraph;
  uint32_t *ids;       /* of each value of the graph */
  uint32_t *quantised; /* of the same value as int8, one a way; XNN_INVALID_VALUE_ID where nothing has asked yet */
  bool *feeds_layers;  /* of each value */
  void **packed;       /* weights that XNNPACK copies when the runtime is made */
  size_t packed_count;
  dpl_kept *kept;
  dpl_error *error;
} builder;

static dpl_status expand(builder *build, const dpl_tensor *tensor, float **floats) {
  *floats = malloc(dpl_weights_bytes(tensor));
  if (!*floats) return dpl_fail_plain(build->error, DPL_OUT_OF_MEMORY);
  return dpl_weights_expand(build->file->tensors, tensor, *floats, build->error);
}

static dpl_status status_at(builder *build, const char *place, enum xnn_status built) {
  if (built == xnn_status_success) return DPL_OK;
  if (built == xnn_status_out_of_memory) return dpl_fail_plain(build->error, DPL_OUT_OF_MEMORY);
  return dpl_fail(build->error, DPL_INTERNAL, "The network \"%s\" could not be built at %s.",
                  build->file->spec.info.name, place);
}

/* A static tensor whose numbers are needed only until the runtime is made. */
static dpl_status define_weight(builder *build, const dpl_tensor *tensor, uint32_t *id) {
  *id = XNN_INVALID_VALUE_ID;
  if (!tensor) return DPL_OK;
  float *floats = NULL;
  dpl_status status = expand(build, tensor, &floats);
  build->packed[build->packed_count++] = floats;
  if (status) return status;
  return status_at(build, tensor->name,
                   xnn_define_tensor_value(build->subgraph, xnn_datatype_fp32, tensor->rank, tensor->shape, floats,
                                           XNN_INVALID_VALUE_ID, 0, id));
}

/* What int8 arithmetic does with a layer. Activations are quantised as they come, with a scale for each image; for each
   pixel where a layer looks at single pixels, which leaves a fraction of the error, and so is the way that is taken
   where there is a choice. */
typedef enum int8_way { IN_FLOAT, BY_IMAGE, BY_PIXEL, INT8_WAYS } int8_way;

static bool looks_at_single_pixels(const dpl_node *node) {
  const size_t pads = node->pad[0] + node->pad[1] + node->pad[2] + node->pad[3];
  return node->kernel[0] * node->kernel[1] == 1 && node->stride[0] * node->stride[1] == 1 && node->groups == 1 &&
         (node->same || !pads);
}

/* Which values a layer with weights comes behind. Nodes stand behind those that they look at. */
static void note_what_feeds_layers(builder *build) {
  const dpl_graph *graph = &build->file->graph;
  for (size_t i = graph->node_count; i-- > 0;) {
    const dpl_node *node = &graph->nodes[i];
    if (!node->weight && !build->feeds_layers[node->output]) continue;
    for (size_t j = 0; j < node->input_count; j++) build->feeds_layers[node->inputs[j]] = true;
  }
}

/* The first layer sees pixels, the last ones write what counts: both are cheap, and their error would go straight into
   the result. Depthwise layers are as fast in float. */
static int8_way int8_way_of(const builder *build, const dpl_node *node) {
  const dpl_graph *graph = &build->file->graph;
  if (!build->int8 || node->op == DPL_OP_DEPTHWISE_CONV2D || node->inputs[0] == graph->input ||
      !build->feeds_layers[node->output])
    return IN_FLOAT;
  return node->op == DPL_OP_FULLY_CONNECTED || looks_at_single_pixels(node) ? BY_PIXEL : BY_IMAGE;
}

static dpl_status define_int8_weight(builder *build, const dpl_tensor *tensor, int8_way way, uint32_t *id) {
  int8_t *bytes = calloc(tensor->count + XNN_EXTRA_BYTES, 1);
  float *scales = malloc(tensor->shape[0] * sizeof *scales);
  build->packed[build->packed_count++] = bytes;
  build->packed[build->packed_count++] = scales;
  if (!bytes || !scales) return dpl_fail_plain(build->error, DPL_OUT_OF_MEMORY);
  const dpl_status status = dpl_weights_round(build->file->tensors, tensor, bytes, scales, build->error);
  if (status) return status;
  const size_t matrix[2] = {tensor->shape[0], tensor->count / tensor->shape[0]};
  const bool is_matrix = way == BY_PIXEL;
  return status_at(build, tensor->name,
                   xnn_define_channelwise_quantized_tensor_value_v2(
                       build->subgraph, xnn_datatype_qcint8, 0, scales, is_matrix ? 2 : tensor->rank, 0,
                       is_matrix ? matrix : tensor->shape, bytes, XNN_INVALID_VALUE_ID, 0, id));
}

/* The value as int8: defined when the first node asks for it. */
static dpl_status quantise(builder *build, size_t value, int8_way way, uint32_t *id) {
  uint32_t *quantised = &build->quantised[value * INT8_WAYS + way];
  const dpl_value *of = &build->file->graph.values[value];
  const size_t axes_of_a_scale = way == BY_PIXEL ? 1 : of->rank - 1;
  enum xnn_status built = xnn_status_success;
  if (*quantised == XNN_INVALID_VALUE_ID) {
    built = xnn_define_dynamically_quantized_tensor_value(
        build->subgraph, xnn_datatype_qdint8, of->rank, axes_of_a_scale, of->shape, XNN_INVALID_VALUE_ID, 0, quantised);
    if (!built) built = xnn_define_unary(build->subgraph, xnn_unary_convert, NULL, build->ids[value], *quantised, 0);
  }
  *id = *quantised;
  return status_at(build, of->name, built);
}

/* Input, weight and bias of a node that multiplies, in the arithmetic that it runs in. */
static dpl_status define_factors(builder *build, const dpl_node *node, uint32_t *in, uint32_t *weight, uint32_t *bias) {
  const int8_way way = int8_way_of(build, node);
  dpl_status status = define_weight(build, node->bias, bias);
  if (status) return status;
  if (way == IN_FLOAT) return define_weight(build, node->weight, weight);
  status = quantise(build, node->inputs[0], way, in);
  return status ? status : define_int8_weight(build, node->weight, way, weight);
}

static dpl_status define_values(builder *build) {
  const dpl_graph *graph = &build->file->graph;
  for (size_t i = 0; i < graph->value_count; i++) {
    const dpl_value *value = &graph->values[i];
    uint32_t external = XNN_INVALID_VALUE_ID, flags = 0;
    const float *constant = NULL;
    for (size_t way = 0; way < INT8_WAYS; way++) build->quantised[i * INT8_WAYS + way] = XNN_INVALID_VALUE_ID;
    if (i == graph->input) external = 0, flags = XNN_VALUE_FLAG_EXTERNAL_INPUT;
    for (size_t output = 0; output < graph->output_count; output++)
      if (graph->outputs[output] == i) external = (uint32_t)output + 1, flags = XNN_VALUE_FLAG_EXTERNAL_OUTPUT;
    if (value->constant) {
      float **kept = &build->kept->floats[build->kept->count++];
      const dpl_status status = expand(build, value->constant, kept);
      if (status) return status;
      constant = *kept;
    }
    const dpl_status status =
        status_at(build, value->name,
                  xnn_define_tensor_value(build->subgraph, xnn_datatype_fp32, value->rank, value->shape, constant,
                                          external, flags, &build->ids[i]));
    if (status) return status;
  }
  return DPL_OK;
}

static dpl_status define_fully_connected(builder *build, const dpl_node *node, uint32_t in, uint32_t out) {
  uint32_t weight, bias;
  const dpl_status status = define_factors(build, node, &in, &weight, &bias);
  if (status) return status;
  return status_at(build, node->weight->name,
                   xnn_define_fully_connected(build->subgraph, node->min, node->max, in, weight, bias, out, 0));
}

static dpl_status define_conv(builder *build, const dpl_node *node, uint32_t in, uint32_t out) {
  if (int8_way_of(build, node) == BY_PIXEL) return define_fully_connected(build, node, in, out);
  uint32_t weight, bias;
  const dpl_status status = define_factors(build, node, &in, &weight, &bias);
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
  return status_at(build, node->weight->name, built);
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
  enum xnn_unary_operator operator= node->op == DPL_OP_SIGMOID ? xnn_unary_sigmoid
  : node->op == DPL_OP_SQUARE_ROOT                             ? xnn_unary_square_root
                                                               : xnn_unary_hardswish;
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

static enum xnn_status define_resize(builder *build, const dpl_node *node, uint32_t in, uint32_t out) {
  static const uint32_t flags[] = {[DPL_RESIZE_HALF_PIXEL] = 0,
                                   [DPL_RESIZE_ALIGN_CORNERS] = XNN_FLAG_ALIGN_CORNERS,
                                   [DPL_RESIZE_ASYMMETRIC] = XNN_FLAG_TENSORFLOW_LEGACY_MODE};
  return xnn_define_static_resize_bilinear_2d(build->subgraph, node->list[0], node->list[1], in, out,
                                              flags[node->resize_mode]);
}

static enum xnn_status define_reduce(builder *build, const dpl_node *node, uint32_t in, uint32_t out) {
  return xnn_define_static_reduce(build->subgraph, node->op == DPL_OP_REDUCE_SUM ? xnn_reduce_sum : xnn_reduce_mean,
                                  node->list_count, node->list, in, out, XNN_FLAG_KEEP_DIMS);
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
  case DPL_OP_SQUARE_ROOT:
    built = define_unary(build, node, in[0], out);
    break;
  case DPL_OP_PAD:
    built = xnn_define_static_constant_pad(build->subgraph, node->before, node->after, node->value, in[0], out, 0);
    break;
  case DPL_OP_CONCAT:
    built = define_concat(build, node, in, out);
    break;
  case DPL_OP_SOFTMAX:
    built = xnn_define_softmax(build->subgraph, in[0], out, 0);
    break;
  case DPL_OP_SLICE:
    built = xnn_define_static_slice(build->subgraph, node->list_count, node->before, node->list, in[0], out, 0);
    break;
  case DPL_OP_RESHAPE:
    built = xnn_define_static_reshape(build->subgraph, node->list_count, node->list, in[0], out, 0);
    break;
  case DPL_OP_TRANSPOSE:
    built = xnn_define_static_transpose(build->subgraph, node->list_count, node->list, in[0], out, 0);
    break;
  case DPL_OP_REDUCE_MEAN:
  case DPL_OP_REDUCE_SUM:
    built = define_reduce(build, node, in[0], out);
    break;
  case DPL_OP_RESIZE_LINEAR:
    built = define_resize(build, node, in[0], out);
    break;
  case DPL_OP_DEPTH_TO_SPACE:
    built = xnn_define_depth_to_space_2d(build->subgraph, (uint32_t)node->block, in[0], out, 0);
    break;
  }
  return status_at(build, dpl_op_name(node->op), built);
}

/* Convolutions look their input up through tables of pointers, which can be a few times as large as the picture. A
   network whose input keeps changing would make them anew at nearly every look: large ones better in memory that the
   next layer uses again. Small ones stay: to make them is a fifth of YuNet's work, which has 4 pointers a pixel. */
static bool makes_tables_anew(const dpl_network_file *file) {
  enum { MOST_POINTERS_A_PIXEL = 6 };
  const dpl_graph *graph = &file->graph;
  const dpl_value *picture = &graph->values[graph->input];
  size_t pointers = 0;
  for (size_t i = 0; i < graph->node_count; i++) {
    const dpl_node *node = &graph->nodes[i];
    const size_t *out = graph->values[node->output].shape, rows = node->kernel[0], columns = node->kernel[1];
    if (node->op == DPL_OP_DEPTHWISE_CONV2D)
      pointers += out[1] * rows * (out[2] * node->stride[1] + columns); /* neighbours share columns */
    else if (node->op == DPL_OP_CONV2D && rows * columns > 1)
      pointers += out[1] * rows * out[2] * columns;
  }
  return file->spec.resizable && pointers > MOST_POINTERS_A_PIXEL * picture->shape[1] * picture->shape[2];
}

static dpl_status build_runtime(builder *build, const dpl_build_options *options, xnn_runtime_t *runtime) {
  const dpl_graph *graph = &build->file->graph;
  build->ids = calloc(graph->value_count, sizeof *build->ids);
  build->quantised = calloc(graph->value_count * INT8_WAYS, sizeof *build->quantised);
  build->feeds_layers = calloc(graph->value_count, sizeof *build->feeds_layers);
  build->packed = calloc(3 * graph->node_count, sizeof *build->packed);
  build->kept->floats = calloc(graph->value_count, sizeof *build->kept->floats);
  if (!build->ids || !build->quantised || !build->feeds_layers || !build->packed || !build->kept->floats)
    return dpl_fail_plain(build->error, DPL_OUT_OF_MEMORY);
  dpl_status status = dpl_xnnpack_start(build->error);
  if (status) return status;
  status = status_at(build, "the start", xnn_create_subgraph((uint32_t)graph->output_count + 1, 0, &build->subgraph));
  if (status) return status;
  note_what_feeds_layers(build);
  status = define_values(build);
  for (size_t i = 0; !status && i < graph->node_count; i++) status = define_node(build, &graph->nodes[i]);
  const uint32_t tables = makes_tables_anew(build->file) ? XNN_FLAG_TRANSIENT_INDIRECTION_BUFFER : 0;
  /* One that XNNPACK makes itself is lost where the rest fails. */
  xnn_workspace_t own = NULL;
  if (!status && !options->workspace) status = status_at(build, "its workspace", xnn_create_workspace(&own));
  if (status) return status;
  status =
      status_at(build, "its last step",
                xnn_create_runtime_v4(build->subgraph, NULL, own ? own : options->workspace, NULL, tables, runtime));
  if (own) xnn_release_workspace(own);
  return status;
}

dpl_status dpl_network_build(const dpl_network_file *file, const dpl_build_options *options, xnn_runtime_t *runtime,
                             dpl_kept *kept, dpl_error *error) {
  builder build = {.file = file, .int8 = options->int8, .kept = kept, .error = error};
  const dpl_status status = build_runtime(&build, options, runtime);
  if (build.subgraph) xnn_delete_subgraph(build.subgraph);
  for (size_t i = 0; i < build.packed_count; i++) free(build.packed[i]);
  free(build.packed);
  free(build.quantised);
  free(build.feeds_layers);
  free(build.ids);
  return status;
}

void dpl_kept_free(dpl_kept *kept) {
  for (size_t i = 0; i < kept->count; i++) free(kept->floats[i]);
  free(kept->floats);
  *kept = (dpl_kept){0};
}
