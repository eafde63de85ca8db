/* Memory and look-up of a network that is being imported. */
#include "model.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

typedef struct model_block {
  struct model_block *next;
  alignas(max_align_t) unsigned char bytes[];
} model_block;

void *model_memory(model *m, size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2) bytes = SIZE_MAX / 2;
  model_block *block = new_array(1, sizeof *block + bytes);
  block->next = m->memory;
  m->memory = block;
  return block->bytes;
}

const char *model_text(model *m, const char *text, size_t length) {
  char *copy = model_memory(m, length + 1, 1);
  memcpy(copy, text, length);
  return copy;
}

void model_free(model *m) {
  for (model_block *block = m->memory, *next; block; block = next) {
    next = block->next;
    free(block);
  }
  memset(m, 0, sizeof *m);
}

bool model_count(const int64_t *shape, size_t rank, size_t limit, size_t *count) {
  size_t product = 1;
  for (size_t i = 0; i < rank; i++) {
    if (shape[i] < 0 || (uint64_t)shape[i] > limit || __builtin_mul_overflow(product, (size_t)shape[i], &product) ||
        product > limit)
      return false;
  }
  *count = product;
  return true;
}

const model_tensor *model_tensor_named(const model *m, const char *name) {
  for (size_t i = 0; i < m->tensor_count; i++)
    if (strcmp(m->tensors[i].name, name) == 0) return &m->tensors[i];
  return NULL;
}

const model_attribute *model_attribute_named(const model_node *node, const char *name) {
  for (size_t i = 0; i < node->attribute_count; i++)
    if (strcmp(node->attributes[i].name, name) == 0) return &node->attributes[i];
  return NULL;
}
