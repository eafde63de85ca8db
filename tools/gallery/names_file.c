/* One column per field; values that many people share are written once. */
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

/* Fields in the roster's order, as long as all of them together stay small. */
static void add_fields(cJSON *out, const gallery_about *about, const gallery_person *people, size_t count) {
  const size_t room = BYTES_PER_PERSON * count > ALWAYS_FITS ? BYTES_PER_PERSON * count : ALWAYS_FITS;
  size_t used = bytes_of(out);
  cJSON *fields = cJSON_AddObjectToObject(out, "fields");
  for (size_t i = 0; i < about->field_count; ++i) {
    cJSON *field = field_json(people, count, i);
    const size_t more = bytes_of(field);
    if (used + more > room) {
      cJSON_Delete(field);
      continue;
    }
    cJSON_AddItemToObject(fields, about->fields[i], field);
    used += more;
  }
}

bool names_file_write(const char *folder, const gallery_about *about, const gallery_person *people, size_t people_count,
                      const size_t *first, cJSON *list, sentence *why) {
  if (people_count > MOST_NAMED) return true;
  cJSON *out = cJSON_CreateObject(), *names = cJSON_AddArrayToObject(out, "names");
  cJSON *ids = cJSON_AddArrayToObject(out, "ids");
  bool several = false;
  for (size_t i = 0; i < people_count; ++i) {
    cJSON_AddItemToArray(names, cJSON_CreateString(people[i].name));
    cJSON_AddItemToArray(ids, cJSON_CreateString(people[i].id));
    several |= first[i + 1] - first[i] != 1;
  }
  if (several) { /* left out where everybody has one photo */
    cJSON *photos = cJSON_AddArrayToObject(out, "photos");
    for (size_t i = 0; i < people_count; ++i)
      cJSON_AddItemToArray(photos, cJSON_CreateNumber((double)(first[i + 1] - first[i])));
  }
  add_fields(out, about, people, people_count);
  return gallery_file_write_json(folder, "names", 0, out, people_count, list, why);
}
