/* Reads every people page once and looks which people have the values asked for. The scan itself is the library's. */
#include "where.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unicode.h"

typedef struct condition {
  char *field; /* as it was written, until its key is found */
  const char *key;
  const char *value;
} condition;

bool where_is_condition(const char *text) {
  return *text && *text != '=' && strchr(text, '=');
}

static const char *text_of(const cJSON *object, const char *key) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
  return text ? text : "";
}

/* The field's key: a name may be a key or a label of the manifest; "name" where no field is called so. */
static const char *find_key(const gallery_folder *gallery, const char *name, sentence *why) {
  const cJSON *fields = cJSON_GetObjectItemCaseSensitive(gallery->manifest, "fields"), *field;
  cJSON_ArrayForEach(field, fields) {
    if (text_same(text_of(field, "key"), name) || text_same(text_of(field, "label"), name))
      return text_of(field, "key");
  }
  if (text_same(name, "name")) return "name";
  char known[512] = "name";
  cJSON_ArrayForEach(field, fields) {
    const size_t length = strlen(known);
    if (length + strlen(text_of(field, "key")) + 8 > sizeof known) {
      strcpy(known + length, ", …");
      break;
    }
    sprintf(known + length, ", %s", text_of(field, "key"));
  }
  fail(why, "The gallery %s has no field \"%s\"; --where can ask for: %s.", gallery->folder, name, known);
  return NULL;
}

static const char *value_of(const cJSON *person, const char *key) {
  const cJSON *fields = cJSON_GetObjectItemCaseSensitive(person, "fields");
  if (cJSON_GetObjectItemCaseSensitive(fields, key)) return text_of(fields, key);
  return strcmp(key, "name") == 0 ? text_of(person, "name") : "";
}

/* One of the values of every field that is named. */
static bool meets(const cJSON *person, const condition *conditions, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    bool met = false;
    for (size_t k = 0; k < count && !met; ++k)
      met =
          conditions[k].key == conditions[i].key && text_same(value_of(person, conditions[k].key), conditions[k].value);
    if (!met) return false;
  }
  return true;
}

/* How many people are allowed, or −1 with a sentence. */
static long allow(gallery_folder *gallery, const condition *conditions, size_t count, uint32_t *allowed,
                  sentence *why) {
  long people = 0;
  for (size_t first = 0; first < gallery->info.people; first += gallery->people_per_page) {
    const cJSON *person = gallery_folder_person(gallery, first, why);
    for (size_t i = first; i < gallery->info.people && i < first + gallery->people_per_page; ++i) {
      if (i > first) person = person->next; /* a page is a list: to ask for each by its number would be slow */
      if (!person && !gallery_folder_person(gallery, i, why)) return -1;
      if (!meets(person, conditions, count)) continue;
      allowed[i / 32] |= UINT32_C(1) << i % 32;
      people++;
    }
  }
  return people;
}

/* "rank=captain, rank=sergeant" */
static char *listed(const name_list *conditions) {
  char *text = new_text(conditions->names[0]);
  for (size_t i = 1; i < conditions->count; ++i) {
    char *longer = new_text_of("%s, %s", text, conditions->names[i]);
    free(text);
    text = longer;
  }
  return text;
}

uint32_t *where_allowed(gallery_folder *gallery, const name_list *conditions, sentence *why) {
  condition *read = new_array(conditions->count, sizeof *read);
  uint32_t *allowed = new_array((gallery->info.people + 31) / 32, sizeof *allowed);
  bool fine = true;
  for (size_t i = 0; i < conditions->count && fine; ++i) {
    read[i].field = new_text(conditions->names[i]);
    char *equals = strchr(read[i].field, '=');
    *equals = 0;
    read[i].value = equals + 1;
    read[i].key = find_key(gallery, read[i].field, why);
    fine = read[i].key != NULL;
  }
  const long people = fine ? allow(gallery, read, conditions->count, allowed, why) : -1;
  if (people == 0) {
    char *all = listed(conditions);
    fail(why, "Nobody in the gallery %s has %s; look at its people pages for the values that there are.",
         gallery->folder, all);
    free(all);
  }
  for (size_t i = 0; i < conditions->count; ++i) free(read[i].field);
  free(read);
  if (people > 0) return allowed;
  free(allowed);
  return NULL;
}
