/* How XNNPACK gets its memory. */
#ifndef DOPPEL_NET_MEMORY_H
#define DOPPEL_NET_MEMORY_H

#include "doppel.h"

/* Before anything else of XNNPACK, as often as one likes. DPL_OUT_OF_MEMORY. */
dpl_status dpl_xnnpack_start(dpl_error *error);

#endif
