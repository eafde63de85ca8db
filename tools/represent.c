/* `doppel represent`: the embeddings of all faces of photos, as JSON. */
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "output.h"
#include "photos.h"

typedef struct represent_options {
  network_options networks;
  name_list photos;
} represent_options;

static error_t parse_option(int key, char *value, struct argp_state *state) {
  represent_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->networks;
    return 0;
  case ARGP_KEY_ARG:
    name_list_add(&options->photos, value);
    return 0;
  case ARGP_KEY_NO_ARGS:
    argp_error(state, "a photo is missing");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&networks_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .parser = parse_option,
    .children = children,
    .args_doc = "PHOTO...",
    .doc =
        "Prints, as JSON, all faces of each photo, largest first: embedding, facial_area, "
        "face_confidence, quality."
        "\vA photo without a face has an empty list; one that cannot be read has \"error\" and makes the exit code "
        "1. Left "
        "and right eye are the image's, not the person's. Of the quality, size is in pixels, sharpness compares photos "
        "of the same kind, and yaw and pitch are rough: degrees that the nose points to the image's right, and up. "
        "Exit codes: 0 done, 1 failed, 2 wrong command line."};

static cJSON *faces_json(network_handles *handles, const dpl_image *photo, const face_list *found, sentence *why) {
  size_t dimension = (size_t)dpl_embedder_dimension(handles->embedder);
  float *vectors = photo_vectors(handles, photo, found->faces, found->count, why);
  dpl_face_quality *qualities = vectors ? photo_qualities(photo, found->faces, found->count, why) : NULL;
  if (!qualities) {
    free(vectors);
    return NULL;
  }
  cJSON *list = cJSON_CreateArray();
  for (size_t i = 0; i < found->count; ++i) {
    cJSON *face = cJSON_CreateObject();
    cJSON_AddItemToObject(face, "embedding", float_array(vectors + i * dimension, dimension));
    cJSON_AddItemToObject(face, "facial_area", facial_area_json(&found->faces[i]));
    add_rounded(face, "face_confidence", (double)found->faces[i].score, 4);
    cJSON_AddItemToObject(face, "quality", quality_json(&qualities[i]));
    cJSON_AddItemToArray(list, face);
  }
  free(qualities);
  free(vectors);
  return list;
}

static bool photo_json(const char *path, network_handles *handles, cJSON *entry, sentence *why) {
  dpl_image *photo;
  if (!photo_read(path, &photo, why)) return false;
  face_list *found = new_array(1, sizeof *found);
  cJSON *faces = photo_faces(handles, photo, found, why) ? faces_json(handles, photo, found, why) : NULL;
  if (faces) {
    cJSON_AddNumberToObject(entry, "width", dpl_image_width(photo));
    cJSON_AddNumberToObject(entry, "height", dpl_image_height(photo));
    cJSON_AddItemToObject(entry, "faces", faces);
  }
  free(found);
  dpl_image_close(photo);
  return faces != NULL;
}

/* False where a photo could not be read. */
static bool represent(const represent_options *options, const networks *set, network_handles *handles) {
  cJSON *list = cJSON_CreateArray();
  bool all_fine = true;
  for (size_t i = 0; i < options->photos.count; ++i) {
    sentence why;
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "photo", options->photos.names[i]);
    cJSON_AddStringToObject(entry, "model", set->embedder->info.name);
    cJSON_AddStringToObject(entry, "detector_backend", set->detector_name);
    if (!photo_json(options->photos.names[i], handles, entry, &why)) {
      warn("%s", why.text);
      cJSON_AddStringToObject(entry, "error", why.text);
      all_fine = false;
    }
    cJSON_AddItemToArray(list, entry);
  }
  print_json(list);
  return all_fine;
}

int doppel_represent(int argc, char **argv) {
  represent_options options = {0};
  command_begin("doppel represent", &argp, argc, argv, &options);
  sentence why;
  networks set;
  network_handles handles;
  bool all_read = false, fine = networks_load(&options.networks, true, &set, &why);
  if (fine) {
    fine = networks_open(&set, &handles, &why);
    if (fine) {
      all_read = represent(&options, &set, &handles);
      networks_close(&handles);
    }
    networks_free(&set);
  }
  name_list_free(&options.photos);
  name_list_free(&options.networks.paths);
  if (!fine) return report_failure(&why);
  return all_read ? EXIT_DONE : EXIT_FAILED;
}
