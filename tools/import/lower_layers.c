/* Layers that multiply: convolutions and fully connected ones, with what follows them folded in. */
#include "lowering.h"
#include "weight_writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what follows ---- */

static void compose(epilogue *after, size_t channels, const float *scale, const float *shift) {
  if (!after->scale) {
    after->scale = new_array(channels, sizeof(float));
    after->shift = new_array(channels, sizeof(float));
    for (size_t i = 0; i < channels; i++) after->scale[i] = 1;
  }
  for (size_t i = 0; i < channels; i++) {
    after->scale[i] *= scale[i];
    after->shift[i] = after->shift[i] * scale[i] + shift[i];
  }
}

bool normalisation_factors(lowering *work, size_t channels, float *scale, float *shift) {
  const model_tensor *parts[4]; /* gamma, beta, mean, variance */
  for (size_t i = 0; i < 4; i++) {
    parts[i] = constant_input(work, i + 1);
    if (!parts[i] || parts[i]->count != channels) return false;
  }
  const float epsilon = attribute_float(work, "epsilon", 1e-5f);
  for (size_t i = 0; i < channels; i++) {
    scale[i] = constant_float(parts[0], i) / sqrtf(constant_float(parts[3], i) + epsilon);
    shift[i] = constant_float(parts[1], i) - constant_float(parts[2], i) * scale[i];
  }
  return true;
}

/* One number, or one a channel and the same everywhere else. */
static bool is_per_channel(const lowering *work, const model_tensor *constant, size_t channels, size_t rank) {
  if (constant->count == 1) return constant->rank <= rank;
  const size_t axis = work->source->channels_last ? rank - 1 : 1;
  if (constant->rank > rank || constant->count != channels) return false;
  const size_t missing = rank - constant->rank;
  return axis >= missing && constant->shape[axis - missing] == (int64_t)channels;
}

/* The node's operator as a factor and a summand a channel. */
static bool affine_factors(lowering *work, const value *input, size_t channels, float *scale, float *shift) {
  const char *op = work->node->op;
  if (strcmp(op, "BatchNormalization") == 0)
    return value_named(work, work->node->inputs[0]) == input && normalisation_factors(work, channels, scale, shift);
  if (work->node->input_count != 2) return false;
  const bool constant_first = constant_input(work, 0) != NULL;
  const model_tensor *constant = constant_input(work, constant_first ? 0 : 1);
  const bool add = strcmp(op, "Add") == 0, subtract = strcmp(op, "Sub") == 0, multiply = strcmp(op, "Mul") == 0,
             divide = strcmp(op, "Div") == 0 && !constant_first;
  if (!constant || !(add || subtract || multiply || divide) || !is_per_channel(work, constant, channels, input->rank))
    return false;
  for (size_t i = 0; i < channels; i++) {
    const float number = constant_float(constant, constant->count == 1 ? 0 : i);
    scale[i] = multiply ? number : divide ? 1 / number : subtract && constant_first ? -1 : 1;
    shift[i] = add || (subtract && constant_first) ? number : subtract ? -number : 0;
  }
  return true;
}

/* Relu, or a Clip whose limits are constant. */
bool clamp_limits(lowering *work, const value *input, float *min, float *max) {
  if (strcmp(work->node->op, "Relu") == 0) return *min = 0, *max = INFINITY, true;
  if (strcmp(work->node->op, "Clip") != 0) return false;
  const model_tensor *low = constant_input(work, 1), *high = constant_input(work, 2);
  if (value_named(work, work->node->inputs[0]) != input) return false;
  if ((input_is_given(work, 1) && (!low || low->count != 1)) ||
      (input_is_given(work, 2) && (!high || high->count != 1)))
    return false;
  *min = low ? constant_float(low, 0) : attribute_float(work, "min", -INFINITY);
  *max = high ? constant_float(high, 0) : attribute_float(work, "max", INFINITY);
  return true;
}

epilogue epilogue_take(lowering *work, size_t channels) {
  const model_node *layer = work->node;
  epilogue after = {.min = -INFINITY, .max = INFINITY, .output = node_output(work)};
  float *scale = new_array(channels, sizeof *scale), *shift = new_array(channels, sizeof *shift);
  while (after.output->uses == 1 && after.output->reader) {
    work->node = after.output->reader;
    if (work->node->output_count == 0 || !work->node->outputs[0][0]) break;
    float min, max;
    const bool clamps = clamp_limits(work, after.output, &min, &max) && min < max;
    if (clamps) after.min = min, after.max = max;
    if (!clamps && (channels == 0 || !affine_factors(work, after.output, channels, scale, shift))) break;
    if (!clamps) compose(&after, channels, scale, shift);
    work->done[work->node - work->source->nodes] = true;
    value *next = node_output(work);
    next->rank = after.output->rank; /* what is_per_channel asks for, until the layer is written */
    after.output = next;
    if (clamps) break;
  }
  free(scale);
  free(shift);
  work->node = layer;
  return after;
}

void epilogue_free(epilogue *after) {
  free(after->scale);
  free(after->shift);
}

void epilogue_clamp(const epilogue *after, cJSON *node) {
  if (after->min > -INFINITY) cJSON_AddNumberToObject(node, "min", (double)after->min);
  if (after->max < INFINITY) cJSON_AddNumberToObject(node, "max", (double)after->max);
}

/* ---- weights ---- */

/* scale · bias + shift, for a bias that may be missing. */
static void write_bias(lowering *work, cJSON *node, const char *output, const model_tensor *bias, float factor,
                       const epilogue *after, size_t channels) {
  if (!bias && !after->shift) return;
  float *floats = new_array(channels, sizeof *floats);
  for (size_t i = 0; i < channels; i++) {
    const float own = bias ? factor * constant_float(bias, bias->count == 1 ? 0 : i) : 0;
    floats[i] = after->scale ? own * after->scale[i] + after->shift[i] : own;
  }
  char name[40];
  snprintf(name, sizeof name, "%s.bias", output);
  cJSON_AddStringToObject(node, "bias", network_writer_tensor(work->writer, name, DPL_F32, 1, &channels, floats));
  free(floats);
}

static void write_weight(lowering *work, cJSON *node, const char *output, const arrangement *arranged,
                         const model_tensor *weight, const float *scale) {
  char name[40];
  snprintf(name, sizeof name, "%s.weight", output);
  cJSON_AddStringToObject(node, "weight", weight_write(work->writer, name, arranged, weight, scale, work->form));
}

/* ---- convolution ---- */

/* O I H W to O H W I; depthwise O 1 H W to 1 H W O. */
static arrangement arrange_filter(const model_tensor *weight, bool depthwise) {
  const size_t out = (size_t)weight->shape[0], in = (size_t)weight->shape[1],
               area = (size_t)(weight->shape[2] * weight->shape[3]);
  arrangement made = arrangement_new(weight->count);
  made.rank = 4, made.channels = out, made.channel_last = depthwise;
  made.shape[0] = depthwise ? 1 : out, made.shape[3] = depthwise ? out : in;
  made.shape[1] = (size_t)weight->shape[2], made.shape[2] = (size_t)weight->shape[3];
  size_t end = 0;
  if (depthwise)
    for (size_t at = 0; at < area; at++)
      for (size_t o = 0; o < out; o++) made.from[end++] = o * area + at;
  else
    for (size_t o = 0; o < out; o++)
      for (size_t at = 0; at < area; at++)
        for (size_t i = 0; i < in; i++) made.from[end++] = (o * in + i) * area + at;
  return made;
}

bool lower_conv(lowering *work) {
  value *input = node_input(work, 0);
  const model_tensor *weight = constant_input(work, 1), *bias = constant_input(work, 2);
  const int64_t groups = attribute_int(work, "group", 1);
  if (!weight || weight->rank != 4 || weight->count == 0)
    return node_fails(work, "needs constant weights of four axes (convolutions of images).");
  if (input_is_given(work, 2) && !bias) return node_fails(work, "needs a constant bias.");
  if (!value_make_image(work, input)) return false;
  const size_t in = input->written_shape[3], out = (size_t)weight->shape[0];
  if (groups < 1 || groups > (int64_t)in || (size_t)groups * (size_t)weight->shape[1] != in ||
      out % (size_t)groups != 0 || (bias && bias->count != out))
    return node_fails(work, "has weights that do not fit its %zu input channels.", in);
  window look = {.kernel = {weight->shape[2], weight->shape[3]}};
  if (!window_read(work, input->written_shape[1], input->written_shape[2], &look)) return false;
  if (look.kernel[0] != weight->shape[2] || look.kernel[1] != weight->shape[3])
    return node_fails(work, "has a kernel_shape that is not that of its weights.");

  const bool depthwise = (size_t)groups == in && out == in && weight->shape[1] == 1 && in > 1;
  node_output(work)->rank = 4;
  epilogue after = epilogue_take(work, out);
  value_write(work, after.output, (tensor_shape){4, {1, look.output[0], look.output[1], out}});
  value_as_image(after.output, work->source->channels_last);
  cJSON *node = write_unary(work, depthwise ? "depthwise_conv2d" : "conv2d", input, after.output);
  arrangement arranged = arrange_filter(weight, depthwise);
  write_weight(work, node, after.output->written, &arranged, weight, after.scale);
  write_bias(work, node, after.output->written, bias, 1, &after, out);
  window_write(&look, node, false);
  if (!depthwise && groups > 1) cJSON_AddNumberToObject(node, "groups", (double)groups);
  epilogue_clamp(&after, node);
  arrangement_free(&arranged);
  epilogue_free(&after);
  return true;
}

/* ---- fully connected ---- */

/* Where column k of the model's flattened input lies in memory: an image that was flattened from N C H W lies N H W C,
   and it is the weights that are put into that order. */
static void columns_in_memory(const value *input, size_t *place) {
  const size_t rank = input->written_rank;
  size_t strides[DPL_MAX_RANK] = {0}, stride = 1, columns = 1;
  for (size_t i = rank; i-- > 0; stride *= input->written_shape[i]) strides[i] = stride;
  for (size_t i = 1; i < rank; i++) columns *= input->written_shape[input->order[i]];
  for (size_t k = 0; k < columns; k++) {
    size_t rest = k;
    place[k] = 0;
    for (size_t axis = rank; axis-- > 1;) {
      const size_t side = input->written_shape[input->order[axis]];
      place[k] += rest % side * strides[input->order[axis]];
      rest /= side;
    }
  }
}

/* Flattened, with the batch in front: what a fully connected layer can read without moving a number. */
static bool is_flattened(const value *input) {
  return input->rank == 2 && input->order[0] == 0 && input->written_shape[0] == 1 && input->shape[0] == 1;
}

/* [out, in] with the columns where the input has them. `transposed`: the model's weights are [out, in] already. */
static arrangement arrange_matrix(const model_tensor *weight, bool transposed, size_t out, size_t in,
                                  const size_t *place) {
  arrangement made = arrangement_new(weight->count);
  made.rank = 2, made.channels = made.shape[0] = out, made.shape[1] = in;
  for (size_t o = 0; o < out; o++)
    for (size_t k = 0; k < in; k++) made.from[o * in + place[k]] = transposed ? o * in + k : k * out + o;
  return made;
}

static bool lower_fully_connected(lowering *work, bool transposed, float alpha, const model_tensor *bias, float beta) {
  value *input = node_input(work, 0);
  const model_tensor *weight = constant_input(work, 1);
  if (!weight || weight->rank != 2 || weight->count == 0)
    return node_fails(work, "needs constant weights of two axes as its second input.");
  const size_t out = (size_t)weight->shape[transposed ? 0 : 1], in = (size_t)weight->shape[transposed ? 1 : 0];
  if (input->rank < 2 || input->shape[input->rank - 1] != (int64_t)in)
    return node_fails(work, "has weights for %zu numbers, which its input does not have.", in);
  if (bias && bias->count != 1 && bias->count != out) return node_fails(work, "has a bias that does not fit.");
  if (!is_flattened(input) && !value_make_plain(work, input)) return false;

  size_t *place = new_array(in, sizeof *place);
  for (size_t k = 0; k < in; k++) place[k] = k;
  if (is_flattened(input)) columns_in_memory(input, place);
  arrangement arranged = arrange_matrix(weight, transposed, out, in, place);
  free(place);
  value row = *input;
  if (row.written_shape[row.written_rank - 1] != in) { /* a map of more than one place: into one row */
    value_write(work, &row, (tensor_shape){2, {1, in}});
    set_sizes(write_unary(work, "reshape", input, &row), "shape", (const size_t[]){0, in}, 2);
    work->result->resizable = false;
  }

  value *output = node_output(work);
  output->rank = input->rank;
  epilogue after = epilogue_take(work, work->source->channels_last || input->rank == 2 ? out : 0);
  value like = row;
  like.written_shape[like.written_rank - 1] = out;
  like.shape[like.rank - 1] = (int64_t)out;
  for (size_t i = 0; i < like.written_rank; i++) like.order[i] = i;
  value_write_like(work, after.output, &like);

  cJSON *node = write_unary(work, "fully_connected", &row, after.output);
  float *scale = new_array(out, sizeof *scale);
  for (size_t i = 0; i < out; i++) scale[i] = alpha * (after.scale ? after.scale[i] : 1);
  write_weight(work, node, after.output->written, &arranged, weight, scale);
  write_bias(work, node, after.output->written, bias, beta, &after, out);
  epilogue_clamp(&after, node);
  free(scale);
  arrangement_free(&arranged);
  epilogue_free(&after);
  return true;
}

bool lower_gemm(lowering *work) {
  const model_tensor *bias = constant_input(work, 2);
  if (attribute_int(work, "transA", 0) != 0) return node_fails(work, "transposes its input, which cannot be done.");
  if (input_is_given(work, 2) && !bias) return node_fails(work, "needs a constant bias.");
  if (node_input(work, 0)->rank != 2) return node_fails(work, "needs an input of two axes.");
  return lower_fully_connected(work, attribute_int(work, "transB", 0) != 0, attribute_float(work, "alpha", 1), bias,
                               attribute_float(work, "beta", 1));
}

bool lower_matmul(lowering *work) {
  if (constant_input(work, 0)) return node_fails(work, "multiplies a constant by its input, which cannot be done.");
  return lower_fully_connected(work, false, 1, NULL, 0);
}
