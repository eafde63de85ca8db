/* Operators that move numbers about: views, cuts, joints, paddings and sums over axes. */
#include "lowering.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_JOINT = 5 }; /* inputs of a concat of ours */

bool lower_same(lowering *work) {
  enum { ONNX_FLOAT = 1 };
  if (strcmp(work->node->op, "Cast") == 0 && attribute_int(work, "to", ONNX_FLOAT) != ONNX_FLOAT)
    return node_fails(work, "casts what is computed to another type than float, which cannot be done.");
  value_alias(node_output(work), node_input(work, 0));
  return true;
}

/* ---- views: the same numbers in the same order ---- */

static bool reshape_shape(lowering *work, const value *input, int64_t count, int64_t *shape, size_t *rank) {
  bool given;
  int64_t product = 1, *open = NULL;
  if (!integers_of(work, "shape", 1, shape, rank, &given)) return false;
  if (!given) return node_fails(work, "lacks its shape.");
  for (size_t i = 0; i < *rank; i++) {
    if (shape[i] == 0 && attribute_int(work, "allowzero", 0) == 0) {
      if (i >= input->rank) return node_fails(work, "keeps an axis that its input does not have.");
      shape[i] = input->shape[i];
    }
    if (shape[i] == -1 && !open)
      open = &shape[i];
    else if (shape[i] < 0 || __builtin_mul_overflow(product, shape[i], &product))
      return node_fails(work, "has a shape that is out of range.");
  }
  if (open) *open = product > 0 ? count / product : 0;
  return true;
}

static bool squeeze_shape(lowering *work, const value *input, bool squeeze, int64_t *shape, size_t *rank) {
  int64_t axes[MODEL_MAX_RANK];
  size_t count;
  bool given, taken[2 * MODEL_MAX_RANK] = {false};
  if (!integers_of(work, "axes", 1, axes, &count, &given)) return false;
  if (!squeeze && (!given || input->rank + count > MODEL_MAX_RANK))
    return node_fails(work, "lacks its axes, or has too many.");
  const size_t all = squeeze ? input->rank : input->rank + count;
  for (size_t i = 0; i < count; i++) {
    size_t axis;
    if (!axis_of(work, axes[i], all, &axis)) return false;
    if (taken[axis] || (squeeze && input->shape[axis] != 1)) return node_fails(work, "has axes that do not fit.");
    taken[axis] = true;
  }
  *rank = 0;
  for (size_t i = 0, from = 0; i < all; i++) {
    if (squeeze && (given ? taken[i] : input->shape[i] == 1)) continue;
    shape[(*rank)++] = squeeze ? input->shape[i] : taken[i] ? 1 : input->shape[from++];
  }
  return true;
}

bool view_shape(lowering *work, const value *input, int64_t *shape, size_t *rank) {
  const char *op = work->node->op;
  int64_t count = 1, result = 1;
  for (size_t i = 0; i < input->rank; i++)
    if (__builtin_mul_overflow(count, input->shape[i], &count))
      return node_fails(work, "has an input that is too large.");
  if (strcmp(op, "Reshape") == 0) {
    if (!reshape_shape(work, input, count, shape, rank)) return false;
  } else if (strcmp(op, "Flatten") == 0) {
    int64_t axis = attribute_int(work, "axis", 1), front = 1;
    if (axis < 0) axis += (int64_t)input->rank;
    if (axis < 0 || axis > (int64_t)input->rank) return node_fails(work, "names an axis that its input does not have.");
    for (int64_t i = 0; i < axis; i++) front *= input->shape[i];
    *rank = 2, shape[0] = front, shape[1] = front ? count / front : 0;
  } else if (!squeeze_shape(work, input, op[0] == 'S', shape, rank)) {
    return false;
  }
  for (size_t i = 0; i < *rank; i++)
    if (__builtin_mul_overflow(result, shape[i], &result)) return node_fails(work, "has a shape that is out of range.");
  return result == count || node_fails(work, "has a shape that does not fit its input.");
}

bool lower_view(lowering *work) {
  const value *input = node_input(work, 0);
  int64_t shape[MODEL_MAX_RANK];
  size_t rank;
  if (!view_shape(work, input, shape, &rank)) return false;
  value *output = node_output(work);
  value_alias(output, input);
  output->rank = rank;
  memcpy(output->shape, shape, rank * sizeof *shape);
  return true;
}

bool lower_transpose(lowering *work) {
  value *input = node_input(work, 0), *output = node_output(work);
  if (value_is_reshaped(input) && !value_make_plain(work, input)) return false;
  const size_t rank = input->rank;
  int64_t permutation[MODEL_MAX_RANK];
  bool taken[MODEL_MAX_RANK] = {false};
  for (size_t i = 0; i < rank; i++) permutation[i] = (int64_t)(rank - 1 - i);
  if (!attribute_ints(work, "perm", permutation, rank)) return false;
  value_alias(output, input);
  for (size_t i = 0; i < rank; i++) {
    size_t axis;
    if (!axis_of(work, permutation[i], rank, &axis)) return false;
    if (taken[axis]) return node_fails(work, "names an axis twice.");
    taken[axis] = true;
    output->order[i] = input->order[axis];
    output->shape[i] = input->shape[axis];
  }
  return true;
}

/* ---- joints and cuts ---- */

/* An image where there are four axes, otherwise the model's own order. */
static bool make_settled(lowering *work, value *changed) {
  if (!value_is_reshaped(changed) && changed->rank != 4) return true;
  return changed->rank == 4 ? value_make_image(work, changed) : value_make_plain(work, changed);
}

void write_joint(lowering *work, value *parts, size_t count, size_t axis, value *output) {
  value joined = parts[0];
  for (size_t done = 1; done < count;) {
    const value *inputs[LARGEST_JOINT] = {&joined};
    size_t taken = 1, side = joined.written_shape[axis];
    for (; taken < LARGEST_JOINT && done < count; done++) {
      inputs[taken++] = &parts[done];
      side += parts[done].written_shape[axis];
    }
    value next = joined;
    next.written_shape[axis] = side;
    for (size_t i = 0; i < next.rank; i++)
      if (next.order[i] == axis) next.shape[i] = (int64_t)side;
    const value like = next;
    value_write_like(work, &next, &like);
    cJSON_AddNumberToObject(write_node(work, "concat", inputs, taken, &next), "axis", (double)axis);
    joined = next;
  }
  value_alias(output, &joined);
}

bool lower_concat(lowering *work) {
  const size_t count = work->node->input_count;
  value *first = node_input(work, 0), *output = node_output(work);
  size_t axis;
  if (!axis_of(work, attribute_int(work, "axis", 1), first->rank, &axis)) return false;
  if (count == 1) return value_alias(output, first), true;
  value *parts = new_array(count, sizeof *parts);
  bool fits = true;
  for (size_t i = 0; fits && i < count; i++) {
    value *part = node_input(work, i);
    fits = part && !part->constant && part->rank == first->rank;
    if (!fits) node_fails(work, "joins what cannot be joined: constants, or values of other axes.");
    fits = fits && make_settled(work, part);
    if (!fits) break;
    parts[i] = *part;
    if (part->rank != 4) { /* all in the order of the first */
      fits = value_make_order(work, &parts[i], parts[0].order, first->rank);
    }
    for (size_t other = 0; fits && other < part->rank; other++)
      if (other != axis && parts[i].shape[other] != parts[0].shape[other])
        fits = node_fails(work, "joins values whose shapes do not fit.");
  }
  if (fits) write_joint(work, parts, count, parts[0].order[axis], output);
  free(parts);
  return fits;
}

/* The part [begin, begin + side) of an axis as the model counts it. */
static bool write_cut(lowering *work, value *input, size_t axis, int64_t begin, int64_t side, value *output) {
  if (begin < 0 || side < 1 || begin + side > input->shape[axis])
    return node_fails(work, "cuts out nothing, or more than there is.");
  if (side == input->shape[axis]) return value_alias(output, input), true;
  const size_t place = input->order[axis];
  size_t begins[DPL_MAX_RANK] = {0}, sizes[DPL_MAX_RANK] = {0};
  const value before = *input;
  value like = before;
  begins[place] = (size_t)begin, sizes[place] = like.written_shape[place] = (size_t)side;
  like.shape[axis] = side;
  value_write_like(work, output, &like);
  cJSON *node = write_unary(work, "slice", &before, output);
  set_sizes(node, "begin", begins, before.written_rank);
  set_sizes(node, "size", sizes, before.written_rank);
  if (place != before.written_rank - 1) work->result->resizable = false;
  return true;
}

bool lower_split(lowering *work) {
  value *input = node_input(work, 0);
  const size_t count = work->node->output_count;
  int64_t sides[MODEL_MAX_RANK], begin = 0;
  size_t axis, given_count;
  bool given;
  if (!make_settled(work, input) || !axis_of(work, attribute_int(work, "axis", 0), input->rank, &axis) ||
      !integers_of(work, "split", 1, sides, &given_count, &given))
    return false;
  if (given && given_count != count) return node_fails(work, "has other parts than outputs.");
  if (!given && input->shape[axis] % (int64_t)count != 0) return node_fails(work, "cannot be cut into equal parts.");
  for (size_t i = 0; i < count; i++) {
    const int64_t side = given ? sides[i] : input->shape[axis] / (int64_t)count;
    if (side < 1 || side > input->shape[axis]) return node_fails(work, "cuts out nothing, or more than there is.");
    value *part = work->node->outputs[i][0] ? value_named(work, work->node->outputs[i]) : NULL;
    if (part && part->uses > 0 && !write_cut(work, input, axis, begin, side, part)) return false;
    begin += side;
  }
  return true;
}

/* Every step-th row or column of an image. */
static bool write_stepped(lowering *work, value *input, size_t axis, int64_t step, value *output) {
  const size_t place = input->rank == 4 ? input->order[axis] : 0;
  if (step < 1 || step > 4096 || (step > 1 && place != 1 && place != 2))
    return node_fails(work, "steps over numbers other than rows and columns, which cannot be done.");
  if (step == 1) return value_alias(output, input), true;
  window look = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}};
  look.stride[place - 1] = step;
  const value before = *input;
  value like = before;
  like.written_shape[place] = (before.written_shape[place] + (size_t)step - 1) / (size_t)step;
  like.shape[axis] = (int64_t)like.written_shape[place];
  value_write_like(work, output, &like);
  return write_steps(work, &before, &look, output);
}

bool lower_slice(lowering *work) {
  value *input = node_input(work, 0), cut;
  int64_t starts[MODEL_MAX_RANK], ends[MODEL_MAX_RANK], axes[MODEL_MAX_RANK], steps[MODEL_MAX_RANK];
  size_t count, end_count, axis_count, step_count;
  bool given, has_axes, has_steps;
  if (!make_settled(work, input) || !integers_of(work, "starts", 1, starts, &count, &given) ||
      !integers_of(work, "ends", 2, ends, &end_count, &given) ||
      !integers_of(work, "axes", 3, axes, &axis_count, &has_axes) ||
      !integers_of(work, "steps", 4, steps, &step_count, &has_steps))
    return false;
  if (count == 0 || end_count != count || (has_axes && axis_count != count) || (has_steps && step_count != count))
    return node_fails(work, "has starts and ends that do not fit each other.");
  cut = *input;
  for (size_t i = 0; i < count; i++) {
    size_t axis;
    if (!axis_of(work, has_axes ? axes[i] : (int64_t)i, cut.rank, &axis)) return false;
    const int64_t side = cut.shape[axis];
    int64_t start = starts[i] < 0 ? starts[i] + side : starts[i], end = ends[i] < 0 ? ends[i] + side : ends[i];
    start = start < 0 ? 0 : start > side ? side : start;
    end = end < 0 ? 0 : end > side ? side : end;
    value next = cut;
    if (!write_cut(work, &cut, axis, start, end - start, &next) ||
        !write_stepped(work, &next, axis, has_steps ? steps[i] : 1, &cut))
      return false;
  }
  value_alias(node_output(work), &cut);
  return true;
}

/* ---- borders ---- */

bool lower_pad(lowering *work) {
  value *input = node_input(work, 0), *output = node_output(work);
  int64_t pads[2 * MODEL_MAX_RANK] = {0};
  const char *mode = attribute_text(work, "mode", "constant");
  const model_attribute *attribute = model_attribute_named(work->node, "pads");
  const model_tensor *given = constant_input(work, 1), *number = constant_input(work, 2);
  const size_t count = attribute ? attribute->count : given ? given->count : 0;
  if (strcmp(mode, "constant") != 0 || (input_is_given(work, 2) && (!number || number->count != 1)) ||
      input_is_given(work, 3))
    return node_fails(work, "pads with something other than a constant number, which cannot be done.");
  if (input->rank != 4 || count != 8 || (attribute ? attribute->kind != MODEL_INTS : given->kind != MODEL_I64))
    return node_fails(work, "needs constant paddings for four axes.");
  memcpy(pads, attribute ? attribute->integers : given->integers, 8 * sizeof *pads);
  if (!value_make_image(work, input)) return false;
  size_t before[4], behind[4];
  value like = *input;
  for (size_t i = 0; i < 4; i++) {
    if (pads[i] < 0 || pads[i] > 4096 || pads[i + 4] < 0 || pads[i + 4] > 4096)
      return node_fails(work, "has a padding that is out of range.");
    const size_t place = input->order[i];
    before[place] = (size_t)pads[i], behind[place] = (size_t)pads[i + 4];
    like.written_shape[place] += before[place] + behind[place];
    like.shape[i] = (int64_t)like.written_shape[place];
  }
  const value seen = *input;
  value_write_like(work, output, &like);
  cJSON *node = write_unary(work, "pad", &seen, output);
  set_sizes(node, "before", before, 4);
  set_sizes(node, "after", behind, 4);
  const float filling = number ? constant_float(number, 0) : attribute_float(work, "value", 0);
  if (filling != 0) cJSON_AddNumberToObject(node, "value", (double)filling);
  return true;
}

/* ---- sums over axes ---- */

static void write_reduce(lowering *work, const char *op, const value *input, const bool *reduced, value *output) {
  value like = *input;
  size_t axes[DPL_MAX_RANK], count = 0;
  for (size_t i = 0; i < input->rank; i++)
    if (reduced[i]) like.shape[i] = 1, like.written_shape[input->order[i]] = 1;
  for (size_t place = 0; place < input->rank; place++)
    for (size_t i = 0; i < input->rank; i++)
      if (reduced[i] && input->order[i] == place) axes[count++] = place;
  const value seen = *input;
  value_write_like(work, output, &like);
  set_sizes(write_unary(work, op, &seen, output), "axes", axes, count);
}

bool lower_reduce(lowering *work) {
  value *input = node_input(work, 0), *output = node_output(work);
  int64_t axes[MODEL_MAX_RANK];
  size_t count, kept = 0;
  bool given, reduced[MODEL_MAX_RANK] = {false};
  if (!integers_of(work, "axes", 1, axes, &count, &given)) return false;
  if (value_is_reshaped(input) && !value_make_plain(work, input)) return false;
  for (size_t i = 0; i < count; i++) {
    size_t axis;
    if (!axis_of(work, axes[i], input->rank, &axis)) return false;
    reduced[axis] = true;
  }
  if (!given || count == 0) memset(reduced, true, sizeof reduced);
  if (strcmp(work->node->op, "ReduceL2") == 0) {
    value squares = *input, sum = *input;
    value_write_like(work, &squares, input);
    write_node(work, "multiply", (const value *const[]){input, input}, 2, &squares);
    write_reduce(work, "reduce_sum", &squares, reduced, &sum);
    value_write_like(work, output, &sum);
    write_unary(work, "square_root", &sum, output);
  } else {
    write_reduce(work, strcmp(work->node->op, "ReduceSum") == 0 ? "reduce_sum" : "reduce_mean", input, reduced, output);
  }
  if (attribute_int(work, "keepdims", 1) != 0) return true;
  for (size_t i = 0; i < output->rank; i++)
    if (!reduced[i]) output->shape[kept++] = output->shape[i];
  output->rank = kept;
  return true;
}
