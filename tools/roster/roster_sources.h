/* Tables that are no single file: a roster joined with a list of photos, and a folder NAME/photo.jpg. */
#ifndef TOOL_ROSTER_SOURCES_H
#define TOOL_ROSTER_SOURCES_H

#include "files.h"
#include "roster_columns.h"
#include "table.h"

/* How a roster was joined with its list of photos, for as long as the roster is read. */
typedef struct photo_list_use {
  char *joined_by;       /* the roster's column; NULL without a list */
  char *list_column;     /* and the list's */
  size_t first_stranger; /* rows from here on are photos of nobody in the roster; SIZE_MAX without a list */
  size_t *sources;       /* of each row: which record of the roster, or, from the first stranger on, of the list */
  bool *unphotographed;  /* of each row: a record of the roster that has no photo in the list */
  size_t without_zeros;  /* how many of these would have one if leading zeros did not count */
} photo_list_use;

/* The roster with its photos from `columns->photo_list`: one row a photo, the roster's columns and then those that only
   the list has; where both have one, the list's value counts. Photos of nobody follow at the end, because what they say
   of a file keeps it out. Joined by the column of columns->person, by `unique identifier`, by the roster's `id` and the
   list's `officer_id`, by a tax id, or by `id`, whichever both have. Ids are compared as text (id_join.h). Says which
   columns there are where nothing can be joined. */
bool roster_with_photo_list(const char *path, const roster_columns *columns, csv_table *roster, photo_list_use *use,
                            sentence *why);

/* What is left of either side, with the ids of those rows that are let in (one bool a row of the joined table). */
void photo_list_note(const photo_list_use *use, const csv_table *joined, const bool *admitted, name_list *notes);
void photo_list_free(photo_list_use *use);

/* Columns name and photo: each folder in `folder` is a person, with all files below it; a file that lies in `folder`
   itself is a person by its own name. Underscores in names become spaces; names that are not UTF-8 are Windows-1252.
   What begins with a dot is left alone; links are followed, but no folder is read twice, and no file twice for a
   person. `photos_only`: files that are no photos are left out, for which some are opened. What was passed over is in
   `notes`. */
bool roster_of_folder(const char *folder, bool photos_only, csv_table *roster, name_list *notes, sentence *why);
bool fail_without_photos_in(const char *folder, sentence *why);

#endif
