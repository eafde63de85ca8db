/* The four networks of face-api that doppel packages, layer by layer as its sources build them (faceRecognitionNet,
   faceLandmarkNet, ssdMobilenetv1, tinyYolov2). Normalisations are folded into the convolution before them. */
#include "faceapi.h"

#include "faceapi_weights.h"
#include "files.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct importer {
  faceapi_weights *weights;
  network_writer *writer;
} importer;

typedef struct name {
  char text[160];
} name;

__attribute__((format(printf, 1, 2))) static name named(const char *format, ...) {
  name result;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(result.text, sizeof result.text, format, arguments);
  va_end(arguments);
  return result;
}

/* ---- nodes ---- */

typedef enum activation { LINEAR, RELU, RELU6 } activation;

static void set_activation(cJSON *node, activation then) {
  if (then != LINEAR) cJSON_AddNumberToObject(node, "min", 0);
  if (then == RELU6) cJSON_AddNumberToObject(node, "max", 6);
}

static void set_pair(cJSON *node, const char *key, int value) {
  cJSON *pair = cJSON_AddArrayToObject(node, key);
  cJSON_AddItemToArray(pair, cJSON_CreateNumber(value));
  cJSON_AddItemToArray(pair, cJSON_CreateNumber(value));
}

/* A convolution (depthwise where the layout says so) whose weight and bias are written already. */
static void add_conv(importer *to, const char *in, const char *out, const char *weight, const char *bias,
                     faceapi_layout layout, int stride, const char *pad, activation then) {
  cJSON *node = network_writer_node(to->writer, layout == FACEAPI_DEPTHWISE ? "depthwise_conv2d" : "conv2d", in, out);
  cJSON_AddStringToObject(node, "weight", weight);
  if (bias) cJSON_AddStringToObject(node, "bias", bias);
  set_pair(node, "stride", stride);
  cJSON_AddStringToObject(node, "pad", pad);
  set_activation(node, then);
}

/* Writes the tensor `bias` as it is, times factor, plus shift (each a channel, or NULL). */
static void write_bias(importer *to, const char *bias, const char *written, const float *factor, const float *shift) {
  const size_t count = faceapi_weights_count(to->weights, bias);
  float *floats = faceapi_weights_floats(to->weights, bias, count);
  if (!floats) return;
  for (size_t i = 0; i < count; i++) floats[i] = floats[i] * (factor ? factor[i] : 1) + (shift ? shift[i] : 0);
  faceapi_write_floats(to->writer, written, floats, count);
  free(floats);
}

/* Plain convolution with bias. */
static void conv_bias(importer *to, const char *weight, const char *bias, const char *in, const char *out, int stride,
                      const char *pad, activation then) {
  faceapi_write_weight(to->weights, to->writer, weight, FACEAPI_HWIO, NULL, 0);
  write_bias(to, bias, bias, NULL, NULL);
  add_conv(to, in, out, weight, bias, FACEAPI_HWIO, stride, pad, then);
}

static void pool(importer *to, const char *op, const char *in, const char *out, int kernel, int stride,
                 const char *pad) {
  cJSON *node = network_writer_node(to->writer, op, in, out);
  set_pair(node, "kernel", kernel);
  set_pair(node, "stride", stride);
  cJSON_AddStringToObject(node, "pad", pad);
}

static void add(importer *to, const char *inputs, const char *out, activation then) {
  set_activation(network_writer_node(to->writer, "add", inputs, out), then);
}

static void pad_behind(importer *to, const char *in, const char *out, int height, int width, int channels) {
  cJSON *node = network_writer_node(to->writer, "pad", in, out);
  const int before[4] = {0}, after[4] = {0, height, width, channels};
  cJSON_AddItemToObject(node, "before", cJSON_CreateIntArray(before, 4));
  cJSON_AddItemToObject(node, "after", cJSON_CreateIntArray(after, 4));
}

/* depthwise (no bias), then pointwise with bias: tf.separableConv2d */
static void separable(importer *to, const char *layer, const char *in, const char *out, int stride, activation then) {
  const name depthwise = named("%s/depthwise_filter", layer), pointwise = named("%s/pointwise_filter", layer),
             bias = named("%s/bias", layer), middle = named("%s.d", out);
  faceapi_write_weight(to->weights, to->writer, depthwise.text, FACEAPI_DEPTHWISE, NULL, 0);
  faceapi_write_weight(to->weights, to->writer, pointwise.text, FACEAPI_HWIO, NULL, 0);
  write_bias(to, bias.text, bias.text, NULL, NULL);
  add_conv(to, in, middle.text, depthwise.text, NULL, FACEAPI_DEPTHWISE, stride, "same", LINEAR);
  add_conv(to, middle.text, out, pointwise.text, bias.text, FACEAPI_HWIO, 1, "same", then);
}

/* ---- face_recognition: dlib's ResNet, 128-D ---- */

/* Convolution, then dlib's affine layer folded in: w·s and b·s + t. */
static void affine_conv(importer *to, const char *layer, const char *in, const char *out, int stride, const char *pad,
                        activation then) {
  const name weight = named("%s/conv/filters", layer), bias = named("%s/conv/bias", layer);
  const size_t channels = faceapi_weights_count(to->weights, bias.text);
  float *factor = faceapi_weights_floats(to->weights, named("%s/scale/weights", layer).text, channels);
  float *shift = faceapi_weights_floats(to->weights, named("%s/scale/biases", layer).text, channels);
  faceapi_write_weight(to->weights, to->writer, weight.text, FACEAPI_HWIO, factor, channels);
  write_bias(to, bias.text, bias.text, factor, shift);
  add_conv(to, in, out, weight.text, bias.text, FACEAPI_HWIO, stride, pad, then);
  free(factor);
  free(shift);
}

static void residual(importer *to, const char *block, const char *in) {
  const name middle = named("%s.1", block), branch = named("%s.2", block);
  affine_conv(to, named("%s/conv1", block).text, in, middle.text, 1, "same", RELU);
  affine_conv(to, named("%s/conv2", block).text, middle.text, branch.text, 1, "same", LINEAR);
  add(to, named("%s %s", branch.text, in).text, block, RELU);
}

/* Halves the map: the convolutions on one side, average pooling with empty channels on the other. Where the convolution
   comes out a pixel smaller than the pooling, it is padded below and to the right. */
static void residual_down(importer *to, const char *block, const char *in, bool conv_is_smaller, int new_channels) {
  const name middle = named("%s.1", block), branch = named("%s.2", block), padded = named("%s.2p", block),
             pooled = named("%s.a", block), widened = named("%s.ap", block);
  affine_conv(to, named("%s/conv1", block).text, in, middle.text, 2, "valid", RELU);
  affine_conv(to, named("%s/conv2", block).text, middle.text, branch.text, 1, "same", LINEAR);
  pool(to, "average_pool", in, pooled.text, 2, 2, "valid");
  if (conv_is_smaller) pad_behind(to, branch.text, padded.text, 1, 1, 0);
  if (new_channels) pad_behind(to, pooled.text, widened.text, 0, 0, new_channels);
  add(to, named("%s %s", new_channels ? widened.text : pooled.text, conv_is_smaller ? padded.text : branch.text).text,
      block, RELU);
}

static void build_recognition(importer *to) {
  affine_conv(to, "conv32_down", "x", "conv32_down", 2, "valid", RELU);
  pool(to, "max_pool", "conv32_down", "pooled", 3, 2, "valid");
  static const struct {
    const char *block;
    bool down, conv_is_smaller;
    int new_channels;
  } blocks[] = {
      {"conv32_1", .down = false},
      {"conv32_2", .down = false},
      {"conv32_3", .down = false},
      {"conv64_down", .down = true, .new_channels = 32}, /* 35 → 17 */
      {"conv64_1", .down = false},
      {"conv64_2", .down = false},
      {"conv64_3", .down = false},
      {"conv128_down", .down = true, .new_channels = 64}, /* 17 → 8 */
      {"conv128_1", .down = false},
      {"conv128_2", .down = false},
      {"conv256_down", .down = true, .conv_is_smaller = true, .new_channels = 128}, /* 8 → 3, padded to 4 */
      {"conv256_1", .down = false},
      {"conv256_2", .down = false},
      {"conv256_down_out", .down = true, .conv_is_smaller = true}, /* 4 → 1, padded to 2 */
  };
  const char *previous = "pooled";
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
    if (blocks[i].down)
      residual_down(to, blocks[i].block, previous, blocks[i].conv_is_smaller, blocks[i].new_channels);
    else
      residual(to, blocks[i].block, previous);
    previous = blocks[i].block;
  }
  network_writer_node(to->writer, "global_average_pool", previous, "average");
  faceapi_write_weight(to->weights, to->writer, "fc", FACEAPI_IO, NULL, 0);
  cJSON_AddStringToObject(network_writer_node(to->writer, "fully_connected", "average", "vector"), "weight", "fc");
  network_writer_output(to->writer, "vector");
}

/* ---- face_landmark_68: four dense blocks ---- */

static void dense_block(importer *to, const char *block, const char *in, bool first) {
  const name a = named("%s.a", block), b = named("%s.b", block), c = named("%s.c", block), d = named("%s.d", block),
             ab = named("%s.ab", block), in3 = named("%s.ab+", block), abc = named("%s.abc", block),
             in4 = named("%s.abc+", block);
  if (first)
    conv_bias(to, named("%s/conv0/filters", block).text, named("%s/conv0/bias", block).text, in, a.text, 2, "same",
              RELU);
  else
    separable(to, named("%s/conv0", block).text, in, a.text, 2, RELU);
  separable(to, named("%s/conv1", block).text, a.text, b.text, 1, LINEAR);
  add(to, named("%s %s", a.text, b.text).text, ab.text, LINEAR);
  set_activation(network_writer_node(to->writer, "clamp", ab.text, in3.text), RELU);
  separable(to, named("%s/conv2", block).text, in3.text, c.text, 1, LINEAR);
  add(to, named("%s %s", ab.text, c.text).text, abc.text, LINEAR);
  set_activation(network_writer_node(to->writer, "clamp", abc.text, in4.text), RELU);
  separable(to, named("%s/conv3", block).text, in4.text, d.text, 1, LINEAR);
  add(to, named("%s %s", abc.text, d.text).text, block, RELU);
}

static void build_landmarks(importer *to) {
  dense_block(to, "dense0", "x", true);
  dense_block(to, "dense1", "dense0", false);
  dense_block(to, "dense2", "dense1", false);
  dense_block(to, "dense3", "dense2", false);
  pool(to, "average_pool", "dense3", "pooled", 7, 2, "valid");
  faceapi_write_weight(to->weights, to->writer, "fc/weights", FACEAPI_IO, NULL, 0);
  write_bias(to, "fc/bias", "fc/bias", NULL, NULL);
  cJSON *node = network_writer_node(to->writer, "fully_connected", "pooled", "landmarks");
  cJSON_AddStringToObject(node, "weight", "fc/weights");
  cJSON_AddStringToObject(node, "bias", "fc/bias");
  network_writer_output(to->writer, "landmarks");
}

/* ---- tiny_face_detector: a small YOLO v2 ---- */

/* The package's leaky ReLU comes before the pooling. Here it comes behind: the largest of four numbers stays the
   largest, so the result is the same to the bit, for a quarter of the work and of the memory. */
static void leaky_pool(importer *to, int layer, int stride) {
  const name in = named("conv%d", layer), pooled = named("pool%d", layer), out = named("leaky%d", layer);
  pool(to, "max_pool", in.text, pooled.text, 2, stride, "same");
  cJSON_AddNumberToObject(network_writer_node(to->writer, "leaky_relu", pooled.text, out.text), "alpha", 0.1);
}

static void build_tiny(importer *to) {
  conv_bias(to, "conv0/filters", "conv0/bias", "x", "conv0", 1, "valid", LINEAR);
  leaky_pool(to, 0, 2);
  for (int layer = 1; layer <= 5; layer++) {
    const name conv = named("conv%d", layer);
    separable(to, conv.text, named("leaky%d", layer - 1).text, conv.text, 1, LINEAR);
    leaky_pool(to, layer, layer < 5 ? 2 : 1);
  }
  conv_bias(to, "conv8/filters", "conv8/bias", "leaky5", "grid", 1, "valid", LINEAR);
  network_writer_output(to->writer, "grid");
}

/* ---- ssd_mobilenetv1 ---- */

/* Depthwise convolution with its batch normalisation folded in (epsilon as in the package). */
static void depthwise_norm(importer *to, const char *layer, const char *in, const char *out, int stride) {
  const double epsilon = 0.0010000000474974513;
  const name weight = named("%s/depthwise_weights", layer), bias = named("%s/bias", layer),
             gamma_name = named("%s/BatchNorm/gamma", layer);
  const size_t channels = faceapi_weights_count(to->weights, gamma_name.text);
  float *gamma = faceapi_weights_floats(to->weights, gamma_name.text, channels),
        *beta = faceapi_weights_floats(to->weights, named("%s/BatchNorm/beta", layer).text, channels),
        *mean = faceapi_weights_floats(to->weights, named("%s/BatchNorm/moving_mean", layer).text, channels),
        *variance = faceapi_weights_floats(to->weights, named("%s/BatchNorm/moving_variance", layer).text, channels);
  if (gamma && beta && mean && variance) {
    for (size_t i = 0; i < channels; i++) {
      gamma[i] = (float)(gamma[i] / sqrt(variance[i] + epsilon));
      beta[i] -= mean[i] * gamma[i];
    }
    faceapi_write_weight(to->weights, to->writer, weight.text, FACEAPI_DEPTHWISE, gamma, channels);
    faceapi_write_floats(to->writer, bias.text, beta, channels);
    add_conv(to, in, out, weight.text, bias.text, FACEAPI_DEPTHWISE, stride, "same", RELU6);
  }
  free(gamma), free(beta), free(mean), free(variance);
}

static void pointwise_norm(importer *to, const char *layer, const char *in, const char *out, int stride) {
  conv_bias(to, named("%s/weights", layer).text, named("%s/convolution_bn_offset", layer).text, in, out, stride, "same",
            RELU6);
}

static void box_predictor(importer *to, int index, const char *in) {
  static const char *const kinds[2][2] = {{"BoxEncodingPredictor", "boxes"}, {"ClassPredictor", "classes"}};
  for (size_t kind = 0; kind < 2; kind++) {
    const name layer = named("Prediction/BoxPredictor_%d/%s", index, kinds[kind][0]),
               out = named("%s%d", kinds[kind][1], index);
    conv_bias(to, named("%s/weights", layer.text).text, named("%s/biases", layer.text).text, in, out.text, 1, "same",
              LINEAR);
    network_writer_output(to->writer, out.text);
  }
}

static void build_ssd(importer *to) {
  pointwise_norm(to, "MobilenetV1/Conv2d_0_pointwise", "x", "p0", 2);
  for (int layer = 1; layer <= 13; layer++) {
    const int stride = layer == 2 || layer == 4 || layer == 6 || layer == 12 ? 2 : 1;
    const name depthwise = named("d%d", layer);
    depthwise_norm(to, named("MobilenetV1/Conv2d_%d_depthwise", layer).text, named("p%d", layer - 1).text,
                   depthwise.text, stride);
    pointwise_norm(to, named("MobilenetV1/Conv2d_%d_pointwise", layer).text, depthwise.text, named("p%d", layer).text,
                   1);
  }
  box_predictor(to, 0, "p11");
  box_predictor(to, 1, "p13");
  for (int layer = 0; layer < 8; layer++) {
    const name out = named("q%d", layer);
    pointwise_norm(to, named("Prediction/Conv2d_%d_pointwise", layer).text,
                   layer ? named("q%d", layer - 1).text : "p13", out.text, layer % 2 ? 2 : 1);
    if (layer % 2) box_predictor(to, 2 + layer / 2, out.text);
  }
}

/* ---- what the files say of themselves ---- */

/* The five points of dlib's mean face in its 150×150 chip with padding 0.25: eyes, nose tip, mouth corners. */
#define DLIB_TEMPLATE "[[47.55,46.62],[100.48,46.60],[74.01,76.56],[50.41,103.02],[97.61,103.02]]"

/* Means and scales as the package's sources have them; thresholds of the detectors are measured, see models/README.md;
   the embedder's is where most pairs of lfw-dev are told apart. */
static const struct network {
  const char *name, *document;
  void (*build)(importer *);
} networks[] = {
    {"face_recognition",
     "{\"task\":\"embedder\",\"arithmetic\":\"int8\",\"input\":{\"width\":150,\"height\":150,\"resizable\":false,"
     "\"order\":\"rgb\","
     "\"mean\":[122.782,117.001,104.298],\"scale\":[0.00392156863,0.00392156863,0.00392156863]},"
     "\"output\":{\"decoder\":\"embedding\",\"mirror\":false,\"threshold\":0.911},\"template\":" DLIB_TEMPLATE "}",
     build_recognition},
    {"face_landmark_68",
     "{\"task\":\"landmarks\",\"input\":{\"width\":112,\"height\":112,\"resizable\":false,\"order\":\"rgb\","
     "\"mean\":[122.782,117.001,104.298],\"scale\":[0.00392156863,0.00392156863,0.00392156863]},"
     "\"output\":{\"decoder\":\"landmarks68\"}}",
     build_landmarks},
    {"tiny_face_detector",
     "{\"task\":\"detector\",\"input\":{\"width\":416,\"height\":416,\"resizable\":true,\"stride\":32,\"order\":"
     "\"rgb\",\"mean\":[117.001,114.697,97.404],\"scale\":[0.00392156863,0.00392156863,0.00392156863]},"
     "\"output\":{\"decoder\":\"tiny\",\"threshold\":0.5,\"anchors\":[[1.603231,2.094468],"
     "[6.041143,7.080126],[2.882459,3.518061],[4.266906,5.178857],[9.041765,10.66308]]}}",
     build_tiny},
    {"ssd_mobilenetv1",
     "{\"task\":\"detector\",\"input\":{\"width\":512,\"height\":512,\"resizable\":true,\"stride\":32,\"order\":"
     "\"rgb\",\"mean\":[127.5,127.5,127.5],\"scale\":[0.00784313725,0.00784313725,0.00784313725]},"
     "\"output\":{\"decoder\":\"ssd\",\"threshold\":0.5}}",
     build_ssd},
};

static const struct network *network_of(const char *manifest, sentence *why) {
  char known[256] = "";
  for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
    const name prefix = named("%s_model-", networks[i].name);
    if (strncmp(path_name(manifest), prefix.text, strlen(prefix.text)) == 0) return &networks[i];
    const size_t length = strlen(known);
    snprintf(known + length, sizeof known - length, "%s%s", i ? ", " : "", networks[i].name);
  }
  fail(why, "%s is none of the networks that can be imported: %s.", path_name(manifest), known);
  return NULL;
}

static cJSON *describe(const struct network *network, const faceapi_weights *weights) {
  cJSON *document = cJSON_Parse(network->document);
  cJSON_AddStringToObject(document, "name", network->name);
  cJSON_AddStringToObject(document, "licence", "MIT");
  cJSON_AddStringToObject(document, "source",
                          named("npm @vladmandic/face-api, model/%s_model.bin", network->name).text);
  cJSON_AddStringToObject(document, "source_sha256", faceapi_weights_sha256(weights));
  return document;
}

bool faceapi_network(const char *manifest, uint8_t **file, size_t *size, sentence *why) {
  const struct network *network = network_of(manifest, why);
  importer to = {.weights = network ? faceapi_weights_read(manifest, why) : NULL};
  if (!to.weights) return false;
  to.writer = network_writer_new(describe(network, to.weights), "x");
  network->build(&to);
  const bool fine = faceapi_weights_fit(to.weights, why) && network_writer_bytes(to.writer, file, size, why);
  network_writer_free(to.writer);
  faceapi_weights_free(to.weights);
  return fine;
}

bool import_faceapi(const char *manifest, const char *output, sentence *why) {
  uint8_t *file;
  size_t size;
  if (!faceapi_network(manifest, &file, &size, why)) return false;
  const bool saved = file_write(output, file, size, why);
  free(file);
  return saved;
}
