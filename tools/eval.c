/* `doppel eval`: chooses the measurement, and reads the options that all of them share. */
#include "command.h"
#include "eval_options.h"
#include "parallel.h"

int doppel_eval(int argc, char **argv) {
  static const command commands[] = {
      {"pairs", doppel_eval_pairs, "faces found, AUC and accuracy on labelled pairs of photos"},
      {"turned", doppel_eval_turned, "the same pairs with one photo of each turned"},
      {"boxes", doppel_eval_boxes, "face boxes against drawn ones: recall and false boxes"},
      {"faces", doppel_eval_faces, "faces found in photos, and whether there are enough"},
      {"groups", doppel_eval_groups, "groups of people: faces missed, and strangers taken for one person"},
      {0},
  };
  return command_dispatch("doppel eval", "Measures detection and recognition on labelled photos.", commands, argc,
                          argv);
}

enum { KEY_JSON = 1100 };

static const struct argp_option option_list[] = {
    {"jobs", 'j', "N", 0, "Threads (default: as many as there are processors)", 1},
    {"json", KEY_JSON, NULL, 0, "Print the figures as JSON", 1},
    {"quiet", 'q', NULL, 0, "No progress on stderr", 1},
    {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  eval_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->networks;
    if (!options->jobs) options->jobs = processor_count();
    return 0;
  case 'j':
    options->jobs = option_whole_number(state, "jobs", value, 1, 256);
    return 0;
  case KEY_JSON:
    options->json = true;
    return 0;
  case 'q':
    options->quiet = true;
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&networks_argp, 0, NULL, 0}, {0}};
const struct argp eval_argp = {.options = option_list, .parser = parse_option, .children = children};
