/* What the header of an embeddings shard says, for `inspect`. The library reads the vectors themselves. */
#ifndef TOOL_SHARD_HEADER_H
#define TOOL_SHARD_HEADER_H

#include "doppel.h"
#include "files.h"

typedef struct shard_header {
  size_t photos, dimension, first_photo;
  char embedder_sha256[SHA256_TEXT];
} shard_header;

/* False where the file is not a .safetensors file that calls itself embeddings. */
bool shard_header_read(dpl_bytes file, shard_header *header);

#endif
