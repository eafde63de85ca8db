/* Collects the tensors and nodes of a network and writes them as doppel's network file. Importers say what they found,
   this says how it is laid down. Memory that cannot be had ends the program: this is a tool, not the library. */
#ifndef DOPPEL_NETWORK_WRITER_H
#define DOPPEL_NETWORK_WRITER_H

#include "basics.h"
#include "safetensors.h"

#include <cJSON.h>

typedef struct network_writer network_writer;

/* `document` carries name, task, licence, input, output, template; the writer adds format and graph, and owns it. */
network_writer *network_writer_new(cJSON *document, const char *input);
void network_writer_free(network_writer *writer);

/* Copies `data`. Returns the name, which lives as long as the writer. */
const char *network_writer_tensor(network_writer *writer, const char *name, dpl_dtype dtype, size_t rank,
                                  const size_t *shape, const void *data);

/* A node from operator, space-separated inputs, output; attributes are added to the object that comes back. */
cJSON *network_writer_node(network_writer *writer, const char *op, const char *inputs, const char *output);
void network_writer_output(network_writer *writer, const char *value);

/* The whole file, read back as the library will; the caller frees it. */
bool network_writer_bytes(network_writer *writer, uint8_t **file, size_t *size, sentence *why);

/* The same, written at `path`. */
bool network_writer_save(network_writer *writer, const char *path, sentence *why);

#endif
