/* How XNNPACK gets its memory: from the C library, but what it has it keeps. A network that is set up for another
   picture makes its tables anew, and would give a part of them back for a smaller one, to ask for it again at the next.
 */
#include "net_memory.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <xnnpack.h>

#include "status.h"

/* What is lent, and how much of it is in use. */
static _Thread_local struct {
  uint8_t *memory;
  size_t size, used;
} lent;

static bool is_lent(const void *block) {
  const uintptr_t at = (uintptr_t)block, begin = (uintptr_t)lent.memory;
  return at >= begin && at < begin + lent.size;
}

static void *take_lent(size_t size) {
  const size_t aligned = (size + 15) / 16 * 16;
  if (aligned < size || aligned > lent.size - lent.used) return NULL;
  lent.used += aligned;
  return lent.memory + lent.used - aligned;
}

static void *take(void *context, size_t size) {
  (void)context;
  void *block = malloc(size);
  return block ? block : take_lent(size);
}

static void *keep_or_grow(void *context, void *block, size_t size) {
  (void)context;
  return block && malloc_usable_size(block) >= size ? block : realloc(block, size);
}

static void *take_aligned(void *context, size_t alignment, size_t size) {
  (void)context;
  return aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

static void give_back(void *context, void *block) {
  (void)context;
  if (!is_lent(block)) free(block);
}

void dpl_xnnpack_lend(void *memory, size_t size) {
  lent.memory = memory;
  lent.size = size;
  lent.used = 0;
}

/* For each: a record of its use (48 bytes), a pointer, and a stretch of memory (16). */
size_t dpl_xnnpack_plan_size(size_t values, size_t operators) {
  return 96 * (values + operators) + 64;
}

dpl_status dpl_xnnpack_start(dpl_error *error) {
  static const struct xnn_allocator allocator = {.allocate = take,
                                                 .reallocate = keep_or_grow,
                                                 .deallocate = give_back,
                                                 .aligned_allocate = take_aligned,
                                                 .aligned_deallocate = give_back};
  return xnn_initialize(&allocator) ? dpl_fail_plain(error, DPL_OUT_OF_MEMORY) : DPL_OK;
}
