/* A folder of photos in which some may never be opened. The target is linked with --wrap=open and --wrap=fopen, so that
   opening one of these ends it, by whichever path and through whichever function of the program. */
#ifndef DOPPEL_FUZZ_TRAPPED_H
#define DOPPEL_FUZZ_TRAPPED_H

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build_plan.h"
#include "seeds.h"

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);

enum { MOST_TRAPS = 64 };
static struct {
  dev_t device;
  ino_t inode;
} traps[MOST_TRAPS];
static size_t trap_count, trap_fixed, traps_sprung;
static bool trap_tried; /* counts instead of ending the target */

static void look_at(int file) {
  struct stat about;
  if (file < 0 || fstat(file, &about) != 0) return;
  for (size_t i = 0; i < trap_count; i++) {
    if (about.st_dev != traps[i].device || about.st_ino != traps[i].inode) continue;
    traps_sprung++;
    if (!trap_tried) abort();
  }
}

int __wrap_open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  int file = __real_open(path, flags, flags & O_CREAT ? va_arg(more, int) : 0);
  va_end(more);
  look_at(file);
  return file;
}

FILE *__wrap_fopen(const char *path, const char *mode) {
  FILE *file = __real_fopen(path, mode);
  if (file) look_at(fileno(file));
  return file;
}

static void set_trap(const char *path) {
  struct stat about;
  if (trap_count == MOST_TRAPS || stat(path, &about) != 0) return;
  traps[trap_count].device = about.st_dev;
  traps[trap_count++].inode = about.st_ino;
}

static char photos[] = "/tmp/doppel-fuzz-XXXXXX";

static inline void remove_photos(void) {
  folder_remove(photos);
}

/* ok.jpg may be opened; trap.jpg, alias.jpg and twin.jpg, which are the same file, and sub/trap.jpg may not. */
static inline void make_photos(void) {
  static const char *const names[] = {"ok.jpg", "other.jpg", "trap.jpg", "sub/trap.jpg"};
  if (photos[strlen(photos) - 1] != 'X') return;
  if (!mkdtemp(photos)) abort();
  atexit(remove_photos);
  sentence why;
  char *sub = path_joined(photos, "sub");
  if (!folder_make(sub, &why)) abort();
  free(sub);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char *path = path_joined(photos, names[i]);
    if (!file_write(path, names[i], strlen(names[i]), &why)) abort();
    if (i >= 2) set_trap(path);
    free(path);
  }
  char *trap = path_joined(photos, "trap.jpg"), *alias = path_joined(photos, "alias.jpg"),
       *twin = path_joined(photos, "twin.jpg");
  dpl_bytes bytes;
  if (symlink("trap.jpg", alias) || link(trap, twin)) abort();
  trap_fixed = trap_count;
  trap_tried = true;
  if (!file_read(alias, &bytes, &why) || traps_sprung != 1) abort(); /* a trap that does not close tests nothing */
  bytes_free(&bytes);
  FILE *file = fopen(twin, "rb");
  if (!file || traps_sprung != 2) abort();
  fclose(file);
  trap_tried = false;
  free(trap), free(alias), free(twin);
}

/* What a build does with each photo of its plan before it looks at the content. */
static inline void open_planned(const build_plan *plan) {
  for (size_t i = 0; i < plan->photo_count; i++) {
    dpl_bytes bytes;
    sentence why;
    if (plan->photos[i].path && file_read(plan->photos[i].path, &bytes, &why)) bytes_free(&bytes);
  }
}

/* A file in memory under a path. */
static inline void put_file(int *file, dpl_bytes bytes, char path[64]) {
  if (*file < 0) *file = memfd_create("roster", 0);
  if (ftruncate(*file, 0) || pwrite(*file, bytes.data, bytes.size, 0) != (ssize_t)bytes.size) abort();
  snprintf(path, 64, "/proc/self/fd/%d", *file);
}

/* ---- inputs that are made of the bytes */

static inline size_t choose(dpl_bytes *bytes, size_t count) {
  if (!bytes->size) return 0;
  size_t chosen = bytes->data[0] % count;
  *bytes = (dpl_bytes){bytes->data + 1, bytes->size - 1};
  return chosen;
}

static inline void add(buffer *out, const char *text) {
  append(out, text, strlen(text));
}

#define CHOSEN(list) (list)[choose(bytes, sizeof(list) / sizeof *(list))]

#endif
