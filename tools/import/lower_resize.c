/* Images of another size: by repeating pixels, or linearly between them. */
#include "lowering.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The size that is asked for, from sizes or scales. */
static bool resize_target(lowering *work, const value *input, size_t target[2]) {
  const bool upsample = strcmp(work->node->op, "Upsample") == 0;
  const model_attribute *attribute = model_attribute_named(work->node, "scales");
  const model_tensor *scales = constant_input(work, upsample || work->node->input_count == 2 ? 1 : 2),
                     *sizes = constant_input(work, 3);
  const size_t height = work->source->channels_last ? 1 : 2;
  const bool by_size = sizes && sizes->kind == MODEL_I64 && sizes->count == 4,
             by_scale = attribute ? attribute->kind == MODEL_FLOATS && attribute->count == 4
                                  : scales && scales->kind == MODEL_F32 && scales->count == 4;
  if (!by_size && !by_scale) return node_fails(work, "needs constant scales or sizes for four axes.");
  for (size_t i = 0; i < 4; i++) {
    const double side = (double)input->shape[i],
                 wanted = by_size ? (double)sizes->integers[i]
                                  : floor(side * (double)(attribute ? attribute->floats[i] : scales->floats[i]));
    const bool spatial = i == height || i == height + 1;
    if (!(wanted >= 1 && wanted <= 65535) || (!spatial && wanted != side))
      return node_fails(work, "resizes to a size that is out of range.");
    if (spatial) target[i - height] = (size_t)wanted;
  }
  return true;
}

/* Whether every pixel is simply repeated `factor` times: what nearest neighbours are for whole factors, for those ways
   of counting that do not shift the image. */
static bool repeats_pixels(lowering *work, size_t factor) {
  const bool upsample = strcmp(work->node->op, "Upsample") == 0;
  const char *counting = attribute_text(work, "coordinate_transformation_mode", upsample ? "asymmetric" : "half_pixel");
  const char *rounding = attribute_text(work, "nearest_mode", upsample ? "floor" : "round_prefer_floor");
  const bool rounds = strncmp(rounding, "round_prefer", 12) == 0, floors = strcmp(rounding, "floor") == 0;
  if (strcmp(counting, "asymmetric") == 0)
    return floors || (factor == 2 && strcmp(rounding, "round_prefer_floor") == 0);
  if (strcmp(counting, "tf_half_pixel_for_nn") == 0) return floors;
  return strstr(counting, "half_pixel") && rounds;
}

/* `copies` times the same thing, side by side along a written axis. */
static void write_copies(lowering *work, const value *input, size_t copies, size_t axis, value *wide) {
  value *parts = new_array(copies, sizeof *parts);
  for (size_t i = 0; i < copies; i++) parts[i] = *input;
  *wide = *input;
  write_joint(work, parts, copies, axis, wide);
  free(parts);
}

/* A row of copies read as so many rows: repeats rows (place 1) or columns (place 2) of an image. */
static void write_repeated_lines(lowering *work, value *image, size_t place, size_t factor) {
  if (factor == 1) return;
  value wide;
  write_copies(work, image, factor, place + 1, &wide);
  tensor_shape shape = {4, {1, image->written_shape[1], image->written_shape[2], image->written_shape[3]}};
  shape.sides[place] *= factor;
  value_write(work, image, shape);
  shape.sides[0] = 0;
  set_sizes(write_unary(work, "reshape", &wide, image), "shape", shape.sides, 4);
  work->result->resizable = false;
}

/* The same factor both ways: each channel factor² times, then every such block as a square of pixels. */
static void write_repeated_squares(lowering *work, value *image, size_t factor) {
  value wide;
  const size_t *from = image->written_shape;
  const tensor_shape shape = {4, {1, from[1] * factor, from[2] * factor, from[3]}};
  write_copies(work, image, factor * factor, 3, &wide);
  value_write(work, image, shape);
  cJSON_AddNumberToObject(write_unary(work, "depth_to_space", &wide, image), "block", (double)factor);
}

static bool resize_nearest(lowering *work, const value *input, const size_t target[2], value *output) {
  const size_t *from = input->written_shape, down = target[0] / from[1], across = target[1] / from[2];
  if (down < 1 || down > 8 || across < 1 || across > 8 || target[0] != down * from[1] ||
      target[1] != across * from[2] || !repeats_pixels(work, down) || !repeats_pixels(work, across))
    return node_fails(work, "takes the nearest pixel in a way other than repeating each up to 8 times.");
  value image = *input;
  if (down == across) {
    write_repeated_squares(work, &image, down);
  } else {
    write_repeated_lines(work, &image, 2, across);
    write_repeated_lines(work, &image, 1, down);
  }
  value_as_image(&image, work->source->channels_last);
  value_alias(output, &image);
  return true;
}

bool lower_resize(lowering *work) {
  value *input = node_input(work, 0), *output = node_output(work);
  const char *mode = attribute_text(work, "mode", "nearest");
  size_t target[2];
  if (!value_make_image(work, input) || !resize_target(work, input, target)) return false;
  if (target[0] == input->written_shape[1] && target[1] == input->written_shape[2])
    return value_alias(output, input), true;
  if (strcmp(mode, "nearest") == 0) return resize_nearest(work, input, target, output);
  const bool upsample = strcmp(work->node->op, "Upsample") == 0;
  const char *counting = attribute_text(work, "coordinate_transformation_mode", upsample ? "asymmetric" : "half_pixel");
  const char *ours = strcmp(counting, "asymmetric") == 0      ? "asymmetric"
                     : strcmp(counting, "align_corners") == 0 ? "align_corners"
                     : strstr(counting, "half_pixel")         ? "half_pixel"
                                                              : NULL;
  if (strcmp(mode, "linear") != 0 && strcmp(mode, "bilinear") != 0)
    return node_fails(work, "resizes by \"%.40s\", which cannot be done.", mode);
  if (!ours || attribute_int(work, "antialias", 0) != 0)
    return node_fails(work, "counts pixels in a way that cannot be done: \"%.40s\".", counting);
  const value seen = *input;
  value_write(work, output, (tensor_shape){4, {1, target[0], target[1], seen.written_shape[3]}});
  value_as_image(output, work->source->channels_last);
  cJSON *node = write_unary(work, "resize_linear", &seen, output);
  set_sizes(node, "size", target, 2);
  cJSON_AddStringToObject(node, "mode", ours);
  work->result->resizable = false;
  return true;
}
