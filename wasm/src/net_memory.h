/* How XNNPACK gets its memory. */
#ifndef DOPPEL_NET_MEMORY_H
#define DOPPEL_NET_MEMORY_H

#include "doppel.h"

/* Before anything else of XNNPACK, as often as one likes. DPL_OUT_OF_MEMORY. */
dpl_status dpl_xnnpack_start(dpl_error *error);

/* XNNPACK does not check the memory that it plans on. So it is lent some of the caller's, which is used when there is
   no other, until it is taken back with (NULL, 0). For the calling thread. */
void dpl_xnnpack_lend(void *memory, size_t size);

/* How much it plans on at most for so many values and operators. */
size_t dpl_xnnpack_plan_size(size_t values, size_t operators);

#endif
