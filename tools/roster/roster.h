/* Who is in the photos: a roster's records folded into people with their photos and fields. */
#ifndef TOOL_ROSTER_H
#define TOOL_ROSTER_H

#include "basics.h"
#include "given_face.h"
#include "roster_columns.h"

typedef struct roster_person {
  char *name;
  char **values;      /* one a field, "" where the roster has none */
  char *jurisdiction; /* that of their first record that has one: for photos in records that have none */
} roster_person;

typedef struct roster_photo {
  char *path;            /* as the roster has it; "" only where photos are optional */
  size_t person, record; /* record: which row of the roster, from 0 */
  given_face face;
  char *department, *jurisdiction; /* "" where the record has none */
  bool stays_out;                  /* marked: not to be used for matching */
} roster_photo;

typedef struct roster {
  char **fields;     /* all columns that travel to the page */
  size_t *differing; /* a field: how many records have another value than their person's first one */
  size_t field_count;
  roster_person *people;
  size_t people_count, people_capacity;
  roster_photo *photos;
  size_t photo_count, photo_capacity;
  size_t record_count, without_photo; /* records whose photo column is empty */
  size_t listed_strangers;            /* photos of the photo list that belong to nobody in the roster */
  bool folded_by_name;                /* there is no column that tells people apart, so that one name is one person */
} roster;

/* CSV or JSON, by the file's first character, with or without a list of photos; or a folder NAME/photo.jpg. A person's
   fields come from their first record; later records fill what is empty. Names the columns found where one is missing.
   */
bool roster_read(const char *path, const roster_columns *columns, roster *all, sentence *why);
void roster_free(roster *all);

#endif
