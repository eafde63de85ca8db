/* Operators that work number by number, and those that look along one axis. */
#include "lowering.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- constants beside computed values ---- */

/* A constant as a value of the graph, in the layout of `like`, without the leading axes of one element. False where
   `like` would have to be laid out anew first. */
static bool constant_beside(lowering *work, const model_tensor *constant, const value *like, value *beside) {
  *beside = (value){.written_rank = 1, .written_shape = {1}};
  snprintf(beside->written, sizeof beside->written, "c%zu", ++work->written_count);
  size_t from[DPL_MAX_RANK], sides[DPL_MAX_RANK] = {0}, rank = like->written_rank;
  if (constant->count == 1 || constant->rank == 0) {
    const float number = constant_float(constant, 0);
    network_writer_tensor(work->writer, beside->written, DPL_F32, 1, beside->written_shape, &number);
    return true;
  }
  if (constant->rank > like->rank) return false;
  /* A row of numbers beside a value whose last axis lies last is good as it is, whatever stands in front. */
  const bool row = constant->count == (size_t)constant->shape[constant->rank - 1] && value_in_memory_order(like) &&
                   constant->count == like->written_shape[rank - 1] &&
                   like->shape[like->rank - 1] == (int64_t)constant->count;
  if (value_is_reshaped(like) && !row) return false;
  if (row) {
    rank = 1, from[0] = constant->rank - 1, sides[0] = constant->count;
  } else {
    const size_t missing = like->rank - constant->rank;
    for (size_t i = 0; i < rank; i++) {
      const size_t place = like->order[i];
      from[place] = i >= missing ? i - missing : MODEL_MAX_RANK;
      sides[place] = i >= missing ? (size_t)constant->shape[i - missing] : 1;
    }
  }
  size_t strides[MODEL_MAX_RANK + 1] = {0}, stride = 1;
  for (size_t i = constant->rank; i-- > 0; stride *= (size_t)constant->shape[i]) strides[i] = stride;
  float *floats = new_array(constant->count, sizeof *floats);
  for (size_t i = 0; i < constant->count; i++) {
    size_t rest = i, at = 0;
    for (size_t axis = rank; axis-- > 0; rest /= sides[axis]) at += rest % sides[axis] * strides[from[axis]];
    floats[i] = constant_float(constant, at);
  }
  size_t leading = 0;
  while (leading + 1 < rank && sides[leading] == 1) leading++;
  beside->written_rank = rank - leading;
  memcpy(beside->written_shape, sides + leading, beside->written_rank * sizeof *sides);
  network_writer_tensor(work->writer, beside->written, DPL_F32, beside->written_rank, beside->written_shape, floats);
  free(floats);
  return true;
}

static bool constant_like(lowering *work, const model_tensor *constant, value *like, value *beside) {
  for (size_t i = 0; i < constant->rank; i++)
    if (constant->shape[i] == 0) return node_fails(work, "reads an empty constant.");
  if (constant_beside(work, constant, like, beside)) return true;
  if (constant->rank > like->rank || like->rank > DPL_MAX_RANK)
    return node_fails(work, "has a constant of more axes than its input.");
  return value_make_plain(work, like) &&
         (constant_beside(work, constant, like, beside) || node_fails(work, "has a constant that does not fit."));
}

/* ---- layouts of two ---- */

static bool same_layout(const value *a, const value *b) {
  return a->rank == b->rank && a->written_rank == b->written_rank &&
         memcmp(a->order, b->order, a->written_rank * sizeof *a->order) == 0 && !value_is_reshaped(a) &&
         !value_is_reshaped(b);
}

static bool same_shape(const value *a, const value *b) {
  return a->rank == b->rank && memcmp(a->shape, b->shape, a->rank * sizeof *a->shape) == 0 &&
         a->written_rank == b->written_rank && memcmp(a->order, b->order, a->written_rank * sizeof *a->order) == 0 &&
         memcmp(a->written_shape, b->written_shape, a->written_rank * sizeof *a->written_shape) == 0;
}

/* Axes of one element in front, as broadcasting has it. */
static void widen(value *narrow, size_t rank) {
  const size_t missing = rank - narrow->rank;
  memmove(narrow->shape + missing, narrow->shape, narrow->rank * sizeof *narrow->shape);
  for (size_t i = 0; i < missing; i++) narrow->shape[i] = 1;
  narrow->rank = rank;
}

/* Both in one layout, so that they broadcast as written. They are copies: a value that is widened stays what it is. */
static bool lay_side_by_side(lowering *work, value *a, value *b) {
  if (same_shape(a, b) || same_layout(a, b)) return true;
  const size_t rank = a->rank > b->rank ? a->rank : b->rank;
  widen(a, rank), widen(b, rank);
  if (rank == 4) return value_make_image(work, a) && value_make_image(work, b);
  return value_make_plain(work, a) && value_make_plain(work, b);
}

/* ---- two values ---- */

static const char *binary_op(const char *op) {
  return op[0] == 'A' ? "add" : op[0] == 'S' ? "subtract" : op[0] == 'M' ? "multiply" : "divide";
}

/* The shape that broadcasting gives, as written. */
static bool broadcast(lowering *work, const value *a, const value *b, value *result) {
  *result = a->written_rank >= b->written_rank ? *a : *b;
  for (size_t i = 0; i < result->written_rank; i++) {
    const size_t left = i < a->written_rank ? a->written_shape[a->written_rank - 1 - i] : 1,
                 right = i < b->written_rank ? b->written_shape[b->written_rank - 1 - i] : 1,
                 side = left == 1 ? right : left;
    if (left != right && left != 1 && right != 1) return node_fails(work, "joins values whose shapes do not fit.");
    const size_t axis = result->written_rank - 1 - i;
    if (side == result->written_shape[axis]) continue;
    if (value_is_reshaped(result)) return node_fails(work, "joins values whose shapes do not fit.");
    result->written_shape[axis] = side;
    for (size_t place = 0; place < result->rank; place++)
      if (result->order[place] == axis) result->shape[place] = (int64_t)side;
  }
  return true;
}

bool lower_binary(lowering *work) {
  value *inputs[2] = {node_input(work, 0), node_input(work, 1)}, sides[2], like;
  if (!inputs[1] || work->node->input_count != 2) return node_fails(work, "needs two inputs.");
  for (size_t i = 0; i < 2; i++)
    if (inputs[i]->constant && !constant_like(work, inputs[i]->constant, inputs[1 - i], &sides[i])) return false;
  for (size_t i = 0; i < 2; i++)
    if (!inputs[i]->constant) sides[i] = *inputs[i];
  if (!inputs[0]->constant && !inputs[1]->constant && !lay_side_by_side(work, &sides[0], &sides[1])) return false;
  if (inputs[0]->constant || inputs[1]->constant) {
    const value *computed = &sides[inputs[0]->constant ? 1 : 0], *constant = &sides[inputs[0]->constant ? 0 : 1];
    if (constant->written_rank > computed->written_rank) return node_fails(work, "has a constant that does not fit.");
  }
  if (!broadcast(work, &sides[0], &sides[1], &like)) return false;
  epilogue after = epilogue_take(work, 0);
  value_write_like(work, after.output, &like);
  cJSON *node =
      write_node(work, binary_op(work->node->op), (const value *const[]){&sides[0], &sides[1]}, 2, after.output);
  epilogue_clamp(&after, node);
  return true;
}

/* ---- normalisation that no layer has taken in ---- */

/* input · scale + shift with a number each a channel. */
static bool write_affine(lowering *work, value *input, const model_tensor *scale, const model_tensor *shift) {
  value factor, summand, scaled = {0};
  if (!constant_like(work, scale, input, &factor) || !constant_like(work, shift, input, &summand)) return false;
  epilogue after = epilogue_take(work, 0);
  value_write_like(work, &scaled, input);
  write_node(work, "multiply", (const value *const[]){input, &factor}, 2, &scaled);
  value_write_like(work, after.output, input);
  cJSON *node = write_node(work, "add", (const value *const[]){&scaled, &summand}, 2, after.output);
  epilogue_clamp(&after, node);
  return true;
}

bool lower_normalisation(lowering *work) {
  value *input = node_input(work, 0);
  if (input->rank < 2 || input->rank > 4) return node_fails(work, "needs an input of two to four axes.");
  const size_t axis = work->source->channels_last ? input->rank - 1 : 1, channels = (size_t)input->shape[axis];
  int64_t shape[MODEL_MAX_RANK] = {(int64_t)channels, 1, 1, 1};
  const size_t rank = input->rank - axis;
  const model_tensor *given = constant_input(work, 1);
  if (!given || given->count != channels)
    return node_fails(work, "needs four constants with a number for each of %zu channels.", channels);
  model_tensor *scale = constant_new(work, MODEL_F32, shape, rank), *shift = constant_new(work, MODEL_F32, shape, rank);
  if (!normalisation_factors(work, channels, scale->floats, shift->floats))
    return node_fails(work, "needs four constants with a number for each of %zu channels.", channels);
  return write_affine(work, input, scale, shift);
}

/* ---- one value ---- */

bool lower_activation(lowering *work) {
  value *input = node_input(work, 0), *output = node_output(work);
  const char *op = work->node->op;
  const bool clamps = strcmp(op, "Relu") == 0 || strcmp(op, "Clip") == 0;
  epilogue limits = {0};
  if (clamps && (!clamp_limits(work, input, &limits.min, &limits.max) || !(limits.min < limits.max)))
    return node_fails(work, "needs constant limits, the lower one first.");
  const value before = *input;
  value_write_like(work, output, &before);
  const char *ours = clamps                         ? "clamp"
                     : strcmp(op, "LeakyRelu") == 0 ? "leaky_relu"
                     : strcmp(op, "Sigmoid") == 0   ? "sigmoid"
                     : strcmp(op, "Sqrt") == 0      ? "square_root"
                                                    : "hard_swish";
  cJSON *node = write_unary(work, ours, &before, output);
  if (clamps) epilogue_clamp(&limits, node);
  if (strcmp(op, "LeakyRelu") == 0)
    cJSON_AddNumberToObject(node, "alpha", (double)attribute_float(work, "alpha", 0.01f));
  return true;
}

/* max(0, min(1, alpha · x + beta)) */
bool lower_hard_sigmoid(lowering *work) {
  value *input = node_input(work, 0), *output = node_output(work), scaled = {0}, factor, summand;
  model_tensor *alpha = constant_new(work, MODEL_F32, NULL, 0), *beta = constant_new(work, MODEL_F32, NULL, 0);
  alpha->floats[0] = attribute_float(work, "alpha", 0.2f);
  beta->floats[0] = attribute_float(work, "beta", 0.5f);
  if (!constant_like(work, alpha, input, &factor) || !constant_like(work, beta, input, &summand)) return false;
  value_write_like(work, &scaled, input);
  write_node(work, "multiply", (const value *const[]){input, &factor}, 2, &scaled);
  value_write_like(work, output, input);
  cJSON *node = write_node(work, "add", (const value *const[]){&scaled, &summand}, 2, output);
  epilogue_clamp(&(epilogue){.min = 0, .max = 1}, node);
  return true;
}

bool lower_prelu(lowering *work) {
  value *input = node_input(work, 0), *output = node_output(work), slope;
  const model_tensor *slopes = constant_input(work, 1);
  if (!slopes || slopes->count == 0) return node_fails(work, "needs constant slopes.");
  if (slopes->count == 1) {
    value_write_like(work, output, input);
    cJSON_AddNumberToObject(write_unary(work, "leaky_relu", input, output), "alpha", (double)constant_float(slopes, 0));
    return true;
  }
  if (!constant_like(work, slopes, input, &slope)) return false;
  value like;
  if (!broadcast(work, input, &slope, &like)) return false;
  value_write_like(work, output, &like);
  write_node(work, "prelu", (const value *const[]){input, &slope}, 2, output);
  return true;
}

/* Before version 13 of ONNX's operators: over all axes from this one on. */
static bool softmax_from(lowering *work, const value *input, size_t axis) {
  value *output = node_output(work), flat = *input;
  int64_t sides[2] = {1, 1};
  for (size_t i = 0; i < input->rank; i++) sides[i >= axis] *= input->shape[i];
  flat.rank = 2;
  memcpy(flat.shape, sides, sizeof sides);
  const value seen = *input;
  if (!value_make_plain(work, &flat)) return false;
  value_write_like(work, output, &flat);
  write_unary(work, "softmax", &flat, output);
  output->rank = seen.rank;
  memcpy(output->shape, seen.shape, sizeof seen.shape);
  return true;
}

/* Ours runs along the last axis as written. */
bool lower_softmax(lowering *work) {
  value *input = node_input(work, 0), *output = node_output(work);
  const bool from_axis = work->source->opset > 0 && work->source->opset < 13;
  size_t axis, order[DPL_MAX_RANK], place = 0;
  if (!axis_of(work, attribute_int(work, "axis", from_axis ? 1 : -1), input->rank, &axis)) return false;
  if (from_axis && axis + 1 < input->rank) return softmax_from(work, input, axis);
  if (value_is_reshaped(input) && !value_make_plain(work, input)) return false;
  if (input->order[axis] + 1 != input->rank) {
    for (size_t i = 0; i < input->rank; i++) order[i] = i == axis ? input->rank - 1 : place++;
    if (!value_make_order(work, input, order, input->rank)) return false;
  }
  value_write_like(work, output, input);
  write_unary(work, "softmax", input, output);
  return true;
}
