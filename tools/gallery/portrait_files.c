/* Filling sheets and packs as portraits come. */
#include "portrait_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "gallery_file.h"
#include "jpeg.h"

/* Of WebP, where 60 looks like 75 of JPEG. */
static const int small_quality = 60, medium_quality = 72;
/* The cover stays JPEG, which all programs that show a preview of a link know. */
static const int cover_quality = 70;

void portrait_files_begin(portrait_files *files, const char *folder) {
  *files = (portrait_files){.folder = folder,
                            .small = {.size = SMALL_SIZE},
                            .medium = {.size = PORTRAIT_SIZE},
                            .small_files = cJSON_CreateArray(),
                            .medium_files = cJSON_CreateArray(),
                            .large_files = cJSON_CreateArray(),
                            .stride = 1};
}

static dpl_bytes copy_of(dpl_bytes from) {
  uint8_t *copy = new_array(from.size, 1);
  memcpy(copy, from.data, from.size);
  return (dpl_bytes){copy, from.size};
}

/* ---------------------------------------------------------------------------------------------- sheets */

static bool write_sheet(const portrait_files *files, sheet *page, int quality, const char *stem, cJSON *list,
                        sentence *why) {
  dpl_bytes file;
  size_t count = page->count;
  if (!sheet_take_file(page, quality, &file, why)) return false;
  bool fine =
      gallery_file_write(files->folder, stem, (size_t)cJSON_GetArraySize(list), ".webp", file, count, list, why);
  bytes_free(&file);
  return fine;
}

static bool write_small(portrait_files *files, sentence *why) {
  return write_sheet(files, &files->small, small_quality, "small", files->small_files, why);
}

static bool write_medium(portrait_files *files, sentence *why) {
  return write_sheet(files, &files->medium, medium_quality, "photos", files->medium_files, why);
}

static bool place_on_sheets(portrait_files *files, const dpl_image *portrait, sentence *why) {
  dpl_error error;
  dpl_image *small;
  if (dpl_image_resize(portrait, SMALL_SIZE, SMALL_SIZE, &small, &error)) return fail(why, "%s", error.message);
  sheet_add(&files->small, small);
  sheet_add(&files->medium, portrait);
  dpl_image_close(small);
  return (files->small.count < SHEET_CELLS || write_small(files, why)) &&
         (files->medium.count < SHEET_CELLS || write_medium(files, why));
}

static bool open_portrait(dpl_bytes file, dpl_image **image, sentence *why) {
  dpl_error error;
  if (dpl_image_decode(file, NULL, image, &error)) return fail(why, "A portrait cannot be read: %s", error.message);
  const int width = dpl_image_width(*image), height = dpl_image_height(*image);
  if (width == PORTRAIT_SIZE && height == PORTRAIT_SIZE) return true;
  dpl_image_close(*image);
  return fail(why, "A portrait has %d×%d pixels instead of %d.", width, height, PORTRAIT_SIZE);
}

/* ---------------------------------------------------------------------------------------------- packs */

static void drop_pack(portrait_files *files) {
  for (size_t i = 0; i < LARGE_PACK; ++i) bytes_free(&files->large[i]);
}

static void put_u32(uint8_t *at, size_t number) {
  for (int i = 0; i < 4; ++i) at[i] = (uint8_t)(number >> 8 * i);
}

/* The pictures one behind the other, after where each begins and where the last one ends: u32, little endian. */
static bool write_pack(portrait_files *files, size_t count, sentence *why) {
  size_t size = 4 * (count + 1), at = size;
  for (size_t i = 0; i < count; ++i) size += files->large[i].size;
  uint8_t *bytes = new_array(size, 1);
  for (size_t i = 0; i < count; ++i) {
    put_u32(bytes + 4 * i, at);
    memcpy(bytes + at, files->large[i].data, files->large[i].size);
    at += files->large[i].size;
  }
  put_u32(bytes + 4 * count, at);
  bool fine = gallery_file_write(files->folder, "large", (size_t)cJSON_GetArraySize(files->large_files), ".bin",
                                 (dpl_bytes){bytes, size}, count, files->large_files, why);
  free(bytes);
  drop_pack(files);
  return fine;
}

/* Packs that were written before one portrait turned out to have no large one. */
static void drop_packs(portrait_files *files) {
  const cJSON *entry;
  cJSON_ArrayForEach(entry, files->large_files) {
    char *path = path_joined(files->folder, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "path")));
    remove(path);
    free(path);
  }
  cJSON_Delete(files->large_files);
  files->large_files = cJSON_CreateArray();
  drop_pack(files);
}

static bool add_large(portrait_files *files, dpl_bytes large, sentence *why) {
  if (!files->without_large && !large.size) {
    files->without_large = true;
    drop_packs(files);
  }
  if (files->without_large) return true;
  const size_t place = files->count % LARGE_PACK;
  files->large[place] = copy_of(large);
  return place + 1 < LARGE_PACK || write_pack(files, LARGE_PACK, why);
}

/* ---------------------------------------------------------------------------------------------- cover */

/* Keeps portraits `stride` photos apart; when there are too many, every second goes and the stride doubles. */
static void keep_for_cover(portrait_files *files, dpl_bytes portrait) {
  if (files->count % files->stride) return;
  if (files->cover_count == 2 * COVER_CELLS) {
    files->cover_count = 0;
    for (size_t i = 0; i < 2 * COVER_CELLS; ++i) {
      if (i % 2)
        bytes_free(&files->cover[i]);
      else
        files->cover[files->cover_count++] = files->cover[i];
    }
    for (size_t i = files->cover_count; i < 2 * COVER_CELLS; ++i) files->cover[i] = (dpl_bytes){0};
    files->stride *= 2;
    if (files->count % files->stride) return;
  }
  files->cover[files->cover_count++] = copy_of(portrait);
}

/* Whole rows only: an empty cell looks like a missing person. */
static bool draw_cover(const portrait_files *files, size_t cells, size_t columns, dpl_image **pixels_of,
                       uint8_t *pixels, sentence *why) {
  const size_t row_bytes = columns * PORTRAIT_SIZE * 3;
  for (size_t i = 0; i < cells; ++i) {
    if (!open_portrait(files->cover[i * files->cover_count / cells], pixels_of, why)) return false;
    uint8_t *to = pixels + i / columns * PORTRAIT_SIZE * row_bytes + i % columns * PORTRAIT_SIZE * 3;
    for (size_t y = 0; y < PORTRAIT_SIZE; ++y)
      memcpy(to + y * row_bytes, dpl_image_pixels(*pixels_of) + y * PORTRAIT_SIZE * 3, PORTRAIT_SIZE * 3);
    dpl_image_close(*pixels_of);
  }
  return true;
}

static bool write_cover_file(const portrait_files *files, const uint8_t *pixels, size_t columns, size_t rows,
                             cJSON *list, sentence *why) {
  dpl_bytes file = {0};
  for (int quality = cover_quality; quality > 10; quality -= 12) {
    bytes_free(&file);
    if (!jpeg_of_pixels_at(pixels, columns * PORTRAIT_SIZE, rows * PORTRAIT_SIZE, quality, &file, why)) return false;
    if (file.size <= COVER_BYTES) break;
  }
  bool fine = gallery_file_write(files->folder, "cover", 0, ".jpg", file, columns * rows, list, why);
  bytes_free(&file);
  if (!fine) return false;
  cJSON *entry = cJSON_GetArrayItem(list, cJSON_GetArraySize(list) - 1);
  cJSON_AddNumberToObject(entry, "width", (double)(columns * PORTRAIT_SIZE));
  cJSON_AddNumberToObject(entry, "height", (double)(rows * PORTRAIT_SIZE));
  cJSON_AddNumberToObject(entry, "columns", (double)columns);
  cJSON_AddNumberToObject(entry, "rows", (double)rows);
  return true;
}

bool portrait_files_write_cover(portrait_files *files, cJSON *list, sentence *why) {
  size_t columns = 0, rows = 0;
  for (size_t more = 1; more <= COVER_ROWS; ++more) { /* as many as fit; two to three times as wide as high */
    const size_t most = files->cover_count < COVER_CELLS ? files->cover_count / more : COVER_CELLS / more;
    const size_t wide = most < 3 * more ? most : 3 * more;
    if (wide < 2 * more || wide * more <= columns * rows) continue;
    columns = wide;
    rows = more;
  }
  if (!rows) return true;
  uint8_t *pixels = new_array(columns * rows * PORTRAIT_SIZE * PORTRAIT_SIZE, 3);
  dpl_image *portrait;
  bool fine = draw_cover(files, columns * rows, columns, &portrait, pixels, why) &&
              write_cover_file(files, pixels, columns, rows, list, why);
  free(pixels);
  return fine;
}

/* ---------------------------------------------------------------------------------------------- all of them */

bool portrait_files_add(portrait_files *files, dpl_bytes portrait, dpl_bytes large, sentence *why) {
  dpl_image *image;
  if (!open_portrait(portrait, &image, why)) return false;
  bool fine = place_on_sheets(files, image, why) && add_large(files, large, why);
  dpl_image_close(image);
  keep_for_cover(files, portrait);
  ++files->count;
  return fine;
}

static void describe_sheet(cJSON *manifest, const char *key, int size) {
  cJSON *entry = cJSON_AddObjectToObject(manifest, key);
  cJSON_AddNumberToObject(entry, "columns", SHEET_COLUMNS);
  cJSON_AddNumberToObject(entry, "rows", SHEET_ROWS);
  cJSON_AddNumberToObject(entry, "size", size);
}

bool portrait_files_finish(portrait_files *files, bool without_large, cJSON *manifest, cJSON *lists, sentence *why) {
  const size_t left = files->count % LARGE_PACK;
  files->without_large |= without_large;
  if (files->without_large) drop_packs(files);
  if ((files->small.count && !write_small(files, why)) || (files->medium.count && !write_medium(files, why)) ||
      (left && !files->without_large && !write_pack(files, left, why)))
    return false;
  describe_sheet(manifest, "small", SMALL_SIZE);
  describe_sheet(manifest, "sheet", PORTRAIT_SIZE);
  cJSON_AddItemToObject(lists, "small", files->small_files);
  cJSON_AddItemToObject(lists, "photos", files->medium_files);
  files->small_files = files->medium_files = NULL;
  if (files->without_large) return true;
  cJSON *entry = cJSON_AddObjectToObject(manifest, "large");
  cJSON_AddNumberToObject(entry, "per_file", LARGE_PACK);
  cJSON_AddNumberToObject(entry, "size", LARGE_SIZE);
  cJSON_AddStringToObject(entry, "type", "image/webp");
  cJSON_AddItemToObject(lists, "large", files->large_files);
  files->large_files = NULL;
  return true;
}

void portrait_files_free(portrait_files *files) {
  sheet_free(&files->small);
  sheet_free(&files->medium);
  drop_pack(files);
  for (size_t i = 0; i < 2 * COVER_CELLS; ++i) bytes_free(&files->cover[i]);
  cJSON_Delete(files->small_files);
  cJSON_Delete(files->medium_files);
  cJSON_Delete(files->large_files);
  *files = (portrait_files){0};
}
