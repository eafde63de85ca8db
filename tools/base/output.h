/* What commands print: JSON on stdout, and numbers in JSON that are no longer than what they know. */
#ifndef TOOL_OUTPUT_H
#define TOOL_OUTPUT_H

#include "basics.h"
#include "cJSON.h"

void print_json(cJSON *document); /* on stdout, with a line's end; frees the document */

/* A number with so many digits behind the point. */
void add_rounded(cJSON *object, const char *key, double value, int digits);
cJSON *rounded_json(double value, int digits);

/* float32 numbers with the nine digits that bring the same float back. */
cJSON *float_array(const float *values, size_t count);

/* "1,234,567": text that lasts until the eighth call after. */
const char *grouped(uint64_t number);

#endif
