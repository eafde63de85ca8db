/* `doppel inspect`: what is in a network, a gallery, a shard of vectors, a list of networks or a photo. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calibration_json.h"
#include "command.h"
#include "gallery_folder.h"
#include "network_places.h"
#include "networks.h"
#include "output.h"
#include "shard_header.h"

typedef struct inspect_options {
  name_list files;
  bool json;
} inspect_options;

enum { KEY_JSON = 1800 };

static const struct argp_option option_list[] = {
    {"json", KEY_JSON, NULL, 0, "Print JSON: a list with one object a file", 0}, {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  inspect_options *options = state->input;
  switch (key) {
  case KEY_JSON:
    options->json = true;
    return 0;
  case ARGP_KEY_ARG:
    name_list_add(&options->files, value);
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp argp = {
    .options = option_list,
    .parser = parse_option,
    .args_doc = "[FILE...]",
    .doc =
        "Says what is in a network (.safetensors), a gallery (folder or gallery.json; all its files are checked "
        "against "
        "their sha256), one of its shards of embeddings, a folder of networks (with models.json, or the library), or a "
        "photo. Without FILE: which set of networks is in use, and what is in it."
        "\vExit codes: 0 all could be read, 1 one could not, 2 wrong command line."};

/* ---- each kind: an object whose members are printed one a line, or as JSON */

static void describe_network(const network_file *file, cJSON *out) {
  const dpl_network_info *info = &file->info;
  cJSON_AddStringToObject(out, "kind", "network");
  cJSON_AddStringToObject(out, "name", info->name);
  cJSON_AddStringToObject(out, "task", task_name(info->task));
  cJSON_AddStringToObject(out, "licence", info->licence);
  cJSON_AddStringToObject(out, "source", info->source);
  cJSON_AddStringToObject(out, "source_sha256", info->source_sha256);
  cJSON_AddStringToObject(out, "sha256", file->sha256);
  cJSON_AddNumberToObject(out, "bytes", (double)file->bytes.size);
  cJSON_AddNumberToObject(out, "input_width", info->input_width);
  cJSON_AddNumberToObject(out, "input_height", info->input_height);
  if (info->dimension) cJSON_AddNumberToObject(out, "dimension", info->dimension);
  if (info->threshold > 0) add_rounded(out, "threshold", (double)info->threshold, 4);
  cJSON_AddNumberToObject(out, "tensors", (double)info->tensors);
  cJSON_AddNumberToObject(out, "parameters", (double)info->parameters);
  cJSON_AddNumberToObject(out, "nodes", (double)info->nodes);
}

static void describe_shard(const shard_header *header, const char *sha256, size_t bytes, cJSON *out) {
  cJSON_AddStringToObject(out, "kind", "embeddings");
  cJSON_AddNumberToObject(out, "photos", (double)header->photos);
  cJSON_AddNumberToObject(out, "dimension", (double)header->dimension);
  cJSON_AddNumberToObject(out, "first_photo", (double)header->first_photo);
  cJSON_AddStringToObject(out, "embedder_sha256", header->embedder_sha256);
  cJSON_AddStringToObject(out, "sha256", sha256);
  cJSON_AddNumberToObject(out, "bytes", (double)bytes);
}

static bool inspect_safetensors(const char *path, cJSON *out, sentence *why) {
  network_file file = {0};
  if (!file_read(path, &file.bytes, why)) return false;
  sha256_of(file.bytes, file.sha256);
  shard_header shard;
  dpl_error error;
  bool fine = true;
  if (shard_header_read(file.bytes, &shard))
    describe_shard(&shard, file.sha256, file.bytes.size, out);
  else if (dpl_network_describe(file.bytes, &file.info, &error) == DPL_OK)
    describe_network(&file, out);
  else
    fine = fail(why, "%s: %s", path, error.message);
  bytes_free(&file.bytes);
  return fine;
}

static void add_similarity_at(cJSON *out, const char *key, const dpl_gallery *gallery, float share) {
  float low = -1, high = 1;
  for (int i = 0; i < 30; ++i) {
    float middle = (low + high) / 2;
    if (dpl_gallery_less_alike(gallery, middle) < share)
      low = middle;
    else
      high = middle;
  }
  add_rounded(out, key, (double)high, 3);
}

/* Of vectors that doppel did not make. */
static void describe_origin(const cJSON *vectors, cJSON *out) {
  if (!cJSON_IsObject(vectors)) return;
  const char *by = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(vectors, "made_by"));
  const char *from = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(vectors, "read_from"));
  cJSON_AddStringToObject(out, "vectors_made_by", by ? by : "another program, which nobody has named");
  if (from) cJSON_AddStringToObject(out, "vectors_read_from", from);
}

static bool inspect_gallery(const char *path, cJSON *out, sentence *why) {
  gallery_folder gallery;
  if (!gallery_folder_open(path, &gallery, why)) return false;
  bool fine = gallery_folder_check(&gallery, why) && gallery_folder_load(&gallery, why);
  if (fine) {
    const dpl_gallery_info *info = &gallery.info;
    const char *title = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(gallery.manifest, "title"));
    const cJSON *fields = cJSON_GetObjectItemCaseSensitive(gallery.manifest, "fields"), *field;
    cJSON_AddStringToObject(out, "kind", "gallery");
    cJSON_AddStringToObject(out, "title", title ? title : "");
    cJSON_AddNumberToObject(out, "people", (double)info->people);
    cJSON_AddNumberToObject(out, "photos", (double)info->photos);
    cJSON_AddStringToObject(out, "embedder", info->embedder);
    cJSON_AddStringToObject(out, "embedder_sha256", info->embedder_sha256);
    cJSON_AddNumberToObject(out, "dimension", info->dimension);
    describe_origin(cJSON_GetObjectItemCaseSensitive(gallery.manifest, "vectors"), out);
    cJSON *detectors = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(gallery.manifest, "detector"), true);
    if (detectors) cJSON_AddItemToObject(out, "detector", detectors);
    cJSON_AddNumberToObject(out, "impostor_pairs", (double)info->impostor_pairs);
    cJSON_AddNumberToObject(out, "genuine_pairs", (double)info->genuine_pairs);
    if (info->impostor_pairs) {
      add_similarity_at(out, "impostor_median", gallery.gallery, 0.5f);
      add_similarity_at(out, "impostor_99_percent", gallery.gallery, 0.99f);
      dpl_false_match rows[DPL_FALSE_MATCH_RATES];
      size_t count = dpl_gallery_false_matches(gallery.gallery, rows);
      if (count) cJSON_AddItemToObject(out, "false_matches", false_matches_json(rows, count));
    }
    cJSON *keys = cJSON_AddArrayToObject(out, "fields");
    cJSON_ArrayForEach(field, fields) {
      const char *key = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(field, "key"));
      if (key) cJSON_AddItemToArray(keys, cJSON_CreateString(key));
    }
    cJSON_AddNumberToObject(out, "embeddings_files", cJSON_GetArraySize(gallery_folder_files(&gallery, "embeddings")));
    cJSON_AddNumberToObject(out, "people_files", cJSON_GetArraySize(gallery_folder_files(&gallery, "people")));
    cJSON_AddNumberToObject(out, "photos_files", cJSON_GetArraySize(gallery_folder_files(&gallery, "photos")));
  }
  gallery_folder_close(&gallery);
  return fine;
}

static bool inspect_networks(const char *folder, cJSON *out, sentence *why) {
  network_pool pool = {0};
  bool fine = network_pool_add(&pool, folder, why);
  if (fine) {
    cJSON_AddStringToObject(out, "kind", "networks");
    if (*pool.set) cJSON_AddStringToObject(out, "set", pool.set);
    cJSON *list = cJSON_AddArrayToObject(out, "networks");
    for (size_t i = 0; i < pool.count; ++i) {
      cJSON *entry = cJSON_CreateObject();
      cJSON_AddStringToObject(entry, "file", pool.files[i].path);
      describe_network(&pool.files[i], entry);
      cJSON_AddItemToArray(list, entry);
    }
  }
  network_pool_free(&pool);
  return fine;
}

static bool inspect_photo(const char *path, cJSON *out, sentence *why) {
  dpl_bytes file;
  dpl_image_info info;
  dpl_error error;
  if (!file_read(path, &file, why)) return false;
  dpl_status status = dpl_image_probe(file, &info, &error);
  size_t bytes = file.size;
  bytes_free(&file);
  if (status) return fail(why, "%s: %s", path, error.message);
  cJSON_AddStringToObject(out, "kind", "photo");
  cJSON_AddStringToObject(out, "format", info.format == DPL_FORMAT_PNG ? "PNG" : "JPEG");
  cJSON_AddNumberToObject(out, "width", info.width);
  cJSON_AddNumberToObject(out, "height", info.height);
  cJSON_AddNumberToObject(out, "orientation", info.orientation);
  cJSON_AddNumberToObject(out, "bytes", (double)bytes);
  return true;
}

static bool inspect(const char *path, cJSON *out, sentence *why) {
  if (path_is_folder(path)) {
    char *manifest = path_joined(path, "gallery.json");
    bool gallery = path_exists(manifest);
    free(manifest);
    return gallery ? inspect_gallery(path, out, why) : inspect_networks(path, out, why);
  }
  if (!strcmp(path_name(path), "models.json")) {
    char *folder = path_folder(path);
    bool fine = inspect_networks(folder, out, why);
    free(folder);
    return fine;
  }
  if (path_has_extension(path, ".json")) return inspect_gallery(path, out, why);
  if (path_has_extension(path, ".safetensors")) return inspect_safetensors(path, out, why);
  return inspect_photo(path, out, why);
}

/* ---- for people */

static void print_members(const cJSON *object, int indent) {
  const cJSON *member;
  cJSON_ArrayForEach(member, object) {
    if (cJSON_IsArray(member) && cJSON_IsObject(member->child)) {
      const cJSON *element;
      printf("%*s%s:\n", indent, "", member->string);
      cJSON_ArrayForEach(element, member) {
        print_members(element, indent + 2);
        if (element->next && cJSON_GetArraySize(element) > 3) putchar('\n');
      }
      continue;
    }
    char *text = cJSON_IsString(member) ? NULL : cJSON_PrintUnformatted(member);
    bool whole = text && cJSON_IsNumber(member) && member->valuedouble >= 0 && !strchr(text, '.') && !strchr(text, 'e');
    const char *value = cJSON_IsString(member) ? member->valuestring
                        : whole                ? grouped((uint64_t)member->valuedouble)
                                               : text;
    printf("%*s%-18s %s\n", indent, "", member->string, value);
    cJSON_free(text);
  }
}

int doppel_inspect(int argc, char **argv) {
  inspect_options options = {0};
  command_begin("doppel inspect", &argp, argc, argv, &options);
  if (!options.files.count) {
    char *in_use = network_models_folder();
    name_list_add(&options.files, in_use);
    free(in_use);
  }
  cJSON *all = cJSON_CreateArray();
  int code = EXIT_DONE;
  for (size_t i = 0; i < options.files.count; ++i) {
    sentence why;
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, "file", options.files.names[i]);
    if (!inspect(options.files.names[i], out, &why)) {
      code = report_failure(&why);
      cJSON_AddStringToObject(out, "error", why.text);
    } else if (!options.json) {
      if (i) putchar('\n');
      print_members(out, 0);
    }
    cJSON_AddItemToArray(all, out);
  }
  if (options.json)
    print_json(all);
  else
    cJSON_Delete(all);
  name_list_free(&options.files);
  return code;
}
