/* The end of every import, for the fuzz targets: a model becomes a network file that the library can read and run, or a
   sentence says why not. */
#ifndef DOPPEL_FUZZ_LOWERING_H
#define DOPPEL_FUZZ_LOWERING_H

#include "lower.h"
#include "readers.h"

#include "scratch.h"

enum { LOWERED_SIDE = 16, MOST_OUTPUTS = 1 << 16 };

static inline void run_once(dpl_bytes file) {
  static float input[LOWERED_SIDE * LOWERED_SIDE * 3], output[MOST_OUTPUTS];
  const size_t shape[4] = {1, LOWERED_SIDE, LOWERED_SIDE, 3};
  size_t count = 0;
  dpl_network *network = NULL;
  dpl_error error = {0};
  dpl_status status = dpl_network_open(file, &network, &error);
  if (!status) status = dpl_network_run(network, input, shape, output, MOST_OUTPUTS, &count, &error);
  if (status && !error.message[0]) abort();
  dpl_network_close(network);
}

static inline void lower_and_write(const model *source, weight_form form) {
  cJSON *document =
      cJSON_Parse("{\"name\":\"fuzz\",\"task\":\"other\",\"licence\":\"none\",\"source\":\"here\",\"source_sha256\":"
                  "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"input\":{\"width\":16,"
                  "\"height\":16,\"resizable\":false,\"order\":\"rgb\",\"mean\":[0,0,0],\"scale\":[1,1,1]},\"output\":"
                  "{\"decoder\":\"raw\"}}");
  network_writer *writer = network_writer_new(document, LOWERED_INPUT);
  lowered result;
  sentence why = {""};
  uint8_t *file;
  size_t size;
  if (!model_lower(source, LOWERED_SIDE, LOWERED_SIDE, form, writer, &result, &why))
    must_be_sentence(&why);
  else if (!network_writer_bytes(writer, &file, &size, &why))
    must_be_sentence(&why);
  else
    run_once((dpl_bytes){file, size}), free(file);
  network_writer_free(writer);
}

#endif
