/* What a search begins with: the faces of a photo, or several photos of one person as one face. */
#ifndef TOOL_PROBES_H
#define TOOL_PROBES_H

#include "files.h"
#include "photos.h"

typedef struct probe_list {
  face_list *faces;
  const char **photos; /* a face: the path that it is from */
  float *vectors;      /* count × dimension */
  size_t count;        /* vectors to search with */
} probe_list;

/* All faces of a photo; none is not a failure. */
bool probes_of_photo(network_handles *handles, const char *path, probe_list *probes, sentence *why);

/* The largest face of each photo, and one vector for all: their mean. Fails where a photo holds no face, and warns
   where two of them do not look like the same person. */
bool probes_of_person(network_handles *handles, const name_list *paths, probe_list *probes, sentence *why);

void probes_free(probe_list *probes);

#endif
