/* Records as text. */
#include "face_records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <csv.h>

#include "output.h"
#include "photos.h"
#include "spreadsheet.h"

/* Members that hold several numbers, and the columns that these get. */
static const struct {
  const char *key;
  size_t count;
  const char *columns[2 * DPL_POINTS];
} flattened[] = {
    {"box", 4, {"box_x", "box_y", "box_width", "box_height"}},
    {"landmarks",
     2 * DPL_POINTS,
     {"left_eye_x", "left_eye_y", "right_eye_x", "right_eye_y", "nose_x", "nose_y", "mouth_left_x", "mouth_left_y",
      "mouth_right_x", "mouth_right_y"}},
    {"quality", 4, {"quality_size", "quality_sharpness", "quality_yaw", "quality_pitch"}},
};
enum { FLATTENED = sizeof flattened / sizeof flattened[0] };

/* ---------------------------------------------------------------------------------------------- faces */

static cJSON *numbers_json(const double *numbers, size_t count, int digits) {
  cJSON *list = cJSON_CreateArray();
  for (size_t i = 0; i < count; ++i) cJSON_AddItemToArray(list, rounded_json(numbers[i], digits));
  return list;
}

void add_face(cJSON *record, const dpl_face *face, const dpl_face_quality *quality) {
  enum { DIGITS = 2 }; /* of a pixel */
  const dpl_box box = face->box;
  if (box.width > 0) {
    const double sides[4] = {(double)box.x, (double)box.y, (double)box.width, (double)box.height};
    cJSON_AddItemToObject(record, "box", numbers_json(sides, 4, DIGITS));
    cJSON *points = cJSON_AddArrayToObject(record, "landmarks");
    for (int i = 0; i < DPL_POINTS; ++i) {
      const double point[2] = {(double)face->points[i].x, (double)face->points[i].y};
      cJSON_AddItemToArray(points, numbers_json(point, 2, DIGITS));
    }
    add_rounded(record, "roll", (double)face->roll, 1);
    add_rounded(record, "score", (double)face->score, 4);
  }
  if (quality->size > 0) cJSON_AddItemToObject(record, "quality", quality_json(quality));
}

/* ---------------------------------------------------------------------------------------------- JSON */

bool records_write_json(const cJSON *records, const char *path, sentence *why) {
  char *text = NULL;
  size_t size = 0;
  FILE *memory = text_stream_begin(&text, &size);
  const cJSON *record;
  fputc('[', memory);
  cJSON_ArrayForEach(record, records) {
    char *line = cJSON_PrintUnformatted(record);
    fprintf(memory, "%s\n%s", record == records->child ? "" : ",", line);
    cJSON_free(line);
  }
  fputs("\n]\n", memory);
  text_stream_end(memory);
  bool fine = file_write(path, text, size, why);
  free(text);
  return fine;
}

/* ---------------------------------------------------------------------------------------------- CSV */

static int flattened_as(const char *key) {
  for (int i = 0; i < FLATTENED; ++i) {
    if (!strcmp(flattened[i].key, key)) return i;
  }
  return -1;
}

bool records_have_column(const name_list *keys, const char *name) {
  for (size_t i = 0; i < keys->count; ++i) {
    if (!strcasecmp(keys->names[i], name)) return true;
    int flat = flattened_as(keys->names[i]);
    for (size_t j = 0; flat >= 0 && j < flattened[flat].count; ++j) {
      if (!strcasecmp(flattened[flat].columns[j], name)) return true;
    }
  }
  return false;
}

/* Quoted only where it must be; what a spreadsheet would compute is written as text. */
static void print_text(FILE *out, const char *cell) {
  char *text = new_text_of("%s%s", cell_needs_apostrophe(cell) ? "'" : "", cell);
  size_t length = strlen(text);
  bool plain = !strpbrk(text, "\",;\t\r\n") && text[0] != ' ' && (!length || text[length - 1] != ' ');
  if (plain)
    fputs(text, out);
  else
    csv_fwrite(out, text, length);
  free(text);
}

static void print_value(FILE *out, const cJSON *value) {
  if (cJSON_IsString(value)) {
    print_text(out, value->valuestring);
  } else if (cJSON_IsRaw(value)) {
    fputs(value->valuestring, out); /* a number */
  } else if (value && !cJSON_IsNull(value)) {
    char *text = cJSON_PrintUnformatted(value);
    print_text(out, text ? text : "");
    cJSON_free(text);
  }
}

/* The numbers of a list of lists or of an object, one after the other. */
static size_t print_leaves(FILE *out, const cJSON *value) {
  if (!cJSON_IsArray(value) && !cJSON_IsObject(value)) {
    fputc(',', out);
    print_value(out, value);
    return 1;
  }
  size_t count = 0;
  const cJSON *element;
  cJSON_ArrayForEach(element, value) {
    count += print_leaves(out, element);
  }
  return count;
}

/* Every cell with the comma before it; the first one's comes away. */
static void print_row(FILE *out, const cJSON *record, const name_list *keys) {
  char *line = NULL;
  size_t size = 0;
  FILE *cells = text_stream_begin(&line, &size);
  for (size_t i = 0; i < keys->count; ++i) {
    const cJSON *value = record ? cJSON_GetObjectItemCaseSensitive(record, keys->names[i]) : NULL;
    int flat = flattened_as(keys->names[i]);
    if (!record && flat < 0) {
      fputc(',', cells);
      print_text(cells, keys->names[i]);
    } else if (!record) {
      for (size_t j = 0; j < flattened[flat].count; ++j) fprintf(cells, ",%s", flattened[flat].columns[j]);
    } else {
      size_t printed = flat < 0 || value ? print_leaves(cells, value) : 0;
      for (size_t j = printed; flat >= 0 && j < flattened[flat].count; ++j) fputc(',', cells);
    }
  }
  text_stream_end(cells);
  fprintf(out, "%s\n", line + 1);
  free(line);
}

bool records_write_csv(const cJSON *records, const name_list *keys, const char *path, sentence *why) {
  char *text = NULL;
  size_t size = 0;
  FILE *memory = text_stream_begin(&text, &size);
  print_row(memory, NULL, keys);
  const cJSON *record;
  cJSON_ArrayForEach(record, records) {
    print_row(memory, record, keys);
  }
  text_stream_end(memory);
  bool fine = file_write(path, text, size, why);
  free(text);
  return fine;
}
