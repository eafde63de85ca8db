/* Network files read from wherever they lie, each described and known by its sha256. What they are for together is not
   decided here. */
#ifndef TOOL_NETWORK_POOL_H
#define TOOL_NETWORK_POOL_H

#include "basics.h"
#include "doppel.h"
#include "files.h"

typedef struct network_file {
  char *path;
  dpl_bytes bytes;
  dpl_network_info info;
  char sha256[SHA256_TEXT];
} network_file;

typedef struct network_pool {
  network_file *files;
  size_t count, capacity;
  char set[64]; /* the name that the models.json of the last folder gives; empty without one */
} network_pool;

/* A .safetensors file, a folder with models.json (what it lists, checked), or a folder of .safetensors files. */
bool network_pool_add(network_pool *pool, const char *path, sentence *why);

/* NULL where no file in the pool has this name. */
network_file *network_pool_named(const network_pool *pool, const char *name);

void network_file_free(network_file *file);
void network_pool_free(network_pool *pool);

#endif
