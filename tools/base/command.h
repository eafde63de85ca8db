/* The subcommands of `doppel` and what they share: exit codes and the one way in which their options are read. */
#ifndef TOOL_COMMAND_H
#define TOOL_COMMAND_H

#include <argp.h>

/* Exit codes, the same for all subcommands; their help texts say where EXIT_DIFFERENT can come. */
enum {
  EXIT_DONE = 0,
  EXIT_FAILED = 1,    /* what was asked could not be done; a sentence on stderr says why */
  EXIT_BAD_USAGE = 2, /* the command line is wrong */
  EXIT_DIFFERENT = 3, /* measured, and the answer is no: verify's "different", eval's "not reached" */
};

/* argv[0] is the subcommand's own name. Each returns an exit code. */
int doppel_build(int argc, char **argv);
int doppel_merge(int argc, char **argv);
int doppel_adopt(int argc, char **argv);
int doppel_export(int argc, char **argv);
int doppel_extract(int argc, char **argv);
int doppel_search(int argc, char **argv);
int doppel_verify(int argc, char **argv);
int doppel_represent(int argc, char **argv);
int doppel_inspect(int argc, char **argv);
int doppel_eval(int argc, char **argv);
int doppel_run(int argc, char **argv);

/* One line of `doppel --help` or `doppel eval --help`. */
typedef struct command {
  const char *name;
  int (*run)(int argc, char **argv);
  const char *summary;
} command;

/* Runs the command that argv[1] names; `family` is "doppel" or "doppel eval". Without a name, or with an unknown one,
   says what there is. `commands` ends with a NULL name. */
int command_dispatch(const char *family, const char *about, const command *commands, int argc, char **argv);

/* Reads the options and sets the name that errors are reported under ("doppel build"). Ends the program for --help (0)
   and for a wrong command line (EXIT_BAD_USAGE), as argp does. */
void command_begin(const char *name, const struct argp *argp, int argc, char **argv, void *input);
const char *command_name(void);

/* For argp parsers: a whole number from `least` to `most`, or the end with a usage error. */
int option_whole_number(struct argp_state *state, const char *option, const char *text, int least, int most);
double option_number(struct argp_state *state, const char *option, const char *text, double least, double most);

/* For argp parsers of commands with one argument, as their last word on a key: keeps the argument in *place, ends with
   a usage error where there are two or none; `what` names it ("the folder with …"). */
error_t option_only_argument(struct argp_state *state, int key, char *value, const char *what, const char **place);

#endif
