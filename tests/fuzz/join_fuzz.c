/* Joins. By the first byte: a roster, a list of photos, a departments file and corrections made of the bytes, in which
   trap.jpg and sub/trap.jpg belong to excluded records in one of many ways; or a roster and the vectors that its ids
   join, or any bytes as corrections of a small plan. Opening an excluded photo ends the target (trapped.h); so does an
   excluded id in a note. */
#include "cJSON.h"
#include "corrections.h"
#include "trapped.h"
#include "unicode.h"
#include "vector_join.h"

/* ---------------------------------------------------------------------------------------------- made tables */

static const char *const ids[] = {"7", "007", " 7 ", "\xEF\xBC\x97", "a-1", "A-1", "'=1", "=1", "x", ""};
static const char *const trap_paths[] = {"trap.jpg",     "./trap.jpg",    ".\\\\trap.jpg",  "TRAP.JPG",
                                         "alias.jpg",    "twin.jpg",      "tr%61p.jpg",     "trap.jpg ",
                                         "sub/trap.jpg", "Sub//TRAP.jpg", "sub\\\\trap.jpg"};
static const char *const safe_paths[] = {"ok.jpg", "other.jpg", "trap.png", "sub/trip.jpg", "none.jpg", ""};
static const char *const denials[] = {"no", "NO\xC2\xA0", "n\xE2\x80\x8Bo", "false", "0"};
static const char *const places[] = {"Illinois", "IL", "Chicago PD, IL", "ill.", "\xEF\xBC\xA9\xEF\xBC\xAC"};

/* One record in JSON; only the first trap's record has to be out, because it keeps its files out for all others. */
typedef struct record {
  const char *id, *photo, *mark, *state, *department;
} record;

static void add_member(buffer *out, const char *key, const char *value) {
  if (!value) return;
  if (out->data[out->size - 1] != '{') add(out, ",");
  add(out, "\""), add(out, key), add(out, "\":\""), add(out, value), add(out, "\"");
}

static void add_record(buffer *out, const record *one, const char *id_key, size_t number) {
  char name[32];
  snprintf(name, sizeof name, "Person %zu", number);
  add(out, out->data[out->size - 1] == '[' ? "{" : ",{");
  add_member(out, "name", name);
  add_member(out, id_key, one->id);
  add_member(out, "photo", one->photo);
  add_member(out, "useForMatching", one->mark);
  add_member(out, "state", one->state);
  add_member(out, "department", one->department);
  add(out, "}");
}

typedef struct made {
  buffer roster, list, departments, corrections;
} made;

enum { BY_ROSTER_MARK, BY_ROSTER_STATE, BY_LIST_MARK, BY_LIST_STATE, BY_DEPARTMENT, BY_STRANGER, BY_LONE_RECORD, WAYS };

/* Keeps one of the traps out, in a way that the bytes choose. HUSHED is an id that no other record has. */
static void add_excluded(made *all, dpl_bytes *bytes, const char *path, const char *id, size_t number) {
  record in_roster = {.id = id}, in_list = {.id = id, .photo = path};
  size_t way = choose(bytes, WAYS);
  if (way == BY_ROSTER_MARK) in_roster.mark = CHOSEN(denials);
  if (way == BY_ROSTER_STATE) in_roster.state = CHOSEN(places);
  if (way == BY_LIST_MARK || way == BY_STRANGER) in_list.mark = CHOSEN(denials);
  if (way == BY_LIST_STATE) in_list.state = CHOSEN(places);
  if (way == BY_DEPARTMENT) in_roster.department = choose(bytes, 2) ? "Closed PD" : "closed  pd";
  if (way != BY_STRANGER) add_record(&all->roster, &in_roster, "id", number);
  if (way == BY_LONE_RECORD) {
    in_roster.mark = CHOSEN(denials);
    add_record(&all->roster, &in_roster, "id", number + 1);
  }
  add_record(&all->list, &in_list, "officer_id", number);
}

static void add_others(made *all, dpl_bytes *bytes) {
  for (size_t i = 0, count = choose(bytes, 5); i < count; i++) {
    record one = {.id = CHOSEN(ids), .department = choose(bytes, 3) ? "Open PD" : NULL};
    add_record(&all->roster, &one, "id", i);
  }
  for (size_t i = 0, count = choose(bytes, 7); i < count; i++) {
    record one = {.id = CHOSEN(ids)};
    one.photo = choose(bytes, 2) ? CHOSEN(trap_paths) : CHOSEN(safe_paths);
    one.mark = choose(bytes, 4) ? NULL : "yes";
    add_record(&all->list, &one, "officer_id", i);
  }
}

static void add_correction(buffer *out, dpl_bytes *bytes) {
  static const char *const lists[] = {
      "{\"same_person\":[[\"a-1\",\"HUSHED-1\"]]}",
      "{\"same_person\":[[\"a-1\",\"7\"],[\"7\",\"x\"]]}",
      "{\"not_this_person\":[{\"photo\":\"trap.jpg\",\"person\":\"a-1\",\"is\":\"7\"}]}",
      "{\"not_this_person\":[{\"photo\":\"ok.jpg\",\"person\":\"a-1\",\"is\":\"HUSHED-1\"}]}",
      "{\"decisions\":[{\"verdict\":\"confirm\",\"gallery_id\":\"g\",\"person_id\":\"a-1\",\"photo_name\":\"trap.jpg\","
      "\"photo_sha256\":\"00\",\"largest_face\":true}]}",
      "{\"decisions\":[{\"verdict\":\"reject\",\"gallery_id\":\"g\",\"person_id\":\"7\",\"photo_name\":\"TRAP.jpg\","
      "\"photo_sha256\":\"00\",\"largest_face\":true}]}",
      "{\"decisions\":[{\"verdict\":\"confirm\",\"gallery_id\":\"g\",\"name\":\"Person 1\",\"photo_name\":\"ok.jpg\","
      "\"photo_sha256\":null,\"largest_face\":true}]}"};
  add(out, CHOSEN(lists));
}

static void must_hush(const char *text) {
  if (!strstr(text, "HUSHED") && utf8_is_valid(text)) return;
  fprintf(stderr, "%s\n", text);
  abort();
}

static void check_plan(const build_plan *plan) {
  for (size_t i = 0; i < plan->notes.count; i++) must_hush(plan->notes.names[i]);
  for (size_t i = 0; i < plan->people_count; i++) {
    must_hush(plan->people[i].id), must_hush(plan->people[i].name);
    for (size_t k = 0; k < i; k++) {
      if (!strcmp(plan->people[i].id, plan->people[k].id)) abort();
    }
  }
  for (size_t i = 0; i < plan->photo_count; i++) {
    if (plan->photos[i].person >= plan->people_count) abort();
    if (plan->photos[i].problem) must_hush(plan->photos[i].problem);
  }
}

static void join_list(dpl_bytes *bytes) {
  static int files[4] = {-1, -1, -1, -1};
  char paths[4][64];
  made all = {0};
  roster people;
  matching_rules rules;
  build_plan plan = {0};
  sentence why;
  trap_count = trap_fixed;
  add(&all.roster, "["), add(&all.list, "["), add(&all.departments, "name,face_matching\nOpen PD,yes\nClosed PD,no\n");
  size_t before = choose(bytes, 2);
  if (before) add_others(&all, bytes);
  add_excluded(&all, bytes, "trap.jpg", "HUSHED-1", 50);
  add_excluded(&all, bytes, choose(bytes, 2) ? "sub/trap.jpg" : "SUB\\\\trap.jpg", "HUSHED-2", 60);
  if (!before) add_others(&all, bytes);
  record last = {.id = "last", .photo = "ok.jpg", .department = "Open PD"};
  add_record(&all.roster, &last, "id", 70), add_record(&all.list, &last, "officer_id", 70);
  add(&all.roster, "]"), add(&all.list, "]");
  add_correction(&all.corrections, bytes);
  const buffer made_files[] = {all.roster, all.list, all.departments, all.corrections};
  for (int i = 0; i < 4; i++) put_file(&files[i], bytes_of(made_files[i]), paths[i]);

  const roster_columns columns = {.photo_list = paths[1], .trim_zeros = choose(bytes, 2)};
  const matching_options options = {.departments = paths[2]};
  if (!matching_rules_read(&options, &rules, &why)) abort();
  if (roster_read(paths[0], &columns, &people, &why)) {
    if (build_plan_of_roster(&people, &rules, photos, &plan, &why)) {
      name_list corrections = {0};
      check_plan(&plan);
      build_plan_say(&plan, &(gallery_words){.id = "g", .title = "Gallery"}, NULL);
      name_list_add(&corrections, paths[3]);
      bool corrected = corrections_apply(&corrections, &plan, &why);
      if (corrected) check_plan(&plan);
      name_list_free(&corrections);
    }
    open_planned(&plan);
    build_plan_free(&plan);
    roster_free(&people);
  }
  matching_rules_free(&rules);
  for (int i = 0; i < 4; i++) free(made_files[i].data);
}

/* ---------------------------------------------------------------------------------------------- vectors */

static void join_vectors(dpl_bytes *bytes) {
  static int files[2] = {-1, -1};
  char paths[2][64];
  buffer text = {0}, id_file = {0};
  roster people;
  matching_rules rules;
  sentence why;
  trap_count = trap_fixed;
  add(&text, "[");
  const record hushed = {.id = "HUSHED-1", .photo = "trap.jpg", .mark = "no"};
  const record other = {.id = "HUSHED-2", .photo = "sub/trap.jpg", .state = "IL"};
  add_record(&text, &hushed, "id", 0);
  for (size_t i = 0, count = choose(bytes, 6); i < count; i++) {
    record one = {.id = CHOSEN(ids)};
    one.photo = choose(bytes, 2) ? CHOSEN(trap_paths) : CHOSEN(safe_paths);
    add_record(&text, &one, "id", i);
  }
  add_record(&text, &other, "id", 9), add(&text, "]");

  enum { MOST = 8 };
  char *names[MOST];
  uint64_t labels[MOST];
  foreign_vectors vectors = {.count = 1 + choose(bytes, MOST), .labels = labels, .by_row = choose(bytes, 2)};
  const bool named = !vectors.by_row && choose(bytes, 2);
  add(&id_file, "id\n");
  for (size_t i = 0; i < vectors.count; i++) {
    const char *id = choose(bytes, 4) ? CHOSEN(ids) : "HUSHED-2";
    names[i] = (char *)(uintptr_t)id;
    labels[i] = vectors.by_row ? i : i + choose(bytes, 8);
    add(&id_file, "\""), add(&id_file, id), add(&id_file, "\"\n");
  }
  if (named) vectors.names = names;
  put_file(&files[0], bytes_of(text), paths[0]);
  put_file(&files[1], bytes_of(id_file), paths[1]);
  static const name_list nothing;
  const vector_join how = {"id", named ? NULL : paths[1], choose(bytes, 2), &nothing};
  const roster_columns columns = {.photos_optional = true};
  const matching_options options = {0};
  if (!matching_rules_read(&options, &rules, &why)) abort();
  if (roster_read(paths[0], &columns, &people, &why)) {
    size_t *vector_of = new_array(people.record_count, sizeof *vector_of);
    bool *used = new_array(vectors.count + 1, sizeof *used),
         *admitted = new_array(people.record_count, sizeof *admitted);
    vectors_left left;
    bool joined = vectors_join(&how, &people.table, &vectors, vector_of, &left, &why);
    roster_find_photos(&people, photos);
    exclusion *decisions = matching_decide(&rules, &people);
    for (size_t i = 0; i < people.photo_count; i++) admitted[people.photos[i].record] |= decisions[i] == INCLUDED;
    if (admitted[0] || admitted[people.record_count - 1]) abort();
    for (size_t i = 0; joined && i < people.record_count; i++) {
      if (vector_of[i] && used[vector_of[i]]) abort(); /* one record per vector */
      used[vector_of[i]] = true;
    }
    for (size_t i = 0; i < people.photo_count; i++) {
      const found_file *file = roster_file(&people, &people.photos[i]);
      dpl_bytes photo;
      if (decisions[i] == INCLUDED && file->path && file_read(file->path, &photo, &why)) bytes_free(&photo);
    }
    name_list notes = {0};
    if (joined) vectors_left_note(&how, &left, admitted, &notes);
    for (size_t i = 0; i < notes.count; i++) must_hush(notes.names[i]);
    name_list_free(&notes);
    vectors_left_free(&left);
    free(decisions), free(vector_of), free(used), free(admitted);
    roster_free(&people);
  }
  matching_rules_free(&rules);
  free(text.data), free(id_file.data);
}

/* ---------------------------------------------------------------------------------------------- any corrections */

static void correct_any(dpl_bytes bytes) {
  static const char roster_text[] = "name,photo,id,use_for_matching\nAda,ok.jpg,1,\nBen,other.jpg,2,\nBen,none.jpg,3,\n"
                                    "HUSHED,trap.jpg,4,no\nHUSHED,sub/trap.jpg,5,no\n";
  static int files[2] = {-1, -1};
  char paths[2][64];
  roster people;
  matching_rules rules;
  build_plan plan;
  sentence why;
  trap_count = trap_fixed;
  put_file(&files[0], text_bytes(roster_text), paths[0]);
  put_file(&files[1], bytes, paths[1]);
  const roster_columns columns = {.person = "id"};
  const matching_options options = {0};
  if (!matching_rules_read(&options, &rules, &why) || !roster_read(paths[0], &columns, &people, &why) ||
      !build_plan_of_roster(&people, &rules, photos, &plan, &why))
    abort();
  build_plan_say(&plan, &(gallery_words){.id = "g", .title = "Gallery"}, NULL);
  name_list corrections = {0};
  name_list_add(&corrections, paths[1]);
  if (corrections_apply(&corrections, &plan, &why))
    check_plan(&plan);
  else if (!*why.text || !utf8_is_valid(why.text))
    abort();
  open_planned(&plan);
  name_list_free(&corrections);
  build_plan_free(&plan);
  matching_rules_free(&rules);
  roster_free(&people);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  make_photos();
  if (size == 0) return 0;
  dpl_bytes bytes = {data + 1, size - 1};
  if (data[0] % 3 == 0)
    join_list(&bytes);
  else if (data[0] % 3 == 1)
    join_vectors(&bytes);
  else
    correct_any(bytes);
  return 0;
}

/* ---- seeds */

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  /* clang-format off */
  static const char *const seeds[] = {
      "0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1A\x1B\x1C\x1D",
      "0abcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabc",
      "1\x05\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18",
      "1zyxwvutsrqponmlkjihgfedcbazyxwvutsrqponmlkjihgfedcba",
      "2{\"same_person\":[[\"1\",\"2\"]],\"not_this_person\":[{\"photo\":\"none.jpg\",\"person\":\"3\"}]}",
      "2{\"format\":\"doppel-decisions\",\"version\":2,\"decisions\":[{\"verdict\":\"confirm\",\"gallery_id\":\"g\",\"person_id\":\"1\",\"photo_name\":\"other.jpg\",\"photo_sha256\":null,\"largest_face\":true}]}",
      "2{\"decisions\":[{\"verdict\":\"reject\",\"gallery\":\"Gallery\",\"name\":\"Ben\",\"photo_name\":\"trap.jpg\",\"largest_face\":true}]}"};
  /* clang-format on */
  plant_texts(seed_folder(*count, *arguments), seeds, sizeof seeds / sizeof *seeds);
  return 0;
}
