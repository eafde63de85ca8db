/* A plan as JSON and back. People and photos are short arrays, because there are many of them. */
#include <stdlib.h>
#include <string.h>

#include "build_plan.h"
#include "cJSON.h"

enum { PLAN_VERSION = 3 };

/* ---------------------------------------------------------------------------------------------- to text */

static cJSON *texts_json(const char *const *texts, size_t count) {
  return count ? cJSON_CreateStringArray(texts, (int)count) : cJSON_CreateArray();
}

static void add_pair(cJSON *list, const char *first, const char *second) {
  const char *const pair[] = {first, second};
  cJSON_AddItemToArray(list, cJSON_CreateStringArray(pair, 2));
}

static void add_rules(cJSON *out, const build_plan *plan) {
  cJSON *list = cJSON_AddArrayToObject(out, "departments");
  for (size_t i = 0; i < plan->department_count; ++i)
    add_pair(list, plan->departments[i].name, plan->departments[i].jurisdiction);
  list = cJSON_AddArrayToObject(out, "allowed_jurisdictions");
  for (size_t i = 0; i < plan->allowed_count; ++i) add_pair(list, plan->allowed[i].name, plan->allowed[i].reason);
}

static void add_people(cJSON *out, const build_plan *plan) {
  cJSON *list = cJSON_AddArrayToObject(out, "people");
  for (size_t i = 0; i < plan->people_count; ++i) {
    cJSON *entry = cJSON_CreateArray();
    cJSON_AddItemToArray(entry, cJSON_CreateString(plan->people[i].id));
    cJSON_AddItemToArray(entry, cJSON_CreateString(plan->people[i].name));
    cJSON_AddItemToArray(entry, texts_json(plan->people[i].values, plan->field_count));
    cJSON_AddItemToArray(list, entry);
  }
}

static void add_photos(cJSON *out, const build_plan *plan) {
  cJSON *list = cJSON_AddArrayToObject(out, "photos");
  for (size_t i = 0; i < plan->photo_count; ++i) {
    const plan_photo *photo = &plan->photos[i];
    char *face = given_face_text(plan_face(plan, photo));
    cJSON *entry = cJSON_CreateArray();
    cJSON_AddItemToArray(entry, cJSON_CreateString(photo->shown));
    cJSON_AddItemToArray(entry, cJSON_CreateNumber((double)photo->person));
    cJSON_AddItemToArray(entry, cJSON_CreateNumber(photo->department));
    if (*face) cJSON_AddItemToArray(entry, cJSON_CreateString(face));
    cJSON_AddItemToArray(list, entry);
    free(face);
  }
}

char *build_plan_text(const build_plan *plan) {
  cJSON *out = cJSON_CreateObject();
  cJSON_AddStringToObject(out, "format", "doppel-plan");
  cJSON_AddNumberToObject(out, "version", PLAN_VERSION);
  cJSON_AddStringToObject(out, "id", plan->id);
  cJSON_AddStringToObject(out, "title", plan->title);
  cJSON_AddStringToObject(out, "publisher", plan->publisher);
  cJSON_AddStringToObject(out, "notice", plan->notice);
  cJSON_AddStringToObject(out, "lang", plan->language);
  cJSON_AddItemToObject(out, "joined", texts_json((const char *const *)plan->joined.names, plan->joined.count));
  cJSON_AddBoolToObject(out, "roster", plan->has_roster);
  cJSON_AddBoolToObject(out, "all_faces", plan->all_faces);
  cJSON_AddBoolToObject(out, "departments_given", plan->departments_given);
  cJSON_AddNumberToObject(out, "records", (double)plan->records);
  cJSON_AddNumberToObject(out, "records_without_photo", (double)plan->records_without_photo);
  cJSON *excluded = cJSON_AddArrayToObject(out, "excluded");
  for (int i = 0; i < EXCLUSIONS; ++i) cJSON_AddItemToArray(excluded, cJSON_CreateNumber((double)plan->excluded[i]));
  cJSON_AddItemToObject(out, "notes", texts_json((const char *const *)plan->notes.names, plan->notes.count));
  cJSON_AddItemToObject(out, "fields", texts_json(plan->fields, plan->field_count));
  add_rules(out, plan);
  add_people(out, plan);
  add_photos(out, plan);
  char *text = cJSON_PrintUnformatted(out);
  cJSON_Delete(out);
  return text ? text : new_text("");
}

/* ---------------------------------------------------------------------------------------------- and back */

static const cJSON *member(const cJSON *in, const char *key) {
  return cJSON_GetObjectItemCaseSensitive(in, key);
}

static bool take_text(const cJSON *value, char **text) {
  if (!cJSON_IsString(value)) return false;
  *text = new_text(value->valuestring);
  return true;
}

static bool take_count(const cJSON *value, double most, size_t *count) {
  if (!cJSON_IsNumber(value) || !(value->valuedouble >= 0 && value->valuedouble <= most)) return false;
  *count = (size_t)value->valuedouble;
  return true;
}

static bool take_notes(const cJSON *list, name_list *notes) {
  if (!cJSON_IsArray(list)) return false;
  const cJSON *entry;
  cJSON_ArrayForEach(entry, list) {
    if (!cJSON_IsString(entry)) return false;
    name_list_add(notes, entry->valuestring);
  }
  return true;
}

static bool keep_text(const cJSON *value, build_plan *plan, const char **text) {
  if (!cJSON_IsString(value)) return false;
  *text = text_pool_keep(&plan->texts, value->valuestring);
  return true;
}

/* As many as there is room for. */
static bool keep_texts(const cJSON *list, build_plan *plan, const char **texts) {
  const cJSON *entry;
  cJSON_ArrayForEach(entry, list) {
    if (!keep_text(entry, plan, texts++)) return false;
  }
  return true;
}

static bool take_fields(const cJSON *list, build_plan *plan) {
  if (!cJSON_IsArray(list)) return false;
  plan->field_count = (size_t)cJSON_GetArraySize(list);
  plan->fields = new_array(plan->field_count, sizeof *plan->fields);
  return keep_texts(list, plan, plan->fields);
}

static bool take_pair(const cJSON *pair, char **first, char **second) {
  const cJSON *entry = cJSON_IsArray(pair) ? pair->child : NULL;
  return take_text(entry, first) && take_text(entry->next, second);
}

static bool take_rules(const cJSON *departments, const cJSON *allowed, build_plan *plan) {
  if (!cJSON_IsArray(departments) || !cJSON_IsArray(allowed)) return false;
  plan->departments = new_array((size_t)cJSON_GetArraySize(departments), sizeof *plan->departments);
  plan->allowed = new_array((size_t)cJSON_GetArraySize(allowed), sizeof *plan->allowed);
  const cJSON *entry;
  cJSON_ArrayForEach(entry, departments) {
    department *one = &plan->departments[plan->department_count++];
    if (!take_pair(entry, &one->name, &one->jurisdiction)) return false;
  }
  cJSON_ArrayForEach(entry, allowed) {
    allowed_jurisdiction *one = &plan->allowed[plan->allowed_count++];
    if (!take_pair(entry, &one->name, &one->reason)) return false;
  }
  return true;
}

static bool take_people(const cJSON *list, build_plan *plan) {
  if (!cJSON_IsArray(list)) return false;
  const size_t count = (size_t)cJSON_GetArraySize(list);
  plan->people = new_array(count, sizeof *plan->people);
  plan->values = new_array(count * plan->field_count, sizeof *plan->values);
  const cJSON *entry;
  cJSON_ArrayForEach(entry, list) {
    plan_person *person = &plan->people[plan->people_count];
    person->values = plan->values + plan->people_count++ * plan->field_count;
    const cJSON *id = cJSON_IsArray(entry) ? entry->child : NULL, *name = id ? id->next : NULL;
    const cJSON *values = name ? name->next : NULL;
    if (!keep_text(id, plan, &person->id) || !keep_text(name, plan, &person->name) || !cJSON_IsArray(values) ||
        (size_t)cJSON_GetArraySize(values) != plan->field_count || !keep_texts(values, plan, person->values))
      return false;
  }
  return true;
}

static bool take_photo(const cJSON *entry, build_plan *plan, plan_photo *photo) {
  photo->department = NO_DEPARTMENT;
  const cJSON *shown = cJSON_IsArray(entry) ? entry->child : NULL, *person = shown ? shown->next : NULL;
  const cJSON *place = person ? person->next : NULL;
  const double last_person = plan->has_roster ? (double)plan->people_count - 1 : 0;
  if (!keep_text(shown, plan, &photo->shown) || !take_count(person, last_person, &photo->person) ||
      !cJSON_IsNumber(place) || place->valuedouble < NO_DEPARTMENT ||
      place->valuedouble >= (double)plan->department_count)
    return false;
  photo->department = (int)place->valuedouble;
  return true;
}

static bool take_photos(const cJSON *list, build_plan *plan) {
  if (!cJSON_IsArray(list) || !list->child) return false;
  plan->photos = new_array((size_t)cJSON_GetArraySize(list), sizeof *plan->photos);
  const cJSON *entry;
  cJSON_ArrayForEach(entry, list) {
    if (!take_photo(entry, plan, &plan->photos[plan->photo_count++])) return false;
  }
  return true;
}

static bool take_joined(const cJSON *list, build_plan *plan) {
  return take_notes(list, &plan->joined) && plan->joined.count % 2 == 0;
}

static bool take_excluded(const cJSON *list, build_plan *plan) {
  if (cJSON_GetArraySize(list) != EXCLUSIONS) return false;
  size_t reason = 0;
  const cJSON *entry;
  cJSON_ArrayForEach(entry, list) {
    if (!take_count(entry, 1e15, &plan->excluded[reason++])) return false;
  }
  return true;
}

static bool take_plan(const cJSON *in, build_plan *plan) {
  const char *format = cJSON_GetStringValue(member(in, "format"));
  size_t version;
  plan->has_roster = cJSON_IsTrue(member(in, "roster"));
  plan->all_faces = cJSON_IsTrue(member(in, "all_faces"));
  plan->departments_given = cJSON_IsTrue(member(in, "departments_given"));
  return format && !strcmp(format, "doppel-plan") && take_count(member(in, "version"), PLAN_VERSION, &version) &&
         take_text(member(in, "id"), &plan->id) && take_text(member(in, "title"), &plan->title) &&
         take_text(member(in, "publisher"), &plan->publisher) && take_text(member(in, "notice"), &plan->notice) &&
         take_text(member(in, "lang"), &plan->language) && take_joined(member(in, "joined"), plan) &&
         take_count(member(in, "records"), 1e15, &plan->records) &&
         take_count(member(in, "records_without_photo"), 1e15, &plan->records_without_photo) &&
         take_excluded(member(in, "excluded"), plan) && take_notes(member(in, "notes"), &plan->notes) &&
         take_fields(member(in, "fields"), plan) &&
         take_rules(member(in, "departments"), member(in, "allowed_jurisdictions"), plan) &&
         (plan->has_roster || (plan->all_faces && plan->field_count == 2)) && take_people(member(in, "people"), plan) &&
         take_photos(member(in, "photos"), plan);
}

bool build_plan_read(dpl_bytes text, const char *path, build_plan *plan, sentence *why) {
  *plan = (build_plan){0};
  cJSON *in = cJSON_ParseWithLength((const char *)text.data, text.size);
  bool fine = take_plan(in, plan);
  cJSON_Delete(in);
  if (fine) return true;
  build_plan_free(plan);
  return fail(why, "%s is not a plan that this version can read; make the part again.", path);
}
