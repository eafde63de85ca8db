/* dlib's image metadata XML, through expat. */
#include "box_list.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

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

bool box_list_read(const char *path, box_list *list, sentence *why) {
  *list = (box_list){0};
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
