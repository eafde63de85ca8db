/* What visitors read before the first match: from the command line or from a file. */
#ifndef TOOL_NOTICE_H
#define TOOL_NOTICE_H

#include "basics.h"

/* What --notice or --notice-file says, either of which may be NULL: new text, NULL without them. */
bool notice_read(const char *given, const char *path, char **notice, sentence *why);

#endif
