/* Tables that are no single file: a roster joined with a list of photos, and a folder NAME/photo.jpg. */
#ifndef TOOL_ROSTER_SOURCES_H
#define TOOL_ROSTER_SOURCES_H

#include "roster_columns.h"
#include "table.h"

typedef struct photo_list_use {
  char *joined_by;  /* the roster's column; free() */
  name_list *notes; /* where sentences on what could not be joined go */
} photo_list_use;

/* The roster with its photos from `columns->photo_list`: one row a photo, the roster's columns and then those that only
   the list has; where both have one, the list's value counts. Joined by the column of columns->person, by `unique
   identifier`, by the roster's `id` and the list's `officer_id`, by a tax id, or by `id`, whichever both have. Ids are
   compared as text (id_join.h). Says which columns there are where nothing can be joined, and names what is left of
   either table. */
bool roster_with_photo_list(const char *path, const roster_columns *columns, csv_table *roster, photo_list_use *use,
                            sentence *why);

/* Columns name and photo: each folder in `folder` is a person, with all files below it; a file that lies in `folder`
   itself is a person by its own name. Underscores in names become spaces; names that are not UTF-8 are Windows-1252.
   What begins with a dot is left alone; links are followed, but no folder is read twice, and no file twice for a
   person. `photos_only`: files that are no photos are left out, for which some are opened. What was passed over is in
   `notes`. */
bool roster_of_folder(const char *folder, bool photos_only, csv_table *roster, name_list *notes, sentence *why);
bool fail_without_photos_in(const char *folder, sentence *why);

#endif
