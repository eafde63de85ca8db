/* Any bytes as the plan of a build, and as part.json of a part whose journal is sound: what fits together, or a
   sentence. The first byte says which. */
#include "scratch.h"

#include "part.h"

static const char context[] = "{}", journal_name[] = "photos-0123456789abcdef.journal";

static void read_plan(dpl_bytes text) {
  build_plan plan, again;
  sentence why = {""};
  if (!build_plan_read(text, "plan.json", &plan, &why)) {
    must_be_sentence(&why);
    return;
  }
  if (!plan.photo_count || !plan.id || !plan.title || !plan.notice) abort();
  for (size_t i = 0; i < plan.photo_count; i++) {
    const plan_photo *photo = &plan.photos[i];
    if (!photo->shown || photo->department < NO_DEPARTMENT || photo->department >= (int)plan.department_count) abort();
    if (plan.has_roster && photo->person >= plan.people_count) abort();
  }
  for (size_t i = 0; i < plan.people_count; i++) {
    if (!plan.people[i].id || !plan.people[i].name) abort();
    for (size_t k = 0; k < plan.field_count; k++) {
      if (!plan.people[i].values[k]) abort();
    }
  }
  /* What is written of it says the same. */
  char *written = build_plan_text(&plan);
  if (!build_plan_read((dpl_bytes){(const uint8_t *)written, strlen(written)}, "plan.json", &again, &why)) abort();
  char *twice = build_plan_text(&again);
  if (strcmp(written, twice) != 0) abort();
  free(written), free(twice);
  build_plan_free(&plan), build_plan_free(&again);
}

static void read_part(dpl_bytes text) {
  part one;
  sentence why = {""};
  scratch_write("part.json", text);
  if (!part_open(&one, scratch_folder(), &why)) {
    must_be_sentence(&why);
    return;
  }
  if (one.number >= one.parts || one.parts > MOST_PARTS) abort();
  build_plan plan;
  if (part_read_plan(&one, &plan, &why))
    build_plan_free(&plan);
  else
    must_be_sentence(&why);
  part_close(&one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  const dpl_bytes text = {data + 1, size - 1};
  if (data[0] & 1)
    read_part(text);
  else
    read_plan(text);
  return 0;
}

/* ---- seeds */

static const char plan_text[] =
    "{\"format\":\"doppel-plan\",\"version\":2,\"id\":\"i\",\"title\":\"t\",\"notice\":\"\",\"roster\":true,"
    "\"all_faces\":false,\"departments_given\":true,\"records\":2,\"records_without_photo\":0,"
    "\"excluded\":[0,0,0,0,0],\"notes\":[\"n\"],\"fields\":[\"rank\"],\"departments\":[[\"d\",\"Ohio\"]],"
    "\"allowed_jurisdictions\":[[\"Illinois\",\"r\"]],\"people\":[[\"a\",\"A\",[\"captain\"]]],"
    "\"photos\":[[\"a.jpg\",0,0],[\"b.jpg\",0,-1,\"box 1 2 3 4\"]]}";

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  sentence why;
  journal all;
  const dpl_bytes plan = {(const uint8_t *)plan_text, strlen(plan_text)};
  const record_key key = key_of((dpl_bytes){(const uint8_t *)"a", 1});
  char *path = path_joined(scratch_folder(), journal_name), *name = key_text(&key), sha256[SHA256_TEXT];
  if (!journal_open(&all, path, context, &why) || !journal_append(&all, &key, plan, &why)) abort();
  journal_close(&all);
  scratch_write("plan.json", plan);
  sha256_of(plan, sha256);
  const char *folder = seed_folder(*count, *arguments);
  if (folder) {
    char text[1024];
    snprintf(text, sizeof text, " %s", plan_text);
    plant_text(folder, "plan", text);
    snprintf(
        text, sizeof text,
        "!{\"format\":\"doppel-part\",\"version\":1,\"part\":1,\"parts\":2,\"plan_sha256\":\"%s\",\"context\":\"{}\","
        "\"journal\":\"%s\",\"photos\":[\"%s\",\"missing\"]}",
        sha256, journal_name, name);
    plant_text(folder, "part", text);
  }
  free(path), free(name);
  return 0;
}
