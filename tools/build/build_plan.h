/* The first step of a build: which photos are to be looked at, whose they are, and all words that the gallery needs.
   The same roster and command line give the same plan on every machine; nothing of a photo is read for it. */
#ifndef TOOL_BUILD_PLAN_H
#define TOOL_BUILD_PLAN_H

#include "basics.h"
#include "files.h"
#include "gallery_words.h"
#include "given_face.h"
#include "matching.h"
#include "roster.h"

enum { NO_DEPARTMENT = -1 };

/* All texts lie in the plan's pool. */
typedef struct plan_photo {
  const char *path;    /* on disk; NULL where there is no file for it */
  const char *problem; /* then why, where it is known */
  const char *shown;   /* as the roster or the command line has it */
  size_t person;       /* of the plan */
  int department;      /* of the plan, or NO_DEPARTMENT */
  uint32_t face;       /* of `faces`, plus one, where the roster says where it is; else 0 */
  bool refused;        /* the path may not be followed */
} plan_photo;

typedef struct plan_person {
  const char *id;      /* no two are the same */
  const char *name;    /* "": named after the photo */
  const char **values; /* one a field */
} plan_person;

typedef struct build_plan {
  char *id, *title;                    /* of the gallery */
  char *publisher, *notice, *language; /* "": none */
  bool has_roster;                     /* otherwise every face is an entry of its own, and there are no people here */
  bool all_faces;
  const char **fields;
  size_t field_count;
  plan_person *people;
  const char **values; /* of all people */
  size_t people_count;
  plan_photo *photos;
  size_t photo_count, photo_capacity;
  given_face *faces;
  size_t face_count;
  bool departments_given;
  department *departments; /* those of the photos */
  size_t department_count;
  allowed_jurisdiction *allowed;
  size_t allowed_count;
  size_t records, records_without_photo; /* of the roster */
  size_t excluded[EXCLUSIONS];           /* photos that must not be matched: they are not among `photos` */
  closed_files closed;                   /* files of excluded records; empty in a plan that was read from a file */
  name_list notes;                       /* sentences for the report */
  name_list joined;                      /* ids that corrections gave to another person, as OLD and ID in turn */
  text_pool texts;
} build_plan;

const given_face *plan_face(const build_plan *plan, const plan_photo *photo); /* never NULL */

/* Photo paths start from `folder`. People without a photo in the plan are not in it either. */
bool build_plan_of_roster(roster *people, matching_rules *rules, const char *folder, build_plan *plan, sentence *why);

/* Photos, and folders whose photos are meant. */
bool build_plan_of_photos(const name_list *places, build_plan *plan, sentence *why);

/* What the gallery says of itself; `notice` may be NULL. Without an id it is made of the title. */
void build_plan_say(build_plan *plan, const gallery_words *words, const char *notice);

/* People without a photo leave the plan. */
void build_plan_drop_people(build_plan *plan);
void build_plan_free(build_plan *plan);

/* As a file, for parts of a build that are merged elsewhere: all of it but where the photos lie on disk. New text, the
   same for the same plan. Reading refuses what does not fit together. */
char *build_plan_text(const build_plan *plan);
bool build_plan_read(dpl_bytes text, const char *path, build_plan *plan, sentence *why);

#endif
