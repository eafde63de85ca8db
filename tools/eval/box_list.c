/* dlib's image metadata XML, through expat, and tables of boxes. */
#include "box_list.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "table.h"

typedef struct reader {
  XML_Parser parser;
  box_list *list;
  const char *folder;
  const char *problem; /* static text, or NULL */
} reader;

static const char *attribute(const char **attributes, const char *name) {
  for (; *attributes; attributes += 2) {
    if (!strcmp(attributes[0], name)) return attributes[1];
  }
  return NULL;
}

static bool number_of(const char **attributes, const char *name, float *value) {
  const char *text = attribute(attributes, name);
  char *end = NULL;
  if (text) *value = strtof(text, &end);
  return text && end != text && !*end;
}

static void stop(reader *reading, const char *problem) {
  reading->problem = problem;
  XML_StopParser(reading->parser, XML_FALSE);
}

static void add_photo(reader *reading, const char **attributes) {
  box_list *list = reading->list;
  const char *file = attribute(attributes, "file");
  if (!file) {
    stop(reading, "an <image> has no file");
    return;
  }
  list->photos = room_for_one_more(list->photos, list->count, &list->capacity, sizeof *list->photos);
  list->photos[list->count++] = (boxed_photo){.path = path_joined(reading->folder, file)};
}

static void add_box(reader *reading, const char **attributes) {
  box_list *list = reading->list;
  drawn_box drawn = {0};
  if (!list->count) {
    stop(reading, "a <box> stands outside an <image>");
    return;
  }
  if (!number_of(attributes, "left", &drawn.box.x) || !number_of(attributes, "top", &drawn.box.y) ||
      !number_of(attributes, "width", &drawn.box.width) || !number_of(attributes, "height", &drawn.box.height)) {
    stop(reading, "a <box> needs the numbers left, top, width and height");
    return;
  }
  const char *ignore = attribute(attributes, "ignore");
  drawn.ignore = ignore && !strcmp(ignore, "1");
  boxed_photo *photo = &list->photos[list->count - 1];
  photo->boxes = room_for_one_more(photo->boxes, photo->count, &photo->capacity, sizeof *photo->boxes);
  photo->boxes[photo->count++] = drawn;
}

static void XMLCALL begin_element(void *context, const char *name, const char **attributes) {
  if (!strcmp(name, "image"))
    add_photo(context, attributes);
  else if (!strcmp(name, "box"))
    add_box(context, attributes);
}

static bool read_xml(const char *path, box_list *list, sentence *why) {
  dpl_bytes file;
  if (!file_read(path, &file, why)) return false;
  char *folder = path_folder(path);
  reader reading = {.parser = XML_ParserCreate(NULL), .list = list, .folder = folder};
  XML_SetUserData(reading.parser, &reading);
  XML_SetStartElementHandler(reading.parser, begin_element);
  bool fine = XML_Parse(reading.parser, (const char *)file.data, (int)file.size, 1) == XML_STATUS_OK;
  if (!fine) {
    fail(why, "%s, line %lu: %s.", path, XML_GetCurrentLineNumber(reading.parser),
         reading.problem ? reading.problem : XML_ErrorString(XML_GetErrorCode(reading.parser)));
  } else if (!list->count) {
    fine = fail(why, "%s names no <image>.", path);
  }
  XML_ParserFree(reading.parser);
  free(folder);
  bytes_free(&file);
  return fine;
}

/* ---- CSV ---- */

enum { BOX_COLUMNS = 5 };

/* The photo of a row, which is most often that of the row before. */
static boxed_photo *photo_named(box_list *list, const char *folder, const char *file) {
  char *path = path_joined(folder, file);
  for (size_t i = list->count; i-- > 0;) {
    if (strcmp(list->photos[i].path, path) != 0) continue;
    free(path);
    return &list->photos[i];
  }
  list->photos = room_for_one_more(list->photos, list->count, &list->capacity, sizeof *list->photos);
  list->photos[list->count] = (boxed_photo){.path = path};
  return &list->photos[list->count++];
}

static bool read_row(const csv_table *table, size_t row, const int columns[BOX_COLUMNS], dpl_box *box) {
  float *numbers[] = {&box->x, &box->y, &box->width, &box->height};
  for (size_t i = 0; i < BOX_COLUMNS - 1; ++i) {
    const char *text = table_cell(table, row, columns[i + 1]);
    char *end;
    *numbers[i] = strtof(text, &end);
    if (end == text || *end) return false;
  }
  return true;
}

static bool read_csv(const char *path, box_list *list, sentence *why) {
  static const char *const names[BOX_COLUMNS] = {"file", "x", "y", "width", "height"};
  csv_table table;
  if (!table_read_csv(path, 0, &table, why)) return false;
  int columns[BOX_COLUMNS];
  bool fine = true;
  for (size_t i = 0; i < BOX_COLUMNS; ++i) {
    columns[i] = table_column(&table, names[i]);
    if (fine && columns[i] < 0)
      fine = fail(why, "%s needs the columns file, x, y, width and height; it has no %s.", path, names[i]);
  }
  char *folder = path_folder(path);
  for (size_t row = 0; fine && row < table.row_count; ++row) {
    drawn_box drawn = {0};
    if (!read_row(&table, row, columns, &drawn.box)) {
      fine = fail(why, "%s, record %zu: a box needs the numbers x, y, width and height.", path, row + 1);
      break;
    }
    boxed_photo *photo = photo_named(list, folder, table_cell(&table, row, columns[0]));
    photo->boxes = room_for_one_more(photo->boxes, photo->count, &photo->capacity, sizeof *photo->boxes);
    photo->boxes[photo->count++] = drawn;
  }
  if (fine && !list->count) fine = fail(why, "%s lists no boxes.", path);
  free(folder);
  table_free(&table);
  return fine;
}

bool box_list_read(const char *path, box_list *list, sentence *why) {
  *list = (box_list){0};
  bool fine = (path_has_extension(path, ".csv") ? read_csv : read_xml)(path, list, why);
  if (!fine) box_list_free(list);
  return fine;
}

void box_list_free(box_list *list) {
  for (size_t i = 0; i < list->count; ++i) {
    free(list->photos[i].path);
    free(list->photos[i].boxes);
  }
  free(list->photos);
  *list = (box_list){0};
}
