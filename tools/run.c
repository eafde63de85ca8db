/* `doppel run`: one forward pass of a network file on prepared numbers. It is how the golden tests see what a network
   gives before any decoding, and how whoever imports a network compares it with where it came from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "basics.h"
#include "command.h"
#include "doppel.h"
#include "files.h"

typedef struct run_options {
  const char *network, *input, *output;
  size_t shape[4]; /* batch, height, width, channels */
} run_options;

static bool shape_read(const char *text, size_t shape[4]) {
  for (int i = 0; i < 4; ++i) {
    char *end;
    unsigned long side = strtoul(text, &end, 10);
    if (end == text || side < 1 || side > 65535 || *end != (i < 3 ? ',' : '\0')) return false;
    shape[i] = side;
    text = end + 1;
  }
  return true;
}

static error_t run_option(int key, char *text, struct argp_state *state) {
  run_options *options = state->input;
  switch (key) {
  case 'i':
    options->input = text;
    return 0;
  case 'o':
    options->output = text;
    return 0;
  case 's':
    if (!shape_read(text, options->shape))
      argp_error(state, "--shape wants batch,height,width,channels, as 1,150,150,3, not `%s`", text);
    return 0;
  case ARGP_KEY_ARG:
    if (options->network) argp_error(state, "one network at a time; `%s` is too many", text);
    options->network = text;
    return 0;
  case ARGP_KEY_END:
    if (!options->network || !options->input || !options->output || !options->shape[0])
      argp_error(state, "NETWORK, --input, --shape and --output are all needed");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

/* The outputs of the network, one behind the other. */
static bool outputs_compute(const run_options *options, dpl_network *network, dpl_bytes input, float **output,
                            size_t *count, sentence *why) {
  const size_t *shape = options->shape;
  size_t wanted = sizeof(float);
  for (int i = 0; i < 4; ++i) {
    if (__builtin_mul_overflow(wanted, shape[i], &wanted)) return fail(why, "that shape is too large for memory");
  }
  if (input.size != wanted)
    return fail(why, "%s has %zu bytes; float32 of that shape are %zu", options->input, input.size, wanted);

  float *numbers = new_array(input.size / sizeof(float), sizeof(float));
  memcpy(numbers, input.data, input.size);
  dpl_error error;
  dpl_status status = dpl_network_run(network, numbers, shape, NULL, 0, count, &error);
  if (!status) {
    *output = new_array(*count, sizeof(float));
    status = dpl_network_run(network, numbers, shape, *output, *count, count, &error);
  }
  free(numbers);
  return status ? fail(why, "%s", error.message) : true;
}

static bool run_network(const run_options *options, sentence *why) {
  dpl_bytes file = {0}, input = {0};
  dpl_network *network = NULL;
  dpl_error error;
  float *output = NULL;
  size_t count = 0;

  bool done = file_read(options->network, &file, why) && file_read(options->input, &input, why);
  if (done && dpl_network_open(file, &network, &error)) done = fail(why, "%s: %s", options->network, error.message);
  done = done && outputs_compute(options, network, input, &output, &count, why);
  done = done && file_write(options->output, output, count * sizeof *output, why);
  if (done) printf("%zu numbers in %s\n", count, options->output);

  free(output);
  dpl_network_close(network);
  bytes_free(&input);
  bytes_free(&file);
  return done;
}

int doppel_run(int argc, char **argv) {
  static const struct argp_option choices[] = {
      {"input", 'i', "FILE", 0, "float32 numbers as they enter the graph: batch, height, width, channels", 0},
      {"shape", 's', "N,H,W,C", 0, "how many of each", 0},
      {"output", 'o', "FILE", 0, "where the outputs go, float32, one behind the other", 0},
      {0},
  };
  static const struct argp argp = {
      choices, run_option, "NETWORK", "Runs a network file once on prepared numbers: no decoding, no preprocessing.",
      NULL,    NULL,       NULL};
  run_options options = {0};
  command_begin("doppel run", &argp, argc, argv, &options);
  sentence why;
  return run_network(&options, &why) ? EXIT_DONE : report_failure(&why);
}
