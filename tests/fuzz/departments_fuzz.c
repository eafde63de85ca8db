/* Any bytes as a departments file; behind a line of four dashes, as a jurisdiction to deny and as one to allow: rules
   under which Illinois is out unless it was allowed with a reason, or a sentence. */
#include "scratch.h"

#include "jurisdictions.h"
#include "matching.h"

static char *text_part(dpl_bytes *rest) {
  const dpl_bytes part = next_part(rest, "\n----\n");
  return new_text_of("%.*s", (int)part.size, part.size ? (const char *)part.data : "");
}

static void check_rules(const matching_rules *rules) {
  bool allowed = false;
  for (size_t i = 0; i < rules->allowed_count; i++) {
    if (!*rules->allowed[i].reason) abort();
    allowed |= same_jurisdiction(rules->allowed[i].name, ALWAYS_DENIED);
  }
  for (size_t i = 0; i < rules->department_count; i++) {
    const department *one = &rules->departments[i];
    const int found = matching_department(rules, one->name);
    if (strcmp(one->words, " ") == 0 || found < 0 || !same_words(rules->departments[found].name, one->name)) abort();
  }
  if (!rules->denied.count || (!allowed && !lies_in(ALWAYS_DENIED, rules->denied.names[0]))) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static int file = -1;
  char path[64];
  dpl_bytes rest = {data, size};
  file_in_memory(&file, next_part(&rest, "\n----\n"), path);
  char *denied[] = {text_part(&rest)}, *allowed[] = {text_part(&rest)};
  const matching_options options = {.departments = path,
                                    .denied = {.names = denied, .count = *denied[0] != 0},
                                    .allowed = {.names = allowed, .count = *allowed[0] != 0}};
  matching_rules rules;
  sentence why = {""};
  if (matching_rules_read(&options, &rules, &why)) {
    check_rules(&rules);
    matching_rules_free(&rules);
  } else {
    must_be_sentence(&why);
  }
  free(denied[0]), free(allowed[0]);
  return 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  plant_text(folder, "csv", "name,jurisdiction,face_matching\nA,Ohio,yes\n\"B, C\",Illinois,no\n");
  plant_text(folder, "json",
             "[{\"department\":\"A\",\"state\":\"IL\",\"face_matching\":true}]\n----\nTexas\n----\nIllinois=consent");
  return 0;
}
