/* What the files of the lowering share: the values of the model as they stand in the graph that is being written, and
   how a value is brought into the layout that an operator wants. Private to tools/import. */
#ifndef DOPPEL_IMPORT_LOWERING_H
#define DOPPEL_IMPORT_LOWERING_H

#include "lower.h"

#include <search.h>

/* A value of the model: a constant, or a written tensor seen through a permutation and a reshape, both of which cost
   nothing until an operator needs them done. What the model sees is reshape(permute(written, order), shape). */
typedef struct value {
  const char *name;
  const model_tensor *constant; /* NULL for what is computed */
  size_t uses;                  /* by nodes and as outputs of the model */
  const model_node *reader;     /* the last node that reads it */
  bool known;                   /* written, or constant */
  size_t rank;
  int64_t shape[MODEL_MAX_RANK]; /* as the model sees it */

  char written[24]; /* its name in our graph */
  size_t written_rank, written_shape[DPL_MAX_RANK];
  size_t order[DPL_MAX_RANK]; /* the model's axis i is the written axis order[i] */
} value;

typedef struct lowering {
  const model *source;
  model folded; /* owns the constants that are made on the way */
  network_writer *writer;
  weight_form form;
  lowered *result;
  size_t height, width;
  value *values;
  size_t value_count, value_capacity;
  struct hsearch_data names;
  const model_node *node; /* at work */
  bool *done;             /* nodes that an earlier one has taken in */
  size_t written_count;
  size_t numbers_left; /* of constants that may still be computed: a hostile file multiplies what it holds */
  sentence *why;
} lowering;

/* "Node "conv1" (Conv) …": fails with a sentence that begins so. */
__attribute__((format(printf, 2, 3))) bool node_fails(lowering *work, const char *format, ...);

/* ---- the model before it is lowered (merge.c) ---- */

/* The same model with convolutions side by side merged. It points into the source, and is ended by model_free. */
void model_merge(const model *source, model *merged);

/* ---- values (values.c) ---- */

value *value_named(lowering *work, const char *name);             /* NULL where nothing has that name */
value *node_input(lowering *work, size_t index);                  /* NULL where it is left out */
const model_tensor *constant_input(lowering *work, size_t index); /* NULL where it is left out or computed */
bool input_is_given(const lowering *work, size_t index);
value *node_output(lowering *work); /* the first one */

/* A new tensor of the graph with this shape, seen as it is; `to` may be NULL for one that only the graph knows. */
typedef struct tensor_shape {
  size_t rank, sides[DPL_MAX_RANK];
} tensor_shape;
void value_write(lowering *work, value *to, tensor_shape shape);
void value_as_image(value *image, bool channels_last);               /* written N H W C: sets what the model sees */
void value_alias(value *to, const value *from);                      /* the same tensor under another name */
void value_write_like(lowering *work, value *to, const value *like); /* a new tensor in the layout of `like` */
bool value_in_memory_order(const value *seen);                       /* the numbers lie as the model would have them */

/* Brings a value into a layout: `image` is N H W C, `plain` is the model's own order and shape. They write the nodes
   that it takes, and change the value: what was done once need not be done again. */
bool value_make_image(lowering *work, value *changed);
bool value_make_plain(lowering *work, value *changed);
bool value_make_order(lowering *work, value *changed, const size_t *order, size_t rank);
bool value_is_reshaped(const value *seen); /* a reshape is still to be done */
bool value_is_image(const lowering *work, const value *seen);

/* A node of our graph; attributes are added to what comes back. */
cJSON *write_node(lowering *work, const char *op, const value *const *inputs, size_t input_count, const value *output);
cJSON *write_unary(lowering *work, const char *op, const value *input, const value *output);
void set_sizes(cJSON *node, const char *key, const size_t *sizes, size_t count);

/* ---- attributes of the node at work (values.c) ---- */

int64_t attribute_int(const lowering *work, const char *name, int64_t otherwise);
float attribute_float(const lowering *work, const char *name, float otherwise);
const char *attribute_text(const lowering *work, const char *name, const char *otherwise);
bool attribute_ints(lowering *work, const char *name, int64_t *numbers,
                    size_t count); /* keeps what is there if absent */
/* The integers of an attribute or, in newer operator sets, of input `index`; *given is false where there are none. */
bool integers_of(lowering *work, const char *name, size_t index, int64_t *numbers, size_t *count, bool *given);
bool axis_of(lowering *work, int64_t axis, size_t rank, size_t *result); /* −1 is the last */

/* ---- constants (constants.c) ---- */

size_t numbers_for(const model_tensor *given); /* that may be computed because the file holds this */
model_tensor *constant_new(lowering *work, model_kind kind, const int64_t *shape, size_t rank);
float constant_float(const model_tensor *tensor, size_t index); /* of any kind */
/* Computes the node at work where all that it reads is constant; *folded says whether it did. */
bool constant_fold(lowering *work, bool *folded);

/* ---- what follows a layer (lower_layers.c) ---- */

typedef struct epilogue {
  float *scale, *shift; /* one a channel, or NULL; from malloc */
  float min, max;
  value *output; /* of the last node that was taken in */
} epilogue;

/* Takes in the nodes behind the one at work, each the only reader of its input: normalisations and constant factors and
   summands a channel (where `channels` > 0), and an activation that is a clamp. They are marked as done. */
/* Limits of a Relu or Clip on `input`; false where the node is neither, or computes its limits. */
bool clamp_limits(lowering *work, const value *input, float *min, float *max);
/* The factor and summand of a BatchNormalization a channel; false where they are not constant or do not fit. */
bool normalisation_factors(lowering *work, size_t channels, float *scale, float *shift);
epilogue epilogue_take(lowering *work, size_t channels);
void epilogue_free(epilogue *after);
void epilogue_clamp(const epilogue *after, cJSON *node);

/* ---- operators: each lowers the node at work ---- */

typedef bool lower_operator(lowering *work);
lower_operator lower_conv, lower_gemm, lower_matmul;                  /* lower_layers.c */
lower_operator lower_max_pool, lower_average_pool, lower_global_pool; /* lower_pools.c */
lower_operator lower_binary, lower_activation, lower_hard_sigmoid, lower_prelu, lower_softmax,
    lower_normalisation; /* lower_elements.c */
lower_operator lower_same, lower_view, lower_transpose, lower_concat, lower_split, lower_slice, lower_pad,
    lower_reduce;            /* lower_shapes.c */
lower_operator lower_resize; /* lower_resize.c */

/* Joins values of one layout along a written axis, up to five at a time (lower_shapes.c). */
void write_joint(lowering *work, value *parts, size_t count, size_t axis, value *output);

/* The shape that Reshape, Flatten, Squeeze or Unsqueeze gives its input. */
bool view_shape(lowering *work, const value *input, int64_t *shape, size_t *rank);

/* The window of a convolution or pool over an image of height × width. */
typedef struct window {
  int64_t kernel[2], stride[2], dilation[2];
  int64_t pad[4]; /* top, left, bottom, right, as ONNX has them */
  bool same;      /* TensorFlow's rule instead of pad */
  size_t output[2];
} window;
bool window_read(lowering *work, size_t height, size_t width, window *read); /* kernel is given or an attribute */
void window_write(const window *from, cJSON *node, bool with_kernel);
bool write_steps(lowering *work, const value *input, const window *look, const value *output); /* lower_pools.c */

#endif
