/* The command line's words on rosters. */
#ifndef TOOL_ROSTER_OPTIONS_H
#define TOOL_ROSTER_OPTIONS_H

#include <argp.h>

#include "roster_columns.h"

/* Options --photo-list, --…-column and --department: a child parser whose input is a roster_columns. */
extern const struct argp roster_argp;

#endif
