/* How a function of this library fails: one expression, `return dpl_fail(error, DPL_…, "sentence")`. */
#ifndef DOPPEL_STATUS_H
#define DOPPEL_STATUS_H

#include "doppel.h"

/* Fills `error` (may be NULL) and returns `status`. The sentence says what is wrong and what to change. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
dpl_status
dpl_fail(dpl_error *error, dpl_status status, const char *format, ...);

/* The same with the status's own sentence. */
dpl_status dpl_fail_plain(dpl_error *error, dpl_status status);

#endif
