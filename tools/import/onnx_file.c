/* From an ONNX file to a model: protobuf-c unpacks it with ONNX's own schema, this takes over what a network for faces
   can have and refuses the rest. Operators are lower.c's matter. */
#include "readers.h"

#include <stdlib.h>
#include <string.h>

#include "name_set.h"
#include "onnx_tensor.h"
#include "onnx_wire.h"
#include "well_formed.h"

#define ATTRIBUTE_TYPE(name) ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__##name

static const char *text_of(model *to, const char *text) {
  return text ? model_text(to, text, strlen(text)) : "";
}

/* ONNX's own domain has two names. */
static bool is_own_domain(const char *domain) {
  return !domain || !domain[0] || strcmp(domain, "ai.onnx") == 0;
}

static void *copy_of(model *to, const void *data, size_t count, size_t size) {
  void *copy = model_memory(to, count, size);
  if (count) memcpy(copy, data, count * size);
  return copy;
}

/* Files from before the type was stated: by what is there. */
static Onnx__AttributeProto__AttributeType attribute_type(const Onnx__AttributeProto *source) {
  if (source->type != ATTRIBUTE_TYPE(UNDEFINED)) return source->type;
  return source->has_f      ? ATTRIBUTE_TYPE(FLOAT)
         : source->has_i    ? ATTRIBUTE_TYPE(INT)
         : source->has_s    ? ATTRIBUTE_TYPE(STRING)
         : source->t        ? ATTRIBUTE_TYPE(TENSOR)
         : source->n_floats ? ATTRIBUTE_TYPE(FLOATS)
         : source->n_ints   ? ATTRIBUTE_TYPE(INTS)
                            : ATTRIBUTE_TYPE(UNDEFINED);
}

static bool tensor_attribute_is_read(const Onnx__AttributeProto *source, model *to, model_attribute *attribute,
                                     sentence *why) {
  if (!source->t) return fail(why, "The attribute \"%.*s\" lacks its tensor.", MODEL_MAX_NAME, attribute->name);
  model_tensor *tensor = model_memory(to, 1, sizeof *tensor);
  attribute->kind = MODEL_TENSOR;
  attribute->tensor = tensor;
  return onnx_tensor_read(source->t, to, tensor, why);
}

static bool attribute_is_read(const Onnx__AttributeProto *source, model *to, model_attribute *attribute,
                              sentence *why) {
  attribute->name = text_of(to, source->name);
  attribute->kind = MODEL_OTHER;
  switch (attribute_type(source)) {
  case ATTRIBUTE_TYPE(FLOAT):
    attribute->kind = MODEL_FLOAT;
    attribute->f = source->f;
    break;
  case ATTRIBUTE_TYPE(INT):
    attribute->kind = MODEL_INT;
    attribute->i = source->i;
    break;
  case ATTRIBUTE_TYPE(STRING):
    attribute->kind = MODEL_TEXT;
    attribute->text = source->s.len ? model_text(to, (const char *)source->s.data, source->s.len) : "";
    break;
  case ATTRIBUTE_TYPE(FLOATS):
    attribute->kind = MODEL_FLOATS;
    attribute->count = source->n_floats;
    attribute->floats = copy_of(to, source->floats, source->n_floats, sizeof *source->floats);
    break;
  case ATTRIBUTE_TYPE(INTS):
    attribute->kind = MODEL_INTS;
    attribute->count = source->n_ints;
    attribute->integers = copy_of(to, source->ints, source->n_ints, sizeof *source->ints);
    break;
  case ATTRIBUTE_TYPE(TENSOR):
    return tensor_attribute_is_read(source, to, attribute, why);
  default:
    break;
  }
  return true;
}

static const char **texts_of(model *to, char *const *texts, size_t count) {
  const char **copies = model_memory(to, count, sizeof *copies);
  for (size_t i = 0; i < count; i++) copies[i] = text_of(to, texts[i]);
  return copies;
}

static bool node_is_read(const Onnx__NodeProto *source, model *to, model_node *node, sentence *why) {
  node->name = text_of(to, source->name);
  node->op = text_of(to, source->op_type);
  if (!is_own_domain(source->domain)) {
    /* "com.microsoft.FusedConv", which nobody takes for Conv */
    char *op = new_text_of("%s.%s", source->domain, node->op);
    node->op = text_of(to, op);
    free(op);
  }
  node->input_count = source->n_input;
  node->inputs = texts_of(to, source->input, source->n_input);
  node->output_count = source->n_output;
  node->outputs = texts_of(to, source->output, source->n_output);
  node->attribute_count = source->n_attribute;
  node->attributes = model_memory(to, source->n_attribute, sizeof *node->attributes);
  for (size_t i = 0; i < source->n_attribute; i++) {
    sentence reason;
    if (!attribute_is_read(source->attribute[i], to, &node->attributes[i], &reason))
      return fail(why, "Node \"%.*s\" (%.*s): %s", MODEL_MAX_NAME, node->name, MODEL_MAX_NAME, node->op, reason.text);
  }
  return true;
}

/* Sides that are left open, by a name or a number below 1, become 0. */
static bool input_is_read(const Onnx__ValueInfoProto *source, model *to, sentence *why) {
  const Onnx__TypeProto *type = source->type;
  if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !type->tensor_type->shape)
    return fail(why, "Its input states no shape.");
  const Onnx__TensorShapeProto *shape = type->tensor_type->shape;
  if (shape->n_dim > MODEL_MAX_RANK)
    return fail(why, "Its input has %zu axes; a network for faces has 4.", shape->n_dim);
  to->input = text_of(to, source->name);
  to->input_rank = shape->n_dim;
  for (size_t i = 0; i < shape->n_dim; i++) {
    const Onnx__TensorShapeProto__Dimension *side = shape->dim[i];
    if (side->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE && side->dim_value > 0)
      to->input_shape[i] = side->dim_value;
  }
  return true;
}

/* Old files list their weights among the inputs as well. */
static bool one_input_is_read(const Onnx__GraphProto *graph, model *to, sentence *why) {
  const Onnx__ValueInfoProto *input = NULL;
  size_t count = 0;
  name_set weights = {0};
  for (size_t i = 0; i < to->tensor_count; i++) name_set_add(&weights, to->tensors[i].name);
  for (size_t i = 0; i < graph->n_input; i++) {
    if (graph->input[i]->name && name_set_has(&weights, graph->input[i]->name)) continue;
    input = graph->input[i];
    count++;
  }
  name_set_free(&weights);
  return count == 1 ? input_is_read(input, to, why)
                    : fail(why, "It has %zu inputs; networks with one, the picture, can be imported.", count);
}

static bool graph_is_read(const Onnx__GraphProto *graph, model *to, sentence *why) {
  if (graph->n_initializer > MODEL_MAX_TENSORS || graph->n_node > MODEL_MAX_NODES)
    return fail(why, "It has %zu weights and %zu nodes; at most %d and %d can be imported.", graph->n_initializer,
                graph->n_node, MODEL_MAX_TENSORS, MODEL_MAX_NODES);
  if (graph->n_sparse_initializer) return fail(why, "It has sparse weights, which cannot be imported.");
  to->tensors = model_memory(to, graph->n_initializer, sizeof *to->tensors);
  for (; to->tensor_count < graph->n_initializer; to->tensor_count++)
    if (!onnx_tensor_read(graph->initializer[to->tensor_count], to, &to->tensors[to->tensor_count], why)) return false;
  if (!one_input_is_read(graph, to, why)) return false;
  to->nodes = model_memory(to, graph->n_node, sizeof *to->nodes);
  for (; to->node_count < graph->n_node; to->node_count++)
    if (!node_is_read(graph->node[to->node_count], to, &to->nodes[to->node_count], why)) return false;
  to->outputs = model_memory(to, graph->n_output, sizeof *to->outputs);
  for (; to->output_count < graph->n_output; to->output_count++)
    to->outputs[to->output_count] = text_of(to, graph->output[to->output_count]->name);
  return model_is_well_formed(to, why);
}

static int64_t opset_of(const Onnx__ModelProto *source) {
  int64_t version = 0;
  for (size_t i = 0; i < source->n_opset_import; i++)
    if (is_own_domain(source->opset_import[i]->domain)) version = source->opset_import[i]->version;
  return version;
}

bool onnx_read(dpl_bytes file, model *to, sentence *why) {
  memset(to, 0, sizeof *to);
  if (!onnx_wire_is_sound(file, &onnx__model_proto__descriptor, why)) return false;
  Onnx__ModelProto *source = onnx__model_proto__unpack(NULL, file.size, file.data);
  if (!source) return fail(why, "It is no ONNX file, or damaged.");
  to->opset = opset_of(source);
  const bool read =
      source->graph ? graph_is_read(source->graph, to, why) : fail(why, "It is no ONNX file: there is no graph in it.");
  onnx__model_proto__free_unpacked(source, NULL);
  if (!read) model_free(to);
  return read;
}
