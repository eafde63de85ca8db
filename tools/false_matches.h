/* The false-match-rate table as JSON, for manifests, reports and `doppel inspect`. */
#ifndef TOOL_FALSE_MATCHES_H
#define TOOL_FALSE_MATCHES_H

#include "cJSON.h"
#include "doppel.h"

/* [{"rate", "similarity", "pairs", "genuine"}, …]; without "genuine" where there are no pairs of photos of one person.
 */
cJSON *false_matches_json(const dpl_false_match *rows, size_t count);

#endif
