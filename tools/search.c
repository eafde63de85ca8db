/* `doppel search`: the people of a gallery whom the faces of a photo resemble. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "gallery_folder.h"
#include "output.h"
#include "photos.h"

typedef struct search_options {
  network_options networks;
  const char *gallery, *photo;
  int most;
  bool json;
} search_options;

enum { KEY_JSON = 1600, MOST_MATCHES = 1000 };

static const struct argp_option option_list[] = {{"most", 'k', "N", 0, "People to name for each face (default 10)", 1},
                                                 {"json", KEY_JSON, NULL, 0, "Print JSON", 1},
                                                 {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  search_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->networks;
    return 0;
  case 'k':
    options->most = option_whole_number(state, "most", value, 1, MOST_MATCHES);
    return 0;
  case KEY_JSON:
    options->json = true;
    return 0;
  case ARGP_KEY_ARG:
    if (!options->gallery)
      options->gallery = value;
    else if (!options->photo)
      options->photo = value;
    else
      argp_error(state, "one gallery and one photo are enough");
    return 0;
  case ARGP_KEY_END:
    if (!options->photo) argp_error(state, "a gallery and a photo are needed");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&networks_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {.options = option_list,
                                 .parser = parse_option,
                                 .children = children,
                                 .args_doc = "GALLERY PHOTO",
                                 .doc = "Finds the people of a gallery (a folder, or its gallery.json) whom the faces "
                                        "in a photo resemble, most alike first: "
                                        "resemblance, never identity."
                                        "\vEach match says how alike the two are (cosine) and, where the gallery is "
                                        "calibrated, how many of the pairs of "
                                        "different people of this gallery are less alike than that. Exit codes: 0 "
                                        "searched (also when the photo holds no "
                                        "face), 1 failed, 2 wrong command line."};

/* "99.2", but never 100 where it is not all of them. */
static double careful_percent(float share) {
  double percent = 100 * (double)share;
  return share < 1 ? fmin(percent, 99.99) : percent;
}

static void print_match(size_t rank, const dpl_match *match, const cJSON *person) {
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(person, "name"));
  printf("  %3zu. %s, similarity %.3f", rank, name ? name : "(no name)", (double)match->similarity);
  if (match->less_alike >= 0) {
    printf(", more alike than %.2f %% of pairs of different people here", careful_percent(match->less_alike));
  }
  putchar('\n');
  const cJSON *field;
  cJSON_ArrayForEach(field, cJSON_GetObjectItemCaseSensitive(person, "fields")) {
    if (cJSON_IsString(field)) printf("       %s: %s\n", field->string, field->valuestring);
  }
}

static cJSON *match_json(size_t rank, const dpl_match *match, const cJSON *person) {
  cJSON *entry = cJSON_CreateObject();
  const cJSON *fields = cJSON_GetObjectItemCaseSensitive(person, "fields");
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(person, "name"));
  cJSON_AddNumberToObject(entry, "rank", (double)rank);
  cJSON_AddNumberToObject(entry, "person", match->person);
  cJSON_AddNumberToObject(entry, "photo", match->photo);
  cJSON_AddStringToObject(entry, "name", name ? name : "");
  cJSON_AddItemToObject(entry, "fields", fields ? cJSON_Duplicate(fields, true) : cJSON_CreateObject());
  add_rounded(entry, "similarity", (double)match->similarity, 6);
  if (match->less_alike >= 0)
    add_rounded(entry, "less_alike", (double)match->less_alike, 6);
  else
    cJSON_AddNullToObject(entry, "less_alike");
  return entry;
}

/* Searches with one face; prints it, or appends it to `faces` where that is not NULL. */
static bool search_face(const search_options *options, gallery_folder *gallery, const dpl_face *face, size_t number,
                        const float *vector, cJSON *faces, sentence *why) {
  dpl_match *matches = new_array((size_t)options->most, sizeof *matches);
  size_t count = 0;
  dpl_error error;
  if (dpl_gallery_search(gallery->gallery, vector, (size_t)options->most, matches, &count, &error)) {
    free(matches);
    return fail(why, "%s", error.message);
  }
  cJSON *list = NULL;
  if (faces) {
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddItemToObject(entry, "facial_area", facial_area_json(face));
    add_rounded(entry, "face_confidence", (double)face->score, 4);
    list = cJSON_AddArrayToObject(entry, "matches");
    cJSON_AddItemToArray(faces, entry);
  } else {
    printf("face %zu: %.0f×%.0f at %.0f, %.0f\n", number, (double)face->box.width, (double)face->box.height,
           (double)face->box.x, (double)face->box.y);
  }
  bool fine = true;
  for (size_t i = 0; i < count && fine; ++i) {
    const cJSON *person = gallery_folder_person(gallery, matches[i].person, why);
    fine = person != NULL;
    if (fine && list)
      cJSON_AddItemToArray(list, match_json(i + 1, &matches[i], person));
    else if (fine)
      print_match(i + 1, &matches[i], person);
  }
  free(matches);
  return fine;
}

static bool search_faces(const search_options *options, gallery_folder *gallery, network_handles *handles,
                         const dpl_image *photo, const face_list *found, cJSON *faces, sentence *why) {
  float *vectors = photo_vectors(handles, photo, found->faces, found->count, why);
  bool fine = vectors != NULL;
  size_t dimension = (size_t)dpl_embedder_dimension(handles->embedder);
  for (size_t i = 0; i < found->count && fine; ++i) {
    fine = search_face(options, gallery, &found->faces[i], i + 1, vectors + i * dimension, faces, why);
  }
  free(vectors);
  return fine;
}

static void print_answer(const search_options *options, const gallery_folder *gallery, cJSON *faces, size_t found) {
  const char *title = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(gallery->manifest, "title"));
  if (!faces) {
    if (!found) printf("No face was found in %s.\n", options->photo);
    return;
  }
  cJSON *out = cJSON_CreateObject();
  cJSON_AddStringToObject(out, "gallery", title ? title : "");
  cJSON_AddStringToObject(out, "photo", options->photo);
  cJSON_AddStringToObject(out, "model", gallery->info.embedder);
  cJSON_AddStringToObject(out, "similarity_metric", "cosine");
  cJSON_AddNumberToObject(out, "impostor_pairs", (double)gallery->info.impostor_pairs);
  cJSON_AddItemToObject(out, "faces", faces);
  print_json(out);
}

static bool search_with(const search_options *options, gallery_folder *gallery, network_handles *handles,
                        sentence *why) {
  dpl_image *photo;
  if (!photo_read(options->photo, &photo, why)) return false;
  face_list *found = new_array(1, sizeof *found);
  cJSON *faces = options->json ? cJSON_CreateArray() : NULL;
  bool fine =
      photo_faces(handles, photo, found, why) && search_faces(options, gallery, handles, photo, found, faces, why);
  if (fine)
    print_answer(options, gallery, faces, found->count);
  else
    cJSON_Delete(faces);
  free(found);
  dpl_image_close(photo);
  return fine;
}

static bool search_gallery(search_options *options, sentence *why) {
  gallery_folder gallery;
  networks set;
  network_handles handles;
  dpl_error error;
  if (!gallery_folder_open(options->gallery, &gallery, why)) return false;
  networks_prefer_those_of(gallery.manifest, &options->networks);
  bool fine = networks_load(&options->networks, true, &set, why);
  if (fine) {
    if (dpl_gallery_accepts(gallery.gallery, set.embedder->sha256, &error)) fine = fail(why, "%s", error.message);
    fine = fine && gallery_folder_load(&gallery, why) && networks_open(&set, &handles, why);
    if (fine) {
      fine = search_with(options, &gallery, &handles, why);
      networks_close(&handles);
    }
    networks_free(&set);
  }
  gallery_folder_close(&gallery);
  return fine;
}

int doppel_search(int argc, char **argv) {
  search_options options = {.most = 10};
  command_begin("doppel search", &argp, argc, argv, &options);
  sentence why;
  bool fine = search_gallery(&options, &why);
  name_list_free(&options.networks.paths);
  return fine ? EXIT_DONE : report_failure(&why);
}
