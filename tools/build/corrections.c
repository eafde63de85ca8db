/* Reading the files, and changing whose the plan's photos are. */
#include "corrections.h"

#include <stdlib.h>
#include <string.h>

#include "cJSON.h"
#include "output.h"
#include "text.h"
#include "unicode.h"

#define NOBODY SIZE_MAX

typedef struct contradiction {
  size_t person, other; /* that somebody said are two people */
} contradiction;

typedef struct correcting {
  build_plan *plan;
  const char *path; /* of the file at hand */
  size_t *goes_to;  /* each person's entry: itself, or the next one on the way to it */
  bool *dropped;    /* each photo: shows somebody else */
  contradiction *apart;
  size_t apart_count, apart_capacity;
  size_t joined, moved, decisions_used, decisions_elsewhere, decisions_unknown;
} correcting;

static const cJSON *member(const cJSON *in, const char *key) {
  return cJSON_GetObjectItemCaseSensitive(in, key);
}

static const char *text_in(const cJSON *in, const char *key) {
  const char *text = cJSON_GetStringValue(member(in, key));
  return text ? text : "";
}

/* ---------------------------------------------------------------------------------------------- who and what */

/* By id, or by name where only one person has it; *several says that more have it. */
static size_t person_named(const build_plan *plan, const char *text, bool *several) {
  size_t found = NOBODY;
  *several = false;
  for (size_t i = 0; i < plan->people_count; ++i) {
    if (!strcmp(plan->people[i].id, text)) return i;
  }
  for (size_t i = 0; *text && i < plan->people_count; ++i) {
    if (!text_same(plan->people[i].name, text)) continue;
    *several = found != NOBODY;
    if (*several) return NOBODY;
    found = i;
  }
  return found;
}

static bool take_person(const correcting *all, const char *where, size_t number, const cJSON *value, size_t *person,
                        sentence *why) {
  const char *text = cJSON_GetStringValue(value);
  bool several = false;
  *person = text ? person_named(all->plan, text, &several) : NOBODY;
  if (*person != NOBODY) return true;
  if (!text)
    return fail(why, "%s, %s %zu names no person; write an id or a name, in quotes.", all->path, where, number);
  if (several)
    return fail(why, "%s, %s %zu: several people are called \"%.100s\"; write the id of the one that is meant.",
                all->path, where, number, text);
  return fail(why,
              "%s, %s %zu: no person with a photo in this build has the id or name \"%.100s\"; correct it, or take the "
              "entry out.",
              all->path, where, number, text);
}

/* A photo of a person: by its path in the roster, or by the name of its file where only one of theirs has it. */
static size_t photo_named(const build_plan *plan, size_t person, const char *text) {
  size_t found = NOBODY;
  for (size_t i = 0; i < plan->photo_count; ++i) {
    if (plan->photos[i].person == person && !strcmp(plan->photos[i].shown, text)) return i;
  }
  for (size_t i = 0; i < plan->photo_count; ++i) {
    if (plan->photos[i].person != person || !text_same(path_name(plan->photos[i].shown), text)) continue;
    if (found != NOBODY) return NOBODY;
    found = i;
  }
  return found;
}

static size_t entry_of(const correcting *all, size_t person) {
  while (all->goes_to[person] != person) person = all->goes_to[person];
  return person;
}

static void join(correcting *all, size_t kept, size_t other) {
  kept = entry_of(all, kept);
  other = entry_of(all, other);
  if (kept == other) return;
  all->goes_to[other] = kept;
  ++all->joined;
}

static void keep_apart(correcting *all, size_t person, size_t other) {
  all->apart = room_for_one_more(all->apart, all->apart_count, &all->apart_capacity, sizeof *all->apart);
  all->apart[all->apart_count++] = (contradiction){person, other};
}

static void drop(correcting *all, size_t photo) {
  all->moved += !all->dropped[photo];
  all->dropped[photo] = true;
}

/* ---------------------------------------------------------------------------------------------- by hand */

static bool read_same(correcting *all, const cJSON *list, sentence *why) {
  size_t number = 0;
  const cJSON *entry, *one;
  cJSON_ArrayForEach(entry, list) {
    size_t first = NOBODY, person;
    ++number;
    if (!cJSON_IsArray(entry) || cJSON_GetArraySize(entry) < 2)
      return fail(why, "%s, same_person %zu is not a list of two or more people.", all->path, number);
    cJSON_ArrayForEach(one, entry) {
      if (!take_person(all, "same_person", number, one, &person, why)) return false;
      if (first == NOBODY) first = person;
      join(all, first, person);
    }
  }
  return true;
}

static bool read_not(correcting *all, const cJSON *list, sentence *why) {
  size_t number = 0;
  const cJSON *entry;
  cJSON_ArrayForEach(entry, list) {
    size_t person, is = NOBODY;
    ++number;
    if (!take_person(all, "not_this_person", number, member(entry, "person"), &person, why)) return false;
    if (member(entry, "is") && !take_person(all, "not_this_person", number, member(entry, "is"), &is, why))
      return false;
    const char *shown = text_in(entry, "photo");
    size_t photo = photo_named(all->plan, person, shown);
    if (photo == NOBODY)
      return fail(why,
                  "%s, not_this_person %zu: the entry of %s has no photo \"%.200s\", or several; write its path as the "
                  "roster has it.",
                  all->path, number, all->plan->people[person].name, shown);
    if (is == NOBODY) {
      drop(all, photo);
      continue;
    }
    keep_apart(all, person, is);
    all->plan->photos[photo].person = is;
    ++all->moved;
  }
  return true;
}

/* ---------------------------------------------------------------------------------------------- from the page */

/* Whether a photo of the plan is the one that was decided on: its name, and its content where the page knew it. */
static bool is_photo(const plan_photo *photo, const char *name, const char *sha256) {
  if (!photo->path || !text_same(path_name(photo->shown), name)) return false;
  if (!*sha256) return true;
  dpl_bytes bytes;
  sentence unread;
  char actual[SHA256_TEXT] = "";
  if (!file_read(photo->path, &bytes, &unread)) return false;
  sha256_of(bytes, actual);
  bytes_free(&bytes);
  return !strcmp(actual, sha256);
}

/* By the gallery's id; older decisions have its title. */
static bool is_ours(const build_plan *plan, const cJSON *decision) {
  const char *id = text_in(decision, "gallery_id");
  return *id ? !strcmp(id, plan->id) : !strcmp(text_in(decision, "gallery"), plan->title);
}

/* The gallery has the largest face of a photo, so that what was decided about another one says nothing of its entry. */
static bool concerns_entry(const cJSON *decision) {
  return cJSON_IsTrue(member(decision, "largest_face"));
}

static bool use_decision(correcting *all, const cJSON *decision, size_t person, bool same) {
  bool used = false;
  for (size_t i = 0; i < all->plan->photo_count; ++i) {
    const plan_photo *photo = &all->plan->photos[i];
    if (!is_photo(photo, text_in(decision, "photo_name"), text_in(decision, "photo_sha256"))) continue;
    used = true;
    if (same)
      join(all, person, photo->person);
    else if (photo->person == person)
      drop(all, i);
    else
      keep_apart(all, person, photo->person);
  }
  return used;
}

static bool read_decisions(correcting *all, const cJSON *list, sentence *why) {
  size_t number = 0;
  const cJSON *decision;
  cJSON_ArrayForEach(decision, list) {
    const char *verdict = text_in(decision, "verdict"), *id = text_in(decision, "person_id");
    const bool same = !strcmp(verdict, "confirm"), other = !strcmp(verdict, "reject");
    bool several;
    ++number;
    if (!same && !other && strcmp(verdict, "unsure") != 0)
      return fail(why, "%s, decision %zu: the verdict is \"%.40s\", not confirm, reject or unsure.", all->path, number,
                  verdict);
    if (!same && !other) continue;
    if (!is_ours(all->plan, decision)) {
      ++all->decisions_elsewhere;
      continue;
    }
    size_t person = person_named(all->plan, *id ? id : text_in(decision, "name"), &several);
    if (person != NOBODY && concerns_entry(decision) && use_decision(all, decision, person, same))
      ++all->decisions_used;
    else
      ++all->decisions_unknown;
  }
  return true;
}

/* ---------------------------------------------------------------------------------------------- a file */

static bool check_form(const char *path, const cJSON *file, sentence *why) {
  static const char *const lists[] = {"decisions", "same_person", "not_this_person"};
  static const char *const others[] = {"format", "version", "exported"};
  bool any = false;
  const cJSON *entry;
  if (!cJSON_IsObject(file)) return fail(why, "%s is not a JSON object with corrections.", path);
  const cJSON *version = member(file, "version");
  if (member(file, "format") && strcmp(text_in(file, "format"), "doppel-decisions") != 0)
    return fail(why, "%s has the format \"%.40s\", not doppel-decisions.", path, text_in(file, "format"));
  if (version && !(cJSON_IsNumber(version) && version->valuedouble >= 1 && version->valuedouble <= 2))
    return fail(why, "%s has a version that this doppel does not read; take a newer one.", path);
  cJSON_ArrayForEach(entry, file) {
    bool known = false;
    for (size_t i = 0; i < sizeof others / sizeof *others; ++i) known |= !strcmp(entry->string, others[i]);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; ++i) {
      if (strcmp(entry->string, lists[i]) != 0) continue;
      if (!cJSON_IsArray(entry)) return fail(why, "%s: %s is not a list.", path, lists[i]);
      known = any = true;
    }
    if (!known)
      return fail(why, "%s has an entry \"%.40s\"; there are decisions, same_person and not_this_person.", path,
                  entry->string);
  }
  return any || fail(why, "%s holds no corrections: decisions, same_person or not_this_person.", path);
}

static bool read_file(correcting *all, const char *path, sentence *why) {
  dpl_bytes text;
  if (!text_read(path, &text, why)) return false;
  cJSON *file = cJSON_ParseWithLengthOpts((const char *)text.data, text.size, NULL, false);
  bytes_free(&text);
  all->path = path;
  bool fine = (file || fail(why, "%s is not JSON.", path)) && check_form(path, file, why) &&
              read_not(all, member(file, "not_this_person"), why) && read_same(all, member(file, "same_person"), why) &&
              read_decisions(all, member(file, "decisions"), why);
  cJSON_Delete(file);
  return fine;
}

/* ---------------------------------------------------------------------------------------------- the plan */

static bool check_apart(const correcting *all, sentence *why) {
  for (size_t i = 0; i < all->apart_count; ++i) {
    const contradiction *two = &all->apart[i];
    if (entry_of(all, two->person) != entry_of(all, two->other)) continue;
    return fail(why,
                "The corrections say both that %s (%s) and %s (%s) are one person and that they are not; take one of "
                "the two out.",
                all->plan->people[two->person].name, all->plan->people[two->person].id,
                all->plan->people[two->other].name, all->plan->people[two->other].id);
  }
  return true;
}

/* What the kept entry lacks comes from those that are joined with it, in the roster's order. */
static void join_people(const correcting *all) {
  build_plan *plan = all->plan;
  for (size_t i = 0; i < plan->people_count; ++i) {
    plan_person *kept = &plan->people[entry_of(all, i)], *other = &plan->people[i];
    for (size_t j = 0; kept != other && j < plan->field_count; ++j) {
      if (*kept->values[j] || !*other->values[j]) continue;
      const char *empty = kept->values[j];
      kept->values[j] = other->values[j];
      other->values[j] = empty;
    }
  }
}

/* What was decided on these ids in a browser belongs to the kept entry. */
static void note_joined(const correcting *all) {
  build_plan *plan = all->plan;
  for (size_t i = 0; i < plan->people_count; ++i) {
    size_t kept = entry_of(all, i);
    if (kept == i) continue;
    name_list_add(&plan->joined, plan->people[i].id);
    name_list_add(&plan->joined, plan->people[kept].id);
  }
}

static void keep_photos(const correcting *all) {
  build_plan *plan = all->plan;
  size_t kept = 0;
  for (size_t i = 0; i < plan->photo_count; ++i) {
    if (all->dropped[i]) continue;
    plan->photos[i].person = entry_of(all, plan->photos[i].person);
    plan->photos[kept++] = plan->photos[i];
  }
  plan->photo_count = kept;
}

static void note(build_plan *plan, size_t count, char *text) {
  if (count) name_list_add(&plan->notes, text);
  free(text);
}

static void add_notes(const correcting *all) {
  build_plan *plan = all->plan;
  note(plan, all->joined, new_text_of("Corrections joined %s entries with another one.", grouped(all->joined)));
  note(
      plan, all->moved,
      new_text_of("Corrections took %s photos out of an entry, because they show somebody else.", grouped(all->moved)));
  note(plan, all->decisions_used, new_text_of("%s decisions of visitors were applied.", grouped(all->decisions_used)));
  note(plan, all->decisions_elsewhere,
       new_text_of("%s decisions are about another gallery and were not applied.", grouped(all->decisions_elsewhere)));
  note(
      plan, all->decisions_unknown,
      new_text_of("%s decisions change nothing: their person is not in this build, or their photo is not the roster's, "
                  "or its largest face was not meant.",
                  grouped(all->decisions_unknown)));
}

bool corrections_apply(const name_list *paths, build_plan *plan, sentence *why) {
  correcting all = {.plan = plan,
                    .goes_to = new_array(plan->people_count, sizeof *all.goes_to),
                    .dropped = new_array(plan->photo_count, sizeof *all.dropped)};
  for (size_t i = 0; i < plan->people_count; ++i) all.goes_to[i] = i;
  bool fine = true;
  for (size_t i = 0; i < paths->count && fine; ++i) fine = read_file(&all, paths->names[i], why);
  fine = fine && check_apart(&all, why);
  if (fine && paths->count) {
    join_people(&all);
    note_joined(&all);
    keep_photos(&all);
    build_plan_drop_people(plan);
    add_notes(&all);
    fine = plan->photo_count || fail(why, "The corrections leave no photo.");
  }
  free(all.goes_to);
  free(all.dropped);
  free(all.apart);
  return fine;
}
