/* Weights in the three forms that a network file can hold. */
#include "weight_writer.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

arrangement arrangement_new(size_t count) {
  return (arrangement){.count = count, .from = new_array(count, sizeof(size_t))};
}

void arrangement_free(arrangement *made) {
  free(made->from);
}

static size_t channel_of(const arrangement *arranged, size_t index) {
  return arranged->channel_last ? index % arranged->channels : index / (arranged->count / arranged->channels);
}

uint16_t half_of(float number) {
  uint32_t bits;
  memcpy(&bits, &number, sizeof bits);
  const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
  const float size = fabsf(number);
  if (size >= 65504) return sign | 0x7bff;
  if (size < 0x1p-14f) return sign | (uint16_t)lrintf(size * 0x1p24f); /* subnormal, in steps of 2^−24 */
  memcpy(&bits, &size, sizeof bits);
  bits += 0xfff + (bits >> 13 & 1);
  return sign | (uint16_t)((bits >> 13) - (112 << 10));
}

static const char *write_halves(network_writer *writer, const char *name, const arrangement *arranged,
                                const float *floats) {
  uint16_t *halves = new_array(arranged->count, sizeof *halves);
  for (size_t i = 0; i < arranged->count; i++) halves[i] = half_of(floats[i]);
  const char *written = network_writer_tensor(writer, name, DPL_F16, arranged->rank, arranged->shape, halves);
  free(halves);
  return written;
}

static const char *write_bytes(network_writer *writer, const char *name, const arrangement *arranged,
                               const int8_t *bytes, const float *scales) {
  char beside[64];
  snprintf(beside, sizeof beside, "%s.scale", name);
  network_writer_tensor(writer, beside, DPL_F32, 1, &arranged->channels, scales);
  return network_writer_tensor(writer, name, DPL_I8, arranged->rank, arranged->shape, bytes);
}

/* Symmetric, one scale per channel: the largest number becomes ±127. A channel of numbers that are nearly zero becomes
   zero: its scale would be subnormal, which XNNPACK refuses. */
static const char *write_rounded(network_writer *writer, const char *name, const arrangement *arranged,
                                 const float *floats) {
  float *scales = new_array(arranged->channels, sizeof *scales);
  int8_t *bytes = new_array(arranged->count, 1);
  for (size_t i = 0; i < arranged->count; i++)
    scales[channel_of(arranged, i)] = fmaxf(scales[channel_of(arranged, i)], fabsf(floats[i]) / 127);
  for (size_t channel = 0; channel < arranged->channels; channel++)
    if (scales[channel] < FLT_MIN) scales[channel] = 1;
  for (size_t i = 0; i < arranged->count; i++) bytes[i] = (int8_t)lrintf(floats[i] / scales[channel_of(arranged, i)]);
  const char *written = write_bytes(writer, name, arranged, bytes, scales);
  free(bytes);
  free(scales);
  return written;
}

/* What was int8 before stays so, with a scale that is positive and normal: the sign moves into the numbers. */
static const char *keep_bytes(network_writer *writer, const char *name, const arrangement *arranged,
                              const model_tensor *weight, const float *scale) {
  float *scales = new_array(arranged->channels, sizeof *scales);
  int8_t *bytes = new_array(arranged->count, 1);
  for (size_t channel = 0; channel < arranged->channels; channel++)
    scales[channel] = weight->scale * (scale ? scale[channel] : 1);
  for (size_t i = 0; i < arranged->count; i++) {
    const float size = scales[channel_of(arranged, i)];
    const int8_t byte = weight->bytes[arranged->from[i]];
    bytes[i] = fabsf(size) < FLT_MIN ? 0 : size > 0 ? byte : (int8_t) - (byte < -127 ? -127 : byte);
  }
  for (size_t channel = 0; channel < arranged->channels; channel++)
    scales[channel] = fabsf(scales[channel]) < FLT_MIN ? 1 : fabsf(scales[channel]);
  const char *written = write_bytes(writer, name, arranged, bytes, scales);
  free(bytes);
  free(scales);
  return written;
}

const char *weight_write(network_writer *writer, const char *name, const arrangement *arranged,
                         const model_tensor *weight, const float *scale, weight_form form) {
  if (weight->kind == MODEL_I8 && form != WEIGHTS_F32) return keep_bytes(writer, name, arranged, weight, scale);
  float *floats = new_array(arranged->count, sizeof *floats);
  for (size_t i = 0; i < arranged->count; i++) {
    const size_t at = arranged->from[i];
    const float number = weight->kind == MODEL_F32   ? weight->floats[at]
                         : weight->kind == MODEL_I64 ? (float)weight->integers[at]
                                                     : (float)weight->bytes[at] * weight->scale;
    floats[i] = number * (scale ? scale[channel_of(arranged, i)] : 1);
  }
  const char *written = form == WEIGHTS_F16 ? write_halves(writer, name, arranged, floats)
                        : form == WEIGHTS_INT8
                            ? write_rounded(writer, name, arranged, floats)
                            : network_writer_tensor(writer, name, DPL_F32, arranged->rank, arranged->shape, floats);
  free(floats);
  return written;
}
