/* One column per field and file; values that many people share are written once per file. */
#include "names_file.h"

#include <stdlib.h>
#include <string.h>

#include "gallery_file.h"

enum { BYTES_PER_PERSON = 48, ALWAYS_FITS = 64 << 10 };

static size_t bytes_of(const cJSON *document) {
  char *text = cJSON_PrintUnformatted(document);
  const size_t size = text ? strlen(text) : SIZE_MAX / 2;
  cJSON_free(text);
  return size;
}

static int compare_texts(const void *left, const void *right) {
  return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* {"values": ["", "captain", …], "of": [1, 0, …]}: person i has values[of[i]]. */
static cJSON *field_json(const gallery_person *people, size_t count, size_t field) {
  const char **values = new_array(count, sizeof *values);
  for (size_t i = 0; i < count; ++i) values[i] = people[i].values[field];
  qsort(values, count, sizeof *values, compare_texts);
  size_t different = 0;
  for (size_t i = 0; i < count; ++i)
    if (!i || strcmp(values[i], values[different - 1]) != 0) values[different++] = values[i];
  cJSON *out = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(out, "values");
  for (size_t i = 0; i < different; ++i) cJSON_AddItemToArray(list, cJSON_CreateString(values[i]));
  list = cJSON_AddArrayToObject(out, "of");
  for (size_t i = 0; i < count; ++i) {
    const char *const *at = bsearch(&people[i].values[field], values, different, sizeof *values, compare_texts);
    cJSON_AddItemToArray(list, cJSON_CreateNumber((double)(at - (const char *const *)values)));
  }
  free(values);
  return out;
}

static size_t end_of(size_t begin, size_t count) {
  return count - begin < NAMES_PER_FILE ? count : begin + NAMES_PER_FILE;
}

static cJSON *names_json(const gallery_person *people, size_t count) {
  cJSON *out = cJSON_CreateObject(), *names = cJSON_AddArrayToObject(out, "names");
  cJSON *ids = cJSON_AddArrayToObject(out, "ids");
  for (size_t i = 0; i < count; ++i) {
    cJSON_AddItemToArray(names, cJSON_CreateString(people[i].name));
    cJSON_AddItemToArray(ids, cJSON_CreateString(people[i].id));
  }
  return out;
}

/* Of all files together: a field is in each of them or in none. */
static size_t field_bytes(const gallery_person *people, size_t count, size_t field) {
  size_t bytes = 0;
  for (size_t begin = 0; begin < count; begin = end_of(begin, count)) {
    cJSON *column = field_json(people + begin, end_of(begin, count) - begin, field);
    bytes += bytes_of(column);
    cJSON_Delete(column);
  }
  return bytes;
}

/* Fields in the roster's order, as long as all of them together stay small. */
static bool *fields_that_fit(const gallery_about *about, const gallery_person *people, size_t count) {
  const size_t room = BYTES_PER_PERSON * count > ALWAYS_FITS ? BYTES_PER_PERSON * count : ALWAYS_FITS;
  bool *fits = new_array(about->field_count, sizeof *fits);
  size_t used = 0;
  for (size_t begin = 0; begin < count; begin = end_of(begin, count)) {
    cJSON *names = names_json(people + begin, end_of(begin, count) - begin);
    used += bytes_of(names);
    cJSON_Delete(names);
  }
  for (size_t i = 0; i < about->field_count; ++i) {
    const size_t more = field_bytes(people, count, i);
    fits[i] = used + more <= room;
    if (fits[i]) used += more;
  }
  return fits;
}

/* How many photos each person has; left out where everybody has one. */
static void add_photos(cJSON *out, size_t count, const size_t *first) {
  bool several = false;
  for (size_t i = 0; i < count; ++i) several |= first[i + 1] - first[i] != 1;
  if (!several) return;
  cJSON *photos = cJSON_AddArrayToObject(out, "photos");
  for (size_t i = 0; i < count; ++i)
    cJSON_AddItemToArray(photos, cJSON_CreateNumber((double)(first[i + 1] - first[i])));
}

bool names_files_write(const char *folder, const gallery_about *about, const gallery_person *people,
                       size_t people_count, const size_t *first, cJSON *list, sentence *why) {
  bool *fits = fields_that_fit(about, people, people_count), fine = true;
  for (size_t begin = 0, number = 0; begin < people_count && fine; begin = end_of(begin, people_count), ++number) {
    const size_t count = end_of(begin, people_count) - begin;
    cJSON *out = names_json(people + begin, count);
    add_photos(out, count, first + begin);
    cJSON *fields = cJSON_AddObjectToObject(out, "fields");
    for (size_t i = 0; i < about->field_count; ++i)
      if (fits[i]) cJSON_AddItemToObject(fields, about->fields[i], field_json(people + begin, count, i));
    fine = gallery_file_write_json(folder, "names", number, out, count, list, why);
  }
  free(fits);
  return fine;
}
