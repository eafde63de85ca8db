/* Names of languages as pages write them (BCP 47). */
#ifndef TOOL_LANGUAGE_TAG_H
#define TOOL_LANGUAGE_TAG_H

#include <stdbool.h>

/* Well formed as RFC 5646 has it: "de", "pt-BR", "zh-Hant-TW". Whether there is such a language is not looked up. */
bool language_tag_is_valid(const char *text);

#endif
