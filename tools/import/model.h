/* A network as its source describes it: ONNX's operators over named values, whatever kind of file it came from. The
   readers (onnx_file.c, espdl_file.c, facenet_h5.c) fill it, lower.c turns it into doppel's own graph. Convolution
   weights are O I H W as in ONNX, those of Gemm as its transB says; activations are N C H W, or N H W C where
   `channels_last`. Everything belongs to the model and ends with it. */
#ifndef DOPPEL_IMPORT_MODEL_H
#define DOPPEL_IMPORT_MODEL_H

#include "basics.h"

enum { MODEL_MAX_RANK = 8 };

typedef enum model_kind { MODEL_F32, MODEL_I64, MODEL_I8 } model_kind;

/* A constant. Readers widen every other float to F32 and every other integer to I64; I8 are quantised weights. */
typedef struct model_tensor {
  const char *name;
  model_kind kind;
  size_t rank, count;            /* count: the product of the shape, 1 for a scalar */
  int64_t shape[MODEL_MAX_RANK]; /* each ≥ 0 */
  float *floats;                 /* of MODEL_F32 */
  int64_t *integers;             /* of MODEL_I64 */
  int8_t *bytes;                 /* of MODEL_I8: a value is byte · scale */
  float scale;
} model_tensor;

typedef enum model_attribute_kind {
  MODEL_FLOAT,
  MODEL_INT,
  MODEL_TEXT,
  MODEL_FLOATS,
  MODEL_INTS,
  MODEL_TENSOR,
  MODEL_OTHER, /* a subgraph, strings …: known by name only */
} model_attribute_kind;

typedef struct model_attribute {
  const char *name;
  model_attribute_kind kind;
  float f;
  int64_t i;
  const char *text;
  size_t count; /* of floats or integers */
  const float *floats;
  const int64_t *integers;
  const model_tensor *tensor;
} model_attribute;

typedef struct model_node {
  const char *name, *op; /* name may be empty */
  size_t input_count, output_count, attribute_count;
  const char **inputs, **outputs; /* an input that is left out is "" */
  model_attribute *attributes;
} model_node;

typedef struct model {
  const char *input; /* the one input that is no constant */
  size_t input_rank;
  int64_t input_shape[MODEL_MAX_RANK]; /* 0 where the file leaves it open */
  size_t output_count, node_count, tensor_count;
  const char **outputs;
  model_node *nodes; /* in an order in which each reads only what is there already */
  model_tensor *tensors;
  bool channels_last;
  int64_t opset; /* version of ONNX's own operators that the nodes speak (Softmax changed with 13); 0: the latest */
  struct model_block *memory;
} model;

/* Zeroed memory that model_free releases. Ends the program where there is none, as all of this program's memory does;
   what a file asks for must be bounded by its size before. */
void *model_memory(model *model, size_t count, size_t size);
const char *model_text(model *model, const char *text, size_t length); /* a copy, ended by a zero byte */
void model_free(model *model);

/* The product of a tensor's shape into *count; false for a negative side, or more than `limit`. */
bool model_count(const int64_t *shape, size_t rank, size_t limit, size_t *count);

const model_tensor *model_tensor_named(const model *model, const char *name);           /* or NULL */
const model_attribute *model_attribute_named(const model_node *node, const char *name); /* or NULL */

#endif
