/* Any bytes as a model, without a file format between: which operators, on which values, with which constants and
   attributes. Most are nearly right, so that they get far; what import_fuzz reaches by luck, this reaches at once. */
#include "lowering.h"

#include "well_formed.h"

enum { MOST_VALUES = 64, MOST_TENSORS = 8 * MOST_VALUES, MOST_PORTS = 8 };

/* What an operator takes: v a value, c a number a channel, w filters, m a matrix, s one number, i a few whole numbers,
   f four factors, p eight whole numbers. */
static const struct recipe {
  const char *op, *inputs, *attributes;
} RECIPES[] = {
    {"Conv", "vwc", "strides pads dilations group kernel_shape auto_pad"},
    {"Gemm", "vmc", "transA transB alpha beta"},
    {"MatMul", "vm", ""},
    {"BatchNormalization", "vcccc", "epsilon"},
    {"MaxPool", "v", "kernel_shape strides pads dilations ceil_mode auto_pad"},
    {"AveragePool", "v", "kernel_shape strides pads ceil_mode auto_pad count_include_pad"},
    {"GlobalAveragePool", "v", ""},
    {"Relu", "v", ""},
    {"Clip", "vss", "min max"},
    {"LeakyRelu", "v", "alpha"},
    {"Sigmoid", "v", ""},
    {"HardSwish", "v", ""},
    {"Sqrt", "v", ""},
    {"HardSigmoid", "v", "alpha beta"},
    {"PRelu", "vc", ""},
    {"Softmax", "v", "axis"},
    {"Add", "vv", ""},
    {"Add", "vc", ""},
    {"Sub", "cv", ""},
    {"Mul", "vc", ""},
    {"Mul", "vv", ""},
    {"Div", "vs", ""},
    {"Identity", "v", ""},
    {"Dropout", "v", ""},
    {"Cast", "v", "to"},
    {"Reshape", "vi", "allowzero"},
    {"Flatten", "v", "axis"},
    {"Squeeze", "vi", "axes"},
    {"Unsqueeze", "vi", "axes"},
    {"Transpose", "v", "perm"},
    {"Concat", "vvv", "axis"},
    {"Split", "vi", "axis split num_outputs"},
    {"Slice", "viiii", "starts ends axes"},
    {"Pad", "vps", "pads4 mode value"},
    {"ReduceMean", "vi", "axes keepdims"},
    {"ReduceSum", "vi", "axes keepdims"},
    {"ReduceL2", "vi", "axes keepdims"},
    {"Resize", "v?f", "mode coordinate_transformation_mode nearest_mode"},
    {"Resize", "v??i", "mode coordinate_transformation_mode nearest_mode"},
    {"Upsample", "vf", "mode scales"},
    {"Constant", "", "value value_float value_int"},
    {"Shape", "v", ""},
    {"Gather", "ii", "axis"},
    {"Concat", "ii", "axis"},
    {"Slice", "iiii", "starts ends axes"},
    {"Mul", "ii", ""},
    {"Div", "is", ""},
    {"Floor", "s", ""},
    {"Transpose", "w", "perm"},
    {"Nonsense", "v", "axis"},
};

static const struct form {
  const char *name;
  model_attribute_kind kind;
  size_t count;
} FORMS[] = {
    {"strides", MODEL_INTS, 2},
    {"pads", MODEL_INTS, 4},
    {"pads4", MODEL_INTS, 8},
    {"dilations", MODEL_INTS, 2},
    {"group", MODEL_INT, 0},
    {"axis", MODEL_INT, 0},
    {"kernel_shape", MODEL_INTS, 2},
    {"auto_pad", MODEL_TEXT, 0},
    {"transA", MODEL_INT, 0},
    {"transB", MODEL_INT, 0},
    {"alpha", MODEL_FLOAT, 0},
    {"beta", MODEL_FLOAT, 0},
    {"epsilon", MODEL_FLOAT, 0},
    {"ceil_mode", MODEL_INT, 0},
    {"min", MODEL_FLOAT, 0},
    {"max", MODEL_FLOAT, 0},
    {"to", MODEL_INT, 0},
    {"axes", MODEL_INTS, 2},
    {"perm", MODEL_INTS, 4},
    {"split", MODEL_INTS, 2},
    {"starts", MODEL_INTS, 1},
    {"ends", MODEL_INTS, 1},
    {"mode", MODEL_TEXT, 0},
    {"value", MODEL_TENSOR, 0},
    {"keepdims", MODEL_INT, 0},
    {"scales", MODEL_FLOATS, 4},
    {"value_float", MODEL_FLOAT, 0},
    {"value_int", MODEL_INT, 0},
    {"allowzero", MODEL_INT, 0},
    {"num_outputs", MODEL_INT, 0},
    {"count_include_pad", MODEL_INT, 0},
    {"nearest_mode", MODEL_TEXT, 0},
    {"coordinate_transformation_mode", MODEL_TEXT, 0},
};

/* The bytes as a list of choices; behind their end all are 0. */
typedef struct maker {
  const uint8_t *at, *end;
  model made;
  unsigned values, channels; /* channels: a guess at those of the newest value */
} maker;

static unsigned choose(maker *m, unsigned count) {
  return m->at < m->end ? *m->at++ % count : 0;
}

/* Small mostly, now and then at the edge. */
static int64_t number(maker *m) {
  static const int64_t edges[] = {INT64_MIN, INT64_MAX, INT32_MIN, INT32_MAX, 1 << 20, -(1 << 20), 65536, 255};
  const unsigned choice = choose(m, 256);
  return choice >= 250 ? edges[choice % 8] : choice >= 200 ? (int64_t)(choice % 24) - 8 : (int64_t)(choice % 4);
}

static const char *value_name(unsigned index) {
  static char names[MOST_VALUES + MOST_TENSORS + MOST_PORTS][8];
  snprintf(names[index], sizeof names[index], "v%u", index);
  return names[index];
}

static void fill_tensor(maker *m, model_tensor *tensor, model_kind kind, size_t rank, const int64_t *shape) {
  *tensor = (model_tensor){.name = "", .kind = kind, .rank = rank, .count = 1, .scale = 0.5f};
  for (size_t i = 0; i < rank; i++) tensor->count *= (size_t)(tensor->shape[i] = shape[i]);
  tensor->floats = kind == MODEL_F32 ? model_memory(&m->made, tensor->count, sizeof(float)) : NULL;
  tensor->integers = kind == MODEL_I64 ? model_memory(&m->made, tensor->count, sizeof(int64_t)) : NULL;
  tensor->bytes = kind == MODEL_I8 ? model_memory(&m->made, tensor->count, 1) : NULL;
  for (size_t i = 0; i < tensor->count; i++) {
    const int64_t chosen = i < 8 ? number(m) : (int64_t)i % 5;
    if (tensor->floats) tensor->floats[i] = (float)chosen / 2;
    if (tensor->integers) tensor->integers[i] = chosen;
    if (tensor->bytes) tensor->bytes[i] = (int8_t)(chosen & 63);
  }
}

/* The shape of a constant of this kind, as the recipe's letters say. */
static size_t constant_shape(maker *m, char letter, int64_t shape[4]) {
  const int64_t channels = m->channels, some = 1 + choose(m, 5);
  switch (letter) {
  case 'w': {
    static const int64_t kernels[] = {3, 1, 2, 5};
    const bool depthwise = choose(m, 3) == 2;
    shape[0] = depthwise ? channels : some;
    shape[1] = depthwise ? 1 : channels;
    shape[2] = kernels[choose(m, 4)];
    shape[3] = kernels[choose(m, 4)];
    m->channels = (unsigned)shape[0];
    return 4;
  }
  case 'm':
    shape[0] = channels, shape[1] = some;
    if (choose(m, 2)) shape[0] = some, shape[1] = channels;
    return 2;
  case 'c': {
    const size_t rank = (size_t[]){1, 3, 4, 1}[choose(m, 4)];
    for (size_t i = 0; i < rank; i++) shape[i] = 1;
    shape[rank == 4] = channels;
    return rank;
  }
  case 's':
    shape[0] = 1;
    return choose(m, 2);
  default:
    shape[0] = letter == 'f' ? 4 : letter == 'p' ? 8 : choose(m, 6);
    return 1;
  }
}

static const char *new_constant(maker *m, char letter) {
  int64_t shape[4] = {1, 1, 1, 1};
  const bool whole = letter == 'i' || letter == 'p';
  const size_t rank = constant_shape(m, letter, shape);
  const bool odd = choose(m, 24) == 23; /* another kind, or an empty one */
  if (odd && rank) shape[choose(m, (unsigned)rank)] = choose(m, 3);
  const model_kind kind = odd ? (model_kind)choose(m, 3) : whole ? MODEL_I64 : choose(m, 4) == 3 ? MODEL_I8 : MODEL_F32;
  model_tensor *tensor = &m->made.tensors[m->made.tensor_count];
  fill_tensor(m, tensor, kind, rank, shape);
  return tensor->name = value_name(MOST_VALUES + (unsigned)m->made.tensor_count++);
}

static void fill_attribute(maker *m, model_attribute *attribute, const struct form *form) {
  static const char *const words[] = {"nearest",    "SAME_UPPER",         "linear",  "half_pixel",
                                      "asymmetric", "align_corners",      "VALID",   "SAME_LOWER",
                                      "floor",      "constant",           "reflect", "round_prefer_floor",
                                      "NOTSET",     "pytorch_half_pixel", "cubic",   ""};
  const bool odd = choose(m, 24) == 23;
  const size_t count = odd ? choose(m, 9) : form->count;
  *attribute = (model_attribute){.name = strcmp(form->name, "pads4") == 0 ? "pads" : form->name,
                                 .kind = odd ? (model_attribute_kind)choose(m, MODEL_TENSOR) : form->kind};
  float *floats = model_memory(&m->made, count, sizeof *floats);
  int64_t *integers = model_memory(&m->made, count, sizeof *integers);
  switch (attribute->kind) {
  case MODEL_FLOATS:
    for (size_t i = 0; i < count; i++) floats[i] = (float)number(m);
    attribute->floats = floats, attribute->count = count;
    return;
  case MODEL_INTS:
    for (size_t i = 0; i < count; i++) integers[i] = number(m);
    attribute->integers = integers, attribute->count = count;
    return;
  case MODEL_TENSOR: {
    int64_t shape[4] = {1};
    model_tensor *tensor = model_memory(&m->made, 1, sizeof *tensor);
    const size_t rank = constant_shape(m, "iscwf"[choose(m, 5)], shape);
    fill_tensor(m, tensor, (model_kind)choose(m, 2), rank, shape);
    attribute->tensor = tensor;
    return;
  }
  default:
    attribute->i = number(m);
    attribute->f = (float)attribute->i / 2;
    attribute->text = words[choose(m, sizeof words / sizeof *words)];
  }
}

static void fill_attributes(maker *m, model_node *node, const char *names) {
  for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS && node->attribute_count < MOST_PORTS; i++) {
    const char *place = strstr(names, FORMS[i].name);
    const char end = place ? place[strlen(FORMS[i].name)] : 'x';
    if (place && (end == 0 || end == ' ') && choose(m, 3))
      fill_attribute(m, &node->attributes[node->attribute_count++], &FORMS[i]);
  }
}

/* A value that is there: the newest mostly. */
static const char *known_value(maker *m) {
  const unsigned back = choose(m, 12);
  return value_name(back < 8 || back - 7 >= m->values ? m->values - 1 : m->values - 1 - (back - 7));
}

static void add_node(maker *m) {
  const struct recipe *recipe = &RECIPES[choose(m, sizeof RECIPES / sizeof *RECIPES)];
  model_node *node = &m->made.nodes[m->made.node_count++];
  *node = (model_node){
      .name = "", .op = recipe->op, .output_count = strcmp(recipe->op, "Split") == 0 ? 1 + choose(m, 3) : 1};
  node->inputs = model_memory(&m->made, MOST_PORTS, sizeof *node->inputs);
  node->outputs = model_memory(&m->made, node->output_count, sizeof *node->outputs);
  node->attributes = model_memory(&m->made, MOST_PORTS, sizeof *node->attributes);
  for (const char *letter = recipe->inputs; *letter; letter++) {
    const unsigned odd = choose(m, 24);
    if (odd == 23) break;
    node->inputs[node->input_count++] = *letter == '?' || odd == 22   ? ""
                                        : *letter == 'v' || odd == 21 ? known_value(m)
                                                                      : new_constant(m, *letter);
  }
  fill_attributes(m, node, recipe->attributes);
  for (size_t i = 0; i < node->output_count; i++) node->outputs[i] = value_name(m->values++);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  maker m = {.at = data, .end = data + size, .values = 1, .channels = 3};
  model *made = &m.made;
  const weight_form form = (weight_form)choose(&m, 4);
  made->channels_last = choose(&m, 4) == 3;
  made->opset = choose(&m, 20);
  made->input = value_name(0);
  made->input_rank = 4;
  made->input_shape[made->channels_last ? 3 : 1] = 3;
  made->tensors = model_memory(made, MOST_TENSORS, sizeof *made->tensors);
  made->nodes = model_memory(made, MOST_VALUES, sizeof *made->nodes);
  while (m.at < m.end && m.values < MOST_VALUES - 4) add_node(&m);
  const char *output = value_name(m.values - 1);
  made->outputs = &output;
  made->output_count = 1;
  sentence why = {""};
  if (!model_is_well_formed(made, &why)) abort();
  lower_and_write(made, form);
  model_free(made);
  return 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  uint64_t state = 1;
  for (int seed = 0; seed < 32; seed++) {
    buffer noise = {0};
    char name[16];
    for (int i = 0; i < 16 + 8 * seed; i++) append(&noise, &(uint8_t){(uint8_t)random_bits(&state)}, 1);
    snprintf(name, sizeof name, "noise-%d", seed);
    plant(folder, name, noise);
  }
  return 0;
}
