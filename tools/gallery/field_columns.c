/* Different values are numbered in the order of their bytes, so that the same people give the same file. */
#include "field_columns.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_LABEL = 120, FEWEST_PEOPLE_A_VALUE = 2 };

static int by_bytes(const void *left, const void *right) {
  return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool is_label(const char *value) {
  return strlen(value) <= LONGEST_LABEL;
}

/* Sorts, and leaves one of each. Returns how many are left. */
static size_t make_distinct(const char **values, size_t count) {
  size_t kept = 0;
  qsort(values, count, sizeof *values, by_bytes);
  for (size_t i = 0; i < count; ++i) {
    if (!kept || strcmp(values[kept - 1], values[i]) != 0) values[kept++] = values[i];
  }
  return kept;
}

static bool write_column(const char *key, const char **values, size_t value_count, const char *const *of_people,
                         size_t people, dpl_bytes *file, sentence *why) {
  uint16_t *numbers = new_array(people, sizeof *numbers);
  for (size_t i = 0; i < people; ++i) {
    const char *const *found = bsearch(&of_people[i], values, value_count, sizeof *values, by_bytes);
    numbers[i] = (uint16_t)(found - (const char *const *)values);
  }
  uint8_t *data;
  dpl_error error;
  const dpl_status status = dpl_column_write(key, values, value_count, numbers, people, &data, &file->size, &error);
  free(numbers);
  if (status) return fail(why, "%s", error.message);
  file->data = data;
  return true;
}

bool field_column_make(const char *key, const char *(*value_of)(const void *context, size_t person),
                       const void *context, size_t people, dpl_bytes *file, sentence *why) {
  *file = (dpl_bytes){0};
  const char **of_people = new_array(people, sizeof *of_people), **values = new_array(people, sizeof *values);
  bool labels = true, fine = true;
  for (size_t i = 0; i < people; ++i) {
    values[i] = of_people[i] = value_of(context, i);
    labels = labels && is_label(values[i]);
  }
  const size_t count = labels ? make_distinct(values, people) : 0;
  if (count >= 2 && count <= DPL_MAX_COLUMN_VALUES && count * FEWEST_PEOPLE_A_VALUE <= people)
    fine = write_column(key, values, count, of_people, people, file, why);
  free(of_people);
  free(values);
  return fine;
}
