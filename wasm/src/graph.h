/* A network's graph as data: nodes, the values between them, and the shapes that follow from an input's shape.
   Everything that a network file claims is checked here, so that net.c can build without asking again. */
#ifndef DOPPEL_GRAPH_H
#define DOPPEL_GRAPH_H

#include "safetensors.h"

#include <cJSON.h>

/* The operators: symbol, and name in the file. graph.c reads them, graph_shapes.c infers their shapes, net_build.c
   builds them. docs/formats/network.md says what each does and which attributes it has. */
#define DPL_OP_LIST(X)                                                                                                 \
  X(CONV2D, "conv2d")                                                                                                  \
  X(DEPTHWISE_CONV2D, "depthwise_conv2d")                                                                              \
  X(FULLY_CONNECTED, "fully_connected")                                                                                \
  X(MAX_POOL, "max_pool")                                                                                              \
  X(AVERAGE_POOL, "average_pool")                                                                                      \
  X(GLOBAL_AVERAGE_POOL, "global_average_pool")                                                                        \
  X(ADD, "add")                                                                                                        \
  X(SUBTRACT, "subtract")                                                                                              \
  X(MULTIPLY, "multiply")                                                                                              \
  X(DIVIDE, "divide")                                                                                                  \
  X(PRELU, "prelu")                                                                                                    \
  X(CLAMP, "clamp")                                                                                                    \
  X(LEAKY_RELU, "leaky_relu")                                                                                          \
  X(SIGMOID, "sigmoid")                                                                                                \
  X(HARD_SWISH, "hard_swish")                                                                                          \
  X(SQUARE_ROOT, "square_root")                                                                                        \
  X(SOFTMAX, "softmax")                                                                                                \
  X(PAD, "pad")                                                                                                        \
  X(CONCAT, "concat")                                                                                                  \
  X(SLICE, "slice")                                                                                                    \
  X(RESHAPE, "reshape")                                                                                                \
  X(TRANSPOSE, "transpose")                                                                                            \
  X(REDUCE_MEAN, "reduce_mean")                                                                                        \
  X(REDUCE_SUM, "reduce_sum")                                                                                          \
  X(RESIZE_LINEAR, "resize_linear")                                                                                    \
  X(DEPTH_TO_SPACE, "depth_to_space")

typedef enum dpl_op {
#define DPL_OP_ENUM(name, text) DPL_OP_##name,
  DPL_OP_LIST(DPL_OP_ENUM)
#undef DPL_OP_ENUM
} dpl_op;

/* How `resize_linear` lays the output's pixels over the input's. */
typedef enum dpl_resize_mode { DPL_RESIZE_HALF_PIXEL, DPL_RESIZE_ALIGN_CORNERS, DPL_RESIZE_ASYMMETRIC } dpl_resize_mode;

enum { DPL_MAX_NODE_INPUTS = 5, DPL_MAX_OUTPUTS = 16 };

typedef struct dpl_node {
  dpl_op op;
  size_t input_count, inputs[DPL_MAX_NODE_INPUTS], output; /* indices into values */
  const dpl_tensor *weight, *bias;                         /* NULL where the op has none */
  size_t kernel[2], stride[2], dilation[2], groups;        /* height, width */
  bool same;                                               /* TensorFlow's padding rule, else pad[] */
  size_t pad[4];                                           /* top, right, bottom, left */
  size_t before[DPL_MAX_RANK], after[DPL_MAX_RANK];        /* of `pad`; `before` is where `slice` begins */
  size_t list_count, list[DPL_MAX_RANK]; /* shape of `reshape`, permutation of `transpose`, axes of `reduce_…`, size of
                                            `slice` and `resize_linear` */
  size_t axis;                           /* of `concat` */
  size_t block;                          /* of `depth_to_space` */
  dpl_resize_mode resize_mode;
  float min, max; /* clamp of the output */
  float alpha;    /* slope of `leaky_relu` */
  float value;    /* that `pad` fills with */
} dpl_node;

typedef struct dpl_value {
  char name[64];
  const dpl_tensor *constant; /* NULL for what is computed */
  size_t rank, shape[DPL_MAX_RANK];
} dpl_value;

typedef struct dpl_graph {
  dpl_node *nodes;
  dpl_value *values;
  size_t node_count, value_count, value_capacity;
  size_t input, output_count, outputs[DPL_MAX_OUTPUTS]; /* indices into values */
} dpl_graph;

/* Reads the graph's JSON; tensors are looked up in `tensors`, which must outlive the graph. Fails with
   DPL_DAMAGED_NETWORK, or DPL_UNSUPPORTED_NETWORK for an operator or attribute that is not in the list above. */
dpl_status dpl_graph_parse(const cJSON *json, const dpl_safetensors *tensors, dpl_graph *graph, dpl_error *error);

/* Works out every value's shape for an input of batch × height × width × channels. */
dpl_status dpl_graph_infer(dpl_graph *graph, const size_t input_shape[4], dpl_error *error); /* graph_shapes.c */

void dpl_graph_free(dpl_graph *graph);

const char *dpl_op_name(dpl_op op);
size_t dpl_value_count(const dpl_value *value); /* elements */

#endif
