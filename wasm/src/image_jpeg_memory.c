/* Memory for libjpeg-turbo, in place of its jmemnobs.c: always zeroed, so that no file, however damaged, shows what was
   there before; never in a temporary file. */
#define _DEFAULT_SOURCE /* madvise */
#include <stdio.h>
#include <stdlib.h>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <jpeglib.h>

#include "image_jpeg.h"

/* What jmemsys.h declares, which is not installed. */
void *jpeg_get_small(j_common_ptr common, size_t size);
void jpeg_free_small(j_common_ptr common, void *block, size_t size);
void *jpeg_get_large(j_common_ptr common, size_t size);
void jpeg_free_large(j_common_ptr common, void *block, size_t size);
size_t jpeg_mem_available(j_common_ptr common, size_t least, size_t most, size_t allocated);
void jpeg_open_backing_store(j_common_ptr common, void *store, long size);
long jpeg_mem_init(j_common_ptr common);
void jpeg_mem_term(j_common_ptr common);

void *jpeg_get_small(j_common_ptr common, size_t size) {
  (void)common;
  return calloc(1, size);
}

void jpeg_free_small(j_common_ptr common, void *block, size_t size) {
  (void)common, (void)size;
  free(block);
}

void *jpeg_get_large(j_common_ptr common, size_t size) {
  return dpl_in_huge_pages(jpeg_get_small(common, size), size);
}

void *dpl_in_huge_pages(void *block, size_t size) {
#ifdef __linux__
  const uintptr_t page = 2 << 20, first = ((uintptr_t)block + page - 1) / page * page, end = (uintptr_t)block + size;
  if (block && size >= 2 * page)
    madvise((void *)first, end - first, MADV_HUGEPAGE); /* where it fails, nothing is lost */
#endif
  (void)size;
  return block;
}

void jpeg_free_large(j_common_ptr common, void *block, size_t size) {
  jpeg_free_small(common, block, size);
}

size_t jpeg_mem_available(j_common_ptr common, size_t least, size_t most, size_t allocated) {
  (void)common, (void)least, (void)allocated;
  return most;
}

void jpeg_open_backing_store(j_common_ptr common, void *store, long size) {
  (void)store, (void)size;
  common->err->error_exit(common); /* never: all memory is said to be available */
}

long jpeg_mem_init(j_common_ptr common) {
  (void)common;
  return 0;
}

void jpeg_mem_term(j_common_ptr common) {
  (void)common;
}
