/* What is known of faces, one record a face, in the shape that Police Officers Faces has: as JSON, and as CSV with a
   column a number. Both can be read again as a roster whose faces are given (roster_columns.h). */
#ifndef TOOL_FACE_RECORDS_H
#define TOOL_FACE_RECORDS_H

#include "basics.h"
#include "cJSON.h"
#include "doppel.h"
#include "files.h"

/* Adds "box", "landmarks", "score" and "quality" to a record, all rounded to what they mean; a face without a box (its
   width is 0) and a quality of no size add nothing. */
void add_face(cJSON *record, const dpl_face *face, const dpl_face_quality *quality);

/* An array of records, one a line. */
bool records_write_json(const cJSON *records, const char *path, sentence *why);

/* The members with these keys, in this order; those of add_face become box_x, box_y, … left_eye_x, … quality_size. */
bool records_write_csv(const cJSON *records, const name_list *keys, const char *path, sentence *why);

/* Whether a column with this name, in any case, would stand beside those of `keys` under a name that is taken. */
bool records_have_column(const name_list *keys, const char *name);

#endif
