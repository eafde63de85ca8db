/* The values of a model on their way into our graph: names, layouts, attributes. */
#include "lowering.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool node_fails(lowering *work, const char *format, ...) {
  char what[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  const model_node *node = work->node;
  const char *name = node->name[0] || !node->output_count ? node->name : node->outputs[0];
  return fail(work->why, "Node \"%.100s\" (%.40s) %s", name, node->op, what);
}

value *value_named(lowering *work, const char *name) {
  ENTRY *found;
  const ENTRY wanted = {.key = (char *)(uintptr_t)name};
  return hsearch_r(wanted, FIND, &found, &work->names) ? found->data : NULL;
}

bool input_is_given(const lowering *work, size_t index) {
  return index < work->node->input_count && work->node->inputs[index][0];
}

value *node_input(lowering *work, size_t index) {
  return input_is_given(work, index) ? value_named(work, work->node->inputs[index]) : NULL;
}

const model_tensor *constant_input(lowering *work, size_t index) {
  const value *input = node_input(work, index);
  return input ? input->constant : NULL;
}

value *node_output(lowering *work) {
  return value_named(work, work->node->outputs[0]);
}

/* ---- writing ---- */

void value_write(lowering *work, value *to, tensor_shape shape) {
  snprintf(to->written, sizeof to->written, "x%zu", ++work->written_count);
  to->known = true;
  to->written_rank = to->rank = shape.rank;
  for (size_t i = 0; i < shape.rank; i++) {
    to->written_shape[i] = shape.sides[i];
    to->shape[i] = (int64_t)shape.sides[i];
    to->order[i] = i;
  }
  if (shape.rank != 4 || shape.sides[1] == 0) return;
  const size_t stride = (work->height + shape.sides[1] - 1) / shape.sides[1];
  if (shape.sides[1] > 1 && stride > work->result->stride) work->result->stride = stride;
}

void value_as_image(value *image, bool channels_last) {
  static const size_t channels_second[] = {0, 3, 1, 2};
  for (size_t i = 0; i < 4; i++) {
    image->order[i] = channels_last ? i : channels_second[i];
    image->shape[i] = (int64_t)image->written_shape[image->order[i]];
  }
}

void value_alias(value *to, const value *from) {
  value copy = *from;
  copy.name = to->name, copy.uses = to->uses, copy.reader = to->reader;
  *to = copy;
}

void value_write_like(lowering *work, value *to, const value *like) {
  tensor_shape shape = {.rank = like->written_rank};
  memcpy(shape.sides, like->written_shape, sizeof shape.sides);
  const value seen = *like;
  value_write(work, to, shape);
  to->rank = seen.rank;
  memcpy(to->shape, seen.shape, sizeof to->shape);
  memcpy(to->order, seen.order, sizeof to->order);
}

cJSON *write_node(lowering *work, const char *op, const value *const *inputs, size_t input_count, const value *output) {
  char names[24 * 8] = "";
  for (size_t i = 0; i < input_count && i < 8; i++) {
    const size_t length = strlen(names);
    snprintf(names + length, sizeof names - length, "%s%s", i ? " " : "", inputs[i]->written);
  }
  return network_writer_node(work->writer, op, names, output->written);
}

cJSON *write_unary(lowering *work, const char *op, const value *input, const value *output) {
  return write_node(work, op, &input, 1, output);
}

void set_sizes(cJSON *node, const char *key, const size_t *sizes, size_t count) {
  cJSON *array = cJSON_AddArrayToObject(node, key);
  for (size_t i = 0; i < count; i++) cJSON_AddItemToArray(array, cJSON_CreateNumber((double)sizes[i]));
}

/* ---- layouts ---- */

bool value_is_reshaped(const value *seen) {
  if (seen->rank != seen->written_rank) return true;
  for (size_t i = 0; i < seen->rank; i++)
    if (seen->shape[i] != (int64_t)seen->written_shape[seen->order[i]]) return true;
  return false;
}

static bool in_order(const size_t *order, size_t rank) {
  for (size_t i = 0; i < rank; i++)
    if (order[i] != i) return false;
  return true;
}

/* Permutes the written tensor so that the model's axes lie as `order` says: axis i at place order[i]. */
static void write_transpose(lowering *work, value *changed, const size_t *order) {
  const value before = *changed;
  const size_t rank = before.written_rank;
  size_t permutation[DPL_MAX_RANK];
  tensor_shape shape = {.rank = rank};
  for (size_t i = 0; i < rank; i++) permutation[order[i]] = before.order[i];
  for (size_t i = 0; i < rank; i++) shape.sides[i] = before.written_shape[permutation[i]];
  value_write(work, changed, shape);
  set_sizes(write_unary(work, "transpose", &before, changed), "perm", permutation, rank);
  changed->rank = before.rank;
  memcpy(changed->shape, before.shape, sizeof changed->shape);
  memcpy(changed->order, order, rank * sizeof *order);
}

bool value_make_order(lowering *work, value *changed, const size_t *order, size_t rank) {
  if (value_is_reshaped(changed) && !value_make_plain(work, changed)) return false;
  if (changed->rank != rank) return node_fails(work, "works on %zu axes, not on %zu.", rank, changed->rank);
  if (memcmp(changed->order, order, rank * sizeof *order) != 0) write_transpose(work, changed, order);
  return true;
}

/* An axis of one element may stand anywhere: N 1 1 C is N C 1 1 in memory. */
bool value_in_memory_order(const value *seen) {
  size_t last = 0;
  for (size_t i = 0; i < seen->written_rank; i++) {
    if (seen->written_shape[seen->order[i]] == 1) continue;
    if (seen->order[i] < last) return false;
    last = seen->order[i];
  }
  return true;
}

bool value_make_plain(lowering *work, value *changed) {
  static const size_t plain[DPL_MAX_RANK] = {0, 1, 2, 3, 4, 5};
  const bool as_in_memory = value_in_memory_order(changed);
  const bool needs_reshape = value_is_reshaped(changed) || (as_in_memory && !in_order(changed->order, changed->rank));
  if (!as_in_memory) write_transpose(work, changed, plain);
  if (!needs_reshape) return true;
  if (changed->rank == 0 || changed->rank > DPL_MAX_RANK)
    return node_fails(work, "needs a value of %zu axes; 1 to %d can be done.", changed->rank, DPL_MAX_RANK);
  const value before = *changed;
  tensor_shape shape = {.rank = before.rank};
  for (size_t i = 0; i < before.rank; i++) shape.sides[i] = (size_t)before.shape[i];
  value_write(work, changed, shape);
  shape.sides[0] = 0; /* the batch may be larger when it runs */
  set_sizes(write_unary(work, "reshape", &before, changed), "shape", shape.sides, shape.rank);
  work->result->resizable = false;
  return true;
}

static const size_t *image_order(const lowering *work) {
  static const size_t channels_second[] = {0, 3, 1, 2}, channels_last[] = {0, 1, 2, 3};
  return work->source->channels_last ? channels_last : channels_second;
}

bool value_is_image(const lowering *work, const value *seen) {
  return seen->rank == 4 && !value_is_reshaped(seen) && memcmp(seen->order, image_order(work), 4 * sizeof(size_t)) == 0;
}

bool value_make_image(lowering *work, value *changed) {
  return value_make_order(work, changed, image_order(work), 4);
}

/* ---- attributes ---- */

int64_t attribute_int(const lowering *work, const char *name, int64_t otherwise) {
  const model_attribute *found = model_attribute_named(work->node, name);
  return found && found->kind == MODEL_INT ? found->i : otherwise;
}

float attribute_float(const lowering *work, const char *name, float otherwise) {
  const model_attribute *found = model_attribute_named(work->node, name);
  return found && found->kind == MODEL_FLOAT ? found->f : otherwise;
}

const char *attribute_text(const lowering *work, const char *name, const char *otherwise) {
  const model_attribute *found = model_attribute_named(work->node, name);
  return found && found->kind == MODEL_TEXT ? found->text : otherwise;
}

bool attribute_ints(lowering *work, const char *name, int64_t *numbers, size_t count) {
  const model_attribute *found = model_attribute_named(work->node, name);
  if (!found) return true;
  if (found->kind != MODEL_INTS || found->count != count)
    return node_fails(work, "has a \"%s\" that is no list of %zu numbers.", name, count);
  memcpy(numbers, found->integers, count * sizeof *numbers);
  return true;
}

bool integers_of(lowering *work, const char *name, size_t index, int64_t *numbers, size_t *count, bool *given) {
  const model_attribute *found = model_attribute_named(work->node, name);
  *given = found != NULL || input_is_given(work, index);
  *count = 0;
  if (!*given) return true;
  const model_tensor *input = found ? NULL : constant_input(work, index);
  if (found ? found->kind != MODEL_INTS && found->kind != MODEL_INT : !input || input->kind != MODEL_I64)
    return node_fails(work, "computes its \"%s\", which must be constant whole numbers here.", name);
  *count = found ? found->kind == MODEL_INT ? 1 : found->count : input->count;
  if (*count > MODEL_MAX_RANK)
    return node_fails(work, "has a \"%s\" of %zu numbers; %d are the most.", name, *count, MODEL_MAX_RANK);
  const int64_t *from = !found ? input->integers : found->kind == MODEL_INT ? &found->i : found->integers;
  for (size_t i = 0; i < *count; i++) numbers[i] = from[i];
  return true;
}

bool axis_of(lowering *work, int64_t axis, size_t rank, size_t *result) {
  if (axis < 0) axis += (int64_t)rank;
  if (axis < 0 || axis >= (int64_t)rank) return node_fails(work, "names an axis that its input does not have.");
  *result = (size_t)axis;
  return true;
}
