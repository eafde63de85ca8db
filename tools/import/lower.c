/* The way of a model into our graph: every node in its order, by the function for its operator. */
#include "lower.h"

#include "lowering.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *op;
  lower_operator *lower;
} operators[] = {
    {"Conv", lower_conv},
    {"Gemm", lower_gemm},
    {"MatMul", lower_matmul},
    {"BatchNormalization", lower_normalisation},
    {"MaxPool", lower_max_pool},
    {"AveragePool", lower_average_pool},
    {"GlobalAveragePool", lower_global_pool},
    {"Relu", lower_activation},
    {"Clip", lower_activation},
    {"LeakyRelu", lower_activation},
    {"Sigmoid", lower_activation},
    {"HardSwish", lower_activation},
    {"Sqrt", lower_activation},
    {"HardSigmoid", lower_hard_sigmoid},
    {"PRelu", lower_prelu},
    {"Softmax", lower_softmax},
    {"Add", lower_binary},
    {"Sub", lower_binary},
    {"Mul", lower_binary},
    {"Div", lower_binary},
    {"Identity", lower_same},
    {"Dropout", lower_same},
    {"Cast", lower_same},
    {"Reshape", lower_view},
    {"Flatten", lower_view},
    {"Squeeze", lower_view},
    {"Unsqueeze", lower_view},
    {"Transpose", lower_transpose},
    {"Concat", lower_concat},
    {"Split", lower_split},
    {"Slice", lower_slice},
    {"Pad", lower_pad},
    {"ReduceMean", lower_reduce},
    {"ReduceSum", lower_reduce},
    {"ReduceL2", lower_reduce},
    {"Resize", lower_resize},
    {"Upsample", lower_resize},
};

/* ---- the table of values ---- */

static bool add_value(lowering *work, const char *name, const model_tensor *constant) {
  value *added = &work->values[work->value_count++];
  *added = (value){.name = name, .constant = constant, .known = constant != NULL};
  if (constant) {
    added->rank = constant->rank;
    memcpy(added->shape, constant->shape, sizeof added->shape);
  }
  ENTRY *entered;
  const ENTRY entry = {.key = (char *)(uintptr_t)name, .data = added};
  if (value_named(work, name)) return fail(work->why, "The value \"%.100s\" is written twice.", name);
  if (!hsearch_r(entry, ENTER, &entered, &work->names)) return fail(work->why, "There is not enough memory.");
  return true;
}

static bool collect_values(lowering *work) {
  enum { NUMBERS_IN_ANY_CASE = 1 << 20 };
  const model *source = work->source;
  size_t count = source->tensor_count + 1;
  for (size_t i = 0; i < source->node_count; i++) count += source->nodes[i].output_count;
  work->values = new_array(count, sizeof *work->values);
  if (!hcreate_r(2 * count, &work->names)) return fail(work->why, "There is not enough memory.");
  work->numbers_left = NUMBERS_IN_ANY_CASE;
  for (size_t i = 0; i < source->tensor_count; i++) work->numbers_left += numbers_for(&source->tensors[i]);
  for (size_t i = 0; i < source->tensor_count; i++)
    if (!add_value(work, source->tensors[i].name, &source->tensors[i])) return false;
  if (!add_value(work, source->input, NULL)) return false;
  for (size_t i = 0; i < source->node_count; i++)
    for (size_t output = 0; output < source->nodes[i].output_count; output++)
      if (source->nodes[i].outputs[output][0] && !add_value(work, source->nodes[i].outputs[output], NULL)) return false;
  return true;
}

static bool count_uses(lowering *work) {
  const model *source = work->source;
  for (size_t i = 0; i < source->node_count; i++)
    for (size_t input = 0; input < source->nodes[i].input_count; input++) {
      value *read = source->nodes[i].inputs[input][0] ? value_named(work, source->nodes[i].inputs[input]) : NULL;
      if (!read) continue; /* left out, or unknown: found when the node is lowered */
      read->uses++;
      read->reader = &source->nodes[i];
    }
  for (size_t i = 0; i < source->output_count; i++) {
    value *read = value_named(work, source->outputs[i]);
    if (!read || read->constant || strcmp(read->name, source->input) == 0)
      return fail(work->why, "The output \"%.100s\" is computed by no node.", source->outputs[i]);
    read->uses++;
  }
  return true;
}

bool model_input_is_channels_last(const model *source) {
  return source->channels_last ||
         (source->input_rank == 4 && source->input_shape[3] == 3 && source->input_shape[1] != 3);
}

static bool open_input(lowering *work) {
  const model *source = work->source;
  const int64_t channels = source->input_shape[model_input_is_channels_last(source) ? 3 : 1];
  if (source->input_rank != 4 || source->input_shape[0] > 1 || (channels != 3 && channels != 0))
    return fail(work->why, "The input \"%.100s\" is not one image of three channels, which is what doppel feeds.",
                source->input);
  value *input = value_named(work, source->input);
  value_write(work, input, (tensor_shape){4, {1, work->height, work->width, 3}});
  snprintf(input->written, sizeof input->written, "%s", LOWERED_INPUT);
  value_as_image(input, model_input_is_channels_last(source));
  return true;
}

/* ---- nodes ---- */

/* As many numbers as the library takes (graph_shapes.c); joined to itself, a value grows fast. */
static bool is_too_large(const value *read) {
  size_t left = (size_t)1 << 26;
  for (size_t i = 0; i < read->written_rank; left /= read->written_shape[i++])
    if (read->written_shape[i] == 0 || read->written_shape[i] > left) return true;
  return false;
}

static bool inputs_are_known(lowering *work) {
  const model_node *node = work->node;
  if (node->output_count == 0 || !node->outputs[0][0]) return node_fails(work, "has no output.");
  for (size_t i = 0; i < node->input_count; i++) {
    if (!node->inputs[i][0]) continue;
    const value *read = node_input(work, i);
    if (!read || !read->known)
      return node_fails(work, "reads \"%.100s\", which no earlier node writes.", node->inputs[i]);
    if (!read->constant && is_too_large(read))
      return node_fails(work, "reads \"%.100s\", which is empty or too large.", node->inputs[i]);
  }
  return true;
}

static bool lower_node(lowering *work) {
  bool folded;
  if (!inputs_are_known(work) || !constant_fold(work, &folded)) return false;
  if (folded) return true;
  for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
    if (strcmp(work->node->op, operators[i].op) == 0) {
      if (!input_is_given(work, 0)) return node_fails(work, "lacks its input.");
      if (constant_input(work, 0) && operators[i].lower != lower_binary)
        return node_fails(work, "works on a constant, by numbers that are computed.");
      return operators[i].lower(work);
    }
  return node_fails(work, "is an operator that doppel cannot import.");
}

/* An image is given N H W C, whatever the model calls it; all else in the model's order, without moving numbers where
   they lie in it already. */
static bool settle_output(lowering *work, value *output) {
  if (value_is_reshaped(output) && value_in_memory_order(output)) return true;
  if (output->rank != 4) return value_in_memory_order(output) || value_make_plain(work, output);
  const bool stays = model_input_is_channels_last(work->source) && value_in_memory_order(output);
  return stays || value_make_image(work, output);
}

static bool write_outputs(lowering *work) {
  for (size_t i = 0; i < work->source->output_count; i++) {
    value *output = value_named(work, work->source->outputs[i]);
    if (!output->known || output->constant)
      return fail(work->why, "The output \"%.100s\" does not depend on the input.", output->name);
    if (!settle_output(work, output)) return false;
    network_writer_output(work->writer, output->written);
  }
  return true;
}

static bool run(lowering *work) {
  if (!collect_values(work) || !count_uses(work) || !open_input(work)) return false;
  for (size_t i = 0; i < work->source->node_count; i++) {
    if (work->done[i]) continue;
    work->node = &work->source->nodes[i];
    if (!lower_node(work)) return false;
  }
  static const model_node outputs = {.name = "outputs", .op = "outputs"};
  work->node = &outputs;
  return write_outputs(work);
}

bool model_lower(const model *source, size_t height, size_t width, weight_form form, network_writer *writer,
                 lowered *result, sentence *why) {
  *result = (lowered){.stride = 1, .resizable = true};
  model merged;
  model_merge(source, &merged);
  lowering work = {.source = &merged,
                   .writer = writer,
                   .form = form,
                   .result = result,
                   .height = height,
                   .width = width,
                   .done = new_array(merged.node_count, sizeof *work.done),
                   .why = why};
  const bool done = run(&work);
  hdestroy_r(&work.names);
  free(work.values);
  free(work.done);
  model_free(&work.folded);
  model_free(&merged);
  return done;
}
