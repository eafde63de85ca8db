/* The rules of a graph: names, order, limits. */
#include "well_formed.h"

#include <string.h>

#include "name_set.h"

static bool is_printable(const char *name) {
  for (const unsigned char *c = (const unsigned char *)name; *c; c++)
    if (*c < ' ' || *c == 0x7f) return false;
  return true;
}

/* `what` in the plural: "values". */
static bool name_is_sound(const char *name, const char *what, sentence *why) {
  if (strlen(name) > MODEL_MAX_NAME)
    return fail(why, "One of its %s has a name longer than %d bytes: \"%.40s…\".", what, MODEL_MAX_NAME, name);
  if (!is_printable(name)) return fail(why, "One of its %s has a name with control characters.", what);
  return true;
}

static bool set_value(name_set *known, const char *name, sentence *why) {
  if (!name[0]) return fail(why, "One of its values has no name.");
  if (!name_is_sound(name, "values", why)) return false;
  return name_set_add(known, name) || fail(why, "The value \"%s\" is set twice.", name);
}

static bool node_is_sound(const model_node *node, name_set *known, sentence *why) {
  if (!name_is_sound(node->op, "operators", why) || !name_is_sound(node->name, "nodes", why)) return false;
  if (!node->op[0]) return fail(why, "Node \"%s\" names no operator.", node->name);
  if (node->input_count > MODEL_MAX_PORTS || node->output_count > MODEL_MAX_PORTS ||
      node->attribute_count > MODEL_MAX_PORTS)
    return fail(why, "Node \"%s\" (%s) has more than %d inputs, outputs or attributes.", node->name, node->op,
                MODEL_MAX_PORTS);
  for (size_t i = 0; i < node->input_count; i++)
    if (node->inputs[i][0] && !name_set_has(known, node->inputs[i]))
      return fail(why, "Node \"%s\" (%s) reads \"%.*s\", which nothing before it sets.", node->name, node->op,
                  MODEL_MAX_NAME, is_printable(node->inputs[i]) ? node->inputs[i] : "?");
  if (node->output_count == 0 || !node->outputs[0][0])
    return fail(why, "Node \"%s\" (%s) does not name its result.", node->name, node->op);
  for (size_t i = 0; i < node->output_count; i++)
    if (node->outputs[i][0] && !set_value(known, node->outputs[i], why)) return false; /* others may be left out */
  for (size_t i = 0; i < node->attribute_count; i++)
    if (!name_is_sound(node->attributes[i].name, "attributes", why)) return false;
  return true;
}

static bool outputs_are_sound(const model *it, name_set *known, sentence *why) {
  name_set outputs = {0};
  bool sound = true;
  for (size_t i = 0; i < it->output_count && sound; i++) {
    const char *name = it->outputs[i];
    if (!name_is_sound(name, "outputs", why))
      sound = false;
    else if (!name_set_has(known, name))
      sound = fail(why, "Its output \"%s\" is set by no node.", name);
    else if (!name_set_add(&outputs, name))
      sound = fail(why, "Its output \"%s\" is listed twice.", name);
  }
  name_set_free(&outputs);
  return sound;
}

bool model_is_well_formed(const model *it, sentence *why) {
  if (it->tensor_count > MODEL_MAX_TENSORS || it->node_count > MODEL_MAX_NODES)
    return fail(why, "It has %zu weights and %zu nodes; at most %d and %d can be imported.", it->tensor_count,
                it->node_count, MODEL_MAX_TENSORS, MODEL_MAX_NODES);
  if (it->output_count == 0 || it->output_count > MODEL_MAX_PORTS)
    return fail(why, "It has %zu outputs; 1 to %d can be imported.", it->output_count, MODEL_MAX_PORTS);
  name_set known = {0};
  bool sound = set_value(&known, it->input, why);
  for (size_t i = 0; i < it->tensor_count && sound; i++) sound = set_value(&known, it->tensors[i].name, why);
  for (size_t i = 0; i < it->node_count && sound; i++) sound = node_is_sound(&it->nodes[i], &known, why);
  sound = sound && outputs_are_sound(it, &known, why);
  name_set_free(&known);
  return sound;
}
