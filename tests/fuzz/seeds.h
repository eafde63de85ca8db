/* Seeds for fuzz targets. A target writes its own into the first folder that it is given, before libFuzzer reads that
   folder, so that no file of anybody lies in the repository. */
#ifndef DOPPEL_FUZZ_SEEDS_H
#define DOPPEL_FUZZ_SEEDS_H

#include <sys/stat.h>

#include "support.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first folder among the arguments, or NULL. */
static inline const char *seed_folder(int count, char **arguments) {
  for (int i = 1; i < count; i++) {
    struct stat status;
    if (arguments[i][0] != '-' && stat(arguments[i], &status) == 0 && S_ISDIR(status.st_mode)) return arguments[i];
  }
  return NULL;
}

/* Writes the seed and releases it. */
static inline void plant(const char *folder, const char *name, buffer seed) {
  char path[1024];
  snprintf(path, sizeof path, "%s/seed-%s", folder, name);
  FILE *file = fopen(path, "wb");
  if (file) {
    fwrite(seed.data, 1, seed.size, file);
    fclose(file);
  }
  free(seed.data);
}

/* One seed per text; nothing without a folder. */
static inline void plant_texts(const char *folder, const char *const *texts, size_t count) {
  for (size_t i = 0; folder && i < count; i++) {
    buffer seed = {0};
    char name[24];
    append(&seed, texts[i], strlen(texts[i]));
    snprintf(name, sizeof name, "%zu", i);
    plant(folder, name, seed);
  }
}

#endif
