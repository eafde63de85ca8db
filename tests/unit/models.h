/* Small network files of others, made by hand: ONNX (protobuf) and .espdl (a FlatBuffer), sound ones and the pieces to
   make broken ones of. */
#ifndef DOPPEL_TESTS_MODELS_H
#define DOPPEL_TESTS_MODELS_H

#include "support.h"

/* ---- protobuf: key, then number or length and bytes ---- */

static inline void put_varint(buffer *b, uint64_t value) {
  for (; value >= 0x80; value >>= 7) append(b, &(uint8_t){(uint8_t)(value | 0x80)}, 1);
  append(b, &(uint8_t){(uint8_t)value}, 1);
}

static inline void put_number(buffer *b, unsigned field, int64_t value) {
  put_varint(b, field << 3);
  put_varint(b, (uint64_t)value);
}

static inline void put_bytes(buffer *b, unsigned field, const void *data, size_t size) {
  put_varint(b, field << 3 | 2);
  put_varint(b, size);
  append(b, data, size);
}

static inline void put_text(buffer *b, unsigned field, const char *text) {
  put_bytes(b, field, text, strlen(text));
}

/* Takes `message` over. */
static inline void put_message(buffer *b, unsigned field, buffer message) {
  put_bytes(b, field, message.data, message.size);
  free(message.data);
}

/* ---- ONNX ---- */

enum { ONNX_FLOAT = 1, ONNX_UINT8, ONNX_INT8, ONNX_UINT16, ONNX_INT16, ONNX_INT32, ONNX_INT64, ONNX_STRING };
enum { ONNX_BOOL = 9, ONNX_FLOAT16, ONNX_DOUBLE, ONNX_UINT32, ONNX_UINT64, ONNX_BFLOAT16 = 16 };
enum {
  GRAPH_NODE = 1,
  GRAPH_WEIGHT = 5,
  GRAPH_INPUT = 11,
  GRAPH_OUTPUT = 12,
  MODEL_GRAPH_FIELD = 7,
  NODE_ATTRIBUTE = 5
};

/* Name, type and shape; `shape` ends with −1. */
static inline buffer onnx_tensor_head(const char *name, int type, const int *shape) {
  buffer b = {0};
  for (; *shape >= 0; shape++) put_number(&b, 1, *shape);
  put_number(&b, 2, type);
  put_text(&b, 8, name);
  return b;
}

static inline buffer onnx_tensor(const char *name, int type, const int *shape, const void *data, size_t size) {
  buffer b = onnx_tensor_head(name, type, shape);
  put_bytes(&b, 9, data, size);
  return b;
}

static inline buffer onnx_value(const char *name, const int *shape) {
  buffer sides = {0}, tensor = {0}, type = {0}, value = {0};
  for (; *shape >= 0; shape++) {
    buffer side = {0};
    if (*shape)
      put_number(&side, 1, *shape);
    else
      put_text(&side, 2, "open");
    put_message(&sides, 1, side);
  }
  put_number(&tensor, 1, ONNX_FLOAT);
  put_message(&tensor, 2, sides);
  put_message(&type, 1, tensor);
  put_text(&value, 1, name);
  put_message(&value, 2, type);
  return value;
}

static inline void put_words(buffer *b, unsigned field, const char *words) {
  while (*words) {
    const size_t length = strcspn(words, " ");
    put_bytes(b, field, words, length);
    words += length + (words[length] == ' ');
  }
}

/* Inputs and outputs are separated by spaces. */
static inline buffer onnx_node(const char *op, const char *inputs, const char *outputs) {
  buffer b = {0};
  put_words(&b, 1, inputs);
  put_words(&b, 2, outputs);
  put_text(&b, 3, op); /* its name too */
  put_text(&b, 4, op);
  return b;
}

static inline void put_ints(buffer *node, const char *name, const int *values, size_t count) {
  buffer b = {0};
  put_text(&b, 1, name);
  for (size_t i = 0; i < count; i++) put_number(&b, 8, values[i]);
  put_number(&b, 20, 7);
  put_message(node, NODE_ATTRIBUTE, b);
}

static inline void put_int(buffer *node, const char *name, int value) {
  buffer b = {0};
  put_text(&b, 1, name);
  put_number(&b, 3, value);
  put_number(&b, 20, 2);
  put_message(node, NODE_ATTRIBUTE, b);
}

/* Takes `graph` over. */
static inline buffer onnx_file(buffer graph, int opset) {
  buffer version = {0}, b = {0};
  put_number(&version, 2, opset);
  put_number(&b, 1, 7);
  put_message(&b, 8, version);
  put_message(&b, MODEL_GRAPH_FIELD, graph);
  return b;
}

#define SHAPE(...) ((const int[]){__VA_ARGS__, -1})

/* x [open, 3, 8, 8] → convolution → batch normalisation → ReLU → average → fully connected → y */
static inline buffer tiny_onnx_graph(void) {
  static const float numbers[2 * 3 * 3 * 3] = {0.5f, -0.25f, 1, 2, 0.125f};
  static const float ones[2] = {1, 1};
  buffer graph = {0}, conv = onnx_node("Conv", "x w b", "c"), gemm = onnx_node("Gemm", "f g", "y");
  put_ints(&conv, "strides", (int[]){2, 2}, 2);
  put_ints(&conv, "pads", (int[]){1, 1, 1, 1}, 4);
  put_int(&gemm, "transB", 1);
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("w", ONNX_FLOAT, SHAPE(2, 3, 3, 3), numbers, sizeof numbers));
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("b", ONNX_FLOAT, SHAPE(2), numbers, 8));
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("one", ONNX_FLOAT, SHAPE(2), ones, 8));
  put_message(&graph, GRAPH_WEIGHT, onnx_tensor("g", ONNX_FLOAT, SHAPE(4, 2), numbers, 32));
  put_message(&graph, GRAPH_INPUT, onnx_value("x", SHAPE(0, 3, 8, 8)));
  put_message(&graph, GRAPH_OUTPUT, onnx_value("y", SHAPE(0, 4)));
  put_message(&graph, GRAPH_NODE, conv);
  put_message(&graph, GRAPH_NODE, onnx_node("BatchNormalization", "c one b b one", "n"));
  put_message(&graph, GRAPH_NODE, onnx_node("Relu", "n", "r"));
  put_message(&graph, GRAPH_NODE, onnx_node("GlobalAveragePool", "r", "a"));
  put_message(&graph, GRAPH_NODE, onnx_node("Flatten", "a", "f"));
  put_message(&graph, GRAPH_NODE, gemm);
  return graph;
}

/* ---- FlatBuffers, front to back: a table first, then what it points at ---- */

static inline void put_little(buffer *b, size_t at, uint64_t value, size_t size) {
  for (size_t i = 0; i < size; i++) b->data[at + i] = (uint8_t)(value >> (8 * i));
}

static inline size_t put_zeros(buffer *b, size_t size) {
  const size_t at = b->size;
  for (size_t i = 0; i < size; i++) append(b, &(uint8_t){0}, 1);
  return at;
}

/* A table with the fields whose bits are set, 8 bytes for each; returns its place. */
static inline size_t put_table(buffer *b, unsigned fields) {
  size_t count = 0, used = 0;
  while (fields >> count) count++;
  const size_t offsets = put_zeros(b, 4 + 2 * count);
  put_little(b, offsets, 4 + 2 * count, 2);
  for (size_t i = 0; i < count; i++)
    if (fields >> i & 1) put_little(b, offsets + 4 + 2 * i, 4 + 8 * used++, 2);
  const size_t table = put_zeros(b, 4 + 8 * used);
  put_little(b, offsets + 2, 4 + 8 * used, 2);
  put_little(b, table, table - offsets, 4);
  return table;
}

static inline size_t field_of(const buffer *b, size_t table, unsigned field) {
  size_t back = 0;
  for (int i = 3; i >= 0; i--) back = back << 8 | b->data[table + (size_t)i];
  const uint8_t *offset = b->data + table - back + 4 + 2 * field;
  return table + (size_t)(offset[0] | offset[1] << 8);
}

static inline void set_number(buffer *b, size_t table, unsigned field, int64_t value, size_t size) {
  put_little(b, field_of(b, table, field), (uint64_t)value, size);
}

/* From the place of an offset to what lies at the end of the buffer next. */
static inline void point_here(buffer *b, size_t from) {
  put_little(b, from, b->size - from, 4);
}

/* A vector at the end of the buffer, all zero; returns the place of its first element. */
static inline size_t set_vector(buffer *b, size_t table, unsigned field, size_t count, size_t element_size) {
  point_here(b, field_of(b, table, field));
  const size_t at = put_zeros(b, 4 + count * element_size);
  put_little(b, at, count, 4);
  return at + 4;
}

static inline void set_string(buffer *b, size_t table, unsigned field, const char *text) {
  const size_t at = set_vector(b, table, field, strlen(text), 1);
  for (size_t i = 0; text[i]; i++) b->data[at + i] = (uint8_t)text[i];
}

static inline void set_int64s(buffer *b, size_t table, unsigned field, const int *values, size_t count) {
  const size_t at = set_vector(b, table, field, count, 8);
  for (size_t i = 0; i < count; i++) put_little(b, at + 8 * i, (uint64_t)(int64_t)values[i], 8);
}

/* Words separated by spaces as a vector of texts. */
static inline void set_words(buffer *b, size_t table, unsigned field, const char *words) {
  size_t count = 1;
  for (const char *c = words; *c; c++) count += *c == ' ';
  size_t at = set_vector(b, table, field, count, 4);
  for (; count; count--, at += 4) {
    const size_t length = strcspn(words, " ");
    point_here(b, at);
    const size_t text = put_zeros(b, 4 + length);
    put_little(b, text, length, 4);
    memcpy(b->data + text + 4, words, length);
    words += length + 1;
  }
}

/* A child table at the end of the buffer. */
static inline size_t set_table(buffer *b, size_t table, unsigned field, unsigned fields) {
  /* The list of offsets comes first, the table behind it. */
  const size_t from = field_of(b, table, field), child = put_table(b, fields);
  put_little(b, from, child - from, 4);
  return child;
}

static inline size_t put_child(buffer *b, size_t element, unsigned fields) {
  const size_t child = put_table(b, fields);
  put_little(b, element, child - element, 4);
  return child;
}

/* ---- .espdl ---- */

typedef struct espdl_weight {
  const char *name, *layout;
  int type, exponent; /* type as in ONNX */
  size_t rank;
  int shape[4];
  const void *data; /* as it is to lie there */
  size_t size;
} espdl_weight;

typedef struct espdl_node {
  const char *op, *inputs, *output;
  int group; /* Conv alone */
  const char *activation;
} espdl_node;

#define BIT(n) (1u << (n))

static inline void put_espdl_weight(buffer *b, size_t element, espdl_weight weight) {
  const size_t table = put_child(b, element, BIT(0) | BIT(1) | BIT(6) | BIT(7) | BIT(8) | BIT(13));
  set_int64s(b, table, 0, weight.shape, weight.rank);
  set_number(b, table, 1, weight.type, 4);
  set_string(b, table, 6, weight.name);
  set_string(b, table, 7, weight.layout);
  const size_t units = (weight.size + 15) / 16, at = set_vector(b, table, 8, units, 16);
  memcpy(b->data + at, weight.data, weight.size);
  set_int64s(b, table, 13, &weight.exponent, 1);
}

static inline void put_espdl_node(buffer *b, size_t element, espdl_node node) {
  const size_t table = put_child(b, element, BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(5));
  set_words(b, table, 0, node.inputs);
  set_words(b, table, 1, node.output);
  set_string(b, table, 2, node.op);
  set_string(b, table, 3, node.op);
  const size_t attributes = set_vector(b, table, 5, 2, 4);
  const size_t activation = put_child(b, attributes, BIT(0) | BIT(3) | BIT(6));
  set_string(b, activation, 0, "activation");
  set_number(b, activation, 3, 3, 4);
  set_string(b, activation, 6, node.activation ? node.activation : "Linear");
  const size_t group = put_child(b, attributes + 4, BIT(0) | BIT(3) | BIT(5));
  set_string(b, group, 0, "group");
  set_number(b, group, 3, 2, 4);
  set_number(b, group, 5, node.group ? node.group : 1, 8);
}

static inline void put_espdl_value(buffer *b, size_t element, const char *name, const int *shape, size_t rank) {
  const size_t value = put_child(b, element, BIT(0) | BIT(1));
  set_string(b, value, 0, name);
  const size_t type = set_table(b, value, 1, BIT(0) | BIT(1));
  set_number(b, type, 0, 1, 1);
  const size_t tensor = set_table(b, type, 1, BIT(0) | BIT(1));
  set_number(b, tensor, 0, 3, 4);
  const size_t sides = set_vector(b, set_table(b, tensor, 1, BIT(0)), 0, rank, 4);
  for (size_t i = 0; i < rank; i++) {
    const size_t number = set_table(b, put_child(b, sides + 4 * i, BIT(0)), 0, BIT(0) | BIT(1));
    set_number(b, number, 0, 1, 1);
    set_number(b, number, 1, shape[i], 8);
  }
}

static inline buffer espdl_file(const espdl_weight *weights, size_t weight_count, const espdl_node *nodes,
                                size_t node_count) {
  buffer b = {0};
  append(&b, "EDL2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
  const size_t root = put_table(&b, BIT(7));
  put_little(&b, 16, root - 16, 4);
  const size_t graph = set_table(&b, root, 7, BIT(0) | BIT(2) | BIT(4) | BIT(5));
  const size_t weight = set_vector(&b, graph, 2, weight_count, 4);
  for (size_t i = 0; i < weight_count; i++) put_espdl_weight(&b, weight + 4 * i, weights[i]);
  put_espdl_value(&b, set_vector(&b, graph, 4, 1, 4), "x", (int[]){1, 8, 8, 3}, 4);
  put_espdl_value(&b, set_vector(&b, graph, 5, 1, 4), "y", (int[]){1, 8, 8, 16}, 4);
  const size_t node = set_vector(&b, graph, 0, node_count, 4);
  for (size_t i = 0; i < node_count; i++) put_espdl_node(&b, node + 4 * i, nodes[i]);
  put_little(&b, 8, b.size - 16, 4);
  return b;
}

/* x → convolution with 16 filters → PReLU → depthwise convolution → y. Weight i of a filter as it lies there is i. */
static inline buffer tiny_espdl(void) {
  static int8_t counting[16 * 3 * 2];
  static const int32_t bias[16] = {-3, 4096, 1 << 30};
  for (size_t i = 0; i < sizeof counting; i++) counting[i] = (int8_t)i;
  const espdl_weight weights[] = {
      {"w", "layout ==> N16HWC16", ONNX_INT8, -3, 4, {1, 2, 3, 16}, counting, 96},
      {"b", "layout ==> UNK", ONNX_INT32, -10, 1, {16}, bias, sizeof bias},
      {"s", "layout ==> UNK", ONNX_INT8, -7, 3, {16, 1, 1}, counting, 16},
      {"d", "layout ==> N16HWC16", ONNX_INT8, 0, 4, {2, 2, 16, 1}, counting, 64},
  };
  const espdl_node nodes[] = {
      {"Conv", "x w b", "c", 1, NULL}, {"PRelu", "c s", "p", 0, NULL}, {"Conv", "p d", "y", 16, NULL}};
  return espdl_file(weights, 4, nodes, 3);
}

#endif
