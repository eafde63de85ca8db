/* What the importers' readers take from files of others, and that they say why they take no more. */
#include "keras_h5.h" /* before cmocka.h, which takes the word fail() */
#include "readers.h"

#include "models.h"

#include <hdf5.h>
#include <unistd.h>

typedef bool reader(dpl_bytes file, model *to, sentence *why);

/* The file as an allocation that ends with it. Frees `file`. */
static bool read_by(reader *read, buffer file, model *to, sentence *why) {
  const dpl_bytes exact = exact_copy(bytes_of(file));
  *why = (sentence){""};
  const bool done = read(exact, to, why);
  free((void *)(uintptr_t)exact.data), free(file.data);
  return done;
}

static void assert_read(reader *read, buffer file, model *to) {
  sentence why;
  const bool done = read_by(read, file, to, &why);
  if (!done) print_message("%s\n", why.text);
  assert_true(done);
}

/* Refused with a sentence that holds `words`, and nothing is left behind. */
static void assert_refused(reader *read, buffer file, const char *words) {
  model none;
  sentence why;
  assert_false(read_by(read, file, &none, &why));
  if (!strstr(why.text, words)) print_message("\"%s\" instead of \"%s\"\n", why.text, words);
  assert_non_null(strstr(why.text, words));
  assert_int_equal(why.text[strlen(why.text) - 1], '.');
  assert_null(none.memory);
}

/* ---- ONNX ---- */

static void an_onnx_file_becomes_values_and_nodes(void **state) {
  (void)state;
  model read;
  assert_read(onnx_read, onnx_file(tiny_onnx_graph(), 13), &read);
  assert_string_equal(read.input, "x");
  assert_int_equal(read.input_rank, 4);
  assert_int_equal(read.input_shape[0], 0);
  assert_int_equal(read.input_shape[1], 3);
  assert_int_equal(read.opset, 13);
  assert_false(read.channels_last);
  assert_int_equal(read.output_count, 1);
  assert_string_equal(read.outputs[0], "y");
  assert_int_equal(read.node_count, 6);
  const model_node *conv = &read.nodes[0];
  assert_string_equal(conv->op, "Conv");
  assert_int_equal(conv->input_count, 3);
  assert_string_equal(conv->inputs[1], "w");
  const model_attribute *pads = model_attribute_named(conv, "pads");
  assert_int_equal(pads->kind, MODEL_INTS);
  assert_int_equal(pads->count, 4);
  assert_int_equal(pads->integers[3], 1);
  const model_tensor *weight = model_tensor_named(&read, "w");
  assert_int_equal(weight->rank, 4);
  assert_int_equal(weight->count, 54);
  assert_true(weight->floats[1] == -0.25f);
  model_free(&read);
}

/* The one weight of a graph x + t → y. */
static buffer onnx_with(buffer tensor) {
  buffer graph = {0};
  put_message(&graph, GRAPH_WEIGHT, tensor);
  put_message(&graph, GRAPH_INPUT, onnx_value("x", SHAPE(1, 3)));
  put_message(&graph, GRAPH_OUTPUT, onnx_value("y", SHAPE(1, 3)));
  put_message(&graph, GRAPH_NODE, onnx_node("Add", "x t", "y"));
  return onnx_file(graph, 13);
}

static void every_number_is_widened(void **state) {
  (void)state;
  static const struct {
    int type;
    size_t size;
    uint64_t bits;
    double value;
  } cases[] = {
      {ONNX_FLOAT, 4, 0xbfc00000, -1.5},
      {ONNX_FLOAT16, 2, 0xc500, -5},
      {ONNX_BFLOAT16, 2, 0xbfc0, -1.5},
      {ONNX_FLOAT16, 2, 1, 0x1p-24},
      {ONNX_DOUBLE, 8, 0xc000000000000000, -2},
      {ONNX_INT8, 1, 0xff, -1},
      {ONNX_UINT8, 1, 0xff, 255},
      {ONNX_INT16, 2, 0x8000, -32768},
      {ONNX_UINT16, 2, 0x8000, 32768},
      {ONNX_INT32, 4, 0xfffffffe, -2},
      {ONNX_UINT32, 4, 0xfffffffe, 4294967294.0},
      {ONNX_BOOL, 1, 1, 1},
      {ONNX_INT64, 8, UINT64_MAX - 2, -3},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint8_t bytes[8];
    for (size_t k = 0; k < 8; k++) bytes[k] = (uint8_t)(cases[i].bits >> (8 * k));
    model read;
    assert_read(onnx_read, onnx_with(onnx_tensor("t", cases[i].type, SHAPE(1), bytes, cases[i].size)), &read);
    const model_tensor *tensor = &read.tensors[0];
    assert_int_equal(tensor->count, 1);
    const double value = tensor->kind == MODEL_F32 ? (double)tensor->floats[0] : (double)tensor->integers[0];
    if (value != cases[i].value) print_message("type %d: %g\n", cases[i].type, value);
    assert_true(value == cases[i].value);
    model_free(&read);
  }
}

static void typed_lists_are_read_like_bytes(void **state) {
  (void)state;
  model read;
  buffer halves = onnx_tensor_head("t", ONNX_FLOAT16, SHAPE(2)), packed = {0};
  put_varint(&packed, 0x3c00), put_varint(&packed, 0xc500);
  put_message(&halves, 5, packed);
  assert_read(onnx_read, onnx_with(halves), &read);
  assert_true(read.tensors[0].floats[0] == 1 && read.tensors[0].floats[1] == -5);
  model_free(&read);

  buffer longs = onnx_tensor_head("t", ONNX_INT64, SHAPE(3));
  put_number(&longs, 7, -7), put_number(&longs, 7, 8), put_number(&longs, 7, INT64_MIN); /* not packed */
  assert_read(onnx_read, onnx_with(longs), &read);
  assert_true(read.tensors[0].integers[0] == -7 && read.tensors[0].integers[2] == INT64_MIN);
  model_free(&read);

  buffer empty = onnx_tensor_head("t", ONNX_FLOAT, SHAPE(0));
  assert_read(onnx_read, onnx_with(empty), &read);
  assert_int_equal(read.tensors[0].count, 0);
  model_free(&read);
}

static void weights_that_old_files_list_as_inputs_are_no_inputs(void **state) {
  (void)state;
  buffer graph = tiny_onnx_graph();
  put_message(&graph, GRAPH_INPUT, onnx_value("w", SHAPE(2, 3, 3, 3)));
  model read;
  assert_read(onnx_read, onnx_file(graph, 9), &read);
  assert_string_equal(read.input, "x");
  model_free(&read);
}

static void operators_of_others_keep_their_domain(void **state) {
  (void)state;
  buffer graph = tiny_onnx_graph(), node = onnx_node("Conv", "x", "z");
  put_text(&node, 7, "com.example");
  put_message(&graph, GRAPH_NODE, node);
  model read;
  assert_read(onnx_read, onnx_file(graph, 13), &read);
  assert_string_equal(read.nodes[6].op, "com.example.Conv");
  model_free(&read);
}

static buffer with_node(buffer node) {
  buffer graph = tiny_onnx_graph();
  put_message(&graph, GRAPH_NODE, node);
  return onnx_file(graph, 13);
}

static buffer with_part(unsigned field, buffer part) {
  buffer graph = tiny_onnx_graph();
  put_message(&graph, field, part);
  return onnx_file(graph, 13);
}

static void what_no_onnx_network_may_be_is_said(void **state) {
  (void)state;
  const float four[4] = {1, 2, 3, 4};
  assert_refused(onnx_read, with_node(onnx_node("Relu", "later", "z")), "which nothing before it sets");
  assert_refused(onnx_read, with_node(onnx_node("Relu", "x", "y")), "The value \"y\" is set twice");
  assert_refused(onnx_read, with_node(onnx_node("Relu", "x", "")), "does not name its result");
  assert_refused(onnx_read, with_node(onnx_node("", "x", "z")), "names no operator");
  assert_refused(onnx_read, with_node(onnx_node("Re\nlu", "x", "z")), "control characters");
  assert_refused(onnx_read, with_part(GRAPH_INPUT, onnx_value("x2", SHAPE(1))), "It has 2 inputs");
  assert_refused(onnx_read, with_part(GRAPH_OUTPUT, onnx_value("z", SHAPE(1))), "set by no node");
  assert_refused(onnx_read, with_part(GRAPH_OUTPUT, onnx_value("y", SHAPE(1))), "listed twice");
  assert_refused(onnx_read, with_part(15, (buffer){0}), "sparse");
  assert_refused(onnx_read, onnx_with(onnx_tensor("t", ONNX_FLOAT, SHAPE(3), four, 16)), "what their shape says");
  assert_refused(onnx_read, onnx_with(onnx_tensor("t", ONNX_FLOAT, SHAPE(4), four, 15)), "end within a number");
  assert_refused(onnx_read,
                 onnx_with(onnx_tensor("t", ONNX_FLOAT, SHAPE(2147483647, 2147483647, 2147483647), four, 16)),
                 "what their shape says");
  assert_refused(onnx_read, onnx_with(onnx_tensor("t", ONNX_STRING, SHAPE(1), four, 4)), "data type 8");
  assert_refused(onnx_read, onnx_with(onnx_tensor("t", ONNX_UINT64, SHAPE(1), four, 8)), "data type 13");
  assert_refused(onnx_read, onnx_with(onnx_tensor("t", ONNX_FLOAT, SHAPE(1, 1, 1, 1, 1, 1, 1, 1, 1), four, 4)),
                 "9 axes");
  assert_refused(onnx_read, onnx_with(onnx_tensor("", ONNX_FLOAT, SHAPE(4), four, 16)), "no name");

  buffer elsewhere = onnx_tensor_head("t", ONNX_FLOAT, SHAPE(4));
  put_number(&elsewhere, 14, 1);
  assert_refused(onnx_read, onnx_with(elsewhere), "in another file");

  char long_name[300];
  memset(long_name, 'n', sizeof long_name);
  long_name[sizeof long_name - 1] = 0;
  assert_refused(onnx_read, onnx_with(onnx_tensor(long_name, ONNX_FLOAT, SHAPE(4), four, 16)), "longer than 255");

  buffer crowded = onnx_node("Concat", "x x x x x x x x x x x x x x x x", "z");
  for (int i = 0; i < 49; i++) put_text(&crowded, 1, "x");
  assert_refused(onnx_read, with_node(crowded), "more than 64");

  buffer nothing = {0};
  put_number(&nothing, 1, 8);
  assert_refused(onnx_read, nothing, "no graph");
  assert_refused(onnx_read, (buffer){0}, "empty");
  buffer page = {0};
  append(&page, "<!DOCTYPE html>", 15);
  assert_refused(onnx_read, page, "no ONNX file");
}

/* A subgraph in an attribute of a node of a subgraph … */
static void nesting_without_end_is_refused_before_it_is_followed(void **state) {
  (void)state;
  buffer graph = tiny_onnx_graph();
  for (int i = 0; i < 1000; i++) {
    buffer attribute = {0}, node = {0}, outer = {0};
    put_message(&attribute, 6, graph);
    put_message(&node, NODE_ATTRIBUTE, attribute);
    put_message(&outer, GRAPH_NODE, node);
    graph = outer;
  }
  assert_refused(onnx_read, onnx_file(graph, 13), "nested");

  buffer many = {0};
  for (int i = 0; i < 1 << 20; i++) append(&many, (uint8_t[]){GRAPH_NODE << 3 | 2, 0}, 2);
  assert_refused(onnx_read, onnx_file(many, 13), "parts");

  buffer twice = onnx_file(tiny_onnx_graph(), 13);
  put_message(&twice, MODEL_GRAPH_FIELD, tiny_onnx_graph());
  assert_refused(onnx_read, twice, "make no sense");
}

/* Every beginning of a file, and every file with one byte changed: read, or refused with a sentence. */
static void survive(reader *read, buffer file) {
  for (size_t size = 0; size < 2 * file.size; size++) {
    const bool cut = size < file.size;
    const dpl_bytes copy = exact_copy((dpl_bytes){file.data, cut ? size : file.size});
    if (!cut) ((uint8_t *)(uintptr_t)copy.data)[size - file.size] ^= 0x81;
    model some;
    sentence why = {""};
    if (read(copy, &some, &why)) {
      assert_true(some.output_count > 0);
      model_free(&some);
    } else {
      assert_true(why.text[0] && why.text[strlen(why.text) - 1] == '.');
    }
    free((void *)(uintptr_t)copy.data);
  }
  free(file.data);
}

static void a_damaged_file_is_refused_with_a_sentence(void **state) {
  (void)state;
  survive(onnx_read, onnx_file(tiny_onnx_graph(), 13));
  survive(espdl_read, tiny_espdl());
}

/* ---- .espdl ---- */

static void espdl_filters_are_laid_out_as_in_onnx(void **state) {
  (void)state;
  model read;
  assert_read(espdl_read, tiny_espdl(), &read);
  assert_true(read.channels_last);
  assert_string_equal(read.input, "x");
  assert_int_equal(read.input_shape[3], 3);
  assert_int_equal(read.node_count, 3);
  assert_null(model_attribute_named(&read.nodes[0], "activation"));

  /* 16 filters of 3 channels, 1 high, 2 wide; as they lie there: [width][channel][filter] */
  const model_tensor *w = model_tensor_named(&read, "w");
  assert_int_equal(w->kind, MODEL_I8);
  assert_true(w->scale == 0x1p-3f);
  const int64_t shape[4] = {16, 3, 1, 2};
  for (size_t i = 0; i < 4; i++) assert_int_equal(w->shape[i], shape[i]);
  for (size_t n = 0; n < 16; n++)
    for (size_t c = 0; c < 3; c++)
      for (size_t x = 0; x < 2; x++) assert_int_equal(w->bytes[(n * 3 + c) * 2 + x], (x * 3 + c) * 16 + n);

  const model_tensor *d = model_tensor_named(&read, "d");
  const int64_t depthwise[4] = {16, 1, 2, 2};
  for (size_t i = 0; i < 4; i++) assert_int_equal(d->shape[i], depthwise[i]);
  for (size_t n = 0; n < 16; n++)
    for (size_t p = 0; p < 4; p++) assert_int_equal(d->bytes[n * 4 + p], p * 16 + n);

  const model_tensor *b = model_tensor_named(&read, "b"), *s = model_tensor_named(&read, "s");
  assert_int_equal(b->kind, MODEL_F32);
  assert_true(b->floats[0] == -3 * 0x1p-10f && b->floats[1] == 4 && b->floats[2] == 0x1p20f);
  assert_int_equal(s->rank, 3);
  assert_int_equal(s->shape[2], 16);
  model_free(&read);
}

static buffer espdl_with(espdl_weight weight, espdl_node node) {
  return espdl_file(&weight, 1, &node, 1);
}

static void what_no_espdl_network_may_be_is_said(void **state) {
  (void)state;
  const int8_t data[96] = {0};
  const espdl_weight filter = {"w", "layout ==> N16HWC16", ONNX_INT8, -3, 4, {1, 2, 3, 16}, data, 96};
  const espdl_node conv = {"Conv", "x w", "y", 1, NULL};
  espdl_weight weight = filter;
  espdl_node node = conv;
  model read;
  assert_read(espdl_read, espdl_with(weight, node), &read);
  model_free(&read);

  node.activation = "Relu";
  assert_refused(espdl_read, espdl_with(weight, node), "\"Relu\"");
  node = conv, node.group = 2;
  assert_refused(espdl_read, espdl_with(weight, node), "2 groups");
  node = conv, node.op = "Sigmoid";
  assert_refused(espdl_read, espdl_with(weight, node), "layout is not known");
  node = conv, node.inputs = "x";
  assert_refused(espdl_read, espdl_with(weight, node), "N16HWC16");
  node = conv, node.inputs = "x v";
  assert_refused(espdl_read, espdl_with(weight, node), "N16HWC16");
  weight.layout = "layout ==> N8HWC8";
  assert_refused(espdl_read, espdl_with(weight, conv), "N16HWC16");
  weight = filter, weight.shape[3] = 15;
  assert_refused(espdl_read, espdl_with(weight, conv), "no multiple of 16");
  weight = filter, weight.shape[2] = 4;
  assert_refused(espdl_read, espdl_with(weight, conv), "what their shape says");
  weight = filter, weight.exponent = 1000;
  assert_refused(espdl_read, espdl_with(weight, conv), "exponents");
  weight = filter, weight.type = ONNX_STRING;
  assert_refused(espdl_read, espdl_with(weight, conv), "type 8");

  buffer file = tiny_espdl();
  file.data[4] = 1;
  assert_refused(espdl_read, file, "encrypted");
  assert_refused(espdl_read, onnx_file(tiny_onnx_graph(), 13), "no .espdl file");
}

static float value_of(const model_tensor *tensor, size_t i) {
  return tensor->kind == MODEL_I8 ? (float)tensor->bytes[i] * tensor->scale : tensor->floats[i];
}

/* Each weight of the .espdl file under the same name in the ONNX file, whose weights somebody else has expanded. */
static void compare_with_dequantised(const char *espdl, const char *onnx, size_t weights) {
  model quantised, expanded;
  assert_read(onnx_read, read_shared(onnx), &expanded);
  assert_read(espdl_read, read_shared(espdl), &quantised);
  size_t compared = 0;
  for (size_t i = 0; i < quantised.tensor_count; i++) {
    const model_tensor *mine = &quantised.tensors[i], *theirs = model_tensor_named(&expanded, mine->name);
    assert_non_null(theirs);
    assert_int_equal(mine->count, theirs->count);
    if (mine->rank != 3) { /* slopes: C 1 1 there, 1 1 C here */
      assert_int_equal(mine->rank, theirs->rank);
      for (size_t axis = 0; axis < mine->rank; axis++) assert_int_equal(mine->shape[axis], theirs->shape[axis]);
    }
    for (size_t k = 0; k < mine->count; k++) assert_true(value_of(mine, k) == theirs->floats[k]);
    compared++;
  }
  assert_int_equal(compared, weights);
  model_free(&quantised), model_free(&expanded);
}

static void mfn_has_the_weights_of_its_dequantised_twin(void **state) {
  (void)state;
  compare_with_dequantised("models/human_face_feat_mfn_s8_v1.espdl",
                           "models/human_face_feat_mfn_s8_v1.dequantised.onnx", 141);
}

static void mbf_has_the_weights_of_its_dequantised_twin(void **state) {
  (void)state;
  compare_with_dequantised("models/human_face_feat_mbf_s8_v1.espdl",
                           "models/human_face_feat_mbf_s8_v1.dequantised.onnx", 134);
}

/* ---- Keras weights in HDF5; tests/golden has FaceNet at full size ---- */

static void temporary_path(char *path, size_t size) {
  const char *folder = getenv("TMPDIR");
  snprintf(path, size, "%s/doppel-XXXXXX", folder ? folder : "/tmp");
  const int file = mkstemp(path);
  assert_true(file >= 0);
  close(file);
}

/* Adds `<top><layer>/<layer>/<name>`, 2 × 3 numbers of this type: 0.5, 1.5 … where they are floats. */
static void add_weight(hid_t file, const char *top, const char *name, hid_t type, hid_t layout) {
  char path[128];
  snprintf(path, sizeof path, "%slayer/layer/%s", top, name);
  const hid_t links = H5Pcreate(H5P_LINK_CREATE), space = H5Screate_simple(2, (hsize_t[]){2, 3}, NULL);
  H5Pset_create_intermediate_group(links, 1);
  const hid_t dataset = H5Dcreate2(file, path, type, space, links, layout, H5P_DEFAULT);
  assert_true(dataset >= 0);
  const float numbers[6] = {0.5f, 1.5f, 2.5f, 3.5f, 4.5f, 5.5f};
  if (layout == H5P_DEFAULT)
    assert_true(H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) >= 0);
  H5Dclose(dataset), H5Sclose(space), H5Pclose(links);
}

static void keras_weights_are_found_under_each_name_that_keras_gives_them(void **state) {
  (void)state;
  static const struct {
    const char *top, *name;
  } cases[] = {{"", "kernel:0"}, {"", "kernel"}, {"model_weights/", "kernel:0"}};
  char path[256];
  temporary_path(path, sizeof path);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    add_weight(file, cases[i].top, cases[i].name, H5T_IEEE_F64LE, H5P_DEFAULT); /* any float is read as ours */
    H5Fclose(file);
    sentence why;
    keras_h5 *weights = keras_h5_open(path, &why);
    assert_non_null(weights);
    const keras_shape shape = keras_h5_shape(weights, "layer", "kernel");
    assert_true(shape.rank == 2 && shape.sides[0] == 2 && shape.sides[1] == 3);
    float numbers[6] = {0};
    assert_true(keras_h5_read(weights, "layer", "kernel", numbers));
    assert_true(numbers[0] == 0.5f && numbers[5] == 5.5f);
    assert_int_equal(keras_h5_shape(weights, "layer", "bias").rank, 0);
    assert_int_equal(keras_h5_shape(weights, "other", "kernel").rank, 0);
    keras_h5_close(weights);
  }
  unlink(path);
}

/* Whole numbers, numbers in another file, and a link to another file: none of them is a weight. */
static void what_lies_elsewhere_or_is_no_float_is_no_weight(void **state) {
  (void)state;
  char path[256];
  temporary_path(path, sizeof path);
  const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), outside = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_external(outside, "/etc/hostname", 0, 24);
  add_weight(file, "", "integers:0", H5T_STD_I32LE, H5P_DEFAULT);
  add_weight(file, "", "outside:0", H5T_IEEE_F32LE, outside);
  H5Lcreate_external("other.h5", "/kernel", file, "/layer/layer/linked:0", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/layer/layer/integers:0", file, "/layer/layer/soft:0", H5P_DEFAULT, H5P_DEFAULT);
  H5Pclose(outside), H5Fclose(file);
  sentence why;
  keras_h5 *weights = keras_h5_open(path, &why);
  static const char *const names[] = {"integers", "outside", "linked", "soft"};
  for (size_t i = 0; i < 4; i++) {
    float numbers[6];
    assert_int_equal(keras_h5_shape(weights, "layer", names[i]).rank, 0);
    assert_false(keras_h5_read(weights, "layer", names[i], numbers));
  }
  keras_h5_close(weights);
  unlink(path);
}

static void other_weights_than_facenets_are_said_by_layer(void **state) {
  (void)state;
  char path[256];
  temporary_path(path, sizeof path);
  model none;
  sentence why = {""};
  assert_false(facenet_h5_read(path, &none, &why)); /* an empty file */
  assert_non_null(strstr(why.text, "no HDF5 file"));
  const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  add_weight(file, "", "kernel:0", H5T_IEEE_F32LE, H5P_DEFAULT);
  H5Fclose(file);
  assert_false(facenet_h5_read(path, &none, &why));
  assert_non_null(strstr(why.text, "It lacks the kernel of the layer \"Conv2d_1a_3x3\""));
  assert_null(none.memory);
  assert_int_equal(truncate(path, 600), 0);
  assert_false(facenet_h5_read(path, &none, &why));
  assert_non_null(strstr(why.text, "cut short"));
  unlink(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_onnx_file_becomes_values_and_nodes),
      cmocka_unit_test(every_number_is_widened),
      cmocka_unit_test(typed_lists_are_read_like_bytes),
      cmocka_unit_test(weights_that_old_files_list_as_inputs_are_no_inputs),
      cmocka_unit_test(operators_of_others_keep_their_domain),
      cmocka_unit_test(what_no_onnx_network_may_be_is_said),
      cmocka_unit_test(nesting_without_end_is_refused_before_it_is_followed),
      cmocka_unit_test(a_damaged_file_is_refused_with_a_sentence),
      cmocka_unit_test(espdl_filters_are_laid_out_as_in_onnx),
      cmocka_unit_test(what_no_espdl_network_may_be_is_said),
      cmocka_unit_test(mfn_has_the_weights_of_its_dequantised_twin),
      cmocka_unit_test(mbf_has_the_weights_of_its_dequantised_twin),
      cmocka_unit_test(keras_weights_are_found_under_each_name_that_keras_gives_them),
      cmocka_unit_test(what_lies_elsewhere_or_is_no_float_is_no_weight),
      cmocka_unit_test(other_weights_than_facenets_are_said_by_layer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
