/* From a model in ONNX's terms to doppel's graph: constants and normalisations folded, layouts settled once (N H W C),
   transposes removed. Knows operators, not faces: what the network is for is the caller's document. */
#ifndef DOPPEL_IMPORT_LOWER_H
#define DOPPEL_IMPORT_LOWER_H

#include "model.h"
#include "network_writer.h"

/* The name of the graph's input, for network_writer_new. */
#define LOWERED_INPUT "x"

/* Weights that the source holds as int8 stay so unless F32 is asked for. */
typedef enum weight_form { WEIGHTS_AS_THEY_ARE, WEIGHTS_F32, WEIGHTS_F16, WEIGHTS_INT8 } weight_form;

typedef struct lowered {
  size_t stride;  /* product of the strides on the way to the coarsest output */
  bool resizable; /* nothing in the graph is tied to the input's size */
} lowered;

/* Some exporters leave the image N H W C and transpose it first. */
bool model_input_is_channels_last(const model *source);

/* Writes tensors, nodes and outputs for an input of 1 × height × width × 3. An operator or attribute that cannot be
   expressed is a sentence that names the node and the operator. */
bool model_lower(const model *model, size_t height, size_t width, weight_form form, network_writer *writer,
                 lowered *result, sentence *why);

#endif
