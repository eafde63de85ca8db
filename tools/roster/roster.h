/* Who is in the photos: a roster's records folded into people with their photos and fields. */
#ifndef TOOL_ROSTER_H
#define TOOL_ROSTER_H

#include "basics.h"
#include "given_face.h"
#include "path_search.h"
#include "roster_columns.h"
#include "roster_sources.h"
#include "text_pool.h"

/* All texts lie in the roster's pool. */
typedef struct roster_person {
  const char *id;      /* the roster's own, else a hash of what tells the person apart; no two are the same */
  const char *name;    /* all three from records that are let in: "" until roster_let_in */
  const char **values; /* one a field, "" where the roster has none */
} roster_person;

typedef struct roster_record {
  size_t person;
  uint32_t department, jurisdiction; /* numbers of texts in `places`; that of "" where the record has none */
  bool stays_out;                    /* marked: not to be used for matching */
} roster_record;

typedef struct roster_photo {
  size_t person, record; /* record: which row of the table, from 0 */
  uint32_t path;         /* number of a text in `paths`: as the roster has it; "" only where photos are optional */
  uint32_t face;         /* of `faces`, plus one; 0: none is given */
} roster_photo;

typedef struct roster {
  const char **fields; /* all columns that travel to the page */
  size_t *differing;   /* a field: how many records have another value than their person's first one */
  size_t field_count;
  roster_person *people;
  const char **values; /* of all people */
  size_t people_count;
  roster_record *records;
  size_t record_count, without_photo; /* records whose photo column is empty */
  size_t stranger_count; /* records at the end that are photos of nobody in the roster: they may only keep files out */
  roster_photo *photos;
  size_t photo_count, photo_capacity;
  given_face *faces;
  size_t face_count, face_capacity;
  size_t unknown_languages, first_unknown; /* records whose `lang` is no language tag, and which is the first */
  bool folded_by_name; /* there is no column that tells people apart, so that one name is one person */
  bool is_folder;      /* all its files are rows, photos or not */
  name_list notes;     /* sentences for the report; of records, only what those that are let in say */
  text_pool texts, places, paths;
  found_file *files;   /* one a path; NULL until roster_find_photos */
  path_search *search; /* from then on */
  csv_table table;     /* until roster_let_in */
  column_map map;
  int *field_columns; /* of the table */
  photo_list_use list;
} roster;

/* CSV or JSON, by the file's first character, with or without a list of photos; or a folder NAME/photo.jpg. Names the
   columns found where one is missing. What people are called and their fields are not read before it is decided which
   records are let in. */
bool roster_read(const char *path, const roster_columns *columns, roster *all, sentence *why);

/* Where the photos are below a folder, without opening any; so that two paths to one file are known for one. */
void roster_find_photos(roster *all, const char *folder);

/* What people are called and known by, and their fields, from the records that are let in (one bool a record), the
   first first; later ones fill what is empty. Fields in which nobody has anything are dropped, and the records that
   could not be joined are noted. Once per roster. */
void roster_let_in(roster *all, const bool *admitted);

/* "Record 3 of the roster": what is said of records that may not speak. New text. */
char *roster_record_name(const roster *all, size_t record);
const char *roster_path(const roster *all, const roster_photo *photo);
const found_file *roster_file(const roster *all, const roster_photo *photo); /* NULL where none was looked for */
const given_face *roster_face(const roster *all, const roster_photo *photo); /* never NULL */
void roster_free(roster *all);

#endif
