/* `doppel`: the native program of whoever hosts a gallery. This file only chooses the subcommand; each has its own. */
#include "command.h"
#include "import.h"

int main(int argc, char **argv) {
  static const command commands[] = {
      {"build", doppel_build, "make a gallery from a roster and a folder of photos"},
      {"merge", doppel_merge, "make one gallery of the parts of a build"},
      {"adopt", doppel_adopt, "make a gallery of vectors that others computed (.voy, .npy) and a roster"},
      {"export", doppel_export, "write a gallery's vectors (.voy, .npy) and records (.csv, .json) for other programs"},
      {"extract", doppel_extract, "write the faces of photos as a table and as crops of head and shoulders"},
      {"search", doppel_search, "find the people of a gallery whom a photo's faces resemble"},
      {"verify", doppel_verify, "compare two photos"},
      {"represent", doppel_represent, "print the embeddings of all faces"},
      {"inspect", doppel_inspect, "say what is in a network, gallery, shard or photo"},
      {"import", doppel_import, "convert a network of another project to doppel's format"},
      {"eval", doppel_eval, "measure detection and recognition on labelled photos"},
      {"run", doppel_run, "run a network once on prepared numbers and keep what comes out"},
      {0},
  };
  return command_dispatch("doppel",
                          "Finds the people in a collection of portraits whom a face resembles: resemblance, never "
                          "identity.\nThe same library runs in the browser; no photo leaves this machine.",
                          commands, argc, argv);
}
