/* A temporary file, and mmap. */
#include "vector_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"

static bool cannot(const char *what, sentence *why) {
  return fail(why, "The file of vectors beside the gallery cannot be %s: %s.", what, strerror(errno));
}

bool vector_file_begin(vector_file *vectors, const char *folder, size_t dimension, sentence *why) {
  *vectors = (vector_file){.dimension = dimension};
  char *path = path_joined(folder, "vectors.XXXXXX");
  int file = mkstemp(path);
  if (file >= 0) unlink(path);
  free(path);
  vectors->file = file >= 0 ? fdopen(file, "w+b") : NULL;
  return vectors->file || cannot("made", why);
}

bool vector_file_add(vector_file *vectors, const float *vector, sentence *why) {
  ++vectors->count;
  return fwrite(vector, sizeof *vector, vectors->dimension, vectors->file) == vectors->dimension ||
         cannot("written", why);
}

static size_t bytes_of(const vector_file *vectors) {
  return vectors->count * vectors->dimension * sizeof(float);
}

bool vector_file_map(vector_file *vectors, const float **all, sentence *why) {
  *all = NULL;
  if (!vectors->count) return true;
  if (!vectors->mapped) {
    if (fflush(vectors->file) != 0) return cannot("written", why);
    void *mapped = mmap(NULL, bytes_of(vectors), PROT_READ, MAP_SHARED, fileno(vectors->file), 0);
    if (mapped == MAP_FAILED) return cannot("read", why);
    vectors->mapped = mapped;
  }
  *all = vectors->mapped;
  return true;
}

void vector_file_free(vector_file *vectors) {
  if (vectors->mapped) munmap(vectors->mapped, bytes_of(vectors));
  if (vectors->file) fclose(vectors->file);
  *vectors = (vector_file){0};
}
