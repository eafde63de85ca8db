/* Distributions of scores and the false-match-rate table as JSON: for manifests, reports and `doppel inspect`. */
#ifndef TOOL_CALIBRATION_JSON_H
#define TOOL_CALIBRATION_JSON_H

#include "cJSON.h"
#include "doppel.h"

/* The manifest's `calibration`, as docs/formats/gallery.md specifies. */
cJSON *calibration_json(const dpl_calibration *calibration);

/* [{"rate", "similarity", "pairs", "genuine"}, …]; without "genuine" where there are no pairs of photos of one person.
 */
cJSON *false_matches_json(const dpl_false_match *rows, size_t count);

#endif
