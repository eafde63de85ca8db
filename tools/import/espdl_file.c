/* From Espressif's .espdl to a model in ONNX's terms: a FlatBuffer that mirrors ONNX for int8 networks in N H W C. The
   values between the layers have exponents too, for a machine without floats; they are not looked at. */
#include "readers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "flatbuffer.h"
#include "little_endian.h"
#include "well_formed.h"

/* Fields by their number in the schema. */
enum { MODEL_GRAPH = 7 };
enum { GRAPH_NODES = 0, GRAPH_WEIGHTS = 2, GRAPH_INPUTS = 4, GRAPH_OUTPUTS = 5 };
enum { NODE_INPUTS = 0, NODE_OUTPUTS = 1, NODE_NAME = 2, NODE_OP = 3, NODE_ATTRIBUTES = 5 };
enum { VALUE_NAME = 0, VALUE_TYPE = 1, TYPE_KIND = 0, TYPE_OF_KIND = 1, TENSOR_TYPE_SHAPE = 1 };
enum { SHAPE_SIDES = 0, SIDE_VALUE = 0, SIDE_KIND = 0, SIDE_NUMBER = 1 };
enum { TENSOR_DIMS = 0, TENSOR_TYPE = 1, TENSOR_NAME = 6, TENSOR_LAYOUT = 7, TENSOR_DATA = 8, TENSOR_EXPONENTS = 13 };
enum {
  ATTRIBUTE_NAME = 0,
  ATTRIBUTE_TYPE = 3,
  ATTRIBUTE_F = 4,
  ATTRIBUTE_I = 5,
  ATTRIBUTE_S = 6,
  ATTRIBUTE_FLOATS = 10,
  ATTRIBUTE_INTS = 11
};

/* ONNX's numbers for types of weights and of attributes. */
enum { TYPE_FLOAT = 1, TYPE_UINT8 = 2, TYPE_INT8 = 3, TYPE_INT16 = 5, TYPE_INT32 = 6, TYPE_INT64 = 7 };
enum { IS_FLOAT = 1, IS_INT = 2, IS_TEXT = 3, IS_FLOATS = 6, IS_INTS = 7 };

enum { HEADER_SIZE = 16, DATA_UNIT = 16, FILTER_LANES = 16, MOST_EXPONENT = 64 };

/* A filter as it lies in the file, until the node that uses it says how it is to be read. */
typedef struct stored_filter {
  const uint8_t *bytes; /* NULL: no filter, or taken already */
  size_t height, width, in, out;
} stored_filter;

typedef struct reading {
  flatbuffer file;
  model *to;
  stored_filter *filters; /* one a tensor */
  sentence *why;
} reading;

static bool file_is_sound(reading *r) {
  return !r->file.damaged || fail(r->why, "It is damaged or cut short.");
}

static const char *text_of(reading *r, fb_vector text) {
  return text.count ? model_text(r->to, (const char *)text.bytes, text.count) : "";
}

static const char *text_in(reading *r, fb_table table, unsigned field) {
  return text_of(r, fb_list(table, field, 1));
}

static int64_t integer_at(fb_vector integers, size_t i) {
  return signed_of(unsigned_at(integers.bytes + 8 * i, 8), 8);
}

/* ---- weights ---- */

static size_t bytes_of_type(int32_t type) {
  switch (type) {
  case TYPE_UINT8:
  case TYPE_INT8:
    return 1;
  case TYPE_INT16:
    return 2;
  case TYPE_FLOAT:
  case TYPE_INT32:
    return 4;
  case TYPE_INT64:
    return 8;
  default:
    return 0;
  }
}

static bool shape_is_read(reading *r, fb_table source, model_tensor *tensor) {
  const fb_vector dims = fb_list(source, TENSOR_DIMS, 8);
  if (dims.count > MODEL_MAX_RANK)
    return fail(r->why, "The weights \"%.*s\" have %zu axes; at most %d can be imported.", MODEL_MAX_NAME, tensor->name,
                dims.count, MODEL_MAX_RANK);
  tensor->rank = dims.count;
  for (size_t i = 0; i < dims.count; i++) tensor->shape[i] = integer_at(dims, i);
  return model_count(tensor->shape, tensor->rank, r->file.bytes.size, &tensor->count) ||
         fail(r->why, "The weights \"%.*s\" are larger than the file.", MODEL_MAX_NAME, tensor->name);
}

/* Filters are laid down for the machine's vectors: [out / 16] H W [in] [16], while the shape says H W in out. */
static bool is_filter(reading *r, fb_table source, const model_tensor *tensor, int32_t type) {
  return type == TYPE_INT8 && tensor->rank == 4 &&
         strcmp(text_in(r, source, TENSOR_LAYOUT), "layout ==> N16HWC16") == 0;
}

static void numbers_are_read(reading *r, model_tensor *tensor, const uint8_t *data, int32_t type, const int *exponent) {
  const size_t size = bytes_of_type(type), count = tensor->count;
  tensor->kind = type == TYPE_FLOAT ? MODEL_F32 : exponent ? type == TYPE_INT8 ? MODEL_I8 : MODEL_F32 : MODEL_I64;
  tensor->scale = exponent ? ldexpf(1, *exponent) : 0;
  if (tensor->kind == MODEL_I8) {
    tensor->bytes = model_memory(r->to, count, 1);
    if (count) memcpy(tensor->bytes, data, count);
  } else if (tensor->kind == MODEL_F32) {
    tensor->floats = model_memory(r->to, count, sizeof *tensor->floats);
    for (size_t i = 0; i < count; i++) {
      const uint64_t bits = unsigned_at(data + i * size, size);
      const double integer = type == TYPE_UINT8 ? (double)bits : (double)signed_of(bits, size);
      tensor->floats[i] = exponent ? (float)ldexp(integer, *exponent) : float_of_bits((uint32_t)bits);
    }
  } else {
    tensor->integers = model_memory(r->to, count, sizeof *tensor->integers);
    for (size_t i = 0; i < count; i++) {
      const uint64_t bits = unsigned_at(data + i * size, size);
      tensor->integers[i] = type == TYPE_UINT8 ? (int64_t)bits : signed_of(bits, size);
    }
  }
}

static bool tensor_is_read(reading *r, fb_table source, model_tensor *tensor, stored_filter *filter) {
  tensor->name = text_in(r, source, TENSOR_NAME);
  const int32_t type = (int32_t)fb_number(source, TENSOR_TYPE, 4);
  const fb_vector data = fb_list(source, TENSOR_DATA, DATA_UNIT), exponents = fb_list(source, TENSOR_EXPONENTS, 8);
  if (!shape_is_read(r, source, tensor)) return false;
  const size_t size = bytes_of_type(type);
  if (!size)
    return fail(r->why, "The weights \"%.*s\" are of type %d, which cannot be imported.", MODEL_MAX_NAME, tensor->name,
                type);
  if (data.count != (tensor->count * size + DATA_UNIT - 1) / DATA_UNIT)
    return fail(r->why, "The weights \"%.*s\" hold %zu bytes, which is not what their shape says.", MODEL_MAX_NAME,
                tensor->name, data.count * DATA_UNIT);
  const int64_t exponent = exponents.count ? integer_at(exponents, 0) : 0;
  if (exponents.count > 1 || exponent < -MOST_EXPONENT || exponent > MOST_EXPONENT)
    return fail(r->why, "The weights \"%.*s\" have %zu exponents, the first %lld; one of -%d to %d can be imported.",
                MODEL_MAX_NAME, tensor->name, exponents.count, (long long)exponent, MOST_EXPONENT, MOST_EXPONENT);
  if (exponents.count && is_filter(r, source, tensor, type)) {
    const int64_t *sides = tensor->shape;
    *filter = (stored_filter){data.bytes, (size_t)sides[0], (size_t)sides[1], (size_t)sides[2], (size_t)sides[3]};
    tensor->kind = MODEL_I8;
    tensor->scale = ldexpf(1, (int)exponent);
    return true;
  }
  const int power = (int)exponent;
  numbers_are_read(r, tensor, data.bytes, type, exponents.count ? &power : NULL);
  return true;
}

static bool tensors_are_read(reading *r, fb_vector sources) {
  model *to = r->to;
  to->tensors = model_memory(to, sources.count, sizeof *to->tensors);
  r->filters = model_memory(to, sources.count, sizeof *r->filters);
  for (; to->tensor_count < sources.count; to->tensor_count++) {
    const size_t i = to->tensor_count;
    if (!tensor_is_read(r, fb_table_at(sources, i), &to->tensors[i], &r->filters[i]) || !file_is_sound(r)) return false;
  }
  return true;
}

/* ---- nodes ---- */

__attribute__((format(printf, 3, 4))) static bool node_fails(reading *r, const model_node *node, const char *format,
                                                             ...) {
  char reason[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(reason, sizeof reason, format, arguments);
  va_end(arguments);
  return fail(r->why, "Node \"%.100s\" (%.40s) %s", node->name, node->op, reason);
}

static const model_attribute *integer_attribute(const model_node *node, const char *name) {
  const model_attribute *attribute = model_attribute_named(node, name);
  return attribute && attribute->kind == MODEL_INT ? attribute : NULL;
}

/* The tensor that the node's second input names, or NULL. */
static model_tensor *second_input(reading *r, const model_node *node) {
  for (size_t i = 0; i < r->to->tensor_count && node->input_count > 1; i++)
    if (strcmp(r->to->tensors[i].name, node->inputs[1]) == 0) return &r->to->tensors[i];
  return NULL;
}

/* Lays the filter out as ONNX has it: out, in, height, width. Depthwise filters have `in` filters of one channel. */
static bool filter_is_unpacked(reading *r, const model_node *node, bool is_gemm) {
  model_tensor *tensor = second_input(r, node);
  stored_filter *filter = tensor ? &r->filters[tensor - r->to->tensors] : NULL;
  if (!filter || !filter->bytes)
    return node_fails(r, node, "has no weights of its own in the layout N16HWC16, the only one that can be imported.");
  const model_attribute *group = integer_attribute(node, "group");
  const bool depthwise = group && group->i != 1;
  if (depthwise && (filter->out != 1 || group->i != (int64_t)filter->in))
    return node_fails(r, node, "has %lld groups; none or one a channel can be imported.", (long long)group->i);
  const size_t filters = depthwise ? filter->in : filter->out, channels = depthwise ? 1 : filter->in,
               positions = filter->height * filter->width;
  if (filters % FILTER_LANES)
    return node_fails(r, node, "has %zu filters, which is no multiple of %d.", filters, FILTER_LANES);
  if (is_gemm && positions != 1) return node_fails(r, node, "has weights with a height and a width.");
  tensor->bytes = model_memory(r->to, tensor->count, 1);
  for (size_t n = 0; n < filters; n++)
    for (size_t c = 0; c < channels; c++)
      for (size_t p = 0; p < positions; p++) {
        const size_t group_of_lanes = (n / FILTER_LANES * positions + p) * channels + c;
        tensor->bytes[(n * channels + c) * positions + p] =
            (int8_t)signed_of(filter->bytes[group_of_lanes * FILTER_LANES + n % FILTER_LANES], 1);
      }
  tensor->rank = is_gemm ? 2 : 4;
  const size_t shape[4] = {filters, channels, filter->height, filter->width};
  for (size_t i = 0; i < tensor->rank; i++) tensor->shape[i] = (int64_t)shape[i];
  filter->bytes = NULL;
  return true;
}

/* Slopes say C 1 1, as if the channels came first. */
static bool slopes_are_turned(reading *r, const model_node *node) {
  model_tensor *slopes = second_input(r, node);
  if (!slopes || slopes->count == 1) return true; /* computed, or one for all: lower.c's matter */
  int64_t *sides = slopes->shape;
  if (slopes->rank == 3 && sides[0] == 1 && sides[1] == 1) return true; /* another node has turned them */
  if (slopes->rank != 3 || sides[1] != 1 || sides[2] != 1)
    return node_fails(r, node, "has slopes that are not one a channel.");
  sides[2] = sides[0];
  sides[0] = 1;
  return true;
}

static bool attribute_is_read(reading *r, fb_table source, model_attribute *attribute) {
  attribute->name = text_in(r, source, ATTRIBUTE_NAME);
  attribute->kind = MODEL_OTHER;
  fb_vector list = {0};
  switch (fb_number(source, ATTRIBUTE_TYPE, 4)) {
  case IS_FLOAT:
    attribute->kind = MODEL_FLOAT;
    attribute->f = float_of_bits((uint32_t)fb_number(source, ATTRIBUTE_F, 4));
    break;
  case IS_INT:
    attribute->kind = MODEL_INT;
    attribute->i = signed_of(fb_number(source, ATTRIBUTE_I, 8), 8);
    break;
  case IS_TEXT:
    attribute->kind = MODEL_TEXT;
    attribute->text = text_in(r, source, ATTRIBUTE_S);
    break;
  case IS_FLOATS: {
    list = fb_list(source, ATTRIBUTE_FLOATS, 4);
    float *floats = model_memory(r->to, list.count, sizeof *floats);
    for (size_t i = 0; i < list.count; i++) floats[i] = float_of_bits((uint32_t)unsigned_at(list.bytes + 4 * i, 4));
    attribute->kind = MODEL_FLOATS;
    attribute->floats = floats;
    break;
  }
  case IS_INTS: {
    list = fb_list(source, ATTRIBUTE_INTS, 8);
    int64_t *integers = model_memory(r->to, list.count, sizeof *integers);
    for (size_t i = 0; i < list.count; i++) integers[i] = integer_at(list, i);
    attribute->kind = MODEL_INTS;
    attribute->integers = integers;
    break;
  }
  default:
    break;
  }
  attribute->count = list.count;
  return file_is_sound(r);
}

/* All but what the format adds to ONNX: how the node is quantised, and an activation that is done with it. */
static bool attributes_are_read(reading *r, fb_vector sources, model_node *node) {
  node->attributes = model_memory(r->to, sources.count + 1, sizeof *node->attributes); /* 1: transB */
  for (size_t i = 0; i < sources.count; i++) {
    model_attribute attribute = {0};
    if (!attribute_is_read(r, fb_table_at(sources, i), &attribute)) return false;
    const bool is_text = attribute.kind == MODEL_TEXT;
    if (is_text && strcmp(attribute.name, "activation") == 0 && strcmp(attribute.text, "Linear") != 0)
      return node_fails(r, node, "does the activation \"%.40s\" too, which cannot be imported.", attribute.text);
    if (is_text && (strcmp(attribute.name, "activation") == 0 || strcmp(attribute.name, "quant_type") == 0)) continue;
    node->attributes[node->attribute_count++] = attribute;
  }
  return true;
}

/* Gemm's weights are unpacked as out × in, whatever transB said of in × out. */
static void transB_is_set(model_node *node) {
  const model_attribute transposed = {.name = "transB", .kind = MODEL_INT, .i = 1};
  for (size_t i = 0; i < node->attribute_count; i++)
    if (strcmp(node->attributes[i].name, transposed.name) == 0) {
      node->attributes[i] = transposed;
      return;
    }
  node->attributes[node->attribute_count++] = transposed;
}

static bool constants_are_turned(reading *r, model_node *node) {
  const bool is_gemm = strcmp(node->op, "Gemm") == 0;
  if (is_gemm) transB_is_set(node);
  if (is_gemm || strcmp(node->op, "Conv") == 0) return filter_is_unpacked(r, node, is_gemm);
  if (strcmp(node->op, "PRelu") == 0) return slopes_are_turned(r, node);
  const model_tensor *constant = second_input(r, node);
  if (constant && constant->rank > 1)
    return node_fails(r, node, "has a constant \"%.100s\" whose layout is not known.", constant->name);
  return true;
}

static const char **texts_of(reading *r, fb_vector texts) {
  const char **copies = model_memory(r->to, texts.count, sizeof *copies);
  for (size_t i = 0; i < texts.count; i++) copies[i] = text_of(r, fb_text_at(texts, i));
  return copies;
}

static bool node_is_read(reading *r, fb_table source, model_node *node) {
  const fb_vector inputs = fb_list(source, NODE_INPUTS, 4), outputs = fb_list(source, NODE_OUTPUTS, 4);
  node->name = text_in(r, source, NODE_NAME);
  node->op = text_in(r, source, NODE_OP);
  node->input_count = inputs.count;
  node->inputs = texts_of(r, inputs);
  node->output_count = outputs.count;
  node->outputs = texts_of(r, outputs);
  return file_is_sound(r) && attributes_are_read(r, fb_list(source, NODE_ATTRIBUTES, 4), node) &&
         constants_are_turned(r, node);
}

/* ---- the whole ---- */

static bool input_is_read(reading *r, fb_vector inputs) {
  enum { KIND_TENSOR = 1, SIDE_IS_NUMBER = 1 };
  if (inputs.count != 1)
    return fail(r->why, "It has %zu inputs; networks with one, the picture, can be imported.", inputs.count);
  const fb_table input = fb_table_at(inputs, 0), type = fb_child(input, VALUE_TYPE);
  const bool is_tensor = fb_number(type, TYPE_KIND, 1) == KIND_TENSOR;
  const fb_table shape = fb_child(fb_child(type, TYPE_OF_KIND), TENSOR_TYPE_SHAPE);
  const fb_vector sides = fb_list(shape, SHAPE_SIDES, 4);
  if (!is_tensor || !shape.file || sides.count > MODEL_MAX_RANK)
    return fail(r->why, "Its input states no shape of up to 8 axes.");
  r->to->input = text_in(r, input, VALUE_NAME);
  r->to->input_rank = sides.count;
  for (size_t i = 0; i < sides.count; i++) {
    const fb_table side = fb_child(fb_table_at(sides, i), SIDE_VALUE);
    const int64_t number = signed_of(fb_number(side, SIDE_NUMBER, 8), 8);
    if (fb_number(side, SIDE_KIND, 1) == SIDE_IS_NUMBER && number > 0) r->to->input_shape[i] = number;
  }
  return file_is_sound(r);
}

static bool filters_are_all_used(reading *r) {
  for (size_t i = 0; i < r->to->tensor_count; i++)
    if (r->filters[i].bytes)
      return fail(r->why, "The weights \"%.*s\" are a filter that no Conv or Gemm uses.", MODEL_MAX_NAME,
                  r->to->tensors[i].name);
  return true;
}

static bool graph_is_read(reading *r, fb_table graph) {
  model *to = r->to;
  const fb_vector nodes = fb_list(graph, GRAPH_NODES, 4), outputs = fb_list(graph, GRAPH_OUTPUTS, 4),
                  weights = fb_list(graph, GRAPH_WEIGHTS, 4);
  if (nodes.count > MODEL_MAX_NODES || weights.count > MODEL_MAX_TENSORS || outputs.count > MODEL_MAX_PORTS)
    return fail(r->why, "It has %zu nodes, %zu weights and %zu outputs; at most %d, %d and %d can be imported.",
                nodes.count, weights.count, outputs.count, MODEL_MAX_NODES, MODEL_MAX_TENSORS, MODEL_MAX_PORTS);
  if (!tensors_are_read(r, weights) || !input_is_read(r, fb_list(graph, GRAPH_INPUTS, 4))) return false;
  to->nodes = model_memory(to, nodes.count, sizeof *to->nodes);
  for (; to->node_count < nodes.count; to->node_count++)
    if (!node_is_read(r, fb_table_at(nodes, to->node_count), &to->nodes[to->node_count])) return false;
  to->outputs = model_memory(to, outputs.count, sizeof *to->outputs);
  for (; to->output_count < outputs.count; to->output_count++)
    to->outputs[to->output_count] = text_in(r, fb_table_at(outputs, to->output_count), VALUE_NAME);
  return file_is_sound(r) && filters_are_all_used(r) && model_is_well_formed(to, r->why);
}

/* The FlatBuffer behind the 16 bytes "EDL2", mode, size, 0. */
static bool header_is_read(dpl_bytes file, dpl_bytes *body, sentence *why) {
  if (file.size < HEADER_SIZE || memcmp(file.data, "EDL2", 4) != 0)
    return fail(why, "It is no .espdl file of the kind EDL2.");
  const uint64_t mode = unsigned_at(file.data + 4, 4), size = unsigned_at(file.data + 8, 4);
  if (mode != 0) return fail(why, "It is encrypted; only plain .espdl files can be imported.");
  if (size > file.size - HEADER_SIZE) return fail(why, "It is cut short.");
  *body = (dpl_bytes){file.data + HEADER_SIZE, (size_t)size};
  return true;
}

bool espdl_read(dpl_bytes file, model *to, sentence *why) {
  memset(to, 0, sizeof *to);
  dpl_bytes body;
  if (!header_is_read(file, &body, why)) return false;
  to->channels_last = true;
  reading r = {.file = flatbuffer_of(body), .to = to, .why = why};
  const fb_table graph = fb_child(fb_root(&r.file), MODEL_GRAPH);
  const bool read = file_is_sound(&r) && (graph.file ? graph_is_read(&r, graph) : fail(why, "It holds no graph."));
  if (!read) model_free(to);
  return read;
}
