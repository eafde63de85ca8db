/* Hashes, and what is done where two are the same. */
#include "stable_id.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

char *id_of_key(const char *kind, const char *key) {
  char sha256[SHA256_TEXT];
  char *text = new_text_of("doppel %s\n%s", kind, key);
  sha256_of((dpl_bytes){(const uint8_t *)text, strlen(text)}, sha256);
  free(text);
  return new_text_of("%.16s", sha256);
}

typedef struct used_id {
  char *id;
  size_t uses; /* how often it was asked for: the number behind the next one */
} used_id;

static int by_id(const void *a, const void *b) {
  return strcmp(((const used_id *)a)->id, ((const used_id *)b)->id);
}

static void free_used(void *entry) {
  free(((used_id *)entry)->id);
  free(entry);
}

/* The entry of an id, counted: 1 for one that was not there. */
static used_id *use(void **tree, const char *id) {
  used_id *entry = new_array(1, sizeof *entry);
  *entry = (used_id){new_text(id), 0};
  used_id *known = *(used_id **)tsearch(entry, tree, by_id);
  if (known != entry) free_used(entry);
  ++known->uses;
  return known;
}

void make_ids_unique(char **ids, size_t count) {
  void *tree = NULL;
  for (size_t i = 0; i < count; ++i) {
    used_id *known = use(&tree, ids[i]);
    for (bool taken = known->uses > 1; taken;) {
      char *numbered = new_text_of("%s-%zu", known->id, known->uses);
      taken = use(&tree, numbered)->uses > 1;
      if (taken) ++known->uses;
      free(taken ? numbered : ids[i]);
      if (!taken) ids[i] = numbered;
    }
  }
  tdestroy(tree, free_used);
}
