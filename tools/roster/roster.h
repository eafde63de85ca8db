/* Who is in the photos: a roster's records folded into people with their photos and fields. */
#ifndef TOOL_ROSTER_H
#define TOOL_ROSTER_H

#include "basics.h"
#include "given_face.h"
#include "path_search.h"
#include "roster_columns.h"

typedef struct roster_person {
  char *id;      /* the roster's own, else a hash of what tells the person apart; no two are the same */
  char *name;    /* both from records that are let in: "" and all "" until roster_let_in */
  char **values; /* one a field, "" where the roster has none */
} roster_person;

typedef struct roster_record {
  size_t person;
  char *department, *jurisdiction; /* "" where the record has none */
  bool stays_out;                  /* marked: not to be used for matching */
} roster_record;

typedef struct roster_photo {
  char *path;            /* as the roster has it; "" only where photos are optional */
  size_t person, record; /* record: which row of the roster, from 0 */
  given_face face;
  found_file file; /* empty until roster_find_photos */
} roster_photo;

typedef struct roster {
  char **fields;     /* all columns that travel to the page */
  size_t *differing; /* a field: how many records have another value than their person's first one */
  size_t field_count;
  roster_person *people;
  size_t people_count, people_capacity;
  roster_record *records;
  size_t record_count, without_photo; /* records whose photo column is empty */
  roster_photo *photos;
  size_t photo_count, photo_capacity;
  bool folded_by_name; /* there is no column that tells people apart, so that one name is one person */
  bool is_folder;      /* all its files are rows, photos or not */
  name_list notes;     /* sentences for the report */
  csv_table table;     /* until roster_let_in */
  column_map map;
  int *field_columns; /* of the table */
} roster;

/* CSV or JSON, by the file's first character, with or without a list of photos; or a folder NAME/photo.jpg. Names the
   columns found where one is missing. What people are called and their fields are not read before it is decided which
   records are let in. */
bool roster_read(const char *path, const roster_columns *columns, roster *all, sentence *why);

/* Where the photos are below a folder, without opening any; so that two paths to one file are known for one. */
void roster_find_photos(roster *all, const char *folder);

/* Names and fields from the records that are let in (one bool a record), the first first; later ones fill what is
   empty. Once per roster. */
void roster_let_in(roster *all, const bool *admitted);
void roster_free(roster *all);

#endif
