/* Pieces of HTML in which nothing that others wrote can become markup. */
#ifndef TOOL_HTML_H
#define TOOL_HTML_H

#include <stdio.h>

#include "basics.h"
#include "doppel.h"

/* Text of others: escaped for elements and quoted attributes; control characters become spaces. */
void html_text(FILE *out, const char *text);

/* The same in <bdi>, so that writing from right to left does not turn what stands around it. */
void html_name(FILE *out, const char *text);

/* <img> with the JPEG in it; `alt` is text of others. Nothing where there are no bytes. */
void html_picture(FILE *out, dpl_bytes jpeg, const char *alt);

#endif
