/* FaceNet as DeepFace publishes it: weights alone. So the architecture stands here, an Inception-ResNet-v1 (D.
   Sandberg's facenet, after arXiv 1602.07261) with the layer names of DeepFace's builder, and every weight's shape
   follows from it. */
#include "readers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keras_h5.h"
#include "well_formed.h"

enum { MOST_NODES = 768, MOST_TENSORS = 768, MOST_BRANCHES = 4, INPUT_SIDE = 160, MOST_NUMBERS = 4096 };
static const float EPSILON = 0.001f;

typedef enum reach {
  SAME,   /* stride 1, padded to the same size */
  INSIDE, /* stride 1, not padded */
  HALVES, /* stride 2, not padded */
} reach;

/* A convolution without bias, then normalisation and ReLU. */
typedef struct convolution {
  const char *name; /* behind the branch's; NULL ends a branch */
  size_t channels, height, width;
  reach reach;
} convolution;

typedef const convolution branch[4];

typedef struct block {
  branch branches[MOST_BRANCHES];
  bool pools; /* a last branch of pooling alone */
} block;

static const block BLOCK_35 = {
    {{{"Conv2d_1x1", 32, 1, 1, SAME}},
     {{"Conv2d_0a_1x1", 32, 1, 1, SAME}, {"Conv2d_0b_3x3", 32, 3, 3, SAME}},
     {{"Conv2d_0a_1x1", 32, 1, 1, SAME}, {"Conv2d_0b_3x3", 32, 3, 3, SAME}, {"Conv2d_0c_3x3", 32, 3, 3, SAME}}},
    false};
static const block MIXED_6A = {
    {{{"Conv2d_1a_3x3", 384, 3, 3, HALVES}},
     {{"Conv2d_0a_1x1", 192, 1, 1, SAME}, {"Conv2d_0b_3x3", 192, 3, 3, SAME}, {"Conv2d_1a_3x3", 256, 3, 3, HALVES}}},
    true};
static const block BLOCK_17 = {
    {{{"Conv2d_1x1", 128, 1, 1, SAME}},
     {{"Conv2d_0a_1x1", 128, 1, 1, SAME}, {"Conv2d_0b_1x7", 128, 1, 7, SAME}, {"Conv2d_0c_7x1", 128, 7, 1, SAME}}},
    false};
static const block MIXED_7A = {
    {{{"Conv2d_0a_1x1", 256, 1, 1, SAME}, {"Conv2d_1a_3x3", 384, 3, 3, HALVES}},
     {{"Conv2d_0a_1x1", 256, 1, 1, SAME}, {"Conv2d_1a_3x3", 256, 3, 3, HALVES}},
     {{"Conv2d_0a_1x1", 256, 1, 1, SAME}, {"Conv2d_0b_3x3", 256, 3, 3, SAME}, {"Conv2d_1a_3x3", 256, 3, 3, HALVES}}},
    true};
static const block BLOCK_8 = {
    {{{"Conv2d_1x1", 192, 1, 1, SAME}},
     {{"Conv2d_0a_1x1", 192, 1, 1, SAME}, {"Conv2d_0b_1x3", 192, 1, 3, SAME}, {"Conv2d_0c_3x1", 192, 3, 1, SAME}}},
    false};

/* Once something was missing, nothing more is read; the network that comes out is thrown away. */
typedef struct builder {
  model *to;
  keras_h5 *file;
  sentence *why;
  bool failed;
} builder;

typedef struct value {
  const char *name;
  size_t channels;
} value;

/* Text that lives as long as the model. */
__attribute__((format(printf, 2, 3))) static const char *named(builder *b, const char *format, ...) {
  char text[MODEL_MAX_NAME + 1];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return model_text(b->to, text, strlen(text));
}

/* ---- weights ---- */

static bool shape_is(const keras_shape *shape, const size_t *sides, size_t rank) {
  return shape->rank == rank && memcmp(shape->sides, sides, rank * sizeof *sides) == 0;
}

static void shape_in_words(const size_t *sides, size_t rank, char *text, size_t size) {
  text[0] = 0;
  for (size_t i = 0, used = 0; i < rank && used < size; i++)
    used += (size_t)snprintf(text + used, size - used, i ? "×%zu" : "%zu", sides[i]);
}

/* Fills `numbers` from a weight that must have this shape; a sentence and `failed` where it has not. */
static void read_weight(builder *b, const char *layer, const char *name, const size_t *sides, size_t rank,
                        float *numbers) {
  if (b->failed) return;
  const keras_shape shape = keras_h5_shape(b->file, layer, name);
  if (shape.rank == 0) {
    b->failed = !fail(b->why, "It lacks the %s of the layer \"%s\", which DeepFace's FaceNet has.", name, layer);
  } else if (!shape_is(&shape, sides, rank)) {
    char found[128], wanted[128];
    shape_in_words(shape.sides, shape.rank, found, sizeof found);
    shape_in_words(sides, rank, wanted, sizeof wanted);
    b->failed =
        !fail(b->why, "The %s of the layer \"%s\" is %s, while DeepFace's FaceNet has %s.", name, layer, found, wanted);
  } else if (!keras_h5_read(b->file, layer, name, numbers)) {
    b->failed = !fail(b->why, "The %s of the layer \"%s\" cannot be read; the file is damaged.", name, layer);
  }
}

/* Adds a constant of the network and returns its name. */
static const char *constant(builder *b, const char *name, float *floats, const size_t *sides, size_t rank) {
  model_tensor *tensor = &b->to->tensors[b->to->tensor_count++];
  *tensor = (model_tensor){.name = name, .kind = MODEL_F32, .rank = rank, .count = 1, .floats = floats};
  for (size_t i = 0; i < rank; i++) {
    tensor->shape[i] = (int64_t)sides[i];
    tensor->count *= sides[i];
  }
  return name;
}

static const char *vector(builder *b, const char *layer, const char *name, size_t count) {
  float *numbers = model_memory(b->to, count, sizeof *numbers);
  read_weight(b, layer, name, &count, 1, numbers);
  return constant(b, named(b, "%s/%s", layer, name), numbers, &count, 1);
}

static const char *all_of(builder *b, const char *name, float number, size_t count, size_t rank) {
  float *floats = model_memory(b->to, count, sizeof *floats);
  for (size_t i = 0; i < count; i++) floats[i] = number;
  return constant(b, name, floats, &count, rank);
}

/* From height, width, in, out to ONNX's out, in, height, width. */
static const char *kernel(builder *b, const char *layer, const convolution *c, size_t in) {
  const size_t positions = c->height * c->width, out = c->channels, count = positions * in * out;
  float *source = new_array(count, sizeof *source), *turned = model_memory(b->to, count, sizeof *turned);
  read_weight(b, layer, "kernel", (size_t[]){c->height, c->width, in, out}, 4, source);
  for (size_t o = 0; o < out && !b->failed; o++)
    for (size_t i = 0; i < in; i++)
      for (size_t p = 0; p < positions; p++) turned[(o * in + i) * positions + p] = source[(p * in + i) * out + o];
  free(source);
  return constant(b, named(b, "%s/kernel", layer), turned, (size_t[]){out, in, c->height, c->width}, 4);
}

/* ---- nodes ---- */

/* `inputs` ends with NULL. */
static model_node *node(builder *b, const char *op, const char *name, const char *const *inputs) {
  model_node *added = &b->to->nodes[b->to->node_count++];
  added->name = name;
  added->op = op;
  while (inputs[added->input_count]) added->input_count++;
  added->inputs = model_memory(b->to, added->input_count, sizeof *added->inputs);
  memcpy(added->inputs, inputs, added->input_count * sizeof *added->inputs);
  added->output_count = 1;
  added->outputs = model_memory(b->to, 1, sizeof *added->outputs);
  added->outputs[0] = name;
  added->attributes = model_memory(b->to, 3, sizeof *added->attributes);
  return added;
}

static void set_integers(builder *b, model_node *to, const char *name, const size_t *integers, size_t count) {
  int64_t *copy = model_memory(b->to, count, sizeof *copy);
  for (size_t i = 0; i < count; i++) copy[i] = (int64_t)integers[i];
  to->attributes[to->attribute_count++] =
      (model_attribute){.name = name, .kind = MODEL_INTS, .count = count, .integers = copy};
}

#define INPUTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static value relu(builder *b, value x, const char *name) {
  node(b, "Relu", name, INPUTS(x.name));
  return (value){name, x.channels};
}

static value normalised(builder *b, value x, const char *layer) {
  const bool has_gamma = !b->failed && keras_h5_shape(b->file, layer, "gamma").rank;
  const char *gamma =
      has_gamma ? vector(b, layer, "gamma", x.channels) : all_of(b, named(b, "%s/gamma", layer), 1, x.channels, 1);
  const char *beta = vector(b, layer, "beta", x.channels), *mean = vector(b, layer, "moving_mean", x.channels),
             *variance = vector(b, layer, "moving_variance", x.channels);
  model_node *added = node(b, "BatchNormalization", layer, INPUTS(x.name, gamma, beta, mean, variance));
  added->attributes[added->attribute_count++] = (model_attribute){.name = "epsilon", .kind = MODEL_FLOAT, .f = EPSILON};
  return (value){layer, x.channels};
}

/* The convolution alone; `bias` is "" or the bias's name. */
static value convolved(builder *b, value x, const char *layer, const convolution *c, const char *bias) {
  const char *filters = kernel(b, layer, c, x.channels);
  model_node *added = node(b, "Conv", layer, bias[0] ? INPUTS(x.name, filters, bias) : INPUTS(x.name, filters));
  const size_t stride = c->reach == HALVES ? 2 : 1, above = c->reach == SAME ? c->height / 2 : 0,
               left = c->reach == SAME ? c->width / 2 : 0;
  set_integers(b, added, "kernel_shape", (size_t[]){c->height, c->width}, 2);
  set_integers(b, added, "strides", (size_t[]){stride, stride}, 2);
  set_integers(b, added, "pads", (size_t[]){above, left, above, left}, 4);
  return (value){layer, c->channels};
}

static value conv_relu(builder *b, value x, const char *layer, const convolution *c) {
  const value y = convolved(b, x, layer, c, "");
  return relu(b, normalised(b, y, named(b, "%s_BatchNorm", layer)), named(b, "%s_Activation", layer));
}

static value pooled(builder *b, value x, const char *name) {
  model_node *added = node(b, "MaxPool", name, INPUTS(x.name));
  set_integers(b, added, "kernel_shape", (size_t[]){3, 3}, 2);
  set_integers(b, added, "strides", (size_t[]){2, 2}, 2);
  return (value){name, x.channels};
}

/* `second` is the number of the second branch in its layers' names, which in some blocks is that of the block. */
static value branches_joined(builder *b, value x, const block *kind, const char *name, int second, const char *joined) {
  const char *inputs[MOST_BRANCHES + 1] = {NULL};
  size_t count = 0, channels = 0;
  for (; count < MOST_BRANCHES && kind->branches[count][0].name; count++) {
    value y = x;
    for (const convolution *c = kind->branches[count]; c->name; c++)
      y = conv_relu(b, y, named(b, "%s_Branch_%d_%s", name, count == 1 ? second : (int)count, c->name), c);
    inputs[count] = y.name;
    channels += y.channels;
  }
  if (kind->pools) {
    inputs[count] = pooled(b, x, named(b, "%s_Branch_%zu_MaxPool_1a_3x3", name, count)).name;
    channels += x.channels;
  }
  model_node *added = node(b, "Concat", joined, inputs);
  added->attributes[added->attribute_count++] = (model_attribute){.name = "axis", .kind = MODEL_INT, .i = 1};
  return (value){joined, channels};
}

/* x + scale · (branches joined and brought back to x's channels) */
static value residual(builder *b, value x, const block *kind, const char *name, int second, float scale) {
  const value joined = branches_joined(b, x, kind, name, second, named(b, "%s_Concatenate", name));
  const char *layer = named(b, "%s_Conv2d_1x1", name);
  const convolution back = {"", x.channels, 1, 1, SAME};
  const value up = convolved(b, joined, layer, &back, vector(b, layer, "bias", x.channels));
  const char *scaled = named(b, "%s_Scaled", name), *sum = named(b, "%s_Sum", name);
  node(b, "Mul", scaled, INPUTS(up.name, all_of(b, named(b, "%s/scale", name), scale, 1, 0)));
  node(b, "Add", sum, INPUTS(x.name, scaled));
  return (value){sum, x.channels};
}

static value residuals(builder *b, value x, const block *kind, const char *family, int count, bool numbered,
                       float scale) {
  for (int i = 1; i <= count; i++) {
    const char *name = named(b, "%s_%d", family, i);
    x = relu(b, residual(b, x, kind, name, numbered ? i : 1, scale), named(b, "%s_Activation", name));
  }
  return x;
}

/* ---- the whole ---- */

static value chain(builder *b, value x, const convolution *convolutions, size_t count) {
  for (size_t i = 0; i < count; i++) x = conv_relu(b, x, convolutions[i].name, &convolutions[i]);
  return x;
}

static value stem(builder *b, value x) {
  static const convolution before[] = {
      {"Conv2d_1a_3x3", 32, 3, 3, HALVES}, {"Conv2d_2a_3x3", 32, 3, 3, INSIDE}, {"Conv2d_2b_3x3", 64, 3, 3, SAME}};
  static const convolution behind[] = {
      {"Conv2d_3b_1x1", 80, 1, 1, SAME}, {"Conv2d_4a_3x3", 192, 3, 3, INSIDE}, {"Conv2d_4b_3x3", 256, 3, 3, HALVES}};
  x = pooled(b, chain(b, x, before, sizeof before / sizeof *before), "MaxPool_3a_3x3");
  return chain(b, x, behind, sizeof behind / sizeof *behind);
}

/* 128 or 512 numbers: what the last layer's weights say. */
static size_t dimension(builder *b, size_t channels) {
  const keras_shape shape = keras_h5_shape(b->file, "Bottleneck", "kernel");
  if (shape.rank == 2 && shape.sides[0] == channels && shape.sides[1] > 0 && shape.sides[1] <= MOST_NUMBERS)
    return shape.sides[1];
  if (!b->failed)
    b->failed =
        !fail(b->why, "It lacks the kernel of the layer \"Bottleneck\", or has another than DeepFace's FaceNet.");
  return 1;
}

static value head(builder *b, value x) {
  node(b, "GlobalAveragePool", "AvgPool", INPUTS(x.name));
  node(b, "Flatten", "Flatten", INPUTS("AvgPool"));
  const size_t sides[] = {x.channels, dimension(b, x.channels)};
  float *numbers = model_memory(b->to, sides[0] * sides[1], sizeof *numbers);
  read_weight(b, "Bottleneck", "kernel", sides, 2, numbers);
  node(b, "Gemm", "Bottleneck", INPUTS("Flatten", constant(b, "Bottleneck/kernel", numbers, sides, 2)));
  return normalised(b, (value){"Bottleneck", sides[1]}, "Bottleneck_BatchNorm");
}

static void build(builder *b) {
  static const int64_t shape[] = {1, 3, INPUT_SIDE, INPUT_SIDE};
  value x = {b->to->input = "input", 3};
  b->to->input_rank = 4;
  memcpy(b->to->input_shape, shape, sizeof shape);
  b->to->nodes = model_memory(b->to, MOST_NODES, sizeof *b->to->nodes);
  b->to->tensors = model_memory(b->to, MOST_TENSORS, sizeof *b->to->tensors);
  x = residuals(b, stem(b, x), &BLOCK_35, "Block35", 5, false, 0.17f);
  x = residuals(b, branches_joined(b, x, &MIXED_6A, "Mixed_6a", 1, "Mixed_6a"), &BLOCK_17, "Block17", 10, true, 0.1f);
  x = residuals(b, branches_joined(b, x, &MIXED_7A, "Mixed_7a", 1, "Mixed_7a"), &BLOCK_8, "Block8", 5, true, 0.2f);
  x = head(b, residual(b, x, &BLOCK_8, "Block8_6", 1, 1));
  b->to->outputs = model_memory(b->to, 1, sizeof *b->to->outputs);
  b->to->outputs[b->to->output_count++] = x.name;
}

bool facenet_h5_read(const char *path, model *to, sentence *why) {
  memset(to, 0, sizeof *to);
  builder b = {.to = to, .file = keras_h5_open(path, why), .why = why};
  if (!b.file) return false;
  build(&b);
  keras_h5_close(b.file);
  const bool sound = !b.failed && model_is_well_formed(to, why);
  if (!sound) model_free(to);
  return sound;
}
