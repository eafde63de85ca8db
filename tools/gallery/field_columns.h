/* Which fields of a roster are worth filtering by, and each of those as a column file (doppel.h: dpl_column). */
#ifndef TOOL_FIELD_COLUMNS_H
#define TOOL_FIELD_COLUMNS_H

#include "basics.h"
#include "doppel.h"

/* A field is worth it where it has 2 to DPL_MAX_COLUMN_VALUES different values, none of them longer than a label, that
   are shared by two people on average: a rank, a command, a year, but no badge number and no remark.
   value_of(context, person) is the person's text; "" where the roster says nothing. *file is empty where the field is
   not worth it, else its data belongs to the caller. */
bool field_column_make(const char *key, const char *(*value_of)(const void *context, size_t person),
                       const void *context, size_t people, dpl_bytes *file, sentence *why);

#endif
