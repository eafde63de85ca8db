/* The portraits of a gallery as files: sheets of small ones, sheets of 144 pixels, packs of large ones, the cover. */
#ifndef TOOL_PORTRAIT_FILES_H
#define TOOL_PORTRAIT_FILES_H

#include "basics.h"
#include "cJSON.h"
#include "doppel.h"
#include "sheet.h"

enum {
  SMALL_SIZE = 64,  /* pixels; sheets of SHEET_CELLS */
  LARGE_SIZE = 384, /* pixels, as large as the page's stage; packs of LARGE_PACK */
  LARGE_QUALITY = 72,
  LARGE_PACK = 64, /* the fewest people that one request may name */
  COVER_ROWS = 4,
  COVER_CELLS = 40,
  COVER_BYTES = 150000,
};

typedef struct portrait_files {
  const char *folder;
  size_t count;
  sheet small, medium;
  cJSON *small_files, *medium_files, *large_files;
  bool without_large;               /* not wanted, or not there for all portraits */
  dpl_bytes large[LARGE_PACK];      /* of the pack that is being filled */
  dpl_bytes cover[2 * COVER_CELLS]; /* portraits of 144 pixels, `stride` photos apart */
  size_t cover_count, stride;
} portrait_files;

void portrait_files_begin(portrait_files *files, const char *folder);

/* A JPEG of PORTRAIT_SIZE and a WebP of LARGE_SIZE; without data in `large` the gallery gets no large ones. Copies. */
bool portrait_files_add(portrait_files *files, dpl_bytes portrait, dpl_bytes large, sentence *why);

/* The last sheets and the last pack; adds "small", "sheet", "large" to the manifest and "small", "photos", "large" to
   its list of files. */
bool portrait_files_finish(portrait_files *files, bool without_large, cJSON *manifest, cJSON *lists, sentence *why);

/* A cover of some 40 portraits, as an entry of `list`. */
bool portrait_files_write_cover(portrait_files *files, cJSON *list, sentence *why);

void portrait_files_free(portrait_files *files);

#endif
