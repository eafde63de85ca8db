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

#endif
