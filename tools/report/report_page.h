/* report.html: the report with pictures and plots, in one file that asks nobody for anything and runs no script. For
   the person who builds the gallery: it shows photos that were left out, so it is not for publishing. */
#ifndef TOOL_REPORT_PAGE_H
#define TOOL_REPORT_PAGE_H

#include "build_report.h"

bool report_page_write(const build_report *report, const char *folder, sentence *why);

#endif
