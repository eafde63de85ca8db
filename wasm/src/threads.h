/* The threads of doppel.h as XNNPACK takes them. */
#ifndef DOPPEL_THREADS_H
#define DOPPEL_THREADS_H

#include "doppel.h"

#include <pthreadpool.h>

pthreadpool_t dpl_threads_pool(dpl_threads *threads); /* NULL for NULL */

#endif
