/* For fuzz targets of the program's readers: inputs as files, and what a failure has to say. */
#ifndef DOPPEL_FUZZ_SCRATCH_H
#define DOPPEL_FUZZ_SCRATCH_H

#include <sys/mman.h>
#include <unistd.h>

#include "basics.h" /* before cmocka, which has a `fail` of its own */
#include "files.h"

#include "seeds.h"

static inline void must_be_sentence(const sentence *why) {
  size_t length = strlen(why->text);
  if (length == sizeof why->text - 1) return;
  if (length > 10 && why->text[length - 1] == ')') length--;
  if (length >= 10 && why->text[length - 1] == '.') return;
  fprintf(stderr, "No sentence: %s\n", why->text);
  abort();
}

/* The bytes as a file in memory; `file` is −1 at first, and the same for all inputs. */
static inline void file_in_memory(int *file, dpl_bytes bytes, char path[64]) {
  if (*file < 0) *file = memfd_create("input", 0);
  if (ftruncate(*file, 0) || pwrite(*file, bytes.data, bytes.size, 0) != (ssize_t)bytes.size) abort();
  snprintf(path, 64, "/proc/self/fd/%d", *file);
}

static char scratch[] = "/dev/shm/doppel-fuzz-XXXXXX"; /* a file system in memory: inputs are many */

static inline void remove_scratch(void) {
  folder_remove(scratch);
}

/* One folder per process, which is removed at its end. */
static inline const char *scratch_folder(void) {
  if (scratch[strlen(scratch) - 1] == 'X') {
    if (!mkdtemp(scratch)) abort();
    atexit(remove_scratch);
  }
  return scratch;
}

static inline void scratch_write(const char *name, dpl_bytes bytes) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", scratch_folder(), name);
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(bytes.data, 1, bytes.size, file) != bytes.size || fclose(file)) abort();
}

static inline void plant_text(const char *folder, const char *name, const char *text) {
  buffer seed = {0};
  append(&seed, text, strlen(text));
  plant(folder, name, seed);
}

/* The input up to `mark`, which is taken out of it; all of it where there is no mark. */
static inline dpl_bytes next_part(dpl_bytes *rest, const char *mark) {
  const size_t length = strlen(mark);
  const uint8_t *end = rest->size ? memmem(rest->data, rest->size, mark, length) : NULL;
  const dpl_bytes part = {rest->data, end ? (size_t)(end - rest->data) : rest->size};
  *rest = end ? (dpl_bytes){end + length, rest->size - part.size - length} : (dpl_bytes){NULL, 0};
  return part;
}

#endif
