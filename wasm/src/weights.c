/* Weights as they lie in a file into what the kernels multiply. */
#include "weights.h"

#include "status.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xnnpack.h>

size_t dpl_weights_bytes(const dpl_tensor *tensor) {
  return tensor->count * sizeof(float) + XNN_EXTRA_BYTES;
}

float dpl_half_to_float(uint16_t half) {
  const uint32_t sign = (uint32_t)(half & 0x8000u) << 16, exponent = (half >> 10) & 31u, fraction = half & 1023u;
  if (exponent == 0) return (sign ? -1.0f : 1.0f) * ldexpf((float)fraction, -24);
  const uint32_t bits = sign | (exponent == 31 ? 0x7f800000u : (exponent + 112) << 23) | fraction << 13;
  float number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

/* Per-tensor or per-channel numbers beside a quantised tensor. */
typedef struct side_tensor {
  const dpl_tensor *tensor;
  bool per_channel;
} side_tensor;

static float side_at(side_tensor side, size_t channel) {
  float number;
  memcpy(&number, side.tensor->data + (side.per_channel ? channel : 0) * sizeof number, sizeof number);
  return number;
}

static bool find_side(const dpl_safetensors *file, const dpl_tensor *tensor, const char *suffix, size_t channels,
                      side_tensor *side) {
  char name[256];
  const int length = snprintf(name, sizeof name, "%s.%s", tensor->name, suffix);
  if (length < 0 || (size_t)length >= sizeof name) return false;
  side->tensor = dpl_safetensors_find(file, name);
  if (!side->tensor) return true;
  side->per_channel = side->tensor->count != 1;
  return side->tensor->dtype == DPL_F32 && (side->tensor->count == 1 || side->tensor->count == channels);
}

/* A depthwise filter is [1, height, width, channels]: its channels are the last axis, all others' are the first. */
static void channel_layout(const dpl_tensor *tensor, size_t *channels, size_t *inner) {
  const bool depthwise = tensor->rank == 4 && tensor->shape[0] == 1;
  *channels = tensor->rank == 0 ? 1 : depthwise ? tensor->shape[3] : tensor->shape[0];
  *inner = depthwise || *channels == 0 ? 1 : tensor->count / *channels;
}

static dpl_status expand_quantised(const dpl_safetensors *file, const dpl_tensor *tensor, float *floats,
                                   dpl_error *error) {
  size_t channels, inner;
  channel_layout(tensor, &channels, &inner);
  side_tensor scale = {0}, offset = {0};
  if (!find_side(file, tensor, "scale", channels, &scale) || !find_side(file, tensor, "offset", channels, &offset) ||
      !scale.tensor)
    return dpl_fail(error, DPL_DAMAGED_NETWORK, "The quantised tensor \"%.100s\" has no fitting scale and offset.",
                    tensor->name);
  for (size_t i = 0; i < tensor->count; i++) {
    const size_t channel = i / inner % channels;
    const float q = tensor->dtype == DPL_U8 ? (float)tensor->data[i] : (float)(int8_t)tensor->data[i];
    floats[i] = q * side_at(scale, channel) + (offset.tensor ? side_at(offset, channel) : 0);
  }
  return DPL_OK;
}

dpl_status dpl_weights_expand(const dpl_safetensors *file, const dpl_tensor *tensor, float *floats, dpl_error *error) {
  dpl_status status = DPL_OK;
  switch (tensor->dtype) {
  case DPL_F32:
    memcpy(floats, tensor->data, tensor->count * sizeof *floats);
    break;
  case DPL_F16:
    for (size_t i = 0; i < tensor->count; i++)
      floats[i] = dpl_half_to_float((uint16_t)(tensor->data[2 * i] | tensor->data[2 * i + 1] << 8));
    break;
  case DPL_U8:
  case DPL_I8:
    status = expand_quantised(file, tensor, floats, error);
    break;
  default:
    status = dpl_fail(error, DPL_UNSUPPORTED_NETWORK, "The weights \"%.100s\" are of type %s, which cannot be run.",
                      tensor->name, dpl_dtype_name(tensor->dtype));
  }
  if (!status)
    for (size_t i = 0; i < tensor->count; i++)
      if (!isfinite(floats[i]))
        return dpl_fail(error, DPL_DAMAGED_NETWORK, "The weights \"%.100s\" hold a number that is not finite.",
                        tensor->name);
  memset(floats + tensor->count, 0, XNN_EXTRA_BYTES);
  return status;
}

static dpl_status read_scales(const dpl_safetensors *file, const dpl_tensor *tensor, float *scales, dpl_error *error) {
  side_tensor scale = {0};
  const size_t channels = tensor->shape[0];
  if (!find_side(file, tensor, "scale", channels, &scale) || !scale.tensor)
    return dpl_fail(error, DPL_DAMAGED_NETWORK, "The quantised tensor \"%.100s\" has no fitting scale.", tensor->name);
  for (size_t i = 0; i < channels; i++) {
    scales[i] = side_at(scale, i);
    if (!(scales[i] > 0) || !isfinite(scales[i]))
      return dpl_fail(error, DPL_DAMAGED_NETWORK, "The quantised tensor \"%.100s\" has a scale that is not positive.",
                      tensor->name);
    scales[i] = fmaxf(scales[i], FLT_MIN); /* XNNPACK refuses subnormal scales; 127 times this is still nothing */
  }
  return DPL_OK;
}

static bool is_stored_symmetric(const dpl_safetensors *file, const dpl_tensor *tensor) {
  side_tensor offset = {0};
  return tensor->dtype == DPL_I8 && find_side(file, tensor, "offset", tensor->shape[0], &offset) && !offset.tensor;
}

/* A channel of numbers that are nearly zero becomes zero: XNNPACK refuses subnormal scales. */
static void round_channel(const float *floats, size_t count, int8_t *bytes, float *scale) {
  float largest = 0;
  for (size_t i = 0; i < count; i++) largest = fmaxf(largest, fabsf(floats[i]));
  *scale = largest / 127 >= FLT_MIN ? largest / 127 : 1;
  for (size_t i = 0; i < count; i++) bytes[i] = (int8_t)fminf(fmaxf(rintf(floats[i] / *scale), -127), 127);
}

dpl_status dpl_weights_round(const dpl_safetensors *file, const dpl_tensor *tensor, int8_t *bytes, float *scales,
                             dpl_error *error) {
  if (is_stored_symmetric(file, tensor)) {
    memcpy(bytes, tensor->data, tensor->count);
    return read_scales(file, tensor, scales, error);
  }
  float *floats = malloc(dpl_weights_bytes(tensor));
  if (!floats) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  const dpl_status status = dpl_weights_expand(file, tensor, floats, error);
  const size_t inner = tensor->count / tensor->shape[0];
  for (size_t i = 0; !status && i < tensor->shape[0]; i++)
    round_channel(floats + i * inner, inner, bytes + i * inner, &scales[i]);
  free(floats);
  return status;
}
