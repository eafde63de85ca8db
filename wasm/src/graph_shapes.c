/* The shapes that follow from an input's shape: what each operator makes of those before it. */
#include "graph.h"

#include "status.h"

#include <string.h>

/* No value of a network that fits a phone comes near; refuses shapes whose products would overflow. */
static const size_t max_value_elements = (size_t)1 << 26, max_window_pointers = (size_t)1 << 26,
                    max_elements = (size_t)1 << 29; /* of all values together */

static bool window_output(size_t in, size_t kernel, size_t stride, size_t dilation, bool same, size_t before,
                          size_t after, size_t *out) {
  if (same) return *out = (in + stride - 1) / stride, true;
  const size_t reach = (kernel - 1) * dilation + 1, padded = in + before + after;
  if (padded < reach) return false;
  return *out = (padded - reach) / stride + 1, true;
}

/* XNNPACK keeps a pointer for every place of the window at every position; in average pools over the padding too. */
static bool pointers_fit(const dpl_node *node, const dpl_value *out) {
  const size_t padding = node->same ? node->kernel[0] : node->pad[0] + node->pad[2];
  const size_t factors[4] = {out->shape[1] + padding, out->shape[2], node->kernel[0], node->kernel[1]};
  size_t left = max_window_pointers;
  for (size_t i = 0; i < 4; left /= factors[i++])
    if (factors[i] == 0 || factors[i] > left) return false;
  return true;
}

static bool infer_window(const dpl_node *node, const dpl_value *in, size_t channels, dpl_value *out) {
  out->rank = 4;
  out->shape[0] = in->shape[0];
  out->shape[3] = channels;
  return node->kernel[0] && node->kernel[1] &&
         window_output(in->shape[1], node->kernel[0], node->stride[0], node->dilation[0], node->same, node->pad[0],
                       node->pad[2], &out->shape[1]) &&
         window_output(in->shape[2], node->kernel[1], node->stride[1], node->dilation[1], node->same, node->pad[3],
                       node->pad[1], &out->shape[2]) &&
         pointers_fit(node, out);
}

static bool bias_fits(const dpl_node *node, size_t channels) {
  return !node->bias || (node->bias->rank == 1 && node->bias->shape[0] == channels);
}

static bool infer_conv(dpl_node *node, const dpl_value *in, dpl_value *out) {
  const size_t *w = node->weight->shape;
  if (in->rank != 4 || node->weight->rank != 4) return false;
  node->kernel[0] = w[1], node->kernel[1] = w[2];
  if (node->op == DPL_OP_DEPTHWISE_CONV2D)
    return w[0] == 1 && w[3] == in->shape[3] && bias_fits(node, w[3]) && infer_window(node, in, w[3], out);
  return w[0] % node->groups == 0 && w[0] > 0 && w[3] > 0 && w[3] * node->groups == in->shape[3] &&
         bias_fits(node, w[0]) && infer_window(node, in, w[0], out);
}

static bool infer_fully_connected(const dpl_node *node, const dpl_value *in, dpl_value *out) {
  const size_t *w = node->weight->shape;
  if (node->weight->rank != 2 || w[0] == 0 || in->rank < 2 || in->shape[in->rank - 1] != w[1] || !bias_fits(node, w[0]))
    return false;
  out->rank = in->rank;
  memcpy(out->shape, in->shape, sizeof out->shape);
  out->shape[out->rank - 1] = w[0];
  return true;
}

/* Broadcasting as in numpy. */
static bool infer_binary(const dpl_value *a, const dpl_value *b, dpl_value *out) {
  out->rank = a->rank > b->rank ? a->rank : b->rank;
  for (size_t i = 0; i < out->rank; i++) {
    const size_t left = i < a->rank ? a->shape[a->rank - 1 - i] : 1,
                 right = i < b->rank ? b->shape[b->rank - 1 - i] : 1;
    if (left != right && left != 1 && right != 1) return false;
    out->shape[out->rank - 1 - i] = left > right ? left : right;
  }
  return true;
}

static bool infer_pad(const dpl_node *node, const dpl_value *in, dpl_value *out) {
  out->rank = in->rank;
  for (size_t i = 0; i < in->rank; i++) out->shape[i] = in->shape[i] + node->before[i] + node->after[i];
  return in->rank == 4;
}

static bool infer_concat(const dpl_graph *graph, const dpl_node *node, dpl_value *out) {
  const dpl_value *first = &graph->values[node->inputs[0]];
  out->rank = first->rank;
  memcpy(out->shape, first->shape, sizeof out->shape);
  if (node->axis >= first->rank) return false;
  for (size_t i = 1; i < node->input_count; i++) {
    const dpl_value *next = &graph->values[node->inputs[i]];
    if (next->rank != first->rank) return false;
    for (size_t axis = 0; axis < first->rank; axis++)
      if (axis == node->axis)
        out->shape[axis] += next->shape[axis];
      else if (next->shape[axis] != first->shape[axis])
        return false;
  }
  return true;
}

/* A size of 0 takes the whole axis. */
static bool infer_slice(const dpl_node *node, const dpl_value *in, dpl_value *out) {
  if (node->list_count != in->rank) return false;
  out->rank = in->rank;
  for (size_t i = 0; i < in->rank; i++) {
    out->shape[i] = node->list[i] ? node->list[i] : in->shape[i];
    if (node->before[i] > in->shape[i] || out->shape[i] > in->shape[i] - node->before[i]) return false;
  }
  return true;
}

/* One side may be 0: whatever is left of the elements. */
static bool infer_reshape(const dpl_node *node, const dpl_value *in, dpl_value *out) {
  size_t product = 1, open = DPL_MAX_RANK;
  const size_t count = dpl_value_count(in);
  out->rank = node->list_count;
  for (size_t i = 0; i < node->list_count; i++) {
    out->shape[i] = node->list[i];
    if (node->list[i] == 0 && open != DPL_MAX_RANK) return false;
    if (node->list[i] == 0)
      open = i;
    else if (node->list[i] > max_value_elements / product)
      return false;
    else
      product *= node->list[i];
  }
  if (open == DPL_MAX_RANK) return product == count;
  out->shape[open] = count / product;
  return count % product == 0;
}

static bool infer_transpose(const dpl_node *node, const dpl_value *in, dpl_value *out) {
  bool taken[DPL_MAX_RANK] = {false};
  if (node->list_count != in->rank) return false;
  out->rank = in->rank;
  for (size_t i = 0; i < in->rank; i++) {
    const size_t axis = node->list[i];
    if (axis >= in->rank || taken[axis]) return false;
    taken[axis] = true;
    out->shape[i] = in->shape[axis];
  }
  return true;
}

/* The axes that are summed up stay, with one element each. */
static bool infer_reduce(const dpl_node *node, const dpl_value *in, dpl_value *out) {
  out->rank = in->rank;
  memcpy(out->shape, in->shape, sizeof out->shape);
  for (size_t i = 0; i < node->list_count; i++) {
    if (node->list[i] >= in->rank || (i && node->list[i] <= node->list[i - 1])) return false;
    out->shape[node->list[i]] = 1;
  }
  return true;
}

static bool infer_resize(const dpl_node *node, const dpl_value *in, dpl_value *out) {
  if (in->rank != 4 || node->list_count != 2) return false;
  out->rank = 4;
  out->shape[0] = in->shape[0], out->shape[1] = node->list[0];
  out->shape[2] = node->list[1], out->shape[3] = in->shape[3];
  return true;
}

static bool infer_depth_to_space(const dpl_node *node, const dpl_value *in, dpl_value *out) {
  const size_t block = node->block, area = block * block;
  if (in->rank != 4 || block < 2 || block > 16 || in->shape[3] % area != 0) return false;
  out->rank = 4;
  out->shape[0] = in->shape[0], out->shape[1] = in->shape[1] * block;
  out->shape[2] = in->shape[2] * block, out->shape[3] = in->shape[3] / area;
  return true;
}

static bool infer_node(const dpl_graph *graph, dpl_node *node, dpl_value *out) {
  const dpl_value *in = &graph->values[node->inputs[0]];
  switch (node->op) {
  case DPL_OP_CONV2D:
  case DPL_OP_DEPTHWISE_CONV2D:
    return infer_conv(node, in, out);
  case DPL_OP_FULLY_CONNECTED:
    return infer_fully_connected(node, in, out);
  case DPL_OP_MAX_POOL:
  case DPL_OP_AVERAGE_POOL:
    return in->rank == 4 && infer_window(node, in, in->shape[3], out);
  case DPL_OP_GLOBAL_AVERAGE_POOL:
    out->rank = 2;
    out->shape[0] = in->shape[0], out->shape[1] = in->shape[3];
    return in->rank == 4;
  case DPL_OP_ADD:
  case DPL_OP_SUBTRACT:
  case DPL_OP_MULTIPLY:
  case DPL_OP_DIVIDE:
  case DPL_OP_PRELU:
    return infer_binary(in, &graph->values[node->inputs[1]], out);
  case DPL_OP_CLAMP:
  case DPL_OP_LEAKY_RELU:
  case DPL_OP_SIGMOID:
  case DPL_OP_HARD_SWISH:
  case DPL_OP_SQUARE_ROOT:
  case DPL_OP_SOFTMAX:
    out->rank = in->rank;
    memcpy(out->shape, in->shape, sizeof out->shape);
    return true;
  case DPL_OP_PAD:
    return infer_pad(node, in, out);
  case DPL_OP_CONCAT:
    return infer_concat(graph, node, out);
  case DPL_OP_SLICE:
    return infer_slice(node, in, out);
  case DPL_OP_RESHAPE:
    return infer_reshape(node, in, out);
  case DPL_OP_TRANSPOSE:
    return infer_transpose(node, in, out);
  case DPL_OP_REDUCE_MEAN:
  case DPL_OP_REDUCE_SUM:
    return infer_reduce(node, in, out);
  case DPL_OP_RESIZE_LINEAR:
    return infer_resize(node, in, out);
  case DPL_OP_DEPTH_TO_SPACE:
    return infer_depth_to_space(node, in, out);
  }
  return false;
}

static bool size_is_sound(const dpl_value *value, size_t *total) {
  size_t count = 1;
  for (size_t i = 0; i < value->rank; i++) {
    if (value->shape[i] == 0 || value->shape[i] > max_value_elements / count) return false;
    count *= value->shape[i];
  }
  *total += count;
  return true;
}

dpl_status dpl_graph_infer(dpl_graph *graph, const size_t input_shape[4], dpl_error *error) {
  dpl_value *input = &graph->values[graph->input];
  input->rank = 4;
  memcpy(input->shape, input_shape, 4 * sizeof *input_shape);
  size_t total = 0;
  if (!size_is_sound(input, &total))
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "The network's input is empty or too large.");
  for (size_t i = 0; i < graph->node_count; i++) {
    dpl_value *out = &graph->values[graph->nodes[i].output];
    if (!infer_node(graph, &graph->nodes[i], out) || !size_is_sound(out, &total))
      return dpl_fail(error, DPL_DAMAGED_NETWORK, "The shapes at node %zu (%s, \"%s\") do not fit together.", i,
                      dpl_op_name(graph->nodes[i].op), out->name);
    if (total > max_elements)
      return dpl_fail(error, DPL_UNSUPPORTED_NETWORK,
                      "The network needs more than 2 GB for an input of %zu × %zu × %zu pixels.", input_shape[0],
                      input_shape[2], input_shape[1]);
  }
  return DPL_OK;
}
