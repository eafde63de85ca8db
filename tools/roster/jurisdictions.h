/* Names of places as people write them: whether one is, or lies in, a jurisdiction. Knows no rules. */
#ifndef TOOL_JURISDICTIONS_H
#define TOOL_JURISDICTIONS_H

#include "basics.h"

/* Its Biometric Information Privacy Act forbids to collect scans of face geometry without consent. */
#define ALWAYS_DENIED "Illinois"

bool same_words(const char *a, const char *b);

/* One place in any of its spellings: "Illinois", "IL", "Ill.", "State of Illinois". */
bool same_jurisdiction(const char *a, const char *b);

/* The jurisdiction stands somewhere in the place's words; states and provinces of the United States and Canada also by
   postal code and usual abbreviation: "Cook County, Illinois", "Chicago PD, IL", "US-IL". A code that is also a word
   (in, or, me) counts in capitals, as the last word or behind a comma. */
bool lies_in(const char *place, const char *jurisdiction);

#endif
