/* Names of all people in small files, with the fields that fit, so that showing matches asks for no page of people. */
#ifndef TOOL_NAMES_FILE_H
#define TOOL_NAMES_FILE_H

#include "gallery_writer.h"

enum { NAMES_PER_FILE = 1 << 16 };

/* `first` as in gallery_writer.c: person i has first[i + 1] − first[i] photos. */
bool names_files_write(const char *folder, const gallery_about *about, const gallery_person *people,
                       size_t people_count, const size_t *first, cJSON *list, sentence *why);

#endif
