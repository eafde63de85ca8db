/* One option a column. */
#include "roster_options.h"

#include <string.h>

enum {
  KEY_PHOTO_LIST = 1700,
  KEY_PHOTO,
  KEY_PATTERN,
  KEY_NAME,
  KEY_PERSON,
  KEY_DEPARTMENT_COLUMN,
  KEY_DEPARTMENT,
  KEY_JURISDICTION,
  KEY_MATCHING,
  KEY_IGNORE,
  KEY_TRIM,
  KEY_SEPARATOR,
  KEY_BOX,
  KEY_LANDMARKS
};

static const struct argp_option option_list[] = {
    {"photo-list", KEY_PHOTO_LIST, "FILE", 0,
     "A second table with the photos, joined with the roster by --person-column, `unique identifier`, `officer_id`, "
     "`taxid` or `id`: one record a photo",
     2},
    {"join-trim-zeros", KEY_TRIM, NULL, 0,
     "Leading zeros of ids do not count when tables are joined: 007 is 7 (default: ids are text)", 2},
    {"photo-column", KEY_PHOTO, "COLUMN", 0,
     "Column or key with the photo's path (default: photo, img, image, photos, filename, …)", 2},
    {"photo-pattern", KEY_PATTERN, "PATTERN", 0,
     "The photo's path made of columns, where no column has it: {taxid}.jpg, {department}/{id}.png", 2},
    {"name-column", KEY_NAME, "COLUMN", 0,
     "Column with the name; may be repeated, then joined with a space (default: name, full_name, or first, middle, "
     "last "
     "name and suffix)",
     2},
    {"person-column", KEY_PERSON, "COLUMN", 0,
     "Column that is the same in all records of a person and different between people (default: person, person_id, "
     "officer_id, taxid, …, or `id` beside `unique identifier`; without one, records with the same name are one "
     "person)",
     2},
    {"department-column", KEY_DEPARTMENT_COLUMN, "COLUMN", 0,
     "Column with the department (default: department, department_name, dept, agency)", 2},
    {"department", KEY_DEPARTMENT, "NAME", 0,
     "The department of all records that name none (default: what a file called NAME_Officers.csv says)", 2},
    {"jurisdiction-column", KEY_JURISDICTION, "COLUMN", 0,
     "Column with the jurisdiction (default: jurisdiction, state)", 2},
    {"matching-column", KEY_MATCHING, "COLUMN", 0,
     "Column that says no where a photo must not be used (default: use_for_matching; empty is yes)", 2},
    {"ignore-column", KEY_IGNORE, "COLUMN", 0,
     "Column that is read as no rule about who must not be matched, although its name resembles one (state, "
     "department, "
     "consent, …); may be repeated",
     2},
    {"separator", KEY_SEPARATOR, "CHARACTER", 0,
     "What separates the cells of a CSV roster: one character, or `tab` (default: what a first line `sep=;` says, else "
     "comma, semicolon, tab or bar, whichever the first lines have)",
     2},
    {"box-column", KEY_BOX, "COLUMN", 0,
     "Column with the face's box as x, y, width, height in pixels of the upright photo; then nothing is detected "
     "(default: box, bbox, face_box, bounding_box, facial_area, or four columns box_x, box_y, box_width, box_height; - "
     "for none)",
     2},
    {"landmarks-column", KEY_LANDMARKS, "COLUMN", 0,
     "Column with eyes, nose and mouth corners as ten numbers x, y, or 68 points (default: landmarks, face_landmarks, "
     "keypoints, or ten columns left_eye_x, left_eye_y, right_eye_x, … mouth_right_y; - for none)",
     2},
    {0}};

static char separator_named(struct argp_state *state, const char *name) {
  if (!strcmp(name, "tab") || !strcmp(name, "\\t")) return '\t';
  if (strlen(name) != 1 || *name == '"' || *name == '\n' || *name == '\r' || (unsigned char)*name >= 0x80)
    argp_error(state, "--separator wants one character that is no quote, or `tab`, not `%s`", name);
  return *name;
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
  roster_columns *columns = state->input;
  switch (key) {
  case KEY_PHOTO_LIST:
    columns->photo_list = value;
    return 0;
  case KEY_PHOTO:
    columns->photo = value;
    return 0;
  case KEY_PATTERN:
    columns->photo_pattern = value;
    return 0;
  case KEY_NAME:
    name_list_add(&columns->names, value);
    return 0;
  case KEY_PERSON:
    columns->person = value;
    return 0;
  case KEY_DEPARTMENT_COLUMN:
    columns->department = value;
    return 0;
  case KEY_DEPARTMENT:
    columns->every_department = value;
    return 0;
  case KEY_JURISDICTION:
    columns->jurisdiction = value;
    return 0;
  case KEY_MATCHING:
    columns->matching = value;
    return 0;
  case KEY_IGNORE:
    name_list_add(&columns->ignored, value);
    return 0;
  case KEY_TRIM:
    columns->trim_zeros = true;
    return 0;
  case KEY_SEPARATOR:
    columns->separator = separator_named(state, value);
    return 0;
  case KEY_BOX:
    columns->box = value;
    return 0;
  case KEY_LANDMARKS:
    columns->landmarks = value;
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

const struct argp roster_argp = {.options = option_list, .parser = parse_option};
