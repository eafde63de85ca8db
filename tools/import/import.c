/* `doppel import`: looks at the file's name and hands it to the importer for its kind. */
#include "import.h"

#include "command.h"
#include "faceapi.h"

#include <stdlib.h>

static const char doc[] =
    "Turn a network of others into doppel's own file.\v"
    "SOURCE is a …_model-weights_manifest.json of the npm package @vladmandic/face-api, with its .bin "
    "beside it. The weights keep the precision they have.\n\n"
    "Exit status: 0 done, 1 the network could not be read or written, 2 wrong usage.";

typedef struct options {
  const char *source, *output;
} options;

static error_t parse(int key, char *argument, struct argp_state *state) {
  options *given = state->input;
  switch (key) {
  case 'o':
    given->output = argument;
    return 0;
  case ARGP_KEY_ARG:
    if (given->source) argp_error(state, "one SOURCE at a time");
    given->source = argument;
    return 0;
  case ARGP_KEY_END:
    if (!given->source || !given->output) argp_error(state, "SOURCE and -o FILE are needed");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

int doppel_import(int argc, char **argv) {
  static const struct argp_option known[] = {{"output", 'o', "FILE", 0, "the .safetensors file to write", 0}, {0}};
  static const struct argp parser = {known, parse, "SOURCE -o FILE", doc, NULL, NULL, NULL};
  options given = {0};
  command_begin("doppel import", &parser, argc, argv, &given);
  return import_faceapi(given.source, given.output) ? 0 : 1;
}
