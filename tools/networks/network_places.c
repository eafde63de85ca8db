/* Finding networks by the names of their files. */
#include "network_places.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char ending[] = ".safetensors";
enum { HASH_DIGITS = 8 };

char *network_models_folder(void) {
  char program[4096];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length <= 0) return new_text("models");
  program[length] = 0;
  char *folder = path_folder(program);
  char *inside = path_joined(folder, "models");
  if (!path_is_folder(inside)) {
    free(inside);
    char *parent = path_folder(folder);
    inside = path_joined(parent, "models");
    free(parent);
  }
  free(folder);
  return inside;
}

/* A folder beside `models`. */
static char *beside_models(const char *name) {
  char *models = network_models_folder(), *parent = path_folder(models), *path = path_joined(parent, name);
  free(parent);
  free(models);
  return path;
}

char *network_library_folder(void) {
  return beside_models("networks");
}

/* The length of NAME in "NAME.1a2b3c4d.safetensors"; 0 for other files. */
static size_t name_length(const char *file) {
  size_t length = strlen(file), tail = strlen(ending) + HASH_DIGITS + 1;
  if (length <= tail || !path_has_extension(file, ending) || file[length - tail] != '.') return 0;
  return length - tail;
}

static bool names_in(const char *folder, name_list *files) {
  sentence unused;
  return path_is_folder(folder) && folder_list(folder, files, &unused);
}

char *network_in_library(const char *name) {
  char *folder = network_library_folder(), *found = NULL;
  name_list files = {0};
  names_in(folder, &files);
  for (size_t i = 0; i < files.count && !found; ++i) {
    size_t length = name_length(files.names[i]);
    if (length && length == strlen(name) && !strncmp(files.names[i], name, length))
      found = path_joined(folder, files.names[i]);
  }
  name_list_free(&files);
  free(folder);
  return found;
}

void network_library_names(name_list *names) {
  char *folder = network_library_folder();
  name_list files = {0};
  names_in(folder, &files);
  for (size_t i = 0; i < files.count; ++i) {
    size_t length = name_length(files.names[i]);
    char *name = new_text_of("%.*s", (int)length, files.names[i]);
    bool known = names->count && !strcmp(names->names[names->count - 1], name);
    if (length && !known) name_list_add(names, name);
    free(name);
  }
  name_list_free(&files);
  free(folder);
}

/* `folder`/`name`.<8 digits>.safetensors, where there is such a file. Takes `folder` over. */
static char *file_inside(char *folder, const char *name, const char *sha256) {
  char *path = new_text_of("%s/%s.%.*s%s", folder, name, HASH_DIGITS, sha256, ending);
  free(folder);
  if (path_exists(path)) return path;
  free(path);
  return NULL;
}

char *network_with_sha256(const char *name, const char *sha256) {
  if (strlen(sha256) < HASH_DIGITS || strchr(name, '/')) return NULL;
  char *found = file_inside(network_models_folder(), name, sha256);
  if (!found) found = file_inside(network_library_folder(), name, sha256);
  char *sets = beside_models("sets");
  name_list folders = {0};
  names_in(sets, &folders);
  for (size_t i = 0; i < folders.count && !found; ++i)
    found = file_inside(path_joined(sets, folders.names[i]), name, sha256);
  name_list_free(&folders);
  free(sets);
  return found;
}
