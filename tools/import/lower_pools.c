/* Windows that move over an image, and the pools that look through them. */
#include "lowering.h"

#include <stdlib.h>
#include <string.h>

static bool read_padding(lowering *work, const size_t sides[2], window *read) {
  const char *rule = attribute_text(work, "auto_pad", "NOTSET");
  if (strcmp(rule, "NOTSET") == 0 || !rule[0]) return attribute_ints(work, "pads", read->pad, 4);
  if (strcmp(rule, "VALID") == 0) return true;
  if (strcmp(rule, "SAME_UPPER") == 0) return read->same = true;
  if (strcmp(rule, "SAME_LOWER") != 0) return node_fails(work, "has an auto_pad that is not known: \"%.40s\".", rule);
  for (size_t i = 0; i < 2; i++) { /* as "same", but an odd pixel goes in front */
    const int64_t side = (int64_t)sides[i], reach = (read->kernel[i] - 1) * read->dilation[i] + 1,
                  out = (side + read->stride[i] - 1) / read->stride[i],
                  all = (out - 1) * read->stride[i] + reach - side;
    read->pad[i + 2] = all > 0 ? all / 2 : 0;
    read->pad[i] = all > 0 ? all - read->pad[i + 2] : 0;
    if (read->stride[i] > 1) work->result->resizable = false;
  }
  return true;
}

static bool window_output(lowering *work, size_t side, size_t axis, bool ceiling, window *read) {
  const int64_t in = (int64_t)side, stride = read->stride[axis];
  const int64_t reach = (read->kernel[axis] - 1) * read->dilation[axis] + 1;
  if (read->same) return read->output[axis] = (size_t)((in + stride - 1) / stride), true;
  const int64_t room = in + read->pad[axis] + read->pad[axis + 2] - reach;
  if (room < 0) return node_fails(work, "has a kernel that is larger than its input.");
  int64_t out = room / stride + 1;
  if (ceiling && room % stride != 0 && out * stride < in + read->pad[axis]) {
    read->pad[axis + 2] += stride - room % stride; /* what rounding up takes behind the edge */
    out++;
  }
  read->output[axis] = (size_t)out;
  return true;
}

bool window_read(lowering *work, size_t height, size_t width, window *read) {
  const size_t sides[2] = {height, width};
  for (size_t i = 0; i < 2; i++) read->stride[i] = read->dilation[i] = 1;
  if (!attribute_ints(work, "kernel_shape", read->kernel, 2) || !attribute_ints(work, "strides", read->stride, 2) ||
      !attribute_ints(work, "dilations", read->dilation, 2))
    return false;
  for (size_t i = 0; i < 2; i++)
    if (read->kernel[i] < 1 || read->kernel[i] > 4096 || read->stride[i] < 1 || read->stride[i] > 4096 ||
        read->dilation[i] < 1 || read->dilation[i] > 4096)
      return node_fails(work, "has a kernel, stride or dilation that is out of range.");
  if (!read_padding(work, sides, read)) return false;
  for (size_t i = 0; i < 4; i++)
    if (read->pad[i] < 0 || read->pad[i] > 4096) return node_fails(work, "has a padding that is out of range.");
  const bool ceiling = attribute_int(work, "ceil_mode", 0) != 0;
  return window_output(work, height, 0, ceiling, read) && window_output(work, width, 1, ceiling, read);
}

static void set_pair(cJSON *node, const char *key, const int64_t pair[2]) {
  set_sizes(node, key, (const size_t[]){(size_t)pair[0], (size_t)pair[1]}, 2);
}

void window_write(const window *from, cJSON *node, bool with_kernel) {
  const int64_t *pad = from->pad;
  if (with_kernel) set_pair(node, "kernel", from->kernel);
  set_pair(node, "stride", from->stride);
  if (from->dilation[0] != 1 || from->dilation[1] != 1) set_pair(node, "dilation", from->dilation);
  if (from->same)
    cJSON_AddStringToObject(node, "pad", "same");
  else /* ours goes around: top, right, bottom, left */
    set_sizes(node, "pad", (const size_t[]){(size_t)pad[0], (size_t)pad[3], (size_t)pad[2], (size_t)pad[1]}, 4);
}

/* ---- pools ---- */

/* A kernel of one pixel only steps over pixels: a depthwise convolution by 1, which has such a stride. */
bool write_steps(lowering *work, const value *input, const window *look, const value *output) {
  enum { MOST_CHANNELS = 1 << 16 };
  const size_t channels = input->written_shape[3];
  if (channels > MOST_CHANNELS) return node_fails(work, "steps over pixels of more than %d channels.", MOST_CHANNELS);
  float *ones = new_array(channels, sizeof *ones);
  for (size_t i = 0; i < channels; i++) ones[i] = 1;
  char *name = new_text_of("%s.weight", output->written);
  cJSON *node = write_unary(work, "depthwise_conv2d", input, output);
  cJSON_AddStringToObject(
      node, "weight", network_writer_tensor(work->writer, name, DPL_F32, 4, (const size_t[]){1, 1, 1, channels}, ones));
  window_write(look, node, false);
  free(name);
  free(ones);
  return true;
}

static bool write_pool(lowering *work, const char *op, const value *input, const window *look) {
  const bool steps = look->kernel[0] == 1 && look->kernel[1] == 1;
  epilogue after = {.output = node_output(work)};
  if (!steps) after = epilogue_take(work, 0);
  value_write(work, after.output, (tensor_shape){4, {1, look->output[0], look->output[1], input->written_shape[3]}});
  value_as_image(after.output, work->source->channels_last);
  if (steps) return write_steps(work, input, look, after.output);
  cJSON *node = write_unary(work, op, input, after.output);
  window_write(look, node, true);
  epilogue_clamp(&after, node);
  return true;
}

bool lower_max_pool(lowering *work) {
  value *input = node_input(work, 0);
  window look = {.kernel = {0}};
  if (work->node->output_count > 1 && value_named(work, work->node->outputs[1]) &&
      value_named(work, work->node->outputs[1])->uses > 0)
    return node_fails(work, "gives the places of its largest numbers, which cannot be done.");
  if (!value_make_image(work, input) || !window_read(work, input->written_shape[1], input->written_shape[2], &look))
    return false;
  if ((look.stride[0] > look.kernel[0] || look.stride[1] > look.kernel[1]) &&
      (look.kernel[0] > 1 || look.kernel[1] > 1))
    return node_fails(work, "steps over pixels: its stride may not be larger than its kernel.");
  return write_pool(work, "max_pool", input, &look);
}

bool lower_average_pool(lowering *work) {
  value *input = node_input(work, 0);
  window look = {.kernel = {0}};
  if (!value_make_image(work, input)) return false;
  const size_t height = input->written_shape[1], width = input->written_shape[2];
  if (!window_read(work, height, width, &look)) return false;
  if (look.dilation[0] != 1 || look.dilation[1] != 1) return node_fails(work, "is dilated, which cannot be done.");
  const bool padded = look.same || look.pad[0] || look.pad[1] || look.pad[2] || look.pad[3];
  if (!padded || attribute_int(work, "count_include_pad", 0) == 0)
    return write_pool(work, "average_pool", input, &look);
  /* Our pool leaves out what lies outside; here it counts as zeros, so they are laid around the input. */
  if (look.same || attribute_int(work, "ceil_mode", 0) != 0)
    return node_fails(work, "counts its padding in a way that cannot be done.");
  value around = *input;
  value_write(work, &around,
              (tensor_shape){4,
                             {1, height + (size_t)(look.pad[0] + look.pad[2]),
                              width + (size_t)(look.pad[1] + look.pad[3]), input->written_shape[3]}});
  cJSON *node = write_unary(work, "pad", input, &around);
  set_sizes(node, "before", (const size_t[]){0, (size_t)look.pad[0], (size_t)look.pad[1], 0}, 4);
  set_sizes(node, "after", (const size_t[]){0, (size_t)look.pad[2], (size_t)look.pad[3], 0}, 4);
  memset(look.pad, 0, sizeof look.pad);
  return write_pool(work, "average_pool", &around, &look);
}

bool lower_global_pool(lowering *work) {
  value *input = node_input(work, 0), *output = node_output(work);
  if (!value_make_image(work, input)) return false;
  value_write(work, output, (tensor_shape){4, {1, 1, 1, input->written_shape[3]}});
  value_as_image(output, work->source->channels_last);
  set_sizes(write_unary(work, "reduce_mean", input, output), "axes", (const size_t[]){1, 2}, 2);
  return true;
}
