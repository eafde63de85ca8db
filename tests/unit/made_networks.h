/* Networks for tests, made at run time: a graph as JSON and tensors as arrays, laid down as a network file. */
#ifndef DOPPEL_TESTS_NETWORKS_H
#define DOPPEL_TESTS_NETWORKS_H

#include "safetensors.h"
#include "support.h"

/* What stands before the graph: an embedder of 8×8 pixels whose vector is the graph's output. */
#define EMBEDDER_8X8                                                                                                   \
  "\"format\":1,\"name\":\"test\",\"task\":\"embedder\",\"licence\":\"none\",\"source\":\"a test\","                   \
  "\"input\":{\"width\":8,\"height\":8,\"order\":\"rgb\",\"mean\":[0,0,0],\"scale\":[1,1,1]},"                         \
  "\"output\":{\"decoder\":\"embedding\",\"threshold\":0.5},\"template\":[[2,2],[6,2],[4,4],[2,6],[6,6]]"

static inline buffer network_bytes(const char *head, const char *graph, const dpl_tensor *tensors, size_t count) {
  char document[16384];
  const int length = snprintf(document, sizeof document, "{%s,\"graph\":%s}", head, graph);
  assert_in_range(length, 1, (int)sizeof document - 1);
  buffer file = {0};
  dpl_error error = {0};
  assert_ok(dpl_safetensors_write(tensors, count, document, &file.data, &file.size, &error), &error);
  return file;
}

static inline dpl_tensor floats_tensor(const char *name, size_t rank, const size_t *shape, const float *floats) {
  dpl_tensor tensor = {.name = name, .dtype = DPL_F32, .rank = rank, .count = 1, .data = (const uint8_t *)floats};
  for (size_t i = 0; i < rank; i++) tensor.count *= tensor.shape[i] = shape[i];
  return tensor;
}

/* 64×64 pixels → maps of 8×8, 4×4 and 2×2 cells; each output is a 1×1 convolution that gives its bias in every cell.
   `kinds` are the numbers a cell, `biases` theirs for the map of stride 16; the other maps get zeros. */
static inline buffer point_detector(const char *decoder, const size_t *kinds, const float *const *biases,
                                    size_t kind_count) {
  static const float zeros[20 * 3];
  dpl_tensor tensors[24];
  char names[24][8], nodes[4096], outputs[256] = "", head[512];
  size_t length = 0, count = 0;
  for (int stride = 8; stride <= 32; stride *= 2)
    length += (size_t)snprintf(nodes + length, sizeof nodes - length,
                               "%s{\"op\":\"max_pool\",\"kernel\":[%d,%d],\"stride\":[%d,%d],\"in\":[\"x\"],\"out\":"
                               "\"p%d\"}",
                               length ? "," : "", stride, stride, stride, stride, stride);
  for (size_t kind = 0; kind < kind_count; kind++)
    for (size_t level = 0; level < 3; level++) {
      const size_t at = strlen(outputs);
      snprintf(outputs + at, sizeof outputs - at, "%s\"o%zu_%zu\"", at ? "," : "", kind, level);
      snprintf(names[count], sizeof names[count], "w%zu_%zu", kind, level);
      tensors[count] = floats_tensor(names[count], 4, (size_t[]){kinds[kind], 1, 1, 3}, zeros), count++;
      snprintf(names[count], sizeof names[count], "b%zu_%zu", kind, level);
      tensors[count] = floats_tensor(names[count], 1, &kinds[kind], level == 1 ? biases[kind] : zeros), count++;
      length += (size_t)snprintf(nodes + length, sizeof nodes - length,
                                 ",{\"op\":\"conv2d\",\"in\":[\"p%d\"],\"out\":\"o%zu_%zu\",\"weight\":\"w%zu_%zu\","
                                 "\"bias\":\"b%zu_%zu\"}",
                                 8 << level, kind, level, kind, level, kind, level);
    }
  char graph[6144];
  snprintf(graph, sizeof graph, "{\"input\":\"x\",\"outputs\":[%s],\"nodes\":[%s]}", outputs, nodes);
  snprintf(head, sizeof head,
           "\"format\":1,\"name\":\"test\",\"task\":\"detector\",\"input\":{\"width\":64,\"height\":64,\"stride\":32,"
           "\"resizable\":true,\"order\":\"bgr\",\"mean\":[0,0,0],\"scale\":[1,1,1]},\"output\":{\"decoder\":\"%s\","
           "\"threshold\":0.6}",
           decoder);
  return network_bytes(head, graph, tensors, count);
}

/* Half a cell right and a quarter down from the cell's corner, twice and four times the stride large. */
static const size_t yunet_kinds[] = {1, 1, 4, 10};
static const float *const yunet_biases[] = {(const float[]){0.81f}, (const float[]){1.5f /* counts as 1 */},
                                            (const float[]){0.5f, 0.25f, 0.693147f, 1.386294f},
                                            (const float[]){0, 0, 1, 0, 0.5f, 0.5f, 0, 1, 1, 1}};

static inline buffer yunet_detector(void) {
  return point_detector("yunet", yunet_kinds, yunet_biases, 4);
}

/* The vector is the mean colour of the chip. */
static inline buffer colour_embedder(void) {
  return network_bytes(EMBEDDER_8X8,
                       "{\"input\":\"x\",\"outputs\":[\"v\"],\"nodes\":[{\"op\":\"global_average_pool\",\"in\":["
                       "\"x\"],\"out\":\"v\"}]}",
                       NULL, 0);
}

#endif
