/* `doppel verify`: how alike the faces of two photos are, told as DeepFace's verify does. */
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "output.h"
#include "photos.h"

typedef struct verify_options {
  network_options networks;
  const char *photos[2];
  double threshold; /* of the distance; negative: the network's own */
  bool json, largest;
} verify_options;

enum { KEY_JSON = 1700, KEY_LARGEST };

static const struct argp_option option_list[] = {
    {"threshold", 't', "DISTANCE", 0, "Distance up to which the answer is \"same\" (default: the network's own)", 1},
    {"largest", KEY_LARGEST, NULL, 0, "Compare the largest face of each photo, not the two that are most alike", 1},
    {"json", KEY_JSON, NULL, 0, "Print JSON, with DeepFace's keys", 1},
    {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  verify_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->networks;
    return 0;
  case 't':
    options->threshold = option_number(state, "threshold", value, 0, 2);
    return 0;
  case KEY_LARGEST:
    options->largest = true;
    return 0;
  case KEY_JSON:
    options->json = true;
    return 0;
  case ARGP_KEY_ARG:
    if (state->arg_num > 1)
      argp_error(state, "two photos are enough");
    else
      options->photos[state->arg_num] = value;
    return 0;
  case ARGP_KEY_END:
    if (state->arg_num < 2) argp_error(state, "two photos are needed");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&networks_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {.options = option_list,
                                 .parser = parse_option,
                                 .children = children,
                                 .args_doc = "PHOTO PHOTO",
                                 .doc = "Compares the faces of two photos. The distance is 1 - cosine; where a photo "
                                        "holds several faces, the two most alike "
                                        "are compared, as DeepFace does."
                                        "\vThe answer is resemblance at a threshold, not identity. Left and right eye "
                                        "are the image's, not the person's. Exit "
                                        "codes: 0 the distance is within the threshold, 3 it is not, 1 failed (also "
                                        "when a photo holds no face), 2 wrong "
                                        "command line."};

/* The faces of one photo and their vectors. */
typedef struct side {
  face_list found; /* those to compare */
  size_t seen;     /* in the photo */
  float *vectors;
} side;

typedef struct comparison {
  size_t a, b; /* indices of the two faces */
  double similarity;
} comparison;

static bool look_at(const char *path, network_handles *handles, bool largest, side *out, sentence *why) {
  dpl_image *photo;
  if (!photo_read(path, &photo, why)) return false;
  bool fine = photo_faces(handles, photo, &out->found, why);
  if (fine && !out->found.count) fine = fail_no_face(&out->found, path, why);
  out->seen = fine ? out->found.count : 0;
  if (fine && largest) out->found.count = 1;
  if (fine) {
    out->vectors = photo_vectors(handles, photo, out->found.faces, out->found.count, why);
    fine = out->vectors != NULL;
  }
  dpl_image_close(photo);
  return fine;
}

static comparison most_alike(const side *a, const side *b, int dimension) {
  comparison best = {.similarity = -2};
  for (size_t i = 0; i < a->found.count; ++i) {
    for (size_t j = 0; j < b->found.count; ++j) {
      double similarity = cosine_of(a->vectors + i * (size_t)dimension, b->vectors + j * (size_t)dimension, dimension);
      if (similarity > best.similarity) best = (comparison){i, j, similarity};
    }
  }
  return best;
}

static void print_as_json(const networks *set, const dpl_face *a, const dpl_face *b, double distance, double threshold,
                          double seconds) {
  cJSON *out = cJSON_CreateObject();
  cJSON_AddBoolToObject(out, "verified", distance <= threshold);
  add_rounded(out, "distance", distance, 6);
  add_rounded(out, "threshold", threshold, 6);
  cJSON_AddStringToObject(out, "model", set->embedder->info.name);
  cJSON_AddStringToObject(out, "detector_backend", set->detector_name);
  cJSON_AddStringToObject(out, "similarity_metric", "cosine");
  cJSON *areas = cJSON_AddObjectToObject(out, "facial_areas");
  cJSON_AddItemToObject(areas, "img1", facial_area_json(a));
  cJSON_AddItemToObject(areas, "img2", facial_area_json(b));
  add_rounded(out, "time", seconds, 3);
  print_json(out);
}

static void print_face(const char *path, size_t count, const dpl_face *face) {
  printf("%s: %zu %s, compared: %.0f×%.0f at %.0f, %.0f, eyes at %.0f, %.0f and %.0f, %.0f\n", path, count,
         count == 1 ? "face" : "faces", (double)face->box.width, (double)face->box.height, (double)face->box.x,
         (double)face->box.y, (double)face->points[DPL_LEFT_EYE].x, (double)face->points[DPL_LEFT_EYE].y,
         (double)face->points[DPL_RIGHT_EYE].x, (double)face->points[DPL_RIGHT_EYE].y);
}

static void print_text(const verify_options *options, const networks *set, const side *sides, comparison best,
                       double threshold, double seconds) {
  double distance = 1 - best.similarity;
  printf("%s: distance %.4f, threshold %.4f\n", distance <= threshold ? "same" : "different", distance, threshold);
  print_face(options->photos[0], sides[0].seen, &sides[0].found.faces[best.a]);
  print_face(options->photos[1], sides[1].seen, &sides[1].found.faces[best.b]);
  printf("model %s, detector %s, %.3f s\n", set->embedder->info.name, set->detector_name, seconds);
}

/* Prints the answer; *same says what it is. */
static bool compare(const verify_options *options, const networks *set, network_handles *handles, bool *same,
                    sentence *why) {
  side *sides = new_array(2, sizeof *sides);
  double begun = seconds_now();
  bool fine = look_at(options->photos[0], handles, options->largest, &sides[0], why) &&
              look_at(options->photos[1], handles, options->largest, &sides[1], why);
  if (fine) {
    comparison best = most_alike(&sides[0], &sides[1], dpl_embedder_dimension(handles->embedder));
    double threshold =
        options->threshold >= 0 ? options->threshold : 1 - (double)dpl_embedder_threshold(handles->embedder);
    double seconds = seconds_now() - begun, distance = 1 - best.similarity;
    *same = distance <= threshold;
    if (options->json) {
      print_as_json(set, &sides[0].found.faces[best.a], &sides[1].found.faces[best.b], distance, threshold, seconds);
    } else {
      print_text(options, set, sides, best, threshold, seconds);
    }
  }
  free(sides[0].vectors);
  free(sides[1].vectors);
  free(sides);
  return fine;
}

int doppel_verify(int argc, char **argv) {
  verify_options options = {.threshold = -1};
  command_begin("doppel verify", &argp, argc, argv, &options);
  sentence why;
  networks set;
  network_handles handles;
  bool same = false, fine = networks_load(&options.networks, true, &set, &why);
  if (fine) {
    fine = networks_open(&set, &handles, &why);
    if (fine) {
      fine = compare(&options, &set, &handles, &same, &why);
      networks_close(&handles);
    }
    networks_free(&set);
  }
  name_list_free(&options.networks.paths);
  if (!fine) return report_failure(&why);
  return same ? EXIT_DONE : EXIT_DIFFERENT;
}
