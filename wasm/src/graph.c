/* Reads a graph from JSON. Nothing is built or run here. */
#include "graph.h"

#include "status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* A list of 1 to DPL_MAX_RANK whole numbers; *count is its length, or stays 0 where there is none. */
static bool read_list(const cJSON *node, const char *key, size_t *list, size_t *count) {
  const cJSON *array = cJSON_GetObjectItemCaseSensitive(node, key);
  if (!array) return true;
  const int length = cJSON_IsArray(array) ? cJSON_GetArraySize(array) : 0;
  if (length < 1 || length > DPL_MAX_RANK || !read_sizes(node, key, list, (size_t)length, 0)) return false;
  *count = (size_t)length;
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
  size_t computed = 0;
  for (int i = 0; i < count; i++) {
    const cJSON *name = cJSON_GetArrayItem(inputs, i);
    if (!usable_name(name))
      return dpl_fail(error, DPL_DAMAGED_NETWORK, "Node %zu has an input without a usable name.", index);
    size_t *input = &node->inputs[node->input_count++];
    if (!find_value(graph, name->valuestring, input)) {
      const dpl_tensor *constant = op_is_binary(node->op) ? dpl_safetensors_find(tensors, name->valuestring) : NULL;
      if (!constant)
        return dpl_fail(error, DPL_DAMAGED_NETWORK, "Node %zu (%s) reads \"%s\", which no earlier node writes.", index,
                        dpl_op_name(node->op), name->valuestring);
      *input = add_value(graph, name->valuestring, constant);
    }
    if (!graph->values[*input].constant) computed++;
  }
  const bool first_is_constant = graph->values[node->inputs[0]].constant != NULL;
  if (computed == 0 || (!op_is_binary(node->op) && computed < node->input_count) ||
      (node->op == DPL_OP_PRELU && first_is_constant))
    return dpl_fail(error, DPL_DAMAGED_NETWORK, "Node %zu (%s) has a constant where a computed value belongs.", index,
                    dpl_op_name(node->op));
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

/* Which key holds the operator's list, and whether it must be there. */
static const char *list_key(dpl_op op) {
  switch (op) {
  case DPL_OP_RESHAPE:
    return "shape";
  case DPL_OP_TRANSPOSE:
    return "perm";
  case DPL_OP_REDUCE_MEAN:
  case DPL_OP_REDUCE_SUM:
    return "axes";
  case DPL_OP_SLICE:
  case DPL_OP_RESIZE_LINEAR:
    return "size";
  default:
    return NULL;
  }
}

static bool read_own_list(const cJSON *json, dpl_node *node) {
  const char *key = list_key(node->op);
  if (!key) return true;
  return read_list(json, key, node->list, &node->list_count) && node->list_count > 0 &&
         (node->op != DPL_OP_SLICE || read_sizes(json, "begin", node->before, node->list_count, 0));
}

static bool read_resize_mode(const cJSON *json, dpl_node *node) {
  static const char *const names[] = {"half_pixel", "align_corners", "asymmetric"};
  const cJSON *mode = cJSON_GetObjectItemCaseSensitive(json, "mode");
  if (!mode) return true;
  for (size_t i = 0; cJSON_IsString(mode) && i < sizeof names / sizeof *names; i++)
    if (strcmp(mode->valuestring, names[i]) == 0) return node->resize_mode = (dpl_resize_mode)i, true;
  return false;
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
      read_size(json, "axis", &node->axis, 0) && read_size(json, "block", &node->block, 2) &&
      read_own_list(json, node) && read_resize_mode(json, node) && read_float(json, "min", &node->min) &&
      read_float(json, "max", &node->max) && read_float(json, "alpha", &node->alpha) &&
      read_float(json, "value", &node->value) && node->min < node->max &&
      (node->op == DPL_OP_PAD
           ? read_sizes(json, "before", node->before, 4, 0) && read_sizes(json, "after", node->after, 4, 0)
           : !op_has_window(node->op) || read_padding(json, node));
  if (!sound)
    return dpl_fail(error, DPL_DAMAGED_NETWORK, "Node %zu (%s) has an attribute that is out of range.", index,
                    dpl_op_name(node->op));
  /* XNNPACK's average pool steps over pixels rightly unless it is to find the padding itself. */
  const bool may_step_over = node->op != DPL_OP_MAX_POOL && (node->op != DPL_OP_AVERAGE_POOL || !node->same);
  if (!may_step_over && node->kernel[0] && node->kernel[1] &&
      (node->stride[0] > node->kernel[0] || node->stride[1] > node->kernel[1]))
    return dpl_fail(error, DPL_UNSUPPORTED_NETWORK,
                    "Node %zu (%s) steps over pixels: its stride may not be larger than its kernel.", index,
                    dpl_op_name(node->op));
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

/* Takes out the nodes that lead to no output: XNNPACK ends the program over two of them in a row. */
static dpl_status drop_unused_nodes(dpl_graph *graph, dpl_error *error) {
  bool *used = calloc(graph->value_count + 1, sizeof *used); /* + 1: never nothing */
  if (!used) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  for (size_t i = 0; i < graph->output_count; i++) used[graph->outputs[i]] = true;
  for (size_t i = graph->node_count; i-- > 0;) {
    const dpl_node *node = &graph->nodes[i];
    for (size_t input = 0; used[node->output] && input < node->input_count; input++) used[node->inputs[input]] = true;
  }
  size_t kept = 0;
  for (size_t i = 0; i < graph->node_count; i++)
    if (used[graph->nodes[i].output]) graph->nodes[kept++] = graph->nodes[i];
  graph->node_count = kept;
  free(used);
  return DPL_OK;
}

static bool op_takes_limits(dpl_op op) {
  return op == DPL_OP_CONV2D || op == DPL_OP_DEPTHWISE_CONV2D || op == DPL_OP_FULLY_CONNECTED ||
         op == DPL_OP_MAX_POOL || op == DPL_OP_AVERAGE_POOL || op == DPL_OP_CLAMP;
}

/* A clamp becomes the limits of the node before it, where nothing else reads that node. XNNPACK does so as well, but
   writes the limits over a window's padding. */
static dpl_status take_in_clamps(dpl_graph *graph, dpl_error *error) {
  size_t *readers = calloc(2 * graph->value_count, sizeof *readers), kept = 0;
  if (!readers) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  size_t *writers = readers + graph->value_count; /* 1 + the index of the node; 0: none */
  dpl_status status = DPL_OK;
  for (size_t i = 0; i < graph->output_count; i++) readers[graph->outputs[i]]++;
  for (size_t i = 0; i < graph->node_count; i++)
    for (size_t input = 0; input < graph->nodes[i].input_count; input++) readers[graph->nodes[i].inputs[input]]++;
  for (size_t i = 0; i < graph->node_count && !status; i++) {
    const dpl_node node = graph->nodes[i];
    const size_t writer = writers[node.inputs[0]];
    dpl_node *before = writer ? &graph->nodes[writer - 1] : NULL;
    if (node.op != DPL_OP_CLAMP || !before || !op_takes_limits(before->op) || readers[node.inputs[0]] != 1) {
      graph->nodes[kept] = node;
      writers[node.output] = ++kept;
      continue;
    }
    before->min = fmaxf(before->min, node.min);
    before->max = fminf(before->max, node.max);
    before->output = node.output;
    writers[node.output] = writer;
    if (!(before->min < before->max))
      status = dpl_fail(error, DPL_UNSUPPORTED_NETWORK, "Node %zu (clamp) lets nothing through.", i);
  }
  graph->node_count = kept;
  free(readers);
  return status;
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
  if (!status) status = drop_unused_nodes(graph, error);
  if (!status) status = take_in_clamps(graph, error);
  if (status) dpl_graph_free(graph);
  return status;
}
