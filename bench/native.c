/* The native side of the bench: opens what the command line names, then reads words from stdin, one a line, and prints
   for each the milliseconds that it took. So native times are asked for by turns with the browser's.

     bench_native photo MODELS GALLERY PHOTO     words: decode, detect and points, cut out, embed, search, whole
     bench_native network FILE NUMBERS SIDE      any word: a pass
     bench_native work FILE SIDE                 reads nothing: each layer with weights and its multiplications
     bench_native jpeg FILE REDUCE               any word: processor time of decoding, ours and djpeg's             */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "image_jpeg.h"
#include "network_file.h"
#include "networks.h"

enum { MOST_FACES = 64, TOP = 10, PASSES = 5 };

static bool said(dpl_status status, const dpl_error *error, sentence *why) {
  return !status || fail(why, "%s", error->message);
}

/* ---- the way of a photo ---- */

typedef struct bench {
  networks set;
  network_handles handles;
  dpl_gallery *gallery;
  dpl_bytes file;
  dpl_image *photo;
  dpl_face faces[MOST_FACES];
  size_t face_count;
  float vector[DPL_MAX_DIMENSION];
  sentence why;
} bench;

static bool decode(bench *b) {
  dpl_error error;
  dpl_image *photo;
  if (!said(dpl_image_decode(b->file, NULL, &photo, &error), &error, &b->why)) return false;
  dpl_image_close(b->photo);
  b->photo = photo;
  return true;
}

static bool detect(bench *b) {
  dpl_error error;
  dpl_detection found = {.faces = b->faces, .capacity = MOST_FACES};
  if (!said(dpl_detector_detect(b->handles.detector, b->photo, &found, &error), &error, &b->why)) return false;
  b->face_count = found.count;
  return found.count || fail(&b->why, "There is no face in the photo.");
}

static bool cut_out(bench *b) {
  dpl_error error;
  dpl_image *chip;
  if (!said(dpl_embedder_chip(b->handles.embedder, b->photo, &b->faces[0], &chip, &error), &error, &b->why))
    return false;
  dpl_image_close(chip);
  return true;
}

static bool embed(bench *b) {
  dpl_error error;
  return said(dpl_embedder_embed(b->handles.embedder, b->photo, &b->faces[0], 1, b->vector, &error), &error, &b->why);
}

static bool search(bench *b) {
  dpl_error error;
  dpl_match matches[TOP];
  size_t count;
  return said(dpl_gallery_search(b->gallery, b->vector, TOP, matches, &count, &error), &error, &b->why);
}

static bool whole(bench *b) {
  return detect(b) && embed(b) && search(b);
}

static const struct {
  const char *name;
  bool (*run)(bench *b);
} stages[] = {{"decode", decode},   {"detect and points", detect},
              {"cut out", cut_out}, {"embed", embed},
              {"search", search},   {"whole", whole}};

static bool open_gallery(bench *b, const char *folder) {
  char *manifest_path = path_joined(folder, "gallery.json"),
       *shard_path = path_joined(folder, "embeddings.safetensors");
  dpl_bytes manifest = {0}, shard = {0};
  dpl_error error;
  const bool opened = file_read(manifest_path, &manifest, &b->why) && file_read(shard_path, &shard, &b->why) &&
                      said(dpl_gallery_open(manifest, &b->gallery, &error), &error, &b->why) &&
                      said(dpl_gallery_add(b->gallery, shard, &error), &error, &b->why);
  bytes_free(&manifest);
  bytes_free(&shard);
  free(manifest_path);
  free(shard_path);
  return opened;
}

static bool time_stage(bench *b, const char *word) {
  for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
    if (strcmp(word, stages[i].name) != 0) continue;
    const double began = seconds_now();
    if (!stages[i].run(b)) return false;
    printf("%.4f\n", 1000 * (seconds_now() - began));
    return true;
  }
  return fail(&b->why, "There is no stage \"%s\".", word);
}

static bool word_read(char word[64]) {
  if (!fgets(word, 64, stdin)) return false;
  word[strcspn(word, "\n")] = 0;
  return true;
}

static void bench_free(bench *b) {
  dpl_image_close(b->photo);
  dpl_gallery_close(b->gallery);
  networks_close(&b->handles);
  networks_free(&b->set);
  bytes_free(&b->file);
  free(b);
}

static bool photo_times(char **arguments, sentence *why) {
  bench *b = new_array(1, sizeof *b);
  network_options options = {0};
  name_list_add(&options.paths, arguments[0]);
  bool fine = networks_load(&options, true, &b->set, &b->why) && networks_open(&b->set, &b->handles, &b->why) &&
              open_gallery(b, arguments[1]) && file_read(arguments[2], &b->file, &b->why) && decode(b) && whole(b);
  if (fine) puts("ready");
  for (char word[64]; fine && word_read(word);) fine = time_stage(b, word);
  *why = b->why;
  bench_free(b);
  name_list_free(&options.paths);
  return fine;
}

/* ---- a network alone ---- */

static bool pass(dpl_network *network, dpl_bytes numbers, size_t side, float *output, size_t capacity, sentence *why) {
  const size_t shape[4] = {1, side, side, 3};
  dpl_error error;
  size_t count;
  if (numbers.size != side * side * 3 * sizeof(float)) return fail(why, "The numbers are not %zux%zux3.", side, side);
  const float *input = (const float *)(const void *)numbers.data;
  return said(dpl_network_run(network, input, shape, output, capacity, &count, &error), &error, why);
}

static bool network_times(char **arguments, sentence *why) {
  enum { ROOM = 1 << 20 };
  const size_t side = strtoul(arguments[2], NULL, 10);
  float *output = new_array(ROOM, sizeof *output);
  dpl_bytes file = {0}, numbers = {0};
  dpl_network *network = NULL;
  dpl_error error;
  bool fine = file_read(arguments[0], &file, why) && file_read(arguments[1], &numbers, why) &&
              said(dpl_network_open(file, &network, &error), &error, why) &&
              pass(network, numbers, side, output, ROOM, why);
  if (fine) puts("ready");
  for (char word[64]; fine && word_read(word);) {
    const double began = seconds_now();
    for (int i = 0; fine && i < PASSES; i++) fine = pass(network, numbers, side, output, ROOM, why);
    printf("%.4f\n", 1000 * (seconds_now() - began) / PASSES);
  }
  dpl_network_close(network);
  bytes_free(&numbers);
  bytes_free(&file);
  free(output);
  return fine;
}

/* Every number that comes out takes one multiplication a weight of its channel. */
static double multiplications(const dpl_graph *graph, const dpl_node *node) {
  const dpl_tensor *weight = node->weight;
  const size_t channels = weight->shape[node->op == DPL_OP_DEPTHWISE_CONV2D ? weight->rank - 1 : 0];
  return (double)dpl_value_count(&graph->values[node->output]) * (double)(weight->count / channels);
}

static bool print_work(char **arguments, sentence *why) {
  const size_t side = strtoul(arguments[1], NULL, 10), shape[4] = {1, side, side, 3};
  dpl_bytes file = {0};
  dpl_network_file network = {0};
  dpl_error error;
  const bool fine = file_read(arguments[0], &file, why) &&
                    said(dpl_network_file_open(file, &network, &error), &error, why) &&
                    said(dpl_graph_infer(&network.graph, shape, &error), &error, why);
  for (size_t i = 0; fine && i < network.graph.node_count; i++) {
    const dpl_node *node = &network.graph.nodes[i];
    if (node->weight) printf("%.0f\t%s\n", multiplications(&network.graph, node), dpl_op_name(node->op));
  }
  dpl_network_file_close(&network);
  bytes_free(&file);
  return fine;
}

/* ---- a JPEG, beside djpeg ---- */

static double processor_ms(const struct rusage *usage) {
  const struct timeval user = usage->ru_utime, system = usage->ru_stime;
  return (double)(user.tv_sec + system.tv_sec) * 1e3 + (double)(user.tv_usec + system.tv_usec) / 1e3;
}

/* From the file to pixels, again and again in one process, as in a build. */
static double decode_jpeg(const char *path, int reduce, sentence *why) {
  struct rusage before, after;
  getrusage(RUSAGE_SELF, &before);
  dpl_bytes file = {0};
  dpl_image_header header = {.orientation = 1, .format = DPL_FORMAT_JPEG};
  dpl_jpeg_answer answer = {0};
  dpl_error error;
  const dpl_jpeg_request request = {.reduce = reduce};
  const bool fine = file_read(path, &file, why) && said(dpl_jpeg_header(file, &header, &error), &error, why) &&
                    said(dpl_jpeg_decode(file, &header, request, &answer, &error), &error, why);
  free(answer.image.pixels);
  bytes_free(&file);
  getrusage(RUSAGE_SELF, &after);
  return fine ? processor_ms(&after) - processor_ms(&before) : -1;
}

/* Not by fork, after which every page that is written to is copied. */
static double decode_with_djpeg(char **arguments, sentence *why) {
  char scale[16];
  snprintf(scale, sizeof scale, "1/%s", arguments[1]);
  char *words[] = {"djpeg", "-scale", scale, "-outfile", "/dev/null", arguments[0], NULL};
  pid_t child = 0;
  if (posix_spawnp(&child, words[0], NULL, NULL, words, environ)) child = 0;
  int ended;
  struct rusage usage;
  const bool waited = child > 0 && wait4(child, &ended, 0, &usage) == child;
  if (waited && WIFEXITED(ended) && WEXITSTATUS(ended) == EXIT_SUCCESS) return processor_ms(&usage);
  return fail(why, "djpeg cannot decode %s.", arguments[0]), -1;
}

static bool jpeg_times(char **arguments, sentence *why) {
  puts("ready");
  for (char word[64]; word_read(word);) {
    const double ours = decode_jpeg(arguments[0], atoi(arguments[1]), why);
    const double theirs = ours < 0 ? -1 : decode_with_djpeg(arguments, why);
    if (theirs < 0) return false;
    printf("%.2f %.2f\n", ours, theirs);
  }
  return true;
}

/* ---- */

int main(int count, char **words) {
  sentence why = {
      "Say what to do: photo MODELS GALLERY PHOTO, network FILE NUMBERS SIDE, work FILE SIDE, or jpeg FILE REDUCE."};
  setvbuf(stdout, NULL, _IOLBF, 0);
  bool fine = false;
  if (count == 5 && !strcmp(words[1], "photo"))
    fine = photo_times(words + 2, &why);
  else if (count == 5 && !strcmp(words[1], "network"))
    fine = network_times(words + 2, &why);
  else if (count == 4 && !strcmp(words[1], "work"))
    fine = print_work(words + 2, &why);
  else if (count == 4 && !strcmp(words[1], "jpeg"))
    fine = jpeg_times(words + 2, &why);
  if (!fine) fprintf(stderr, "%s\n", why.text);
  return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
