/* Arithmetic on constants while a network is imported: what exporters write to compute shapes and sizes. */
#include "lowering.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t numbers_for(const model_tensor *given) {
  return 4 * given->count;
}

model_tensor *constant_new(lowering *work, model_kind kind, const int64_t *shape, size_t rank) {
  model_tensor *made = model_memory(&work->folded, 1, sizeof *made);
  made->name = "", made->kind = kind, made->rank = rank, made->count = 1;
  for (size_t i = 0; i < rank; i++) made->count *= (size_t)(made->shape[i] = shape[i]);
  work->numbers_left -= made->count < work->numbers_left ? made->count : work->numbers_left;
  if (kind == MODEL_F32)
    made->floats = model_memory(&work->folded, made->count, sizeof(float));
  else
    made->integers = model_memory(&work->folded, made->count, sizeof(int64_t));
  return made;
}

float constant_float(const model_tensor *tensor, size_t index) {
  switch (tensor->kind) {
  case MODEL_F32:
    return tensor->floats[index];
  case MODEL_I64:
    return (float)tensor->integers[index];
  case MODEL_I8:
    return (float)tensor->bytes[index] * tensor->scale;
  }
  return 0;
}

static void copy_element(model_tensor *to, size_t index, const model_tensor *from, size_t at) {
  if (to->kind == MODEL_I64)
    to->integers[index] = from->integers[at];
  else
    to->floats[index] = constant_float(from, at);
}

/* What a copy of `from` is made of: int8 weights become floats. */
static model_kind copied_kind(const model_tensor *from) {
  return from->kind == MODEL_I64 ? MODEL_I64 : MODEL_F32;
}

static void give(lowering *work, const model_tensor *constant) {
  value *output = node_output(work);
  output->constant = constant;
  output->known = true;
  output->rank = constant->rank;
  memcpy(output->shape, constant->shape, sizeof output->shape);
}

/* ---- one function a family of operators ---- */

/* The same elements in another shape; kept as they are, so that int8 weights stay int8. */
static bool give_reshaped(lowering *work, const model_tensor *from, const int64_t *shape, size_t rank) {
  size_t count;
  if (!model_count(shape, rank, from->count, &count) || count != from->count)
    return node_fails(work, "reshapes %zu numbers into a shape that does not fit them.", from->count);
  model_tensor *made = model_memory(&work->folded, 1, sizeof *made);
  *made = *from;
  made->rank = rank;
  memcpy(made->shape, shape, rank * sizeof *shape);
  give(work, made);
  return true;
}

static bool fold_view(lowering *work) {
  const value *input = node_input(work, 0);
  int64_t shape[MODEL_MAX_RANK];
  size_t rank;
  return view_shape(work, input, shape, &rank) && give_reshaped(work, input->constant, shape, rank);
}

static bool fold_cast(lowering *work) {
  enum { ONNX_FLOAT = 1, ONNX_INT32 = 6, ONNX_INT64 = 7, ONNX_FLOAT16 = 10, ONNX_DOUBLE = 11 };
  const model_tensor *from = constant_input(work, 0);
  const int64_t to = attribute_int(work, "to", ONNX_FLOAT);
  if (to != ONNX_FLOAT && to != ONNX_FLOAT16 && to != ONNX_DOUBLE && to != ONNX_INT32 && to != ONNX_INT64)
    return node_fails(work, "casts to a type that cannot be had here.");
  const bool whole = to == ONNX_INT32 || to == ONNX_INT64;
  model_tensor *made = constant_new(work, whole ? MODEL_I64 : MODEL_F32, from->shape, from->rank);
  for (size_t i = 0; i < from->count; i++) {
    const float number = constant_float(from, i);
    if (!whole)
      made->floats[i] = number;
    else if (from->kind == MODEL_I64)
      made->integers[i] = from->integers[i];
    else if (fabsf(number) < 1e15f)
      made->integers[i] = (int64_t)number;
    else
      return node_fails(work, "casts a number that is too large.");
  }
  give(work, made);
  return true;
}

static bool fold_gather(lowering *work) {
  const model_tensor *from = constant_input(work, 0), *indices = constant_input(work, 1);
  if (from->rank != 1 || indices->kind != MODEL_I64 || indices->rank > 1 || attribute_int(work, "axis", 0) != 0)
    return node_fails(work, "gathers from more than a list, which cannot be done.");
  model_tensor *made = constant_new(work, copied_kind(from), indices->shape, indices->rank);
  for (size_t i = 0; i < indices->count; i++) {
    const int64_t at = indices->integers[i] + (indices->integers[i] < 0 ? from->shape[0] : 0);
    if (at < 0 || at >= from->shape[0]) return node_fails(work, "gathers from outside its list.");
    copy_element(made, i, from, (size_t)at);
  }
  give(work, made);
  return true;
}

static bool fold_concat(lowering *work) {
  int64_t total = 0;
  for (size_t i = 0; i < work->node->input_count; i++) {
    const model_tensor *part = constant_input(work, i);
    if (part->rank != 1 || part->kind != constant_input(work, 0)->kind)
      return node_fails(work, "joins constants that are no lists of one kind.");
    total += part->shape[0];
  }
  if ((uint64_t)total > work->numbers_left) return node_fails(work, "joins constants to more than fits memory.");
  model_tensor *made = constant_new(work, copied_kind(constant_input(work, 0)), &total, 1);
  size_t end = 0;
  for (size_t i = 0; i < work->node->input_count; i++) {
    const model_tensor *part = constant_input(work, i);
    for (size_t at = 0; at < part->count; at++) copy_element(made, end++, part, at);
  }
  give(work, made);
  return true;
}

static int64_t clamped(int64_t number, int64_t least, int64_t most) {
  return number < least ? least : number > most ? most : number;
}

static bool fold_slice(lowering *work) {
  const model_tensor *from = constant_input(work, 0);
  int64_t starts[MODEL_MAX_RANK], ends[MODEL_MAX_RANK], steps[MODEL_MAX_RANK];
  size_t start_count, end_count, step_count;
  bool has_starts, has_ends, has_steps;
  if (!integers_of(work, "starts", 1, starts, &start_count, &has_starts) ||
      !integers_of(work, "ends", 2, ends, &end_count, &has_ends) ||
      !integers_of(work, "steps", 4, steps, &step_count, &has_steps))
    return false;
  if (from->rank != 1 || start_count != 1 || end_count != 1 || (has_steps && (step_count != 1 || steps[0] != 1)))
    return node_fails(work, "cuts from more than a list, which cannot be done on constants.");
  const int64_t side = from->shape[0], start = clamped(starts[0] + (starts[0] < 0 ? side : 0), 0, side),
                end = clamped(ends[0] + (ends[0] < 0 ? side : 0), start, side), length = end - start;
  model_tensor *made = constant_new(work, copied_kind(from), &length, 1);
  for (size_t i = 0; i < made->count; i++) copy_element(made, i, from, (size_t)start + i);
  give(work, made);
  return true;
}

static bool fold_transpose(lowering *work) {
  const model_tensor *from = constant_input(work, 0);
  int64_t permutation[MODEL_MAX_RANK], shape[MODEL_MAX_RANK];
  size_t strides[MODEL_MAX_RANK], stride = 1, axes[MODEL_MAX_RANK];
  for (size_t i = 0; i < from->rank; i++) permutation[i] = (int64_t)(from->rank - 1 - i);
  if (!attribute_ints(work, "perm", permutation, from->rank)) return false;
  for (size_t i = from->rank; i-- > 0; stride *= (size_t)from->shape[i]) strides[i] = stride;
  for (size_t i = 0; i < from->rank; i++) {
    if (!axis_of(work, permutation[i], from->rank, &axes[i])) return false;
    for (size_t earlier = 0; earlier < i; earlier++)
      if (axes[earlier] == axes[i]) return node_fails(work, "names an axis twice.");
    shape[i] = from->shape[axes[i]];
  }
  model_tensor *made = constant_new(work, copied_kind(from), shape, from->rank);
  for (size_t i = 0; i < made->count; i++) {
    size_t rest = i, at = 0;
    for (size_t axis = from->rank; axis-- > 0; rest /= (size_t)shape[axis])
      at += rest % (size_t)shape[axis] * strides[axes[axis]];
    copy_element(made, i, from, at);
  }
  give(work, made);
  return true;
}

/* The element of `from` that stands at element `index` of a broadcast shape. */
static size_t broadcast_index(const model_tensor *from, const int64_t *shape, size_t rank, size_t index) {
  size_t at = 0, stride = 1;
  for (size_t i = 0; i < rank; i++) {
    const size_t axis = rank - 1 - i, side = (size_t)shape[axis], here = index % side;
    index /= side;
    if (i >= from->rank) continue;
    const size_t own = (size_t)from->shape[from->rank - 1 - i];
    if (own != 1) at += here * stride;
    stride *= own;
  }
  return at;
}

static bool broadcast_shape(const lowering *work, const model_tensor *a, const model_tensor *b, int64_t *shape,
                            size_t *rank) {
  *rank = a->rank > b->rank ? a->rank : b->rank;
  for (size_t i = 0; i < *rank; i++) {
    const int64_t left = i < a->rank ? a->shape[a->rank - 1 - i] : 1,
                  right = i < b->rank ? b->shape[b->rank - 1 - i] : 1;
    if (left != right && left != 1 && right != 1) return false;
    shape[*rank - 1 - i] = left == 1 ? right : left;
  }
  size_t count;
  return model_count(shape, *rank, work->numbers_left, &count);
}

static bool fold_binary(lowering *work) {
  const model_tensor *a = constant_input(work, 0), *b = constant_input(work, 1);
  const char op = work->node->op[0] == 'S'   ? '-'
                  : work->node->op[0] == 'A' ? '+'
                  : work->node->op[0] == 'M' ? '*'
                                             : '/';
  int64_t shape[MODEL_MAX_RANK];
  size_t rank;
  if (!broadcast_shape(work, a, b, shape, &rank)) return node_fails(work, "joins constants whose shapes do not fit.");
  const bool whole = a->kind == MODEL_I64 && b->kind == MODEL_I64;
  model_tensor *made = constant_new(work, whole ? MODEL_I64 : MODEL_F32, shape, rank);
  for (size_t i = 0; i < made->count; i++) {
    const size_t left = broadcast_index(a, shape, rank, i), right = broadcast_index(b, shape, rank, i);
    if (whole) {
      const int64_t x = a->integers[left], y = b->integers[right];
      int64_t *result = &made->integers[i];
      const bool over = op == '+'   ? __builtin_add_overflow(x, y, result)
                        : op == '-' ? __builtin_sub_overflow(x, y, result)
                        : op == '*' ? __builtin_mul_overflow(x, y, result)
                                    : y == 0 || (y == -1 && x == INT64_MIN);
      if (over) return node_fails(work, "computes a whole number that is out of range.");
      if (op == '/') *result = x / y;
    } else {
      const float x = constant_float(a, left), y = constant_float(b, right);
      made->floats[i] = op == '+' ? x + y : op == '-' ? x - y : op == '*' ? x * y : x / y;
    }
  }
  give(work, made);
  return true;
}

static bool fold_round(lowering *work) {
  const model_tensor *from = constant_input(work, 0);
  model_tensor *made = constant_new(work, MODEL_F32, from->shape, from->rank);
  for (size_t i = 0; i < from->count; i++)
    made->floats[i] = work->node->op[0] == 'F' ? floorf(constant_float(from, i)) : ceilf(constant_float(from, i));
  give(work, made);
  return true;
}

static bool fold_same(lowering *work) {
  give(work, constant_input(work, 0));
  return true;
}

/* ---- which ---- */

/* A constant is a shape that is known, whatever the values are. */
static bool fold_shape(lowering *work) {
  const value *input = node_input(work, 0);
  const int64_t rank = (int64_t)input->rank;
  model_tensor *made = constant_new(work, MODEL_I64, &rank, 1);
  memcpy(made->integers, input->shape, input->rank * sizeof *input->shape);
  give(work, made);
  return true;
}

static bool fold_constant(lowering *work) {
  const model_attribute *tensor = model_attribute_named(work->node, "value"),
                        *number = model_attribute_named(work->node, "value_float"),
                        *whole = model_attribute_named(work->node, "value_int");
  if (tensor && tensor->kind == MODEL_TENSOR) {
    work->numbers_left += numbers_for(tensor->tensor);
    return give(work, tensor->tensor), true;
  }
  if (!number && !whole) return node_fails(work, "holds a constant of a kind that cannot be used.");
  model_tensor *made = constant_new(work, number ? MODEL_F32 : MODEL_I64, NULL, 0);
  if (number)
    made->floats[0] = number->f;
  else
    made->integers[0] = whole->i;
  give(work, made);
  return true;
}

bool constant_fold(lowering *work, bool *folded) {
  static const struct {
    const char *op;
    lower_operator *fold;
  } known[] = {{"Identity", fold_same}, {"Dropout", fold_same}, {"Cast", fold_cast},           {"Gather", fold_gather},
               {"Concat", fold_concat}, {"Slice", fold_slice},  {"Transpose", fold_transpose}, {"Reshape", fold_view},
               {"Flatten", fold_view},  {"Squeeze", fold_view}, {"Unsqueeze", fold_view},      {"Add", fold_binary},
               {"Sub", fold_binary},    {"Mul", fold_binary},   {"Div", fold_binary},          {"Floor", fold_round},
               {"Ceil", fold_round}};
  *folded = true;
  if (strcmp(work->node->op, "Constant") == 0) return fold_constant(work);
  if (strcmp(work->node->op, "Shape") == 0 && node_input(work, 0)) return fold_shape(work);
  *folded = false;
  if (work->node->input_count == 0) return true;
  for (size_t i = 0; i < work->node->input_count; i++)
    if (input_is_given(work, i) && !constant_input(work, i)) return true;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(work->node->op, known[i].op) == 0) {
      const size_t needed = known[i].fold == fold_concat                                   ? work->node->input_count
                            : known[i].fold == fold_binary || known[i].fold == fold_gather ? 2
                                                                                           : 1;
      for (size_t input = 0; input < needed; input++)
        if (!constant_input(work, input)) return node_fails(work, "lacks an input.");
      *folded = true;
      if (!work->numbers_left) return node_fails(work, "computes more constants than any network needs.");
      return known[i].fold(work);
    }
  return node_fails(work, "computes with constants in a way that cannot be done.");
}
