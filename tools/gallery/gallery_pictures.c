/* The options, and copying the host's own pictures. */
#include "gallery_pictures.h"

#include <stdlib.h>
#include <string.h>

#include "gallery_file.h"
#include "photos.h"
#include "portrait_files.h"
#include "webp.h"

enum { KEY_PORTRAITS = 2400, KEY_NO_LARGE, KEY_COVER, KEY_SAMPLE };

static const struct argp_option option_list[] = {
    {"portraits", KEY_PORTRAITS, "all|first", 0,
     "Which portraits the page asks for after a match in a gallery too large to fetch all of them first: those of all "
     "matches, from which you could tell who they are, or only a sheet with the first one (default: first)",
     5},
    {"no-large-portraits", KEY_NO_LARGE, NULL, 0, "Leave out the portraits of 288 pixels, three quarters of all bytes",
     5},
    {"cover", KEY_COVER, "FILE", 0,
     "Picture of the start page and of links to it: a JPEG or PNG of at most 150,000 bytes (default: 40 portraits)", 5},
    {"sample", KEY_SAMPLE, "PHOTO", 0, "Photo that visitors can try the page with; may be given several times", 5},
    {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  gallery_pictures *pictures = state->input;
  switch (key) {
  case KEY_PORTRAITS:
    pictures->all_portraits = !strcmp(value, "all");
    if (!pictures->all_portraits && strcmp(value, "first") != 0)
      argp_error(state, "--portraits wants `all` or `first`, not `%s`", value);
    return 0;
  case KEY_NO_LARGE:
    pictures->without_large = true;
    return 0;
  case KEY_COVER:
    pictures->cover = value;
    return 0;
  case KEY_SAMPLE:
    name_list_add(&pictures->samples, value);
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

const struct argp gallery_pictures_argp = {.options = option_list, .parser = parse_option};

/* The file of a JPEG or PNG; bytes_free. */
static bool read_picture(const char *path, size_t most, dpl_bytes *file, dpl_image_info *info, sentence *why) {
  dpl_error error;
  if (!file_read(path, file, why)) return false;
  if (file->size > most)
    fail(why, "%s has %zu bytes; at most %zu are allowed here.", path, file->size, most);
  else if (dpl_image_probe(*file, info, &error))
    fail(why, "%s: %s", path, error.message);
  else
    return true;
  bytes_free(file);
  return false;
}

static bool check_picture(const char *path, size_t most, const closed_files *closed, sentence *why) {
  dpl_bytes file;
  dpl_image_info info;
  if (closed && closed_files_have(closed, path))
    return fail(why, "%s is a photo that must not be matched, by the roster or its rules; choose another picture.",
                path);
  if (!read_picture(path, most, &file, &info, why)) return false;
  bytes_free(&file);
  return true;
}

bool gallery_pictures_check(const gallery_pictures *pictures, const closed_files *closed, sentence *why) {
  bool fine = !pictures->cover || check_picture(pictures->cover, COVER_BYTES, closed, why);
  for (size_t i = 0; i < pictures->samples.count && fine; ++i)
    fine = check_picture(pictures->samples.names[i], LARGEST_FILE, closed, why);
  return fine;
}

static void note_size(cJSON *list, int width, int height) {
  cJSON *entry = cJSON_GetArrayItem(list, cJSON_GetArraySize(list) - 1);
  cJSON_AddNumberToObject(entry, "width", width);
  cJSON_AddNumberToObject(entry, "height", height);
}

static bool copy_picture(const char *path, size_t most, const char *folder, const char *stem, size_t number,
                         cJSON *list, sentence *why) {
  dpl_bytes file;
  dpl_image_info info;
  if (!read_picture(path, most, &file, &info, why)) return false;
  bool fine =
      gallery_file_write(folder, stem, number, info.format == DPL_FORMAT_PNG ? ".png" : ".jpg", file, 1, list, why);
  if (fine) note_size(list, info.width, info.height);
  bytes_free(&file);
  return fine;
}

bool gallery_pictures_write_cover(const gallery_pictures *pictures, const char *folder, cJSON *list, sentence *why) {
  return copy_picture(pictures->cover, COVER_BYTES, folder, "cover", 0, list, why);
}

/* As the start page shows it, at twice its size there. */
static bool write_small(const char *path, const char *folder, size_t number, cJSON *list, sentence *why) {
  enum { QUALITY = 70, HEIGHT = 160, MOST_WIDTH = 2 * HEIGHT };
  dpl_image *photo, *small;
  dpl_error error;
  if (!photo_read(path, &photo, why)) return false;
  const int wide = dpl_image_width(photo) * HEIGHT / dpl_image_height(photo);
  const int width = wide > MOST_WIDTH ? MOST_WIDTH : wide > 1 ? wide : 1;
  const dpl_status status = dpl_image_resize(photo, width, HEIGHT, &small, &error);
  dpl_image_close(photo);
  if (status) return fail(why, "%s: %s", path, error.message);
  dpl_bytes file;
  bool fine = webp_of_image(small, QUALITY, &file, why);
  if (fine) {
    fine = gallery_file_write(folder, "sample-thumb", number, ".webp", file, 1, list, why);
    if (fine) note_size(list, width, HEIGHT);
    bytes_free(&file);
  }
  dpl_image_close(small);
  return fine;
}

bool gallery_pictures_write_samples(const gallery_pictures *pictures, const char *folder, cJSON *list, cJSON *small,
                                    sentence *why) {
  for (size_t i = 0; i < pictures->samples.count; ++i) {
    const char *path = pictures->samples.names[i];
    if (!copy_picture(path, LARGEST_FILE, folder, "sample", i, list, why) || !write_small(path, folder, i, small, why))
      return false;
  }
  return true;
}

void gallery_pictures_free(gallery_pictures *pictures) {
  name_list_free(&pictures->samples);
}
