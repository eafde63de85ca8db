/* TensorProto keeps its numbers either as bytes (raw_data) or in a typed list, which for most types is wider than they
   are. */
#include "onnx_tensor.h"

#include "little_endian.h"
#include "weights.h"
#include "well_formed.h"

#define DATA_TYPE(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

typedef enum typed_list { NO_LIST, FLOAT_LIST, DOUBLE_LIST, INT32_LIST, INT64_LIST, UINT64_LIST } typed_list;

/* By data type; what is not here cannot be imported. */
static const struct form {
  size_t bytes; /* of one number in raw_data */
  typed_list list;
  model_kind kind;
  bool is_unsigned;
} FORMS[] = {
    [DATA_TYPE(FLOAT)] = {4, FLOAT_LIST, MODEL_F32, false},   [DATA_TYPE(DOUBLE)] = {8, DOUBLE_LIST, MODEL_F32, false},
    [DATA_TYPE(FLOAT16)] = {2, INT32_LIST, MODEL_F32, false}, [DATA_TYPE(BFLOAT16)] = {2, INT32_LIST, MODEL_F32, false},
    [DATA_TYPE(INT8)] = {1, INT32_LIST, MODEL_I64, false},    [DATA_TYPE(UINT8)] = {1, INT32_LIST, MODEL_I64, true},
    [DATA_TYPE(INT16)] = {2, INT32_LIST, MODEL_I64, false},   [DATA_TYPE(UINT16)] = {2, INT32_LIST, MODEL_I64, true},
    [DATA_TYPE(INT32)] = {4, INT32_LIST, MODEL_I64, false},   [DATA_TYPE(UINT32)] = {4, UINT64_LIST, MODEL_I64, true},
    [DATA_TYPE(INT64)] = {8, INT64_LIST, MODEL_I64, false},   [DATA_TYPE(BOOL)] = {1, INT32_LIST, MODEL_I64, true},
};

static const struct form *form_of(int32_t type) {
  const bool known = type > 0 && (size_t)type < sizeof FORMS / sizeof *FORMS && FORMS[type].bytes;
  return known ? &FORMS[type] : NULL;
}

static size_t list_count(const Onnx__TensorProto *source, typed_list list) {
  switch (list) {
  case FLOAT_LIST:
    return source->n_float_data;
  case DOUBLE_LIST:
    return source->n_double_data;
  case INT32_LIST:
    return source->n_int32_data;
  case INT64_LIST:
    return source->n_int64_data;
  case UINT64_LIST:
    return source->n_uint64_data;
  case NO_LIST:
    break;
  }
  return 0;
}

static uint64_t list_bits(const Onnx__TensorProto *source, typed_list list, size_t i) {
  uint64_t bits = 0;
  switch (list) {
  case FLOAT_LIST: {
    uint32_t half;
    memcpy(&half, &source->float_data[i], sizeof half);
    return half;
  }
  case DOUBLE_LIST:
    memcpy(&bits, &source->double_data[i], sizeof bits);
    return bits;
  case INT32_LIST:
    return (uint32_t)source->int32_data[i];
  case INT64_LIST:
    return (uint64_t)source->int64_data[i];
  case UINT64_LIST:
    return source->uint64_data[i];
  case NO_LIST:
    break;
  }
  return bits;
}

static uint64_t bits_at(const Onnx__TensorProto *source, const struct form *form, size_t i) {
  return source->has_raw_data ? unsigned_at(source->raw_data.data + i * form->bytes, form->bytes)
                              : list_bits(source, form->list, i);
}

static float float_of(uint64_t bits, int32_t type) {
  switch (type) {
  case DATA_TYPE(DOUBLE):
    return (float)double_of_bits(bits);
  case DATA_TYPE(FLOAT16):
    return dpl_half_to_float((uint16_t)bits);
  case DATA_TYPE(BFLOAT16):
    return float_of_bits((uint32_t)(bits << 16));
  default:
    return float_of_bits((uint32_t)bits);
  }
}

static int64_t integer_of(uint64_t bits, const struct form *form) {
  const int64_t value = signed_of(bits, form->bytes);
  return form->is_unsigned ? (int64_t)((uint64_t)value & (UINT64_MAX >> (64 - 8 * form->bytes))) : value;
}

static bool shape_is_read(const Onnx__TensorProto *source, const char *name, size_t held, model_tensor *tensor,
                          sentence *why) {
  if (source->n_dims > MODEL_MAX_RANK)
    return fail(why, "The weights \"%.*s\" have %zu axes; at most %d can be imported.", MODEL_MAX_NAME, name,
                source->n_dims, MODEL_MAX_RANK);
  tensor->rank = source->n_dims;
  for (size_t i = 0; i < tensor->rank; i++) tensor->shape[i] = source->dims[i];
  if (!model_count(tensor->shape, tensor->rank, held, &tensor->count) || tensor->count != held)
    return fail(why, "The weights \"%.*s\" hold %zu numbers, which is not what their shape says.", MODEL_MAX_NAME, name,
                held);
  return true;
}

bool onnx_tensor_read(const Onnx__TensorProto *source, model *to, model_tensor *tensor, sentence *why) {
  const char *name = source->name ? source->name : "";
  const struct form *form = form_of(source->data_type);
  if (source->n_external_data || source->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL)
    return fail(why, "The weights \"%.*s\" lie in another file; save the network with its weights inside.",
                MODEL_MAX_NAME, name);
  if (!form || source->segment)
    return fail(why, "The weights \"%.*s\" are of ONNX's data type %d, or in segments, which cannot be imported.",
                MODEL_MAX_NAME, name, source->data_type);
  if (source->has_raw_data && source->raw_data.len % form->bytes)
    return fail(why, "The weights \"%.*s\" end within a number.", MODEL_MAX_NAME, name);
  const size_t held = source->has_raw_data ? source->raw_data.len / form->bytes : list_count(source, form->list);
  if (!shape_is_read(source, name, held, tensor, why)) return false;

  tensor->name = model_text(to, name, strlen(name));
  tensor->kind = form->kind;
  if (form->kind == MODEL_F32) {
    tensor->floats = model_memory(to, held, sizeof *tensor->floats);
    for (size_t i = 0; i < held; i++) tensor->floats[i] = float_of(bits_at(source, form, i), source->data_type);
  } else {
    tensor->integers = model_memory(to, held, sizeof *tensor->integers);
    for (size_t i = 0; i < held; i++) tensor->integers[i] = integer_of(bits_at(source, form, i), form);
  }
  return true;
}
