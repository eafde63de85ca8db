/* Any bytes as an ONNX file or, by the first byte, an .espdl file: a network, or a sentence. */
#include "lowering.h"

#include "models.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  const dpl_bytes file = {data + 1, size - 1};
  model read;
  sentence why = {""};
  if (data[0] & 1 ? espdl_read(file, &read, &why) : onnx_read(file, &read, &why)) {
    lower_and_write(&read, (weight_form)(data[0] >> 1 & 3));
    model_free(&read);
  } else {
    must_be_sentence(&why);
    if (read.memory) abort();
  }
  return 0;
}

/* A graph of one image, nodes that are added, and constants that many of them use. */
static buffer graph_from(const int *shape) {
  static const float numbers[16] = {0.5f, -1, 2, 0.25f, 1, 1, 1, 1};
  static const int64_t same[] = {0, -1}, half[] = {1, 1, 8, 8}, twos[] = {2, 2}, axes[] = {2, 3}, zero[] = {0, 0},
                       all[] = {0, 0, 1, 1, 0, 0, 1, 1}, parts[] = {2, 1};
  buffer graph = {0};
  put_message(&graph, GRAPH_INPUT, onnx_value("x", shape));
  put_message(&graph, GRAPH_OUTPUT, onnx_value("y", SHAPE(0)));
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("three", ONNX_FLOAT, SHAPE(3, 1, 1), numbers, 12));
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("one", ONNX_FLOAT, SHAPE(1), numbers, 4));
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("two", ONNX_FLOAT, (const int[]){-1}, numbers + 2, 4));
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("scales", ONNX_FLOAT, SHAPE(4), numbers + 4, 16));
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("flat", ONNX_INT64, SHAPE(2), same, 16));
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("half", ONNX_INT64, SHAPE(4), half, 32));
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("twos", ONNX_INT64, SHAPE(2), twos, 16));
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("axes", ONNX_INT64, SHAPE(2), axes, 16));
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("zero", ONNX_INT64, SHAPE(2), zero, 16));
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("all", ONNX_INT64, SHAPE(8), all, 64));
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("parts", ONNX_INT64, SHAPE(2), parts, 16));
  return graph;
}

static void add(buffer *graph, const char *op, const char *inputs, const char *outputs) {
  put_message(graph, GRAPH_NODE, onnx_node(op, inputs, outputs));
}

static void add_with(buffer *graph, const char *op, const char *inputs, const char *outputs, const char *attribute,
                     const int *values, size_t count) {
  buffer node = onnx_node(op, inputs, outputs);
  if (count)
    put_ints(&node, attribute, values, count);
  else
    put_int(&node, attribute, *values);
  put_message(graph, GRAPH_NODE, node);
}

static buffer shapes_graph(void) {
  buffer graph = graph_from(SHAPE(1, 16, 16, 3));
  add_with(&graph, "Transpose", "x", "t", "perm", (int[]){0, 3, 1, 2}, 4);
  add(&graph, "Resize", "t  scales", "r");
  add(&graph, "Pad", "r all", "p");
  add(&graph, "Slice", "p zero twos axes", "s");
  add_with(&graph, "Split", "t parts", "a b", "axis", (int[]){1}, 0);
  add_with(&graph, "Concat", "a b t", "c", "axis", (int[]){1}, 0);
  add_with(&graph, "ReduceMean", "c", "m", "axes", (int[]){2, 3}, 2);
  add(&graph, "Squeeze", "m axes", "q");
  add(&graph, "Unsqueeze", "q axes", "u");
  add(&graph, "Reshape", "u flat", "f");
  add(&graph, "ReduceL2", "s", "l");
  add(&graph, "Flatten", "f", "y");
  return graph;
}

static buffer elements_graph(void) {
  buffer graph = graph_from(SHAPE(1, 3, 16, 16));
  add(&graph, "Sub", "x one", "a");
  add(&graph, "Mul", "a three", "b");
  add(&graph, "Div", "b two", "c");
  add(&graph, "Add", "c x", "d");
  add(&graph, "PRelu", "d three", "e");
  add(&graph, "LeakyRelu", "e", "f");
  add(&graph, "Clip", "f one two", "g");
  add(&graph, "HardSwish", "g", "h");
  add(&graph, "HardSigmoid", "h", "i");
  add(&graph, "Sigmoid", "i", "j");
  add_with(&graph, "MaxPool", "j", "k", "kernel_shape", (int[]){2, 2}, 2);
  add_with(&graph, "AveragePool", "k", "l", "kernel_shape", (int[]){3, 3}, 2);
  add(&graph, "Upsample", "l scales", "m");
  add_with(&graph, "Softmax", "m", "y", "axis", (int[]){1}, 0);
  return graph;
}

/* Convolutions side by side, with depthwise ones behind. */
static buffer heads_graph(void) {
  static const float numbers[75] = {0.5f, -1, 2, 0.25f, 1, 1, 1, 1};
  buffer graph = graph_from(SHAPE(1, 3, 16, 16));
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("wide", ONNX_FLOAT, SHAPE(1, 3, 5, 5), numbers, sizeof numbers));
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("deep", ONNX_FLOAT, SHAPE(1, 1, 3, 3), numbers, 9 * 4));
  add(&graph, "Conv", "x wide", "a");
  add(&graph, "Conv", "x wide one", "b");
  add(&graph, "Conv", "x wide", "c");
  add(&graph, "Conv", "a deep one", "d");
  add(&graph, "Conv", "b deep", "e");
  add(&graph, "Conv", "c deep", "f");
  add(&graph, "Sigmoid", "d", "g");
  add_with(&graph, "Concat", "g e f", "y", "axis", (int[]){1}, 0);
  return graph;
}

/* What exporters write for a Reshape whose shape depends on the input's. */
static buffer constants_graph(void) {
  buffer graph = graph_from(SHAPE(0, 3, 16, 16)), constant = onnx_node("Constant", "", "k"), attribute = {0};
  const int64_t minus = -1;
  put_text(&attribute, 1, "value");
  put_message(&attribute, 5, onnx_tensor("", ONNX_INT64, SHAPE(1), &minus, 8));
  put_number(&attribute, 20, 4);
  put_message(&constant, NODE_ATTRIBUTE, attribute);
  put_message(&graph, GRAPH_NODE, constant);
  add(&graph, "Shape", "x", "s");
  add(&graph, "Gather", "s zero", "g");
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("first", ONNX_INT64, SHAPE(1), &minus, 8));
  add(&graph, "Slice", "s first first", "c");
  add(&graph, "Mul", "g twos", "m");
  add(&graph, "Cast", "m", "n");
  add_with(&graph, "Concat", "zero k", "j", "axis", (int[]){0}, 0);
  add(&graph, "Identity", "x", "i");
  add(&graph, "Dropout", "i", "d");
  add(&graph, "Reshape", "d j", "y");
  return graph;
}

/* The first byte says which reader. */
static buffer behind(uint8_t first, buffer file) {
  buffer seed = {0};
  append(&seed, &first, 1);
  append(&seed, file.data, file.size);
  free(file.data);
  return seed;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  plant(folder, "layers", behind(0, onnx_file(tiny_onnx_graph(), 13)));
  plant(folder, "shapes", behind(2, onnx_file(shapes_graph(), 13)));
  plant(folder, "elements", behind(4, onnx_file(elements_graph(), 9)));
  plant(folder, "heads", behind(0, onnx_file(heads_graph(), 13)));
  plant(folder, "constants", behind(6, onnx_file(constants_graph(), 11)));
  plant(folder, "espdl", behind(1, tiny_espdl()));
  return 0;
}
