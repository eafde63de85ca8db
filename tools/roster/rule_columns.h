/* Names of columns that resemble a rule about who must not be matched. Knows no tables. */
#ifndef TOOL_RULE_COLUMNS_H
#define TOOL_RULE_COLUMNS_H

#include "basics.h"

/* True for "State (of department)", "consent_given", "use_for_matchng", …: names with a word of such a rule in them, or
   spelled nearly like one. The usual names resemble it too. Numbers of departments ("department id") do not. */
bool resembles_rule(const char *column);

#endif
