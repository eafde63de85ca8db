/* Threads that share a network's work: a pool of pthreadpool's, which XNNPACK hands its loops to. A WebAssembly module
   without threads is linked with one that has none. */
#include "threads.h"

#include "status.h"

#include <stdlib.h>

enum { MOST_THREADS = 64 };

struct dpl_threads {
  pthreadpool_t pool;
};

dpl_status dpl_threads_open(int count, dpl_threads **opened, dpl_error *error) {
  if (count < 2 || count > MOST_THREADS)
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "Work is shared by 2 to %d threads, not by %d.", MOST_THREADS, count);
  dpl_threads *threads = calloc(1, sizeof *threads);
  if (!threads) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  threads->pool = pthreadpool_create((size_t)count);
  if (!threads->pool) {
    free(threads);
    return dpl_fail(error, DPL_OUT_OF_MEMORY, "There are no %d threads to be had here.", count);
  }
  *opened = threads;
  return DPL_OK;
}

void dpl_threads_close(dpl_threads *threads) {
  if (!threads) return;
  pthreadpool_destroy(threads->pool);
  free(threads);
}

pthreadpool_t dpl_threads_pool(dpl_threads *threads) {
  return threads ? threads->pool : NULL;
}
