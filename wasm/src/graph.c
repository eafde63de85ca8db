/* Reads a graph from JSON and infers its shapes. Nothing is built or run here. */
#include "graph.h"

#include "status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* No value of a network that fits a phone comes near; refuses shapes whose products would overflow. */
static const size_t max_value_elements = (size_t)1 << 26;
static const size_t max_nodes = 4096;

const char *dpl_op_name(dpl_op op) {
  switch (op) {
#define NAME(name, text)                                                                                               \
  case DPL_OP_##name:                                                                                                  \
    return text;
    DPL_OP_LIST(NAME)
#undef NAME
  }
  return "unknown";
}

size_t dpl_value_count(const dpl_value *value) {
  size_t count = 1;
  for (size_t i = 0; i < value->rank; i++) count *= value->shape[i];
  return count;
}

void dpl_graph_free(dpl_graph *graph) {
  free(graph->nodes);
  free(graph->values);
  *graph = (dpl_graph){0};
}

/* ---- reading ---- */

static bool op_from_name(const char *name, dpl_op *op) {
#define MATCH(symbol, text)                                                                                            \
  if (strcmp(name, text) == 0) return *op = DPL_OP_##symbol, true;
  DPL_OP_LIST(MATCH)
#undef MATCH
  return false;
}

static bool op_has_weight(dpl_op op) {
  return op == DPL_OP_CONV2D || op == DPL_OP_DEPTHWISE_CONV2D || op == DPL_OP_FULLY_CONNECTED;
}

static bool op_has_window(dpl_op op) {
  return op == DPL_OP_CONV2D || op == DPL_OP_DEPTHWISE_CONV2D || op == DPL_OP_MAX_POOL || op == DPL_OP_AVERAGE_POOL;
}

static bool op_is_binary(dpl_op op) {
  return op >= DPL_OP_ADD && op <= DPL_OP_PRELU;
}

static bool read_sizes(const cJSON *node, const char *key, size_t *sizes, size_t count, size_t smallest) {
  const cJSON *array = cJSON_GetObjectItemCaseSensitive(node, key);
  if (!array) return true; /* keeps the default */
  if (!cJSON_IsArray(array) || cJSON_GetArraySize(array) != (int)count) return false;
  for (size_t i = 0; i < count; i++) {
    const cJSON *item = cJSON_GetArrayItem(array, (int)i);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= (double)smallest && item->valuedouble <= 65535)) return false;
    sizes[i] = (size_t)item->valuedouble;
  }
  return true;
}

static bool read_size(const cJSON *node, const char *key, size_t *size, size_t smallest) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(node, key);
  if (!item) return true;
  if (!cJSON_IsNumber(item) || !(item->valuedouble >= (double)smallest && item->valuedouble <= 65535)) return false;
  *size = (size_t)item->valuedouble;
  return true;
}

static bool read_float(const cJSON *node, const char *key, float *number) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(node, key);
  if (!item) return true;
  if (!cJSON_IsNumber(item)) return false;
  *number = (float)item->valuedouble;
  return true;
}

static bool find_value(const dpl_graph *graph, const char *name, size_t *index) {
  for (size_t i = graph->value_count; i-- > 0;)
    if (strcmp(graph->values[i].name, name) == 0) return *index = i, true;
  return false;
}

/* The caller has made room: values are at most one constant an input and one output a node. */
static size_t add_value(dpl_graph *graph, const char *name, const dpl_tensor *constant) {
  dpl_value *value = &graph->values[graph->value_count];
  *value = (dpl_value){.constant = constant};
  memcpy(value->name, name, strlen(name) + 1);
  if (constant) {
    value->rank = constant->rank;
    memcpy(value->shape, constant->shape, sizeof value->shape);
  }
  return graph->value_count++;
}

static bool usable_name(const cJSON *item) {
  return cJSON_IsString(item) && item->valuestring[0] && strlen(item->valuestring) < sizeof((dpl_value *)0)->name;
}

static dpl_status read_inputs(const cJSON *json, const dpl_safetensors *tensors, dpl_graph *graph, dpl_node *node,
                              size_t index, dpl_error *error) {
  const cJSON *inputs = cJSON_GetObjectItemCaseSensitive(json, "in");
  const int count = cJSON_IsArray(inputs) ? cJSON_GetArraySize(inputs) : 0;
  const bool fits = node->op == DPL_OP_CONCAT ? count >= 2 && count <= DPL_MAX_NODE_INPUTS
                                              : count == (op_is_binary(node->op) ? 2 : 1);
  if (!fits)
    return dpl_fail(error, DPL_DAMAGED_NETWORK, "Node %zu (%s) has %d inputs, which does not fit its operator.", index,
                    dpl_op_name(node->op), count);
  for (int i = 0; i < count; i++) {
    const cJSON *name = cJSON_GetArrayItem(inputs, i);
    if (!usable_name(name))
      return dpl_fail(error, DPL_DAMAGED_NETWORK, "Node %zu has an input without a usable name.", index);
    if (find_value(graph, name->valuestring, &node->inputs[node->input_count++])) continue;
    const dpl_tensor *constant = dpl_safetensors_find(tensors, name->valuestring);
    if (!constant || !op_is_binary(node->op))
      return dpl_fail(error, DPL_DAMAGED_NETWORK, "Node %zu (%s) reads \"%s\", which no earlier node writes.", index,
                      dpl_op_name(node->op), name->valuestring);
    node->inputs[i] = add_value(graph, name->valuestring, constant);
  }
  if (graph->values[node->inputs[0]].constant)
    return dpl_fail(error, DPL_DAMAGED_NETWORK, "Node %zu has a constant as its first input.", index);
  return DPL_OK;
}

static dpl_status read_tensor(const cJSON *json, const char *key, const dpl_safetensors *tensors, size_t index,
                              const dpl_tensor **tensor, dpl_error *error) {
  const cJSON *name = cJSON_GetObjectItemCaseSensitive(json, key);
  if (!name) return DPL_OK;
  *tensor = cJSON_IsString(name) ? dpl_safetensors_find(tensors, name->valuestring) : NULL;
  if (!*tensor) return dpl_fail(error, DPL_DAMAGED_NETWORK, "Node %zu names a %s that is not in the file.", index, key);
  return DPL_OK;
}

static bool read_padding(const cJSON *json, dpl_node *node) {
  const cJSON *pad = cJSON_GetObjectItemCaseSensitive(json, "pad");
  if (cJSON_IsString(pad)) {
    node->same = strcmp(pad->valuestring, "same") == 0;
    return node->same || strcmp(pad->valuestring, "valid") == 0;
  }
  return read_sizes(json, "pad", node->pad, 4, 0);
}

static dpl_status read_node(const cJSON *json, const dpl_safetensors *tensors, dpl_graph *graph, size_t index,
                            dpl_error *error) {
  dpl_node *node = &graph->nodes[index];
  *node = (dpl_node){.stride = {1, 1}, .dilation = {1, 1}, .groups = 1, .min = -INFINITY, .max = INFINITY};
  const cJSON *op = cJSON_GetObjectItemCaseSensitive(json, "op");
  if (!cJSON_IsString(op)) return dpl_fail(error, DPL_DAMAGED_NETWORK, "Node %zu has no operator.", index);
  if (!op_from_name(op->valuestring, &node->op))
    return dpl_fail(error, DPL_UNSUPPORTED_NETWORK, "Node %zu uses the operator \"%.40s\", which this version lacks.",
                    index, op->valuestring);
  dpl_status status = read_inputs(json, tensors, graph, node, index, error);
  if (!status) status = read_tensor(json, "weight", tensors, index, &node->weight, error);
  if (!status) status = read_tensor(json, "bias", tensors, index, &node->bias, error);
  if (status) return status;

  const bool sound =
      read_sizes(json, "stride", node->stride, 2, 1) && read_sizes(json, "dilation", node->dilation, 2, 1) &&
      read_sizes(json, "kernel", node->kernel, 2, 1) && read_size(json, "groups", &node->groups, 1) &&
      read_size(json, "axis", &node->axis, 0) && read_float(json, "min", &node->min) &&
      read_float(json, "max", &node->max) && read_float(json, "alpha", &node->alpha) && node->min < node->max &&
      (node->op == DPL_OP_PAD
           ? read_sizes(json, "before", node->before, 4, 0) && read_sizes(json, "after", node->after, 4, 0)
           : !op_has_window(node->op) || read_padding(json, node));
  if (!sound)
    return dpl_fail(error, DPL_DAMAGED_NETWORK, "Node %zu (%s) has an attribute that is out of range.", index,
                    dpl_op_name(node->op));
  if (node->op == DPL_OP_MAX_POOL && node->kernel[0] && node->kernel[1] &&
      (node->stride[0] > node->kernel[0] || node->stride[1] > node->kernel[1]))
    return dpl_fail(error, DPL_UNSUPPORTED_NETWORK,
                    "Node %zu (max_pool) steps over pixels: its stride may not be larger than its kernel.", index);
  if (op_has_weight(node->op) != (node->weight != NULL))
    return dpl_fail(error, DPL_DAMAGED_NETWORK, "Node %zu (%s) %s a weight.", index, dpl_op_name(node->op),
                    node->weight ? "may not have" : "needs");

  const cJSON *output = cJSON_GetObjectItemCaseSensitive(json, "out");
  size_t taken;
  if (!usable_name(output) || find_value(graph, output->valuestring, &taken))
    return dpl_fail(error, DPL_DAMAGED_NETWORK, "Node %zu has no output of its own.", index);
  node->output = add_value(graph, output->valuestring, NULL);
  return DPL_OK;
}

static dpl_status read_outputs(const cJSON *json, dpl_graph *graph, dpl_error *error) {
  const cJSON *outputs = cJSON_GetObjectItemCaseSensitive(json, "outputs");
  const int count = cJSON_IsArray(outputs) ? cJSON_GetArraySize(outputs) : 0;
  if (count < 1 || count > DPL_MAX_OUTPUTS)
    return dpl_fail(error, DPL_DAMAGED_NETWORK, "The graph has %d outputs; 1 to %d can be used.", count,
                    DPL_MAX_OUTPUTS);
  for (int i = 0; i < count; i++) {
    const cJSON *name = cJSON_GetArrayItem(outputs, i);
    size_t *output = &graph->outputs[graph->output_count];
    if (!cJSON_IsString(name) || !find_value(graph, name->valuestring, output) || graph->values[*output].constant ||
        *output == graph->input)
      return dpl_fail(error, DPL_DAMAGED_NETWORK, "Output %d of the graph is not written by any node.", i);
    for (size_t earlier = 0; earlier < graph->output_count; earlier++)
      if (graph->outputs[earlier] == *output)
        return dpl_fail(error, DPL_DAMAGED_NETWORK, "Output %d of the graph is named twice.", i);
    graph->output_count++;
  }
  return DPL_OK;
}

dpl_status dpl_graph_parse(const cJSON *json, const dpl_safetensors *tensors, dpl_graph *graph, dpl_error *error) {
  *graph = (dpl_graph){0};
  const cJSON *nodes = cJSON_GetObjectItemCaseSensitive(json, "nodes");
  const cJSON *input = cJSON_GetObjectItemCaseSensitive(json, "input");
  const size_t count = cJSON_IsArray(nodes) ? (size_t)cJSON_GetArraySize(nodes) : 0;
  if (count == 0 || count > max_nodes || !usable_name(input))
    return dpl_fail(error, DPL_DAMAGED_NETWORK, "The network file holds no graph of 1 to %zu nodes.", max_nodes);

  graph->nodes = calloc(count, sizeof *graph->nodes);
  graph->values = calloc(1 + 3 * count, sizeof *graph->values);
  if (!graph->nodes || !graph->values) {
    dpl_graph_free(graph);
    return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  }
  graph->input = add_value(graph, input->valuestring, NULL);

  dpl_status status = DPL_OK;
  const cJSON *node;
  cJSON_ArrayForEach(node, nodes) {
    status = read_node(node, tensors, graph, graph->node_count, error);
    if (status) break;
    graph->node_count++;
  }
  if (!status) status = read_outputs(json, graph, error);
  if (status) dpl_graph_free(graph);
  return status;
}

/* ---- shapes ---- */

static bool window_output(size_t in, size_t kernel, size_t stride, size_t dilation, bool same, size_t before,
                          size_t after, size_t *out) {
  if (same) return *out = (in + stride - 1) / stride, true;
  const size_t reach = (kernel - 1) * dilation + 1, padded = in + before + after;
  if (padded < reach) return false;
  return *out = (padded - reach) / stride + 1, true;
}

static bool infer_window(const dpl_node *node, const dpl_value *in, size_t channels, dpl_value *out) {
  out->rank = 4;
  out->shape[0] = in->shape[0];
  out->shape[3] = channels;
  return node->kernel[0] && node->kernel[1] &&
         window_output(in->shape[1], node->kernel[0], node->stride[0], node->dilation[0], node->same, node->pad[0],
                       node->pad[2], &out->shape[1]) &&
         window_output(in->shape[2], node->kernel[1], node->stride[1], node->dilation[1], node->same, node->pad[3],
                       node->pad[1], &out->shape[2]);
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
    out->rank = in->rank;
    memcpy(out->shape, in->shape, sizeof out->shape);
    return true;
  case DPL_OP_PAD:
    return infer_pad(node, in, out);
  case DPL_OP_CONCAT:
    return infer_concat(graph, node, out);
  }
  return false;
}

static bool size_is_sound(const dpl_value *value) {
  size_t count = 1;
  for (size_t i = 0; i < value->rank; i++) {
    if (value->shape[i] == 0 || value->shape[i] > max_value_elements / count) return false;
    count *= value->shape[i];
  }
  return true;
}

dpl_status dpl_graph_infer(dpl_graph *graph, const size_t input_shape[4], dpl_error *error) {
  dpl_value *input = &graph->values[graph->input];
  input->rank = 4;
  memcpy(input->shape, input_shape, 4 * sizeof *input_shape);
  if (!size_is_sound(input)) return dpl_fail(error, DPL_INVALID_ARGUMENT, "The network's input is empty or too large.");
  for (size_t i = 0; i < graph->node_count; i++) {
    dpl_value *out = &graph->values[graph->nodes[i].output];
    if (!infer_node(graph, &graph->nodes[i], out) || !size_is_sound(out))
      return dpl_fail(error, DPL_DAMAGED_NETWORK, "The shapes at node %zu (%s, \"%s\") do not fit together.", i,
                      dpl_op_name(graph->nodes[i].op), out->name);
  }
  return DPL_OK;
}
