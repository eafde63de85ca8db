/* Sentences, memory, text and time for the whole program. */
#include "basics.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cJSON.h"
#include "command.h"
#include "unicode.h"

/* Names may be bytes of any kind, and a limit may have cut a character: what is no UTF-8 becomes question marks. */
static void mend(char *text) {
  size_t left = strlen(text);
  for (size_t length; left; text += length, left -= length) {
    length = utf8_length((const uint8_t *)text, left);
    if (length) continue;
    *text = '?';
    length = 1;
  }
}

bool fail(sentence *why, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(why->text, sizeof why->text, format, arguments);
  va_end(arguments);
  mend(why->text);
  return false;
}

int report_failure(const sentence *why) {
  warn("%s", why->text);
  return EXIT_FAILED;
}

/* Takes no memory, since it also says that there is none. */
void warn(const char *format, ...) {
  char text[4096];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  mend(text);
  fprintf(stderr, "%s: %s\n", command_name(), text);
}

void end_without_memory(void) {
  warn("There is not enough memory.");
  exit(EXIT_FAILED);
}

static void *or_end(void *memory) {
  if (!memory) end_without_memory();
  return memory;
}

void *new_array(size_t count, size_t size) {
  return or_end(calloc(count ? count : 1, size ? size : 1));
}

void *grown_array(void *array, size_t count, size_t size) {
  return or_end(reallocarray(array, count ? count : 1, size ? size : 1));
}

char *new_text(const char *text) {
  return or_end(strdup(text));
}

char *new_text_of(const char *format, ...) {
  char *text = NULL;
  va_list arguments;
  va_start(arguments, format);
  int length = vasprintf(&text, format, arguments);
  va_end(arguments);
  return or_end(length < 0 ? NULL : text);
}

void *room_for_one_more(void *array, size_t count, size_t *capacity, size_t size) {
  if (count < *capacity) return array;
  *capacity = *capacity ? *capacity * 2 : 16;
  return grown_array(array, *capacity, size);
}

void *tree_place(const void *key, void **root, int (*compare)(const void *, const void *)) {
  return or_end(tsearch(key, root, compare));
}

FILE *text_stream_begin(char **text, size_t *size) {
  return or_end(open_memstream(text, size));
}

void text_stream_end(FILE *stream) {
  const bool whole = !ferror(stream);
  if (fclose(stream) != 0 || !whole) end_without_memory();
}

static void *json_memory(size_t size) {
  return or_end(malloc(size));
}

void json_memory_begin(void) {
  cJSON_InitHooks(&(cJSON_Hooks){json_memory, free});
}

double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
