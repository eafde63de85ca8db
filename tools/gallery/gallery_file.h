/* One file of a gallery's folder, with its content's hash in its name, and its entry for the manifest. */
#ifndef TOOL_GALLERY_FILE_H
#define TOOL_GALLERY_FILE_H

#include "basics.h"
#include "cJSON.h"
#include "doppel.h"

enum { LARGEST_FILE = 24 << 20 };

/* Writes <stem>-<number>.<first 8 digits of its sha256><extension> and appends its entry to `list`. */
bool gallery_file_write(const char *folder, const char *stem, size_t number, const char *extension, dpl_bytes data,
                        size_t count, cJSON *list, sentence *why);

/* The same for a JSON document, which is freed. */
bool gallery_file_write_json(const char *folder, const char *stem, size_t number, cJSON *document, size_t count,
                             cJSON *list, sentence *why);

#endif
