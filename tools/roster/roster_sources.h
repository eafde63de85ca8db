/* Tables that are no single file: a roster joined with a list of photos, and a folder NAME/photo.jpg. */
#ifndef TOOL_ROSTER_SOURCES_H
#define TOOL_ROSTER_SOURCES_H

#include "roster_columns.h"
#include "table.h"

typedef struct photo_list_use {
  size_t photos, strangers; /* records of the list; those that belong to no record of the roster */
  char *joined_by;          /* the roster's column; free() */
} photo_list_use;

/* The roster with its photos from `columns->photo_list`: one row a photo, the roster's columns and then those that only
   the list has; where both have one, the list's value counts. Joined by the column of columns->person, by `unique
   identifier`, by the roster's `id` and the list's `officer_id`, by a tax id, or by `id`, whichever both have. Says
   which columns there are where nothing can be joined. */
bool roster_with_photo_list(const char *path, const roster_columns *columns, csv_table *roster, photo_list_use *use,
                            sentence *why);

/* Columns name and photo: each folder in `folder` is a person, with all photos below it; a photo that lies in `folder`
   itself is a person by its own name. Underscores in names become spaces. What begins with a dot is left alone. */
bool roster_of_folder(const char *folder, csv_table *roster, sentence *why);

#endif
