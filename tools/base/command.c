/* Choosing a subcommand and reading its options, with argp. */
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "basics.h"
#include "doppel.h"

static const char *current_name = "doppel";

const char *command_name(void) {
  return current_name;
}

static void print_commands(FILE *out, const char *family, const char *about, const command *commands) {
  fprintf(out, "Usage: %s COMMAND [OPTION...]\n%s\n\n", family, about);
  for (const command *entry = commands; entry->name; ++entry)
    fprintf(out, "  %-10s  %s\n", entry->name, entry->summary);
  fprintf(out,
          "\n`%s COMMAND --help` says more, `doppel --version` prints the version. Exit codes: 0 done, 1 failed, 2 "
          "wrong command line, 3 the answer is no.\n",
          family);
}

int command_dispatch(const char *family, const char *about, const command *commands, int argc, char **argv) {
  current_name = family;
  if (argc < 2) {
    print_commands(stderr, family, about, commands);
    return EXIT_BAD_USAGE;
  }
  if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-?") || !strcmp(argv[1], "help")) {
    print_commands(stdout, family, about, commands);
    return EXIT_DONE;
  }
  if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
    printf("doppel %s\n", dpl_version());
    return EXIT_DONE;
  }
  for (const command *entry = commands; entry->name; ++entry) {
    if (!strcmp(argv[1], entry->name)) return entry->run(argc - 1, argv + 1);
  }
  warn("there is no command `%s`; `%s --help` lists them.", argv[1], family);
  return EXIT_BAD_USAGE;
}

void command_begin(const char *name, const struct argp *argp, int argc, char **argv, void *input) {
  static char writable_name[64]; /* argp prints argv[0], and takes it as char * */
  snprintf(writable_name, sizeof writable_name, "%s", name);
  current_name = writable_name;
  argv[0] = writable_name;
  argp_err_exit_status = EXIT_BAD_USAGE;
  json_memory_begin();
  if (argp_parse(argp, argc, argv, 0, NULL, input)) exit(EXIT_BAD_USAGE);
}

double option_number(struct argp_state *state, const char *option, const char *text, double least, double most) {
  char *end;
  double value = strtod(text, &end);
  if (end == text || *end || !(value >= least && value <= most)) {
    argp_error(state, "--%s wants a number from %g to %g, not `%s`", option, least, most, text);
  }
  return value;
}

int option_whole_number(struct argp_state *state, const char *option, const char *text, int least, int most) {
  char *end;
  errno = 0;
  long value = strtol(text, &end, 10);
  if (end == text || *end || errno || value < least || value > most) {
    argp_error(state, "--%s wants a whole number from %d to %d, not `%s`", option, least, most, text);
  }
  return (int)value;
}

error_t option_only_argument(struct argp_state *state, int key, char *value, const char *what, const char **place) {
  if (key == ARGP_KEY_NO_ARGS) argp_error(state, "%s is missing", what);
  if (key != ARGP_KEY_ARG) return key == ARGP_KEY_NO_ARGS ? 0 : ARGP_ERR_UNKNOWN;
  if (*place) argp_error(state, "`%s` is one too many: %s is enough", value, what);
  *place = value;
  return 0;
}
