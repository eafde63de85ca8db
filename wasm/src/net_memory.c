/* How XNNPACK gets its memory: from the C library, but what it has it keeps. A network that is set up for another
   picture makes its tables anew, and would give a part of them back for a smaller one, to ask for it again at the next.
 */
#include "net_memory.h"

#include <malloc.h>
#include <stdlib.h>
#include <xnnpack.h>

#include "status.h"

static void *take(void *context, size_t size) {
  (void)context;
  return malloc(size);
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
  free(block);
}

dpl_status dpl_xnnpack_start(dpl_error *error) {
  static const struct xnn_allocator allocator = {.allocate = take,
                                                 .reallocate = keep_or_grow,
                                                 .deallocate = give_back,
                                                 .aligned_allocate = take_aligned,
                                                 .aligned_deallocate = give_back};
  return xnn_initialize(&allocator) ? dpl_fail_plain(error, DPL_OUT_OF_MEMORY) : DPL_OK;
}
