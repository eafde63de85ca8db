/* `doppel import`: networks of others into doppel's own files. */
#ifndef DOPPEL_IMPORT_H
#define DOPPEL_IMPORT_H

int doppel_import(int argc, char **argv);

#endif
