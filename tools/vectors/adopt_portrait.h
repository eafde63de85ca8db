/* The portrait beside a vector that was computed elsewhere: cut from the photo where there is one with a face in it,
   else a plain tile. Runs on any thread; embeds nothing. */
#ifndef TOOL_ADOPT_PORTRAIT_H
#define TOOL_ADOPT_PORTRAIT_H

#include "basics.h"
#include "build_report.h"
#include "given_face.h"
#include "networks.h"

typedef struct adopted_portrait {
  dpl_image *image, *large; /* of PORTRAIT_SIZE and LARGE_SIZE */
  dpl_face face;            /* all zero where nothing is known of it, as is the quality */
  dpl_face_quality quality;
  bool is_tile;
  skip_reason reason; /* of the tile, where there was a photo to look for */
  sentence why;
} adopted_portrait;

/* `path` NULL: there is no photo to look for; "": it leads out of the folder of photos. `given`: where the roster says
   that the face is. Never NULL; frees with adopted_portrait_free. */
adopted_portrait *adopted_portrait_of(const char *path, const given_face *given, network_handles *handles);
void adopted_portrait_free(void *portrait);

#endif
