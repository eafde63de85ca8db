/* Names of places as people write them: whether one is, or lies in, a jurisdiction. Knows no rules. */
#ifndef TOOL_JURISDICTIONS_H
#define TOOL_JURISDICTIONS_H

#include "basics.h"

/* Its Biometric Information Privacy Act forbids to collect scans of face geometry without consent. "IL" means it too.
 */
#define ALWAYS_DENIED "Illinois"

/* Letters and digits in lower case, with one space between words and around the whole, so that a word can be looked for
   with its spaces. New text. */
char *plain_words(const char *text);
bool same_words(const char *a, const char *b);

bool same_jurisdiction(const char *a, const char *b);

/* The name stands somewhere in the place's words. In Illinois: "Cook County, Illinois", "Chicago, IL", "US-IL". */
bool lies_in(const char *place, const char *jurisdiction);

#endif
