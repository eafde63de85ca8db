/* Names for faces that nobody has named: by photo and position. */
#ifndef TOOL_FACE_NAMES_H
#define TOOL_FACE_NAMES_H

#include "basics.h"
#include "doppel.h"

/* "sample3.jpg" becomes "Sample 3". New text. */
char *photo_title(const char *path);

/* "Sample 3" where there is one face, else "Sample 3, far left", "…, 2nd from left", "…, far right". New text. */
char *face_name(const char *title, const dpl_face *faces, size_t count, size_t index);

#endif
