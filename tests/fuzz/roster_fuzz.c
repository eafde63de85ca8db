/* Rosters. By the first byte: any bytes as a roster, a list of photos and a departments file; or a roster made of the
   bytes in which some records are excluded, each in a spelling that the bytes choose. In both no photo of an excluded
   record may be in the plan, nor be opened (trapped.h). */
#include "jurisdictions.h"
#include "spellings.h"
#include "trapped.h"
#include "unicode.h"

/* ---------------------------------------------------------------------------------------------- any bytes */

static void check_texts(const build_plan *plan) {
  for (size_t i = 0; i < plan->people_count; i++) {
    if (!utf8_is_valid(plan->people[i].name)) abort();
    for (size_t k = 0; k < plan->field_count; k++) {
      if (!utf8_is_valid(plan->people[i].values[k])) abort();
    }
  }
  for (size_t i = 0; i < plan->photo_count; i++) {
    if (!utf8_is_valid(plan->photos[i].shown)) abort();
  }
}

static bool is_out(const roster *all, const roster_photo *photo) {
  const roster_record *record = &all->records[photo->record];
  return record->stays_out || lies_in(all->places.texts[record->jurisdiction], ALWAYS_DENIED) ||
         lies_in(all->places.texts[record->department], ALWAYS_DENIED);
}

/* Files of records that are out may not be opened from here on. */
static void set_traps(const roster *all) {
  path_search *search = path_search_begin(photos);
  for (size_t i = 0; i < all->photo_count && i < 200; i++) {
    if (!is_out(all, &all->photos[i]) || !*roster_path(all, &all->photos[i])) continue;
    found_file file = path_search_find(search, roster_path(all, &all->photos[i]));
    if (file.path) set_trap(file.path);
    found_file_free(&file);
  }
  path_search_end(search);
}

/* No file of a record that is out is in the plan, not even under another path. */
static void check_exclusion(const roster *all, const build_plan *plan) {
  for (size_t i = 0; i < all->photo_count && i < 200; i++) {
    if (!is_out(all, &all->photos[i])) continue;
    for (size_t k = 0; k < plan->photo_count; k++) {
      const char *file = roster_file(all, &all->photos[i])->path;
      if (!strcmp(plan->photos[k].shown, roster_path(all, &all->photos[i]))) abort();
      if (plan->photos[k].path && file && !strcmp(plan->photos[k].path, file)) abort();
    }
  }
}

static void plan_roster(const char *path, const roster_columns *columns, const matching_options *options) {
  roster people;
  matching_rules rules;
  build_plan plan = {0};
  sentence why = {0};
  if (!matching_rules_read(options, &rules, &why)) {
    if (!utf8_is_valid(why.text) || !*why.text) abort();
    return;
  }
  trap_count = 0; /* here any photo may be anybody's */
  if (roster_read(path, columns, &people, &why)) {
    set_traps(&people);
    bool made = build_plan_of_roster(&people, &rules, photos, &plan, &why);
    check_exclusion(&people, &plan);
    if (made) check_texts(&plan);
    open_planned(&plan);
    build_plan_free(&plan);
    roster_free(&people);
  }
  if (!utf8_is_valid(why.text)) abort();
  matching_rules_free(&rules);
}

/* The parts lie between lines of four dashes. */
static dpl_bytes next_part(dpl_bytes *rest) {
  static const char mark[] = "\n----\n";
  const uint8_t *end = rest->size ? memmem(rest->data, rest->size, mark, 6) : NULL;
  dpl_bytes part = {rest->data, end ? (size_t)(end - rest->data) : rest->size};
  *rest = end ? (dpl_bytes){end + 6, rest->size - part.size - 6} : (dpl_bytes){NULL, 0};
  return part;
}

static void read_any(dpl_bytes bytes) {
  static int files[3] = {-1, -1, -1};
  char paths[3][64] = {"", "", ""};
  for (int i = 0; i < 3 && (i == 0 || bytes.size); i++) put_file(&files[i], next_part(&bytes), paths[i]);
  const roster_columns columns = {.photo_list = *paths[1] ? paths[1] : NULL};
  const matching_options options = {.departments = *paths[2] ? paths[2] : NULL};
  plan_roster(paths[0], &columns, &options);
}

/* ---------------------------------------------------------------------------------------------- made of the bytes */

/* One of the spellings of the text, as a cell of CSV or a text of JSON. */
static void add_spelling(buffer *out, dpl_bytes *bytes, const char *text, bool json) {
  char spelt[1024];
  size_t letters = choose(bytes, 4), width = choose(bytes, 3), space = choose(bytes, SPACES);
  size_t hidden = choose(bytes, UNSEEN), place = choose(bytes, strlen(text) + 2), ends = choose(bytes, 2);
  spell(text, (int)letters, (int)width, odd_spaces[space], unseen[hidden], place, (int)ends, spelt);
  bool decomposed = choose(bytes, 2);
  char *form = (char *)(decomposed ? utf8proc_NFD : utf8proc_NFC)((const utf8proc_uint8_t *)spelt);
  add(out, "\"");
  for (const char *at = form; *at; at++) {
    char escaped[8] = {*at, 0};
    if (json && ((unsigned char)*at < ' ' || *at == '"' || *at == '\\'))
      snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)(unsigned char)*at);
    else if (*at == '"')
      strcpy(escaped, "\"\"");
    add(out, escaped);
  }
  add(out, "\"");
  free(form);
}

static const char *const matching_names[] = {"use for matching", "use_for_matching", "useForMatching",
                                             "USE-FOR-MATCHING"};
static const char *const state_names[] = {"state", "jurisdiction", "US state", "state_code"};
static const char *const denials[] = {"no", "false", "0", "off", "denied"};
static const char *const places[] = {
    "Illinois", "IL", "Ill.", "Chicago PD, IL", "State of Illinois", "Cook County, Illinois", "US-IL"};
static const char *const trap_paths[] = {"trap.jpg",  "./trap.jpg", ".\\trap.jpg", "TRAP.JPG",
                                         "alias.jpg", "tr%61p.jpg", "trap.jpg "};

/* Values in one order for all records: name, photo, mark, state. The first record is let in; the second is out; the
   others as the bytes say, and all that have the trap's file in any spelling are out through the second. */
static void read_made(dpl_bytes given) {
  static int file = -1;
  dpl_bytes *bytes = &given;
  trap_count = trap_fixed;
  char path[64];
  buffer out = {0};
  bool json = choose(bytes, 2);
  buffer mark_name = {0}, state_name = {0};
  add_spelling(&mark_name, bytes, CHOSEN(matching_names), json);
  add_spelling(&state_name, bytes, CHOSEN(state_names), json);
  append(&mark_name, "", 1), append(&state_name, "", 1);
  if (json) {
    add(&out, "[");
  } else {
    add(&out, "name,photo,"), add(&out, (const char *)mark_name.data), add(&out, ",");
    add(&out, (const char *)state_name.data), add(&out, "\n");
  }
  for (size_t i = 0, count = 3 + choose(bytes, 6); i < count; i++) {
    bool is_marked = i == 1 && choose(bytes, 2), is_placed = i == 1 && !is_marked;
    const char *photo = i == 0 ? "ok.jpg" : i == 1 ? "trap.jpg" : CHOSEN(trap_paths);
    char name[32];
    snprintf(name, sizeof name, "\"Person %zu\"", i);
    if (json) add(&out, i ? ",{\"name\":" : "{\"name\":");
    add(&out, name), add(&out, json ? ",\"photo\":" : ",");
    char *escaped = new_text(json && strchr(photo, '\\') ? ".\\\\trap.jpg" : photo);
    add(&out, "\""), add(&out, escaped), add(&out, "\",");
    free(escaped);
    if (json) add(&out, (const char *)mark_name.data), add(&out, ":");
    add_spelling(&out, bytes, is_marked ? CHOSEN(denials) : "yes", json);
    add(&out, ",");
    if (json) add(&out, (const char *)state_name.data), add(&out, ":");
    add_spelling(&out, bytes, is_placed ? CHOSEN(places) : "Ohio", json);
    add(&out, json ? "}" : "\n");
  }
  if (json) add(&out, "]");
  put_file(&file, bytes_of(out), path);
  roster people;
  matching_rules rules;
  build_plan plan;
  sentence why;
  const roster_columns columns = {0};
  const matching_options options = {0};
  if (!matching_rules_read(&options, &rules, &why) || !roster_read(path, &columns, &people, &why) ||
      !build_plan_of_roster(&people, &rules, photos, &plan, &why)) {
    fprintf(stderr, "%s\n%.*s\n", why.text, (int)out.size, (const char *)out.data);
    abort();
  }
  if (plan.photo_count != 1 || strcmp(plan.photos[0].shown, "ok.jpg") != 0 || plan.people_count != 1) {
    fprintf(stderr, "%.*s\n", (int)out.size, (const char *)out.data);
    abort();
  }
  open_planned(&plan);
  build_plan_free(&plan);
  matching_rules_free(&rules);
  roster_free(&people);
  free(out.data), free(mark_name.data), free(state_name.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  make_photos();
  if (size == 0) return 0;
  const dpl_bytes bytes = {data + 1, size - 1};
  if (data[0] & 1)
    read_made(bytes);
  else
    read_any(bytes);
  return 0;
}

/* ---- seeds */

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  /* clang-format off */
  static const char *const seeds[] = {
      " name,photo,use_for_matching,state\nA,ok.jpg,yes,Ohio\nB,trap.jpg,no,\n",
      " sep=;\r\nname;photo;department\r\n\"A\nB\";ok.jpg;Chicago PD\r\n\n----\nname;photo\nA;alias.jpg\n",
      " [{\"id\":1,\"name\":\"A\",\"photo\":\"ok.jpg\",\"box\":{\"x\":1,\"y\":2,\"w\":3,\"h\":4}}]",
      " {\"n\":1,\"people\":[{\"id\":1.5e3,\"name\":\"\\u00e9\",\"photo\":null}]}\n----\nid,photo\n1.5e3,ok.jpg\n----\nname,face_matching\nX,yes\n",
      " {\"name\":\"A\",\"photo\":\"ok.jpg\"}\n{\"name\":\"B\",\"photo\":\"trap.jpg\",\"state\":\"IL\"}\n",
      "!\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10\x11\x12\x13\x14\x15",
      "!aaaabbbbccccddddeeeeffffgggghhhhiiiijjjjkkkk"};
  /* clang-format on */
  plant_texts(seed_folder(*count, *arguments), seeds, sizeof seeds / sizeof *seeds);
  return 0;
}
