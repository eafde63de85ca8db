/* Where the networks that belong to this program lie: the folder `models` beside its own (the set in use), and beside
   that `networks` (the library: every network that was imported, as NAME.<first 8 digits of its sha256>.safetensors)
   and `sets`. */
#ifndef TOOL_NETWORK_PLACES_H
#define TOOL_NETWORK_PLACES_H

#include "files.h"

/* New text each; the folder need not exist. */
char *network_models_folder(void);
char *network_library_folder(void);

/* The file of the library's network with this name: new text, or NULL. */
char *network_in_library(const char *name);

/* The file of a network with this name and sha256 in any of these places: new text, or NULL. Its name is trusted, so
   check what is read. */
char *network_with_sha256(const char *name, const char *sha256);

/* Names of all networks in the library, each once. */
void network_library_names(name_list *names);

#endif
