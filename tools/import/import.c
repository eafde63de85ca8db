/* `doppel import`: reads what a network is for from the command line, hands the file to the reader for its kind, and
   writes doppel's own file. */
#include "import.h"

#include "command.h"
#include "faceapi.h"
#include "files.h"
#include "lower.h"
#include "readers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char doc[] =
    "Turn a network of others into doppel's own file.\v"
    "SOURCE is an .onnx file, an .espdl file of Espressif's, DeepFace's facenet512_weights.h5, or a "
    "…_model-weights_manifest.json of the npm package @vladmandic/face-api with its .bin beside it. What the network "
    "is "
    "for is said with --as, except for face-api's, which are known.\n\n"
    "Kinds: embedder (a face's vector), detector:yunet, detector:scrfd, raw (to look inside with `doppel run`).\n\n"
    "Exit status: 0 done, 1 the network could not be read or written, 2 wrong usage.";

/* ---- what a network is for ---- */

typedef struct network_kind {
  const char *as, *task, *decoder;
  float mean, scale; /* unless the command line says otherwise */
  bool bgr;
  int width, height;
  float threshold;
} network_kind;

static const network_kind kinds[] = {
    {"embedder", "embedder", "embedding", 127.5f, 1 / 127.5f, false, 112, 112, 0},
    {"detector:yunet", "detector", "yunet", 0, 1, true, 640, 640, 0.6f},
    {"detector:scrfd", "detector", "scrfd", 127.5f, 1 / 128.0f, false, 640, 640, 0.5f},
    {"raw", "other", "raw", 0, 1, false, 112, 112, 0},
};

typedef struct template {
  const char *name;
  float points[2 * DPL_POINTS];
}
template;

/* Where eyes, nose tip and mouth corners stand in the chip. */
static const template templates[] = {
    /* 112 × 112: InsightFace's, after SphereFace and ArcFace (Deng et al. 2019) */
    {"arcface", {38.2946f, 51.6963f, 73.5318f, 51.5014f, 56.0252f, 71.7366f, 41.5493f, 92.3655f, 70.7299f, 92.2041f}},
    /* 150 × 150, padding 0.25: from dlib's mean face */
    {"dlib", {47.55f, 46.62f, 100.48f, 46.60f, 74.01f, 76.56f, 50.41f, 103.02f, 97.61f, 103.02f}},
};

typedef struct options {
  const char *source, *output, *name, *licence, *origin;
  const network_kind *kind;
  int width, height;
  bool has_order, bgr, has_mean, has_scale, has_template, box;
  float mean[3], scale[3], points[2 * DPL_POINTS], threshold;
  weight_form form;
  bool int8;
} options;

/* ---- command line ---- */

static bool read_numbers(const char *text, float *numbers, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char *end;
    numbers[i] = strtof(text, &end);
    if (end == text || !isfinite(numbers[i])) return false;
    if (*end == 0) return i + 1 == count;
    if (*end != ',' && *end != ';') return false;
    text = end + 1;
  }
  return false;
}

static bool read_size(const char *text, int *width, int *height) {
  char *end;
  const long across = strtol(text, &end, 10);
  if (end == text || *end != 'x') return false;
  text = end + 1;
  const long down = strtol(text, &end, 10);
  if (end == text || *end || across < 1 || across > 4096 || down < 1 || down > 4096) return false;
  *width = (int)across, *height = (int)down;
  return true;
}

/* One number for all three channels, or one each. */
static void read_channels(struct argp_state *state, const char *option, const char *text, float numbers[3]) {
  if (read_numbers(text, numbers, 1))
    numbers[1] = numbers[2] = numbers[0];
  else if (!read_numbers(text, numbers, 3))
    argp_error(state, "--%s wants one number or three, as 127.5 or 104,117,123, not `%s`", option, text);
}

static void read_template(struct argp_state *state, const char *text, options *given) {
  given->box = strcmp(text, "box") == 0;
  given->has_template = !given->box;
  if (given->box) return;
  for (size_t i = 0; i < sizeof templates / sizeof *templates; i++)
    if (strcmp(text, templates[i].name) == 0) {
      memcpy(given->points, templates[i].points, sizeof given->points);
      return;
    }
  if (!read_numbers(text, given->points, 2 * DPL_POINTS))
    argp_error(state, "--template is arcface, dlib, box, or five points `x,y;x,y;…`, not `%s`", text);
}

static const network_kind *kind_named(struct argp_state *state, const char *name) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(name, kinds[i].as) == 0) return &kinds[i];
  argp_error(state, "--as is embedder, detector:yunet, detector:scrfd or raw, not `%s`", name);
  return NULL;
}

enum {
  KEY_AS = 1000,
  KEY_NAME,
  KEY_SIZE,
  KEY_ORDER,
  KEY_MEAN,
  KEY_SCALE,
  KEY_TEMPLATE,
  KEY_THRESHOLD,
  KEY_LICENCE,
  KEY_ORIGIN,
  KEY_WEIGHTS,
  KEY_ARITHMETIC
};

static error_t parse(int key, char *text, struct argp_state *state) {
  options *given = state->input;
  switch (key) {
  case 'o':
    given->output = text;
    return 0;
  case KEY_AS:
    given->kind = kind_named(state, text);
    return 0;
  case KEY_NAME:
    given->name = text;
    return 0;
  case KEY_SIZE:
    if (!read_size(text, &given->width, &given->height))
      argp_error(state, "--size wants WIDTHxHEIGHT, as 112x112, each from 1 to 4096, not `%s`", text);
    return 0;
  case KEY_ORDER:
    if (strcmp(text, "rgb") != 0 && strcmp(text, "bgr") != 0) argp_error(state, "--order is rgb or bgr");
    given->has_order = true, given->bgr = text[0] == 'b';
    return 0;
  case KEY_MEAN:
    given->has_mean = true, read_channels(state, "mean", text, given->mean);
    return 0;
  case KEY_SCALE:
    given->has_scale = true, read_channels(state, "scale", text, given->scale);
    return 0;
  case KEY_TEMPLATE:
    read_template(state, text, given);
    return 0;
  case KEY_THRESHOLD:
    given->threshold = (float)option_number(state, "threshold", text, -1, 1);
    return 0;
  case KEY_LICENCE:
    given->licence = text;
    return 0;
  case KEY_ORIGIN:
    given->origin = text;
    return 0;
  case KEY_WEIGHTS:
    given->form = strcmp(text, "f32") == 0    ? WEIGHTS_F32
                  : strcmp(text, "f16") == 0  ? WEIGHTS_F16
                  : strcmp(text, "int8") == 0 ? WEIGHTS_INT8
                                              : WEIGHTS_AS_THEY_ARE;
    if (given->form == WEIGHTS_AS_THEY_ARE) argp_error(state, "--weights is f32, f16 or int8");
    return 0;
  case KEY_ARITHMETIC:
    if (strcmp(text, "float") != 0 && strcmp(text, "int8") != 0) argp_error(state, "--arithmetic is float or int8");
    given->int8 = text[0] == 'i';
    return 0;
  case ARGP_KEY_ARG:
    if (given->source) argp_error(state, "one SOURCE at a time");
    given->source = text;
    return 0;
  case ARGP_KEY_END:
    if (!given->source || !given->output) argp_error(state, "SOURCE and -o FILE are needed");
    if (!given->kind && !path_has_extension(given->source, ".json"))
      argp_error(state, "--as is needed: embedder, detector:yunet, detector:scrfd or raw");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_option known[] = {
    {"output", 'o', "FILE", 0, "the .safetensors file to write", 0},
    {"as", KEY_AS, "KIND", 0, "what the network is for", 0},
    {"name", KEY_NAME, "NAME", 0, "what it is called (default: as the file)", 0},
    {"size", KEY_SIZE, "WxH", 0, "size of the input (default: the file's own, or 112x112, detectors 640x640)", 0},
    {"order", KEY_ORDER, "rgb|bgr", 0, "order of the channels (default: rgb; yunet bgr)", 0},
    {"mean", KEY_MEAN, "A[,B,C]", 0, "subtracted from each pixel (default: 127.5; yunet and raw 0)", 0},
    {"scale", KEY_SCALE, "A[,B,C]", 0, "then multiplied (default: 1/127.5; scrfd 1/128; yunet and raw 1)", 0},
    {"template", KEY_TEMPLATE, "T", 0,
     "embedders: where the five points stand in the input: arcface (default), dlib, five points as `x,y;x,y;…`, or "
     "box for networks that were trained on boxes as they are",
     0},
    {"threshold", KEY_THRESHOLD, "T", 0, "embedders: cosine of one person; detectors: score of a face", 0},
    {"licence", KEY_LICENCE, "TEXT", 0, "licence of the weights", 0},
    {"source", KEY_ORIGIN, "TEXT", 0, "where they come from (default: the file's name)", 0},
    {"weights", KEY_WEIGHTS, "f32|f16|int8", 0, "how they are stored (default: as they are)", 0},
    {"arithmetic", KEY_ARITHMETIC, "float|int8", 0,
     "how the network is run: int8 multiplies in int8 where weights are stored so (default: float)", 0},
    {0}};

/* ---- the way through ---- */

static bool read_source(const char *path, dpl_bytes file, model *source, sentence *why) {
  if (path_has_extension(path, ".onnx")) return onnx_read(file, source, why);
  if (path_has_extension(path, ".espdl")) return espdl_read(file, source, why);
  if (path_has_extension(path, ".h5")) return facenet_h5_read(path, source, why);
  return fail(why, "%s is no .onnx, .espdl, .h5 or model-weights_manifest.json file.", path);
}

/* The command line's size, else the file's, else the kind's. */
static void settle_size(options *given, const model *source) {
  if (given->width > 0) return;
  const size_t height = model_input_is_channels_last(source) ? 1 : 2;
  const bool own = source->input_rank == 4 && source->input_shape[height] > 0 && source->input_shape[height] <= 4096 &&
                   source->input_shape[height + 1] > 0 && source->input_shape[height + 1] <= 4096;
  given->height = own ? (int)source->input_shape[height] : given->kind->height;
  given->width = own ? (int)source->input_shape[height + 1] : given->kind->width;
}

static void add_floats(cJSON *object, const char *key, const float *floats, float otherwise, bool has) {
  cJSON *array = cJSON_AddArrayToObject(object, key);
  for (size_t i = 0; i < 3; i++) cJSON_AddItemToArray(array, cJSON_CreateNumber((double)(has ? floats[i] : otherwise)));
}

static cJSON *describe(const options *given, const char *name, const char *sha256) {
  const network_kind *kind = given->kind;
  cJSON *document = cJSON_CreateObject();
  cJSON_AddStringToObject(document, "name", name);
  cJSON_AddStringToObject(document, "task", kind->task);
  cJSON_AddStringToObject(document, "licence", given->licence ? given->licence : "not stated");
  cJSON_AddStringToObject(document, "source", given->origin ? given->origin : path_name(given->source));
  cJSON_AddStringToObject(document, "source_sha256", sha256);
  if (given->int8) cJSON_AddStringToObject(document, "arithmetic", "int8");
  cJSON *input = cJSON_AddObjectToObject(document, "input");
  cJSON_AddNumberToObject(input, "width", given->width);
  cJSON_AddNumberToObject(input, "height", given->height);
  cJSON_AddStringToObject(input, "order", (given->has_order ? given->bgr : kind->bgr) ? "bgr" : "rgb");
  add_floats(input, "mean", given->mean, kind->mean, given->has_mean);
  add_floats(input, "scale", given->scale, kind->scale, given->has_scale);
  cJSON *output = cJSON_AddObjectToObject(document, "output");
  cJSON_AddStringToObject(output, "decoder", kind->decoder);
  const float threshold = given->threshold != 0 ? given->threshold : kind->threshold;
  if (threshold != 0) cJSON_AddNumberToObject(output, "threshold", (double)threshold);
  if (strcmp(kind->task, "embedder") != 0) return document;
  if (given->box) {
    cJSON_AddStringToObject(document, "align", "box");
    return document;
  }
  const float *points = given->has_template ? given->points : templates[0].points;
  cJSON *list = cJSON_AddArrayToObject(document, "template");
  for (size_t i = 0; i < DPL_POINTS; i++) cJSON_AddItemToArray(list, cJSON_CreateFloatArray(points + 2 * i, 2));
  return document;
}

/* Sizes other than the file's own: detectors are fed photos of any shape. */
static void say_resizable(cJSON *document, const network_kind *kind, const lowered *result) {
  if (!result->resizable || strcmp(kind->task, "detector") != 0) return;
  cJSON *input = cJSON_GetObjectItemCaseSensitive(document, "input");
  cJSON_AddBoolToObject(input, "resizable", true);
  cJSON_AddNumberToObject(input, "stride", (double)result->stride);
}

static bool convert(options *given, const model *source, const char *sha256, sentence *why) {
  settle_size(given, source);
  char *stem = path_stem(given->source);
  cJSON *document = describe(given, given->name ? given->name : stem, sha256);
  free(stem);
  network_writer *writer = network_writer_new(document, LOWERED_INPUT);
  lowered result;
  bool done = model_lower(source, (size_t)given->height, (size_t)given->width, given->form, writer, &result, why);
  if (done) say_resizable(document, given->kind, &result);
  done = done && network_writer_save(writer, given->output, why);
  network_writer_free(writer);
  return done;
}

static bool import(options *given, sentence *why) {
  dpl_bytes file;
  if (!file_read(given->source, &file, why)) return false;
  char sha256[SHA256_TEXT];
  sha256_of(file, sha256);
  model source = {0};
  sentence reason;
  bool done = read_source(given->source, file, &source, &reason) && convert(given, &source, sha256, &reason);
  if (!done) fail(why, "%.200s cannot be imported: %s", path_name(given->source), reason.text);
  model_free(&source);
  bytes_free(&file);
  return done;
}

int doppel_import(int argc, char **argv) {
  static const struct argp parser = {known, parse, "SOURCE -o FILE", doc, NULL, NULL, NULL};
  options given = {0};
  command_begin("doppel import", &parser, argc, argv, &given);
  sentence why;
  const bool done = path_has_extension(given.source, ".json") ? import_faceapi(given.source, given.output, &why)
                                                              : import(&given, &why);
  return done ? EXIT_DONE : report_failure(&why);
}
