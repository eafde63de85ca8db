/* `doppel search`: the people of a gallery whom the faces of a photo resemble. probes.c makes faces and vectors of the
   photos, where.c says who may match. */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "gallery_folder.h"
#include "output.h"
#include "probes.h"
#include "where.h"

typedef struct search_options {
  network_options networks;
  const char *gallery;
  name_list photos, conditions;
  int most;
  bool same_person, json;
} search_options;

enum { KEY_JSON = 1600, KEY_WHERE, KEY_SAME_PERSON, MOST_MATCHES = 1000 };

static const struct argp_option option_list[] = {
    {"most", 'k', "N", 0, "People to name for each face (default 10)", 1},
    {"where", KEY_WHERE, "FIELD=VALUE", 0,
     "Only people with this value in the roster (or name=…). Given again for another field, both must hold; for the "
     "same field, either",
     1},
    {"same-person", KEY_SAME_PERSON, NULL, 0,
     "All photos show one person: search once with the mean of the largest face of each", 1},
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
  case KEY_WHERE:
    if (!where_is_condition(value)) argp_error(state, "--where wants FIELD=VALUE, not `%s`", value);
    name_list_add(&options->conditions, value);
    return 0;
  case KEY_SAME_PERSON:
    options->same_person = true;
    return 0;
  case KEY_JSON:
    options->json = true;
    return 0;
  case ARGP_KEY_ARG:
    if (!options->gallery)
      options->gallery = value;
    else
      name_list_add(&options->photos, value);
    return 0;
  case ARGP_KEY_END:
    if (!options->photos.count) argp_error(state, "a gallery and a photo are needed");
    if (options->photos.count > 1 && !options->same_person)
      argp_error(state, "one gallery and one photo are enough; several photos of one person go with --same-person");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&networks_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {.options = option_list,
                                 .parser = parse_option,
                                 .children = children,
                                 .args_doc = "GALLERY PHOTO...",
                                 .doc = "Finds the people of a gallery (a folder, or its gallery.json) whom the faces "
                                        "in a photo resemble, most alike first: "
                                        "resemblance, never identity."
                                        "\vEach match says how alike the two are (cosine) and, where the gallery is "
                                        "calibrated, how many of the pairs of "
                                        "different people of this gallery are less alike than that. Exit codes: 0 "
                                        "searched (also when the photo holds no "
                                        "face), 1 failed, 2 wrong command line."};

/* As the page says it: never rounded up, and no finer than the pairs are: of fewer than 100 they are counted, and a
   decimal needs ten times as many. */
static void print_place(float share, uint64_t pairs) {
  const int digits = pairs >= 10000 ? 2 : pairs >= 1000 ? 1 : 0;
  const double steps = pairs < 100 ? (double)pairs : digits == 2 ? 10000 : digits == 1 ? 1000 : 100;
  const double exact = pairs < 100 ? (double)share * (1 + FLT_EPSILON) : (double)share; /* 7 of 10 must not become 6 */
  const double reached = share >= 1 ? steps : fmin(steps - 1, floor(exact * steps));
  if (share >= 1)
    printf(", more alike than all %" PRIu64 " pairs", pairs);
  else if (pairs < 100)
    printf(", more alike than %.0f of %" PRIu64 " pairs", reached, pairs);
  else
    printf(", more alike than %.*f %% of pairs", digits, 100 * reached / steps);
  fputs(" of different people here", stdout);
}

static void print_match(size_t rank, const dpl_match *match, uint64_t pairs, const cJSON *person) {
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(person, "name"));
  printf("  %3zu. %s, similarity %.3f", rank, name ? name : "(no name)", (double)match->similarity);
  if (match->less_alike >= 0) print_place(match->less_alike, pairs);
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
  const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(person, "id"));
  if (id) cJSON_AddStringToObject(entry, "person_id", id);
  cJSON_AddStringToObject(entry, "name", name ? name : "");
  cJSON_AddItemToObject(entry, "fields", fields ? cJSON_Duplicate(fields, true) : cJSON_CreateObject());
  add_rounded(entry, "similarity", (double)match->similarity, 6);
  if (match->less_alike >= 0)
    add_rounded(entry, "less_alike", (double)match->less_alike, 6);
  else
    cJSON_AddNullToObject(entry, "less_alike");
  return entry;
}

/* "photo", and where the face is in it. */
static void add_face(cJSON *entry, const probe_list *probes, size_t face) {
  cJSON_AddItemToObject(entry, "facial_area", facial_area_json(&probes->faces->faces[face]));
  add_rounded(entry, "face_confidence", (double)probes->faces->faces[face].score, 4);
}

static void print_face(const search_options *options, const probe_list *probes, size_t number) {
  const dpl_box *box = &probes->faces->faces[number].box;
  if (options->same_person)
    printf("%zu photos of one person\n", probes->faces->count);
  else
    printf("face %zu: %.0f×%.0f at %.0f, %.0f\n", number + 1, (double)box->width, (double)box->height, (double)box->x,
           (double)box->y);
}

/* Prints what was found for one probe, or appends it to `faces` where that is not NULL. */
static bool tell_face(const search_options *options, gallery_folder *gallery, const probe_list *probes, size_t number,
                      const dpl_match *matches, size_t count, cJSON *faces, sentence *why) {
  cJSON *list = NULL;
  if (faces) {
    cJSON *entry = cJSON_CreateObject();
    if (!options->same_person) add_face(entry, probes, number);
    list = cJSON_AddArrayToObject(entry, "matches");
    cJSON_AddItemToArray(faces, entry);
  } else {
    print_face(options, probes, number);
  }
  for (size_t i = 0; i < count; ++i) {
    const cJSON *person = gallery_folder_person(gallery, matches[i].person, why);
    if (!person) return false;
    if (list)
      cJSON_AddItemToArray(list, match_json(i + 1, &matches[i], person));
    else
      print_match(i + 1, &matches[i], gallery->info.impostor_pairs, person);
  }
  return true;
}

static cJSON *photos_json(const probe_list *probes) {
  cJSON *list = cJSON_CreateArray();
  for (size_t i = 0; i < probes->faces->count; ++i) {
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "photo", probes->photos[i]);
    add_face(entry, probes, i);
    cJSON_AddItemToArray(list, entry);
  }
  return list;
}

static void print_answer(const search_options *options, const gallery_folder *gallery, const probe_list *probes,
                         cJSON *faces) {
  const char *title = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(gallery->manifest, "title"));
  if (!faces) {
    sentence why;
    if (!probes->count) fail_no_face(probes->faces, options->photos.names[0], &why), printf("%s\n", why.text);
    return;
  }
  cJSON *out = cJSON_CreateObject();
  cJSON_AddStringToObject(out, "gallery", title ? title : "");
  if (options->same_person)
    cJSON_AddItemToObject(out, "photos", photos_json(probes));
  else
    cJSON_AddStringToObject(out, "photo", options->photos.names[0]);
  cJSON_AddStringToObject(out, "model", gallery->info.embedder);
  cJSON_AddStringToObject(out, "similarity_metric", "cosine");
  cJSON_AddNumberToObject(out, "impostor_pairs", (double)gallery->info.impostor_pairs);
  cJSON_AddItemToObject(out, "faces", faces);
  print_json(out);
}

/* One search for all probes, and what it found. */
static bool search_probes(const search_options *options, gallery_folder *gallery, const probe_list *probes,
                          const uint32_t *allowed, sentence *why) {
  const size_t most = (size_t)options->most;
  dpl_match *matches = new_array(probes->count * most, sizeof *matches);
  size_t *counts = new_array(probes->count, sizeof *counts);
  dpl_error error;
  bool fine = true;
  if (probes->count &&
      dpl_gallery_search_each(gallery->gallery, probes->vectors, probes->count, allowed, most, matches, counts, &error))
    fine = fail(why, "%s", error.message);
  cJSON *faces = options->json ? cJSON_CreateArray() : NULL;
  for (size_t i = 0; i < probes->count && fine; ++i)
    fine = tell_face(options, gallery, probes, i, matches + i * most, counts[i], faces, why);
  if (fine)
    print_answer(options, gallery, probes, faces);
  else
    cJSON_Delete(faces);
  free(matches);
  free(counts);
  return fine;
}

static bool search_with(const search_options *options, gallery_folder *gallery, network_handles *handles,
                        sentence *why) {
  uint32_t *allowed = options->conditions.count ? where_allowed(gallery, &options->conditions, why) : NULL;
  if (options->conditions.count && !allowed) return false;
  probe_list probes;
  const bool fine = (options->same_person ? probes_of_person(handles, &options->photos, &probes, why)
                                          : probes_of_photo(handles, options->photos.names[0], &probes, why)) &&
                    search_probes(options, gallery, &probes, allowed, why);
  probes_free(&probes);
  free(allowed);
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
  name_list_free(&options.photos);
  name_list_free(&options.conditions);
  return fine ? EXIT_DONE : report_failure(&why);
}
