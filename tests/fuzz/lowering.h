/* The end of every import, for the fuzz targets: a model becomes a network file that the library can read, or a
   sentence says why not. */
#ifndef DOPPEL_FUZZ_LOWERING_H
#define DOPPEL_FUZZ_LOWERING_H

#include "lower.h"
#include "readers.h"

#include "seeds.h"

enum { LOWERED_SIDE = 16 };

static inline void must_be_sentence(const sentence *why) {
  const size_t length = strlen(why->text);
  if (length < 10 || (why->text[length - 1] != '.' && length < sizeof why->text - 1)) abort();
}

static inline void lower_and_write(const model *source, weight_form form) {
  cJSON *document =
      cJSON_Parse("{\"name\":\"fuzz\",\"task\":\"embedder\",\"licence\":\"none\",\"source\":\"here\",\"source_sha256\":"
                  "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"input\":{\"width\":16,"
                  "\"height\":16,\"resizable\":false,\"order\":\"rgb\",\"mean\":[0,0,0],\"scale\":[1,1,1]},\"output\":"
                  "{\"decoder\":\"embedding\",\"dimension\":4,\"mirror\":false,\"threshold\":0.5},\"template\":"
                  "[[2,2],[6,2],[4,4],[2,6],[6,6]]}");
  network_writer *writer = network_writer_new(document, LOWERED_INPUT);
  lowered result;
  sentence why = {""};
  uint8_t *file;
  size_t size;
  if (!model_lower(source, LOWERED_SIDE, LOWERED_SIDE, form, writer, &result, &why))
    must_be_sentence(&why);
  else if (network_writer_bytes(writer, &file, &size, &why))
    free(file);
  else
    must_be_sentence(&why);
  network_writer_free(writer);
}

#endif
