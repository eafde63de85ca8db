/* What detectors' outputs mean, on networks whose output is known: every cell of the grid gives the same numbers. */
#include "decode.h"
#include "made_networks.h"

/* 64×64 pixels → 2×2 cells of 32, each with the bias as its numbers. */
#define CELLS                                                                                                          \
  "{\"op\":\"max_pool\",\"kernel\":[32,32],\"stride\":[32,32],\"pad\":\"valid\",\"in\":[\"x\"],\"out\":\"cells\"}"

static dpl_network *constant_network(const char *head, const char *graph, const dpl_tensor *tensors, size_t count) {
  buffer file = network_bytes(head, graph, tensors, count);
  dpl_error error = {0};
  dpl_network *network = NULL;
  assert_ok(dpl_network_open(bytes_of(file), &network, &error), &error);
  free(file.data);
  float *input;
  assert_ok(dpl_network_input(network, 1, 64, 64, &input, &error), &error);
  memset(input, 0, 64 * 64 * 3 * sizeof *input);
  assert_ok(dpl_network_invoke(network, &error), &error);
  return network;
}

static void assert_box(dpl_box box, float x, float y, float width, float height) {
  const float got[] = {box.x, box.y, box.width, box.height}, expected[] = {x, y, width, height};
  for (size_t i = 0; i < 4; i++)
    if (!(fabsf(got[i] - expected[i]) < 1e-3f)) fail_msg("side %zu is %g instead of %g", i, got[i], expected[i]);
}

static void a_tiny_cell_places_its_anchor(void **state) {
  (void)state;
  /* anchor of 2×3 cells; x and y in the cell's middle; width doubled; score sigmoid(1) */
  const float zeros[15] = {0}, bias[5] = {0, 0, 0.693147f, 0, 1};
  const dpl_tensor tensors[] = {floats_tensor("w", 4, (size_t[]){5, 1, 1, 3}, zeros),
                                floats_tensor("b", 1, (size_t[]){5}, bias)};
  dpl_network *network = constant_network(
      "\"format\":1,\"name\":\"test\",\"task\":\"detector\",\"input\":{\"width\":64,\"height\":64,\"stride\":32,"
      "\"resizable\":true,\"order\":\"rgb\",\"mean\":[0,0,0],\"scale\":[1,1,1]},\"output\":{\"decoder\":\"tiny\","
      "\"threshold\":0.5,"
      "\"anchors\":[[2,3]]}",
      "{\"input\":\"x\",\"outputs\":[\"g\"],\"nodes\":[" CELLS
      ",{\"op\":\"conv2d\",\"in\":[\"cells\"],\"out\":\"g\",\"weight\":\"w\",\"bias\":\"b\",\"pad\":\"valid\"}]}",
      tensors, 2);
  dpl_face faces[8];
  dpl_candidates found = {.faces = faces, .capacity = 8};
  dpl_decode_tiny(network, 0.7f, &found);
  assert_int_equal(found.count, 4);
  assert_box(faces[0].box, 16 - 64, 16 - 48, 128, 96);
  assert_box(faces[3].box, 48 - 64, 48 - 48, 128, 96);
  assert_float_equal(faces[0].score, 0.731059f, 1e-5f);
  found.count = 0;
  dpl_decode_tiny(network, 0.74f, &found); /* above the score */
  assert_int_equal(found.count, 0);
  found.capacity = 3; /* never more than there is room for */
  dpl_decode_tiny(network, 0.5f, &found);
  assert_int_equal(found.count, 3);
  dpl_network_close(network);
}

static void an_ssd_cell_moves_its_priors(void **state) {
  (void)state;
  /* offsets y 1, x 0 (a tenth of the prior each), height and width as they are; only the second prior is a face */
  const float zeros[36] = {0}, boxes[12] = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
  const float classes[9] = {9, -9, 9, -9, 2, -9, 9, -9, 9};
  const dpl_tensor tensors[] = {
      floats_tensor("w", 4, (size_t[]){12, 1, 1, 3}, zeros), floats_tensor("b", 1, (size_t[]){12}, boxes),
      floats_tensor("v", 4, (size_t[]){9, 1, 1, 3}, zeros), floats_tensor("c", 1, (size_t[]){9}, classes)};
  dpl_network *network = constant_network(
      "\"format\":1,\"name\":\"test\",\"task\":\"detector\",\"input\":{\"width\":64,\"height\":64,\"stride\":32,"
      "\"order\":\"rgb\",\"mean\":[0,0,0],\"scale\":[1,1,1]},\"output\":{\"decoder\":\"ssd\",\"threshold\":0.5}",
      "{\"input\":\"x\",\"outputs\":[\"boxes\",\"classes\"],\"nodes\":[" CELLS
      ",{\"op\":\"conv2d\",\"in\":[\"cells\"],\"out\":\"boxes\",\"weight\":\"w\",\"bias\":\"b\",\"pad\":\"valid\"},"
      "{\"op\":\"conv2d\",\"in\":[\"cells\"],\"out\":\"classes\",\"weight\":\"v\",\"bias\":\"c\",\"pad\":\"valid\"}]}",
      tensors, 4);
  dpl_face faces[8];
  dpl_candidates found = {.faces = faces, .capacity = 8};
  dpl_decode_ssd(network, 0.5f, &found);
  assert_int_equal(found.count, 4);
  /* the first map's second prior: 0.2·√2 × 0.2/√2 of the canvas, cells of 16 px */
  const float width = 0.2f * sqrtf(2) * 64, height = 0.2f / sqrtf(2) * 64;
  assert_box(faces[0].box, 8 - width / 2, 8 + height / 10 - height / 2, width, height);
  assert_float_equal(faces[0].score, 0.880797f, 1e-5f);
  dpl_network_close(network);
}

static dpl_network *opened_on_black(buffer file) {
  dpl_error error = {0};
  dpl_network *network = NULL;
  float *input;
  assert_ok(dpl_network_open(bytes_of(file), &network, &error), &error);
  assert_ok(dpl_network_input(network, 1, 64, 64, &input, &error), &error);
  memset(input, 0, 64 * 64 * 3 * sizeof *input);
  assert_ok(dpl_network_invoke(network, &error), &error);
  return network;
}

static void a_yunet_cell_is_a_face_with_points(void **state) {
  (void)state;
  buffer file = yunet_detector();
  dpl_network *network = opened_on_black(file);
  dpl_face faces[32];
  dpl_candidates found = {.faces = faces, .capacity = 32};
  dpl_decode_yunet(network, 0.85f, &found);
  assert_int_equal(found.count, 16);
  assert_float_equal(faces[0].score, 0.9f, 1e-5f);
  assert_box(faces[0].box, 8 - 16, 4 - 32, 32, 64);
  assert_box(faces[5].box, 16 + 8 - 16, 16 + 4 - 32, 32, 64); /* second row, second column */
  assert_float_equal(faces[5].points[DPL_RIGHT_EYE].x, 32, 1e-4f);
  assert_float_equal(faces[5].points[DPL_RIGHT_EYE].y, 16, 1e-4f);
  found.count = 0;
  dpl_decode_yunet(network, 0.91f, &found);
  assert_int_equal(found.count, 0);
  dpl_network_close(network);
  free(file.data);
}

static void an_scrfd_anchor_reaches_to_four_sides(void **state) {
  (void)state;
  static const size_t kinds[] = {2, 8, 20};
  const float *const biases[] = {(const float[]){0.2f, 0.7f}, (const float[]){9, 9, 9, 9, 1, 0.5f, 2, 1},
                                 (const float[]){9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 1, 0, 0.5f, 0.5f, 0, 1, 1, 1}};
  buffer file = point_detector("scrfd", kinds, biases, 3);
  dpl_network *network = opened_on_black(file);
  dpl_face faces[32];
  dpl_candidates found = {.faces = faces, .capacity = 32};
  dpl_decode_scrfd(network, 0.5f, &found);
  assert_int_equal(found.count, 16);
  assert_float_equal(faces[0].score, 0.7f, 1e-5f);
  assert_box(faces[5].box, 16 - 16, 16 - 8, 48, 24);
  assert_float_equal(faces[5].points[DPL_MOUTH_LEFT].y, 32, 1e-4f);
  dpl_network_close(network);
  free(file.data);
}

static void maps_of_other_strides_are_no_yunet(void **state) {
  (void)state;
  static const size_t kinds[] = {1, 1, 4, 8}; /* four points */
  buffer file = point_detector("yunet", kinds, yunet_biases, 4);
  dpl_network_info info;
  dpl_error error = {0};
  assert_failure(DPL_DAMAGED_NETWORK, dpl_network_describe(bytes_of(file), &info, &error), &error);
  free(file.data);
}

/* Every cell sees the same face, so what comes out is what merging leaves; in parity mode without a closer look. */
static void a_detector_with_points_needs_no_other_network(void **state) {
  (void)state;
  buffer file = yunet_detector();
  const dpl_bytes networks[] = {bytes_of(file)};
  dpl_error error = {0};
  dpl_detector *detector = NULL;
  const dpl_detector_options parity = {.parity = true, .score_threshold = 0.85f};
  assert_ok(dpl_detector_open(networks, 1, &parity, &detector, &error), &error);
  uint8_t pixels[64 * 64 * 3] = {0};
  dpl_image *image = NULL;
  assert_ok(dpl_image_from_rgb(pixels, 64, 64, &image, &error), &error);
  dpl_face faces[32], drawn;
  dpl_detection found = {.faces = faces, .capacity = 32};
  assert_ok(dpl_detector_detect(detector, image, &found, &error), &error);
  assert_true(found.count > 0 && found.count < 16);
  assert_false(found.wants_thorough);
  assert_float_equal(faces[0].roll, 0, 1e-3f);
  assert_ok(dpl_detector_face_in_box(detector, image, (dpl_box){10, 10, 40, 40}, &drawn, &error), &error);
  assert_float_equal(drawn.score, 1, 0);
  for (size_t i = 0; i < DPL_POINTS; i++) /* inside what the person drew */
    assert_true(drawn.points[i].x > 10 && drawn.points[i].x < 50 && drawn.points[i].y > 10 && drawn.points[i].y < 50);
  dpl_detector_close(detector);
  dpl_image_close(image);
  free(file.data);
}

static void a_detector_says_from_which_score_on_it_finds_faces(void **state) {
  (void)state;
  const float zeros[15] = {0};
  const dpl_tensor weight = floats_tensor("w", 4, (size_t[]){5, 1, 1, 3}, zeros);
  static const char *const thresholds[] = {"", ",\"threshold\":0", ",\"threshold\":1"};
  for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++) {
    char head[512];
    snprintf(
        head, sizeof head,
        "\"format\":1,\"name\":\"test\",\"task\":\"detector\",\"input\":{\"width\":64,\"height\":64,\"order\":\"rgb\","
        "\"mean\":[0,0,0],\"scale\":[1,1,1]},\"output\":{\"decoder\":\"tiny\",\"anchors\":[[2,3]]%s}",
        thresholds[i]);
    buffer file = network_bytes(head,
                                "{\"input\":\"x\",\"outputs\":[\"g\"],\"nodes\":[{\"op\":\"conv2d\",\"in\":[\"x\"],"
                                "\"out\":\"g\",\"weight\":\"w\"}]}",
                                &weight, 1);
    dpl_network_info info;
    dpl_error error = {0};
    assert_failure(DPL_DAMAGED_NETWORK, dpl_network_describe(bytes_of(file), &info, &error), &error);
    free(file.data);
  }
}

static void a_detector_without_its_parts_says_what_it_needs(void **state) {
  (void)state;
  dpl_error error = {0};
  dpl_detector *detector = NULL;
  assert_failure(DPL_INVALID_ARGUMENT, dpl_detector_open(NULL, 0, NULL, &detector, &error), &error);
  buffer file = colour_embedder();
  const dpl_bytes embedder = bytes_of(file);
  assert_failure(DPL_UNSUPPORTED_NETWORK, dpl_detector_open(&embedder, 1, NULL, &detector, &error), &error);
  assert_null(detector);
  free(file.data);
}

/* The middle of an image of one colour is that colour: what the network is shown is the chip, and the vector has unit
   length and the direction of the colour. */
static void an_embedding_is_of_the_chip_and_of_unit_length(void **state) {
  (void)state;
  buffer file = colour_embedder();
  dpl_error error = {0};
  dpl_embedder *embedder = NULL;
  assert_ok(dpl_embedder_open(bytes_of(file), NULL, &embedder, &error), &error);
  assert_int_equal(dpl_embedder_dimension(embedder), 3);
  uint8_t pixels[32 * 32 * 3];
  for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t[]){30, 40, 120}[i % 3];
  dpl_image *image = NULL;
  assert_ok(dpl_image_from_rgb(pixels, 32, 32, &image, &error), &error);
  dpl_face faces[2] = {{.points = {{10, 10}, {22, 10}, {16, 16}, {10, 22}, {22, 22}}}};
  faces[1] = faces[0];
  float vectors[6];
  assert_ok(dpl_embedder_embed(embedder, image, faces, 2, vectors, &error), &error);
  for (size_t i = 0; i < 6; i++) assert_float_equal(vectors[i], ((const float[]){3, 4, 12})[i % 3] / 13, 1e-3f);
  for (size_t i = 0; i < DPL_POINTS; i++) faces[0].points[i] = (dpl_point){5, 5};
  assert_failure(DPL_INVALID_ARGUMENT, dpl_embedder_embed(embedder, image, faces, 1, vectors, &error), &error);
  dpl_image_close(image);
  dpl_embedder_close(embedder);
  free(file.data);
}

/* A box twice as high as wide fills the input's height and half its width; beside it there is black, however light the
   photo is there, and what the box has outside the photo is cut off. */
static void a_box_is_fitted_into_the_input(void **state) {
  (void)state;
  buffer file =
      network_bytes("\"format\":1,\"name\":\"test\",\"task\":\"embedder\",\"align\":\"box\",\"input\":{\"width\":8,"
                    "\"height\":8,\"order\":\"rgb\",\"mean\":[0,0,0],\"scale\":[1,1,1]},\"output\":{\"decoder\":"
                    "\"embedding\",\"threshold\":0.5}",
                    "{\"input\":\"x\",\"outputs\":[\"v\"],\"nodes\":[{\"op\":\"global_average_pool\",\"in\":["
                    "\"x\"],\"out\":\"v\"}]}",
                    NULL, 0);
  dpl_error error = {0};
  dpl_embedder *embedder = NULL;
  assert_ok(dpl_embedder_open(bytes_of(file), NULL, &embedder, &error), &error);
  uint8_t pixels[32 * 32 * 3];
  memset(pixels, 200, sizeof pixels);
  dpl_image *image = NULL, *chip = NULL;
  assert_ok(dpl_image_from_rgb(pixels, 32, 32, &image, &error), &error);
  dpl_face face = {.box = {-8, 4, 16, 16}}; /* 8 × 16 of it are in the photo */
  assert_ok(dpl_embedder_chip(embedder, image, &face, &chip, &error), &error);
  for (int y = 0; y < 8; y++)
    for (int x = 0; x < 8; x++) assert_int_equal(dpl_image_pixels(chip)[3 * (y * 8 + x)], x >= 2 && x < 6 ? 200 : 0);
  dpl_image_close(chip);
  face.box.x = -20;
  assert_failure(DPL_INVALID_ARGUMENT, dpl_embedder_chip(embedder, image, &face, &chip, &error), &error);
  dpl_image_close(image);
  dpl_embedder_close(embedder);
  free(file.data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_tiny_cell_places_its_anchor),
                                     cmocka_unit_test(an_ssd_cell_moves_its_priors),
                                     cmocka_unit_test(a_yunet_cell_is_a_face_with_points),
                                     cmocka_unit_test(an_scrfd_anchor_reaches_to_four_sides),
                                     cmocka_unit_test(maps_of_other_strides_are_no_yunet),
                                     cmocka_unit_test(a_detector_with_points_needs_no_other_network),
                                     cmocka_unit_test(a_box_is_fitted_into_the_input),
                                     cmocka_unit_test(a_detector_says_from_which_score_on_it_finds_faces),
                                     cmocka_unit_test(a_detector_without_its_parts_says_what_it_needs),
                                     cmocka_unit_test(an_embedding_is_of_the_chip_and_of_unit_length)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
