/* Convolutions side by side, as the heads of detectors are: several with few outputs that read the same value become
   one with the outputs of all, and a Split behind it gives them back under their names. Only nodes of the model are
   put together here; how they run is the lowering's business. */
#include "lowering.h"

#include <stdlib.h>
#include <string.h>

enum {
  TILE = 8,                      /* outputs of a convolution that XNNPACK computes at a time, at least; 16 with AVX */
  MULTIPLICATIONS_A_SLICE = 128, /* a pixel: about what it costs to copy an output out of the joined ones */
  MOST_CHANNELS = 64,            /* of all: wide ones fill their tiles by themselves, and cost more to copy */
  MOST_READERS = 64,             /* of one value that are looked through: a hostile file has many */
  MOST_SIDE_BY_SIDE = MODEL_MAX_RANK, /* what a Split may list */
  NUMBERS_IN_ANY_CASE = 1 << 20,
};

/* Nodes of the same kind, that can be one. */
typedef struct row {
  size_t count;
  const model_node *nodes[MOST_SIDE_BY_SIDE];
  int64_t channels[MOST_SIDE_BY_SIDE]; /* of their outputs */
} row;

/* By name, then by node; those of the model's outputs stand behind all nodes. */
typedef struct value_read {
  const char *name;
  size_t node; /* node_count: an output of the model */
} value_read;

typedef struct merging {
  const model *source;
  model *merged;
  value_read *reads;
  size_t read_count;
  size_t numbers_left;          /* of weights that may be joined: a hostile file lets many nodes share large ones */
  const model_tensor **tensors; /* by name */
  bool *taken;                  /* nodes that stand in the merged model, as part of another */
} merging;

/* ---- who reads what ---- */

static int by_name_and_node(const void *a, const void *b) {
  const value_read *one = a, *other = b;
  const int names = strcmp(one->name, other->name);
  return names ? names : (one->node > other->node) - (one->node < other->node);
}

static int tensors_by_name(const void *a, const void *b) {
  const model_tensor *const *one = a, *const *other = b;
  return strcmp((*one)->name, (*other)->name);
}

static void collect(merging *work) {
  const model *source = work->source;
  size_t most = source->output_count, count = 0;
  for (size_t i = 0; i < source->node_count; i++) most += source->nodes[i].input_count;
  work->reads = new_array(most, sizeof *work->reads);
  for (size_t i = 0; i < source->node_count; i++)
    for (size_t input = 0; input < source->nodes[i].input_count; input++)
      if (source->nodes[i].inputs[input][0]) work->reads[count++] = (value_read){source->nodes[i].inputs[input], i};
  for (size_t i = 0; i < source->output_count; i++)
    work->reads[count++] = (value_read){source->outputs[i], source->node_count};
  qsort(work->reads, work->read_count = count, sizeof *work->reads, by_name_and_node);

  work->numbers_left = NUMBERS_IN_ANY_CASE;
  work->tensors = new_array(source->tensor_count, sizeof(model_tensor *));
  for (size_t i = 0; i < source->tensor_count; i++) {
    work->tensors[i] = &source->tensors[i];
    work->numbers_left += source->tensors[i].count;
  }
  qsort(work->tensors, source->tensor_count, sizeof(model_tensor *), tensors_by_name);
}

/* The first read of a value by this node or a later one; read_count where there is none at all. */
static size_t first_read(const merging *work, const char *name, size_t node) {
  const value_read wanted = {name, node};
  size_t low = 0, high = work->read_count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (by_name_and_node(&work->reads[middle], &wanted) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static bool reads_value(const merging *work, size_t read, const char *name) {
  return read < work->read_count && strcmp(work->reads[read].name, name) == 0;
}

/* The node that alone reads this value; NULL where others do, or it is an output of the model. */
static const model_node *only_reader(const merging *work, const char *name) {
  const size_t read = first_read(work, name, 0);
  if (!reads_value(work, read, name) || reads_value(work, read + 1, name)) return NULL;
  const size_t node = work->reads[read].node;
  return node < work->source->node_count ? &work->source->nodes[node] : NULL;
}

static const model_tensor *constant(const merging *work, const model_node *node, size_t input) {
  if (input >= node->input_count) return NULL;
  const model_tensor key = {.name = node->inputs[input]}, *wanted = &key;
  const model_tensor **found =
      bsearch(&wanted, work->tensors, work->source->tensor_count, sizeof(model_tensor *), tensors_by_name);
  return found ? *found : NULL;
}

static bool is_given(const model_node *node, size_t input) {
  return input < node->input_count && node->inputs[input][0];
}

/* ---- nodes that are alike ---- */

static bool is_op(const model_node *node, const char *const *ops) {
  while (*ops && strcmp(node->op, *ops) != 0) ops++;
  return *ops != NULL;
}

static int64_t groups_of(const model_node *node) {
  const model_attribute *group = model_attribute_named(node, "group");
  return group && group->kind == MODEL_INT ? group->i : 1;
}

/* A convolution with float weights and a bias that fits, or none. */
static bool is_float_conv(const merging *work, const model_node *node) {
  if (strcmp(node->op, "Conv") != 0 || node->output_count != 1 || !is_given(node, 0)) return false;
  const model_tensor *weight = constant(work, node, 1), *bias = constant(work, node, 2);
  if (!weight || weight->kind != MODEL_F32 || weight->rank != 4 || weight->count == 0) return false;
  return bias ? bias->kind == MODEL_F32 && bias->count == (size_t)weight->shape[0] : !is_given(node, 2);
}

static bool is_depthwise(const merging *work, const model_node *node, int64_t channels) {
  if (!is_float_conv(work, node)) return false;
  const model_tensor *weight = constant(work, node, 1);
  return weight->shape[0] == channels && weight->shape[1] == 1 && groups_of(node) == channels;
}

static bool attributes_are_same(const model_attribute *a, const model_attribute *b) {
  if (!b || a->kind != b->kind || a->count != b->count) return false;
  if (a->kind == MODEL_INT) return a->i == b->i;
  if (a->kind == MODEL_FLOAT) return a->f == b->f;
  if (a->kind == MODEL_TEXT) return strcmp(a->text, b->text) == 0;
  if (a->kind != MODEL_INTS) return false;
  for (size_t i = 0; i < a->count; i++)
    if (a->integers[i] != b->integers[i]) return false;
  return true;
}

static bool has_attributes_of(const model_node *node, const model_node *other) {
  for (size_t i = 0; i < other->attribute_count; i++) {
    const model_attribute *wanted = &other->attributes[i];
    if (strcmp(wanted->name, "group") == 0) continue;
    if (!attributes_are_same(wanted, model_attribute_named(node, wanted->name))) return false;
  }
  return true;
}

static bool filters_are_alike(const merging *work, const model_node *a, const model_node *b) {
  const model_tensor *one = constant(work, a, 1), *other = constant(work, b, 1);
  return memcmp(one->shape + 1, other->shape + 1, 3 * sizeof *one->shape) == 0;
}

/* The limits of a Clip: the same constants, by name or as one number each. */
static bool limits_are_same(const merging *work, const model_node *a, const model_node *b) {
  if (a->input_count != b->input_count) return false;
  for (size_t i = 1; i < a->input_count; i++) {
    const model_tensor *one = constant(work, a, i), *other = constant(work, b, i);
    if (!is_given(a, i) && !is_given(b, i)) continue;
    if (!one || !other || one->kind != MODEL_F32 || other->kind != MODEL_F32 || one->count != 1 || other->count != 1 ||
        one->floats[0] != other->floats[0])
      return false;
  }
  return true;
}

/* Both are convolutions with one group or depthwise ones, or both the same activation. */
static bool are_alike(const merging *work, const model_node *a, const model_node *b) {
  if (strcmp(a->op, b->op) != 0 || !has_attributes_of(a, b) || !has_attributes_of(b, a)) return false;
  return strcmp(a->op, "Conv") == 0 ? filters_are_alike(work, a, b) : limits_are_same(work, a, b);
}

/* ---- rows ---- */

/* The convolution and those with few outputs that are like it and read the same value. */
static row row_from(const merging *work, size_t first) {
  row made = {0};
  int64_t sum = 0;
  const char *input = work->source->nodes[first].inputs[0];
  const size_t begin = first_read(work, input, first);
  for (size_t i = begin; i < begin + MOST_READERS && made.count < MOST_SIDE_BY_SIDE && reads_value(work, i, input);
       i++) {
    if (work->reads[i].node == work->source->node_count || work->taken[work->reads[i].node]) continue;
    const model_node *node = &work->source->nodes[work->reads[i].node];
    if (!is_float_conv(work, node) || groups_of(node) != 1) continue;
    const int64_t channels = constant(work, node, 1)->shape[0];
    if (channels > MOST_CHANNELS / 2 || sum + channels > MOST_CHANNELS ||
        (made.count && !are_alike(work, made.nodes[0], node)))
      continue;
    made.nodes[made.count] = node;
    made.channels[made.count++] = channels;
    sum += channels;
  }
  return made;
}

static void leave_out(row *changed, size_t index) {
  for (size_t i = index + 1; i < changed->count; i++) {
    changed->nodes[i - 1] = changed->nodes[i];
    changed->channels[i - 1] = changed->channels[i];
  }
  changed->count--;
}

static int64_t sum_of_channels(const row *of) {
  int64_t sum = 0;
  for (size_t i = 0; i < of->count; i++) sum += of->channels[i];
  return sum;
}

/* Whether the tiles that are saved are worth the copies. */
static bool pays(const merging *work, const row *top) {
  const model_tensor *weight = constant(work, top->nodes[0], 1);
  int64_t tiles = -((sum_of_channels(top) + TILE - 1) / TILE);
  for (size_t i = 0; i < top->count; i++) tiles += (top->channels[i] + TILE - 1) / TILE;
  const size_t saved = (size_t)tiles * TILE * (weight->count / (size_t)weight->shape[0]);
  return tiles > 0 && saved > MULTIPLICATIONS_A_SLICE * top->count;
}

/* The nodes that alone read the outputs of a row, where they too can be one: depthwise convolutions or activations. */
static bool row_below(const merging *work, const row *above, row *below) {
  static const char *const activations[] = {"Relu", "Clip", "Sigmoid", "HardSwish", "LeakyRelu", NULL};
  *below = *above;
  for (size_t i = 0; i < above->count; i++) {
    const model_node *node = only_reader(work, above->nodes[i]->outputs[0]);
    if (!node || node->output_count != 1 || strcmp(node->inputs[0], above->nodes[i]->outputs[0]) != 0) return false;
    if (!is_op(node, activations) && !is_depthwise(work, node, above->channels[i])) return false;
    below->nodes[i] = node;
    if (!are_alike(work, below->nodes[0], node)) return false;
  }
  return true;
}

/* What the layer would take in (epilogue_take) if no Split stood between. */
static bool would_be_folded(const merging *work, const char *output) {
  static const char *const folded[] = {"BatchNormalization", "Relu", "Clip", "Add", "Sub", "Mul", "Div", NULL};
  const model_node *reader = only_reader(work, output);
  return reader && is_op(reader, folded);
}

/* Leaves out what is better left alone; false where too little remains. */
static bool settle(const merging *work, row *top) {
  while (top->count > 1 && pays(work, top)) {
    row last = *top, below;
    while (row_below(work, &last, &below)) last = below;
    size_t alone = 0;
    while (alone < last.count && !would_be_folded(work, last.nodes[alone]->outputs[0])) alone++;
    if (alone == last.count) return true;
    if (alone == 0) return false; /* its place is not that of the others, whose turn comes */
    leave_out(top, alone);
  }
  return false;
}

/* ---- the merged model ---- */

static const char *derived_name(merging *work, const char *name, const char *what) {
  const size_t length = strlen(name), more = strlen(what);
  char *made = model_memory(work->merged, length + more + 1, 1);
  memcpy(made, name, length);
  memcpy(made + length, what, more);
  return made;
}

/* Weights (input 1) or biases (input 2) of a row, one behind the other; a bias that is missing is 0. */
static const char *join_constants(merging *work, const row *from, size_t input, const char *name) {
  model_tensor *joined = &work->merged->tensors[work->merged->tensor_count++];
  const model_tensor *first = constant(work, from->nodes[0], 1);
  *joined = (model_tensor){.name = name, .kind = MODEL_F32, .rank = input == 1 ? 4 : 1};
  memcpy(joined->shape, first->shape, sizeof joined->shape);
  joined->shape[0] = sum_of_channels(from);
  const size_t each = input == 1 ? first->count / (size_t)first->shape[0] : 1;
  joined->floats = model_memory(work->merged, (size_t)joined->shape[0] * each, sizeof(float));
  for (size_t i = 0; i < from->count; i++) {
    const model_tensor *part = constant(work, from->nodes[i], input);
    const size_t count = (size_t)from->channels[i] * each;
    if (part) memcpy(joined->floats + joined->count, part->floats, count * sizeof(float));
    joined->count += count;
  }
  return name;
}

static model_node *add_node(merging *work, const char *name, const char *op, size_t inputs, size_t outputs) {
  model_node *added = &work->merged->nodes[work->merged->node_count++];
  *added = (model_node){.name = name, .op = op, .input_count = inputs, .output_count = outputs};
  added->inputs = model_memory(work->merged, inputs, sizeof *added->inputs);
  added->outputs = model_memory(work->merged, outputs, sizeof *added->outputs);
  return added;
}

/* One node for a row; the name of its output. */
static const char *add_joined(merging *work, const row *from, const char *input, bool depthwise) {
  const model_node *first = from->nodes[0];
  const bool is_conv = strcmp(first->op, "Conv") == 0;
  model_node *joined = add_node(work, first->name, first->op, is_conv ? 3 : first->input_count, 1);
  for (size_t i = 1; i < first->input_count; i++) joined->inputs[i] = first->inputs[i];
  joined->inputs[0] = input;
  joined->outputs[0] = derived_name(work, first->outputs[0], " and those beside it");
  joined->attributes = model_memory(work->merged, first->attribute_count + 1, sizeof *joined->attributes);
  for (size_t i = 0; i < first->attribute_count; i++)
    if (strcmp(first->attributes[i].name, "group") != 0)
      joined->attributes[joined->attribute_count++] = first->attributes[i];
  if (is_conv) {
    joined->inputs[1] = join_constants(work, from, 1, derived_name(work, joined->outputs[0], ": weights"));
    joined->inputs[2] = join_constants(work, from, 2, derived_name(work, joined->outputs[0], ": biases"));
    joined->attributes[joined->attribute_count++] =
        (model_attribute){.name = "group", .kind = MODEL_INT, .i = depthwise ? sum_of_channels(from) : 1};
  }
  for (size_t i = 0; i < from->count; i++) work->taken[from->nodes[i] - work->source->nodes] = true;
  return joined->outputs[0];
}

static void add_split(merging *work, const row *last, const char *input) {
  model_node *split = add_node(work, last->nodes[0]->name, "Split", 1, last->count);
  int64_t *sides = model_memory(work->merged, last->count, sizeof *sides);
  split->inputs[0] = input;
  for (size_t i = 0; i < last->count; i++) {
    split->outputs[i] = last->nodes[i]->outputs[0];
    sides[i] = last->channels[i];
  }
  split->attributes = model_memory(work->merged, 2, sizeof *split->attributes);
  split->attribute_count = 2;
  split->attributes[0] = (model_attribute){.name = "axis", .kind = MODEL_INT, .i = work->source->channels_last ? 3 : 1};
  split->attributes[1] =
      (model_attribute){.name = "split", .kind = MODEL_INTS, .count = last->count, .integers = sides};
}

/* Weights and biases of all rows that are joined. */
static size_t numbers_of(const merging *work, row top) {
  size_t numbers = 0;
  row below = top;
  do {
    top = below;
    if (strcmp(top.nodes[0]->op, "Conv") != 0) continue;
    const model_tensor *weight = constant(work, top.nodes[0], 1);
    numbers += (size_t)sum_of_channels(&top) * (weight->count / (size_t)weight->shape[0] + 1);
  } while (row_below(work, &top, &below));
  return numbers;
}

static bool merge_from(merging *work, size_t first) {
  const model_node *node = &work->source->nodes[first];
  if (!is_float_conv(work, node) || groups_of(node) != 1) return false;
  row last = row_from(work, first), below;
  if (last.count == 0 || last.nodes[0] != node || !settle(work, &last)) return false;
  const size_t numbers = numbers_of(work, last);
  if (numbers > work->numbers_left) return false;
  work->numbers_left -= numbers;
  const char *joined = add_joined(work, &last, node->inputs[0], false);
  for (; row_below(work, &last, &below); last = below) joined = add_joined(work, &below, joined, true);
  add_split(work, &last, joined);
  return true;
}

void model_merge(const model *source, model *merged) {
  merging work = {.source = source, .merged = merged, .taken = new_array(source->node_count, sizeof *work.taken)};
  collect(&work);
  *merged = *source;
  merged->memory = NULL;
  merged->node_count = 0;
  merged->nodes = model_memory(merged, source->node_count, sizeof *merged->nodes);
  merged->tensors = model_memory(merged, source->tensor_count + 2 * source->node_count, sizeof *merged->tensors);
  if (source->tensor_count) memcpy(merged->tensors, source->tensors, source->tensor_count * sizeof *merged->tensors);
  for (size_t i = 0; i < source->node_count; i++)
    if (!work.taken[i] && !merge_from(&work, i)) merged->nodes[merged->node_count++] = source->nodes[i];
  free(work.reads);
  free(work.tensors);
  free(work.taken);
}
