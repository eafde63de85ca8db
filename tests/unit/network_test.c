/* Networks from data: each operator against the same written slowly, weights of every kind, and graphs that lie. */
#include "made_networks.h"
#include "net.h"

enum { SIDE = 8, PIXELS = SIDE * SIDE };

/* Runs an 8×8×3 network whose graph ends in "y" through a global average, and gives that average; the graph's own
   numbers are seen through it because each test makes them differ from channel to channel. */
static void run_embedder(const char *nodes, const dpl_tensor *tensors, size_t count, const float *input, size_t batch,
                         float *output, size_t channels) {
  char graph[4096];
  snprintf(graph, sizeof graph,
           "{\"input\":\"x\",\"outputs\":[\"v\"],\"nodes\":[%s,{\"op\":\"global_average_pool\",\"in\":[\"y\"],\"out\":"
           "\"v\"}]}",
           nodes);
  buffer file = network_bytes(EMBEDDER_8X8, graph, tensors, count);
  dpl_error error = {0};
  dpl_network *network = NULL;
  assert_ok(dpl_network_open(bytes_of(file), &network, &error), &error);
  free(file.data); /* the network may not need the file any more */
  const size_t shape[4] = {batch, SIDE, SIDE, 3};
  size_t got = 0;
  assert_ok(dpl_network_run(network, input, shape, output, batch * channels, &got, &error), &error);
  assert_int_equal(got, batch * channels);
  dpl_network_close(network);
}

static void random_floats(float *floats, size_t count, uint64_t seed) {
  for (size_t i = 0; i < count; i++) floats[i] = random_normal(&seed);
}

static void assert_close(const float *got, const float *expected, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!(fabsf(got[i] - expected[i]) < 1e-4f)) fail_msg("number %zu is %g instead of %g", i, got[i], expected[i]);
}

/* Mean over the outputs of a 3×3 convolution with the given stride and TensorFlow's "same" padding, then a lower clamp
   of 0. depthwise: filter is [1,3,3,C]. */
static void slow_conv_mean(const float *x, const float *w, const float *bias, size_t out_channels, size_t stride,
                           bool depthwise, float *mean) {
  const size_t side = (SIDE + stride - 1) / stride, reach = (side - 1) * stride + 3, before = (reach - SIDE) / 2;
  for (size_t o = 0; o < out_channels; o++) {
    double total = 0;
    for (size_t row = 0; row < side; row++)
      for (size_t column = 0; column < side; column++) {
        double sum = bias[o];
        for (size_t dy = 0; dy < 3; dy++)
          for (size_t dx = 0; dx < 3; dx++) {
            const size_t y = row * stride + dy - before, z = column * stride + dx - before; /* wraps outside */
            if (y >= SIDE || z >= SIDE) continue;
            for (size_t c = 0; c < 3; c++) {
              if (depthwise && c != o) continue;
              const float weight = depthwise ? w[(dy * 3 + dx) * 3 + c] : w[((o * 3 + dy) * 3 + dx) * 3 + c];
              sum += (double)x[(y * SIDE + z) * 3 + c] * weight;
            }
          }
        total += sum > 0 ? sum : 0;
      }
    mean[o] = (float)(total / (double)(side * side));
  }
}

static void convolutions_pad_as_tensorflow_does(void **state) {
  (void)state;
  float x[PIXELS * 3], w[4 * 27], bias[4], got[4], expected[4];
  random_floats(x, PIXELS * 3, 1);
  random_floats(w, 4 * 27, 2);
  random_floats(bias, 4, 3);
  for (size_t stride = 1; stride <= 2; stride++) {
    const dpl_tensor tensors[] = {floats_tensor("w", 4, (size_t[]){4, 3, 3, 3}, w),
                                  floats_tensor("b", 1, (size_t[]){4}, bias)};
    char node[256];
    snprintf(node, sizeof node,
             "{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"w\",\"bias\":\"b\",\"stride\":[%zu,%zu],"
             "\"pad\":\"same\",\"min\":0}",
             stride, stride);
    run_embedder(node, tensors, 2, x, 1, got, 4);
    slow_conv_mean(x, w, bias, 4, stride, false, expected);
    assert_close(got, expected, 4);
  }
}

static void depthwise_convolutions_keep_channels_apart(void **state) {
  (void)state;
  float x[PIXELS * 3], w[27], bias[3], got[3], expected[3];
  random_floats(x, PIXELS * 3, 4);
  random_floats(w, 27, 5);
  random_floats(bias, 3, 6);
  const dpl_tensor tensors[] = {floats_tensor("w", 4, (size_t[]){1, 3, 3, 3}, w),
                                floats_tensor("b", 1, (size_t[]){3}, bias)};
  run_embedder(
      "{\"op\":\"depthwise_conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"w\",\"bias\":\"b\",\"stride\":[2,"
      "2],\"pad\":\"same\",\"min\":0}",
      tensors, 2, x, 1, got, 3);
  slow_conv_mean(x, w, bias, 3, 2, true, expected);
  assert_close(got, expected, 3);
}

/* q·scale + offset, one scale a channel: the u8 file must run as the floats it stands for. */
static void quantised_weights_stand_for_their_numbers(void **state) {
  (void)state;
  enum { OUT = 4 };
  float x[PIXELS * 3], w[OUT * 27], bias[OUT] = {0}, scale[OUT], offset[OUT], got[OUT], expected[OUT];
  uint8_t q[OUT * 27];
  random_floats(x, PIXELS * 3, 7);
  uint64_t seed = 8;
  for (size_t o = 0; o < OUT; o++) scale[o] = 0.01f * (float)(o + 1), offset[o] = -0.5f * (float)(o + 1);
  for (size_t i = 0; i < OUT * 27; i++) {
    q[i] = (uint8_t)random_bits(&seed);
    w[i] = (float)q[i] * scale[i / 27] + offset[i / 27];
  }
  const dpl_tensor tensors[] = {
      {.name = "w", .dtype = DPL_U8, .rank = 4, .shape = {OUT, 3, 3, 3}, .count = OUT * 27, .data = q},
      floats_tensor("w.scale", 1, (size_t[]){OUT}, scale),
      floats_tensor("w.offset", 1, (size_t[]){OUT}, offset),
      floats_tensor("b", 1, (size_t[]){OUT}, bias)};
  run_embedder(
      "{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"w\",\"bias\":\"b\",\"pad\":\"same\",\"min\":0}",
      tensors, 4, x, 1, got, OUT);
  slow_conv_mean(x, w, bias, OUT, 1, false, expected);
  assert_close(got, expected, OUT);
}

/* Four layers with `middle` (and its weights in whatever form) between a first and a last one, in either arithmetic. */
static void run_four_layers(const dpl_tensor *middle, size_t middle_count, dpl_arithmetic arithmetic, float *vector) {
  float x[PIXELS * 3], first[4 * 27], pointwise[4 * 4], last[4 * 4];
  random_floats(x, PIXELS * 3, 21);
  random_floats(first, 4 * 27, 22);
  random_floats(pointwise, 16, 23);
  random_floats(last, 16, 24);
  dpl_tensor tensors[8] = {floats_tensor("first", 4, (size_t[]){4, 3, 3, 3}, first),
                           floats_tensor("pointwise", 4, (size_t[]){4, 1, 1, 4}, pointwise),
                           floats_tensor("last", 2, (size_t[]){4, 4}, last)};
  memcpy(tensors + 3, middle, middle_count * sizeof *middle);
  buffer file = network_bytes(
      EMBEDDER_8X8,
      "{\"input\":\"x\",\"outputs\":[\"v\"],\"nodes\":["
      "{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"a\",\"weight\":\"first\",\"pad\":\"same\",\"min\":0},"
      "{\"op\":\"conv2d\",\"in\":[\"a\"],\"out\":\"b\",\"weight\":\"w\",\"pad\":\"same\",\"stride\":[2,2],\"min\":0},"
      "{\"op\":\"conv2d\",\"in\":[\"b\"],\"out\":\"c\",\"weight\":\"pointwise\",\"pad\":\"valid\"},"
      "{\"op\":\"global_average_pool\",\"in\":[\"c\"],\"out\":\"d\"},"
      "{\"op\":\"fully_connected\",\"in\":[\"d\"],\"out\":\"v\",\"weight\":\"last\"}]}",
      tensors, 3 + middle_count);
  const size_t shape[4] = {1, SIDE, SIDE, 3};
  dpl_error error = {0};
  dpl_network *network = NULL;
  size_t got;
  assert_ok(dpl_network_open_as(bytes_of(file), &(dpl_network_options){.arithmetic = arithmetic}, &network, &error),
            &error);
  assert_ok(dpl_network_run(network, x, shape, vector, 4, &got, &error), &error);
  dpl_network_close(network);
  free(file.data);
}

/* Eight bits for weights and activations: a little off, and not by nothing, or they were not used. */
static void assert_int8_is_near(const dpl_tensor *middle, size_t count) {
  float exact[4], rounded[4], most = 0, off = 0;
  run_four_layers(middle, count, DPL_ARITHMETIC_FLOAT, exact);
  run_four_layers(middle, count, DPL_ARITHMETIC_INT8, rounded);
  for (size_t i = 0; i < 4; i++) most = fmaxf(most, fabsf(exact[i])), off = fmaxf(off, fabsf(exact[i] - rounded[i]));
  if (!(off > 0 && off < 0.05f * most)) fail_msg("off by %g of %g", off, most);
}

static void weights_of_every_kind_multiply_in_int8_where_asked(void **state) {
  (void)state;
  float floats[4 * 36], scale[4] = {0.01f, 0.02f, 0.005f, 0.01f}, offset[4] = {-1.2f, -2.5f, -0.6f, -1.3f};
  int8_t i8[4 * 36];
  uint8_t u8[4 * 36];
  random_floats(floats, 4 * 36, 25);
  for (size_t i = 0; i < sizeof i8; i++) i8[i] = (int8_t)(i * 37 % 255 - 127), u8[i] = (uint8_t)(i * 37 % 255);
  const size_t shape[4] = {4, 3, 3, 4};
  assert_int8_is_near((const dpl_tensor[]){floats_tensor("w", 4, shape, floats)}, 1);
  dpl_tensor w = {.name = "w", .dtype = DPL_I8, .rank = 4, .shape = {4, 3, 3, 4}, .count = 144};
  w.data = (const uint8_t *)i8;
  assert_int8_is_near((const dpl_tensor[]){w, floats_tensor("w.scale", 1, (size_t[]){4}, scale)}, 2);
  w.dtype = DPL_U8, w.data = u8;
  assert_int8_is_near((const dpl_tensor[]){w, floats_tensor("w.scale", 1, (size_t[]){4}, scale),
                                           floats_tensor("w.offset", 1, (size_t[]){4}, offset)},
                      3);
}

/* The first layer and the last are all that there is: nothing is left to multiply in int8. */
static void the_first_layer_and_the_last_stay_in_float(void **state) {
  (void)state;
  float x[PIXELS * 3], w[4 * 27], v[4 * 4], results[2][4];
  random_floats(x, PIXELS * 3, 26);
  random_floats(w, 4 * 27, 27);
  random_floats(v, 16, 28);
  const dpl_tensor tensors[] = {floats_tensor("w", 4, (size_t[]){4, 3, 3, 3}, w),
                                floats_tensor("v", 4, (size_t[]){4, 1, 1, 4}, v)};
  buffer file = network_bytes(EMBEDDER_8X8,
                              "{\"input\":\"x\",\"outputs\":[\"m\"],\"nodes\":["
                              "{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"a\",\"weight\":\"w\",\"pad\":\"same\"},"
                              "{\"op\":\"conv2d\",\"in\":[\"a\"],\"out\":\"b\",\"weight\":\"v\",\"pad\":\"valid\"},"
                              "{\"op\":\"global_average_pool\",\"in\":[\"b\"],\"out\":\"m\"}]}",
                              tensors, 2);
  const size_t shape[4] = {1, SIDE, SIDE, 3};
  for (int round = 0; round < 2; round++) {
    dpl_error error = {0};
    dpl_network *network = NULL;
    size_t got;
    const dpl_network_options as = {.arithmetic = round ? DPL_ARITHMETIC_INT8 : DPL_ARITHMETIC_FLOAT};
    assert_ok(dpl_network_open_as(bytes_of(file), &as, &network, &error), &error);
    assert_ok(dpl_network_run(network, x, shape, results[round], 4, &got, &error), &error);
    dpl_network_close(network);
  }
  assert_memory_equal(results[0], results[1], sizeof results[0]);
  free(file.data);
}

static void half_precision_weights_are_read(void **state) {
  (void)state;
  /* a diagonal of 1.0, −2.0 and 0.5 */
  static const uint16_t halves[9] = {0x3c00, 0, 0, 0, 0xc000, 0, 0, 0, 0x3800};
  float x[PIXELS * 3], got[3], mean[3] = {0};
  random_floats(x, PIXELS * 3, 9);
  for (size_t i = 0; i < PIXELS * 3; i++) mean[i % 3] += x[i] / PIXELS;
  const dpl_tensor tensors[] = {
      {.name = "w", .dtype = DPL_F16, .rank = 4, .shape = {3, 1, 1, 3}, .count = 9, .data = (const uint8_t *)halves}};
  run_embedder("{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"w\",\"pad\":\"valid\"}", tensors, 1, x, 1,
               got, 3);
  assert_close(got, (const float[]){mean[0], -2 * mean[1], 0.5f * mean[2]}, 3);
}

static void a_batch_is_as_many_single_runs(void **state) {
  (void)state;
  float x[3 * PIXELS * 3], w[4 * 27], together[12], alone[4];
  random_floats(x, 3 * PIXELS * 3, 10);
  random_floats(w, 4 * 27, 11);
  const dpl_tensor tensors[] = {floats_tensor("w", 4, (size_t[]){4, 3, 3, 3}, w)};
  static const char node[] =
      "{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"w\",\"pad\":\"same\",\"min\":0}";
  run_embedder(node, tensors, 1, x, 3, together, 4);
  for (size_t i = 0; i < 3; i++) {
    run_embedder(node, tensors, 1, x + i * PIXELS * 3, 1, alone, 4);
    assert_close(together + 4 * i, alone, 4);
  }
}

static float slow_unary(const char *op, float x) {
  if (strstr(op, "leaky")) return x > 0 ? x : 0.1f * x;
  if (strstr(op, "sigmoid")) return 1 / (1 + expf(-x));
  if (strstr(op, "hard_swish")) return x * fminf(fmaxf(x + 3, 0), 6) / 6;
  return fminf(fmaxf(x, -0.5f), 0.75f);
}

static void networks_that_share_a_workspace_do_not_disturb_each_other(void **state) {
  (void)state;
  float weights[2][4 * 27], input[4 * PIXELS * 3], alone[2][2][16], shared[2][2][16];
  random_floats(input, 4 * PIXELS * 3, 12);
  dpl_error error = {0};
  for (int with = 0; with < 2; with++) {
    dpl_network *networks[2] = {NULL, NULL};
    xnn_workspace_t workspace = NULL;
    if (with) assert_ok(dpl_workspace_open(&workspace, &error), &error);
    for (size_t i = 0; i < 2; i++) {
      random_floats(weights[i], 4 * 27, 13 + i);
      const dpl_tensor tensors[] = {floats_tensor("w", 4, (size_t[]){4, 3, 3, 3}, weights[i])};
      buffer file = network_bytes(EMBEDDER_8X8,
                                  "{\"input\":\"x\",\"outputs\":[\"v\"],\"nodes\":[{\"op\":\"conv2d\",\"in\":[\"x\"],"
                                  "\"out\":\"y\",\"weight\":\"w\",\"pad\":\"same\",\"min\":0},"
                                  "{\"op\":\"global_average_pool\",\"in\":[\"y\"],\"out\":\"v\"}]}",
                                  tensors, 1);
      const dpl_network_options as = {.workspace = workspace};
      assert_ok(dpl_network_open_as(bytes_of(file), &as, &networks[i], &error), &error);
      free(file.data);
    }
    if (with) xnn_release_workspace(workspace); /* the networks hold it */
    /* the second one's larger batch moves the memory under the first one */
    for (size_t look = 0; look < 2; look++)
      for (size_t i = 0; i < 2; i++) {
        const size_t shape[4] = {i ? 4 : 1, SIDE, SIDE, 3};
        size_t got;
        assert_ok(dpl_network_run(networks[i], input, shape, (with ? shared : alone)[look][i], 16, &got, &error),
                  &error);
        assert_int_equal(got, i ? 16 : 4);
      }
    dpl_network_close(networks[0]);
    dpl_network_close(networks[1]);
  }
  for (size_t look = 0; look < 2; look++) {
    assert_memory_equal(shared[look][0], alone[0][0], 4 * sizeof(float));
    assert_memory_equal(shared[look][1], alone[0][1], 16 * sizeof(float));
  }
}

static void activations_are_what_their_names_say(void **state) {
  (void)state;
  static const char *const nodes[] = {"{\"op\":\"leaky_relu\",\"alpha\":0.1,\"in\":[\"x\"],\"out\":\"y\"}",
                                      "{\"op\":\"sigmoid\",\"in\":[\"x\"],\"out\":\"y\"}",
                                      "{\"op\":\"hard_swish\",\"in\":[\"x\"],\"out\":\"y\"}",
                                      "{\"op\":\"clamp\",\"min\":-0.5,\"max\":0.75,\"in\":[\"x\"],\"out\":\"y\"}"};
  float x[PIXELS * 3], got[3];
  random_floats(x, PIXELS * 3, 12);
  for (size_t n = 0; n < sizeof nodes / sizeof *nodes; n++) {
    float expected[3] = {0};
    for (size_t i = 0; i < PIXELS * 3; i++) expected[i % 3] += slow_unary(nodes[n], x[i]) / PIXELS;
    run_embedder(nodes[n], NULL, 0, x, 1, got, 3);
    assert_close(got, expected, 3);
  }
}

static void constants_broadcast_over_the_picture(void **state) {
  (void)state;
  static const struct {
    const char *op;
    float expected[3]; /* of 2 with 4, 0.5, −1 */
  } cases[] = {{"add", {6, 2.5f, 1}}, {"subtract", {-2, 1.5f, 3}}, {"multiply", {8, 1, -2}}, {"divide", {0.5f, 4, -2}}};
  float twos[PIXELS * 3], got[3];
  const float constant[3] = {4, 0.5f, -1};
  const dpl_tensor tensors[] = {floats_tensor("c", 1, (size_t[]){3}, constant)};
  for (size_t i = 0; i < PIXELS * 3; i++) twos[i] = 2;
  for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
    char node[128];
    snprintf(node, sizeof node, "{\"op\":\"%s\",\"in\":[\"x\",\"c\"],\"out\":\"y\"}", cases[n].op);
    run_embedder(node, tensors, 1, twos, 1, got, 3);
    assert_close(got, cases[n].expected, 3);
  }
  for (size_t i = 0; i < PIXELS * 3; i++) twos[i] = -2;
  run_embedder("{\"op\":\"prelu\",\"in\":[\"x\",\"c\"],\"out\":\"y\"}", tensors, 1, twos, 1, got, 3);
  assert_close(got, (const float[]){-8, -1, 2}, 3);
}

static void pools_pads_and_concats_move_numbers_where_they_belong(void **state) {
  (void)state;
  float x[PIXELS * 3], got[6];
  for (size_t i = 0; i < PIXELS * 3; i++) x[i] = (float)(i / 3 % SIDE); /* the column */
  run_embedder("{\"op\":\"max_pool\",\"kernel\":[2,2],\"stride\":[2,2],\"pad\":\"same\",\"in\":[\"x\"],\"out\":\"y\"}",
               NULL, 0, x, 1, got, 3);
  assert_close(got, (const float[]){4, 4, 4}, 3); /* of 1, 3, 5, 7 */
  run_embedder(
      "{\"op\":\"average_pool\",\"kernel\":[2,2],\"stride\":[2,2],\"pad\":\"valid\",\"in\":[\"x\"],\"out\":\"y\"}",
      NULL, 0, x, 1, got, 3);
  assert_close(got, (const float[]){3.5f, 3.5f, 3.5f}, 3);
  run_embedder("{\"op\":\"pad\",\"before\":[0,0,0,1],\"after\":[0,0,8,2],\"in\":[\"x\"],\"out\":\"y\"}", NULL, 0, x, 1,
               got, 6);
  assert_close(got, (const float[]){0, 1.75f, 1.75f, 1.75f, 0, 0}, 6);
  run_embedder(
      "{\"op\":\"clamp\",\"max\":3.5,\"in\":[\"x\"],\"out\":\"h\"},{\"op\":\"concat\",\"axis\":3,\"in\":[\"x\","
      "\"h\"],\"out\":\"y\"}",
      NULL, 0, x, 1, got, 6);
  assert_close(got, (const float[]){3.5f, 3.5f, 3.5f, 2.5f, 2.5f, 2.5f}, 6); /* 0 1 2 3 3.5 3.5 3.5 3.5 */
}

/* ---- what lies ---- */

static void a_clamp_behind_a_convolution_is_its_limits(void **state) {
  (void)state;
  float x[PIXELS * 3], weight[2 * 3 * 3 * 3], own[2], apart[2];
  random_floats(x, PIXELS * 3, 31), random_floats(weight, 54, 32);
  const dpl_tensor tensors[] = {floats_tensor("w", 4, (size_t[]){2, 3, 3, 3}, weight)};
#define CONV "{\"op\":\"conv2d\",\"in\":[\"x\"],\"weight\":\"w\",\"pad\":[1,1,1,1],"
  run_embedder(CONV "\"out\":\"y\",\"min\":1.5,\"max\":7.5}", tensors, 1, x, 1, own, 2);
  run_embedder(CONV "\"out\":\"a\",\"max\":7.5},{\"op\":\"clamp\",\"in\":[\"a\"],\"out\":\"b\",\"min\":1.5},"
                    "{\"op\":\"clamp\",\"in\":[\"b\"],\"out\":\"y\",\"min\":-1}",
               tensors, 1, x, 1, apart, 2);
#undef CONV
  assert_close(apart, own, 2);
}

/* XNNPACK ends the program over a node that nobody reads whose input nobody else reads. */
static void nodes_that_lead_to_no_output_are_left_out(void **state) {
  (void)state;
  float x[PIXELS * 3], got[3];
  for (size_t i = 0; i < PIXELS * 3; i++) x[i] = (float)(i % 3) - 1;
  run_embedder("{\"op\":\"hard_swish\",\"in\":[\"x\"],\"out\":\"a\"},{\"op\":\"sigmoid\",\"in\":[\"a\"],\"out\":\"b\"},"
               "{\"op\":\"clamp\",\"min\":0,\"in\":[\"x\"],\"out\":\"y\"}",
               NULL, 0, x, 1, got, 3);
  assert_close(got, (const float[]){0, 0, 1}, 3);
}

static void refused(const char *head, const char *graph, dpl_status expected) {
  static const float numbers[64] = {0};
  const dpl_tensor tensors[] = {
      floats_tensor("w", 4, (size_t[]){2, 3, 3, 3}, numbers),
      floats_tensor("b", 1, (size_t[]){2}, numbers),
      {.name = "q", .dtype = DPL_U8, .rank = 4, .shape = {2, 1, 1, 3}, .count = 6, .data = (const uint8_t *)numbers}};
  buffer file = network_bytes(head, graph, tensors, 3);
  dpl_error error = {0};
  dpl_network *network = NULL;
  assert_failure(expected, dpl_network_open(bytes_of(file), &network, &error), &error);
  assert_null(network);
  free(file.data);
}

#define ONE(node) "{\"input\":\"x\",\"outputs\":[\"v\"],\"nodes\":[" node "]}"
#define AVERAGE   ",{\"op\":\"global_average_pool\",\"in\":[\"y\"],\"out\":\"v\"}"

static void graphs_that_lie_are_refused_before_anything_runs(void **state) {
  (void)state;
  static const char *const damaged[] = {
      "{}",
      "{\"input\":\"x\",\"outputs\":[\"v\"],\"nodes\":[]}",
      ONE("{\"op\":\"sigmoid\",\"in\":[\"nowhere\"],\"out\":\"v\"}"),
      ONE("{\"op\":\"sigmoid\",\"in\":[\"x\"],\"out\":\"x\"}"),
      ONE("{\"op\":\"sigmoid\",\"in\":[],\"out\":\"v\"}"),
      ONE("{\"op\":\"sigmoid\",\"in\":[\"x\",\"x\"],\"out\":\"v\"}"),
      ONE("{\"op\":\"add\",\"in\":[\"x\",\"b\"],\"out\":\"y\"}" AVERAGE), /* 3 channels and 2 */
      ONE("{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\"}" AVERAGE),    /* no weight */
      ONE("{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"missing\"}" AVERAGE),
      ONE("{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"b\"}" AVERAGE), /* of rank 1 */
      ONE("{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"q\"}" AVERAGE), /* u8 without scale */
      ONE("{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"w\",\"stride\":[0,1]}" AVERAGE),
      ONE("{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"w\",\"stride\":[1e99,1]}" AVERAGE),
      ONE("{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"w\",\"pad\":\"sideways\"}" AVERAGE),
      ONE("{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"w\",\"min\":2,\"max\":1}" AVERAGE),
      ONE("{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"w\",\"dilation\":[9,9]}" AVERAGE),
      ONE("{\"op\":\"pad\",\"before\":[0,60000,60000,60000],\"in\":[\"x\"],\"out\":\"y\"}" AVERAGE),
      ONE("{\"op\":\"max_pool\",\"in\":[\"x\"],\"out\":\"y\",\"pad\":\"same\"}" AVERAGE), /* no kernel */
      ONE("{\"op\":\"average_pool\",\"kernel\":[9999,9999],\"pad\":\"same\",\"in\":[\"x\"],\"out\":\"y\"}" AVERAGE),
      ONE("{\"op\":\"concat\",\"axis\":-1,\"in\":[\"x\",\"x\"],\"out\":\"y\"}" AVERAGE),
      ONE("{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"w\",\"groups\":0}" AVERAGE),
      ONE("{\"op\":\"conv2d\",\"in\":[\"x\"],\"out\":\"y\",\"weight\":\"w\",\"groups\":3}" AVERAGE),
      ONE("{\"op\":\"concat\",\"axis\":5,\"in\":[\"x\",\"x\"],\"out\":\"y\"}" AVERAGE),
      ONE("{\"op\":\"sigmoid\",\"in\":[\"x\"],\"out\":\"v\"}"), /* no vector */
      "{\"input\":\"x\",\"outputs\":[\"x\"],\"nodes\":[{\"op\":\"sigmoid\",\"in\":[\"x\"],\"out\":\"v\"}]}",
  };
  for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) refused(EMBEDDER_8X8, damaged[i], DPL_DAMAGED_NETWORK);
  refused(EMBEDDER_8X8, ONE("{\"op\":\"teleport\",\"in\":[\"x\"],\"out\":\"v\"}"), DPL_UNSUPPORTED_NETWORK);
  refused(EMBEDDER_8X8,
          ONE("{\"op\":\"max_pool\",\"kernel\":[1,1],\"stride\":[2,2],\"in\":[\"x\"],\"out\":\"y\"}" AVERAGE),
          DPL_UNSUPPORTED_NETWORK);
  refused(EMBEDDER_8X8,
          ONE("{\"op\":\"average_pool\",\"kernel\":[1,3],\"stride\":[2,1],\"pad\":\"same\",\"in\":[\"x\"],\"out\":"
              "\"y\"}" AVERAGE),
          DPL_UNSUPPORTED_NETWORK);
  refused("\"format\":2", "{}", DPL_UNSUPPORTED_NETWORK);
  refused("\"task\":\"embedder\"", "{}", DPL_DAMAGED_NETWORK);
}

static void a_network_of_fixed_size_takes_no_other(void **state) {
  (void)state;
  buffer file =
      network_bytes(EMBEDDER_8X8, ONE("{\"op\":\"global_average_pool\",\"in\":[\"x\"],\"out\":\"v\"}"), NULL, 0);
  dpl_error error = {0};
  dpl_network *network = NULL;
  assert_ok(dpl_network_open(bytes_of(file), &network, &error), &error);
  free(file.data);
  static const size_t wrong[][4] = {{1, 16, 16, 3}, {0, 8, 8, 3}, {65, 8, 8, 3}, {1, 8, 8, 4}};
  size_t count = 0;
  float room = 0;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_failure(DPL_INVALID_ARGUMENT, dpl_network_run(network, &room, wrong[i], &room, 1, &count, &error), &error);
  dpl_network_close(network);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(convolutions_pad_as_tensorflow_does),
                                     cmocka_unit_test(depthwise_convolutions_keep_channels_apart),
                                     cmocka_unit_test(quantised_weights_stand_for_their_numbers),
                                     cmocka_unit_test(weights_of_every_kind_multiply_in_int8_where_asked),
                                     cmocka_unit_test(the_first_layer_and_the_last_stay_in_float),
                                     cmocka_unit_test(half_precision_weights_are_read),
                                     cmocka_unit_test(a_batch_is_as_many_single_runs),
                                     cmocka_unit_test(networks_that_share_a_workspace_do_not_disturb_each_other),
                                     cmocka_unit_test(activations_are_what_their_names_say),
                                     cmocka_unit_test(constants_broadcast_over_the_picture),
                                     cmocka_unit_test(pools_pads_and_concats_move_numbers_where_they_belong),
                                     cmocka_unit_test(nodes_that_lead_to_no_output_are_left_out),
                                     cmocka_unit_test(a_clamp_behind_a_convolution_is_its_limits),
                                     cmocka_unit_test(graphs_that_lie_are_refused_before_anything_runs),
                                     cmocka_unit_test(a_network_of_fixed_size_takes_no_other)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
