/* A column says who has which value, lets through whom it should, and takes nothing that is damaged. */
#include "galleries.h"

static const char *const ranks[] = {"", "captain", "cadet \"Ö\""};
enum { RANKS = 3, PEOPLE = 70 };

static buffer make_column(void) {
  uint16_t value_of[PEOPLE];
  for (size_t i = 0; i < PEOPLE; i++) value_of[i] = (uint16_t)(i % 7 == 0 ? 1 : i % 2 ? 2 : 0);
  buffer file = {0};
  dpl_error error;
  assert_ok(dpl_column_write("rank", ranks, RANKS, value_of, PEOPLE, &file.data, &file.size, &error), &error);
  return file;
}

static void what_was_written_is_read(void **state) {
  (void)state;
  buffer file = make_column();
  dpl_column *column;
  dpl_error error;
  const dpl_bytes copy = exact_copy(bytes_of(file));
  assert_ok(dpl_column_open(copy, PEOPLE, &column, &error), &error);
  free((void *)copy.data);
  assert_string_equal(dpl_column_key(column), "rank");
  assert_int_equal(dpl_column_values(column), RANKS);
  for (size_t i = 0; i < RANKS; i++) assert_string_equal(dpl_column_value(column, i), ranks[i]);
  assert_int_equal(dpl_column_people(column, 1), 10);
  assert_int_equal(dpl_column_people(column, 0) + dpl_column_people(column, 2), PEOPLE - 10);
  assert_null(dpl_column_value(column, RANKS));
  assert_int_equal(dpl_column_people(column, RANKS), 0);
  dpl_column_close(column);
  free(file.data);
}

static void those_with_one_of_the_values_stay_allowed(void **state) {
  (void)state;
  buffer file = make_column();
  dpl_column *column;
  dpl_error error;
  assert_ok(dpl_column_open(bytes_of(file), PEOPLE, &column, &error), &error);
  uint32_t allowed[3] = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
  allowed[0] &= ~UINT32_C(1); /* somebody else has taken person 0 out, and there they stay */
  dpl_column_allow(column, (const uint32_t[]){1, 2, 999}, 3, allowed);
  for (size_t i = 0; i < PEOPLE; i++)
    assert_int_equal(allowed[i / 32] >> i % 32 & 1, i != 0 && (i % 7 == 0 || i % 2 == 1));
  dpl_column_allow(column, NULL, 0, allowed);
  for (size_t i = 0; i < PEOPLE; i++) assert_int_equal(allowed[i / 32] >> i % 32 & 1, 0);
  dpl_column_close(column);
  free(file.data);
}

static void a_search_finds_the_allowed_alone(void **state) {
  (void)state;
  enum { DIMENSION = 24 };
  float *vectors = make_vectors(PEOPLE, DIMENSION, 0.3, 5);
  uint32_t person[PEOPLE], allowed[3];
  for (uint32_t i = 0; i < PEOPLE; i++) person[i] = i;
  dpl_gallery *gallery = make_gallery(vectors, person, PEOPLE, PEOPLE, DIMENSION, NULL);
  buffer file = make_column();
  dpl_column *column;
  dpl_error error;
  assert_ok(dpl_column_open(bytes_of(file), PEOPLE, &column, &error), &error);
  memset(allowed, 0xFF, sizeof allowed);
  dpl_column_allow(column, (const uint32_t[]){1}, 1, allowed);
  dpl_match matches[PEOPLE];
  size_t count;
  assert_ok(dpl_gallery_search_each(gallery, vectors, 1, allowed, PEOPLE, matches, &count, &error), &error);
  assert_int_equal(count, dpl_column_people(column, 1));
  for (size_t i = 0; i < count; i++) assert_int_equal(matches[i].person % 7, 0);
  dpl_column_close(column);
  dpl_gallery_close(gallery);
  free(file.data), free(vectors);
}

/* The file with `from` in its header replaced by `to` and spaces up to the same length. */
static buffer changed(buffer file, const char *from, const char *to) {
  buffer copy = {0};
  append(&copy, file.data, file.size);
  bool found = false;
  for (size_t i = 0; i + strlen(from) <= copy.size && !found; i++) {
    found = memcmp(copy.data + i, from, strlen(from)) == 0;
    for (size_t k = 0; found && k < strlen(from); k++) copy.data[i + k] = (uint8_t)(k < strlen(to) ? to[k] : ' ');
  }
  assert_true(found && strlen(from) >= strlen(to));
  return copy;
}

static void damaged_columns_are_refused(void **state) {
  (void)state;
  buffer file = make_column();
  dpl_column *column = NULL;
  dpl_error error;
  for (size_t size = 0; size < file.size; size++) {
    const dpl_bytes part = exact_copy((dpl_bytes){file.data, size});
    assert_failure(DPL_DAMAGED_GALLERY, dpl_column_open(part, PEOPLE, &column, &error), &error);
    free((void *)part.data);
  }
  assert_failure(DPL_DAMAGED_GALLERY, dpl_column_open(bytes_of(file), PEOPLE + 1, &column, &error), &error);
  const char *changes[][2] = {
      {"\\\"kind\\\":\\\"column", "\\\"kind\\\":\\\"calumn"},
      {"\\\"format\\\":1", "\\\"format\\\":2"},
      {"\\\"key\\\":", "\\\"kez\\\":"},
      {"\\\"key\\\":\\\"rank\\\"", "\\\"key\\\":\\\"\\\""},
      {"\\\"values\\\":", "\\\"volues\\\":"},
      {"\\\"captain\\\"", "3"},
      {"\\\"captain\\\",", ""},
      {"\"U16\"", "\"F16\""},
      {"\"value\"", "\"walue\""},
  };
  for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
    buffer other = changed(file, changes[i][0], changes[i][1]);
    const dpl_status status = dpl_column_open(bytes_of(other), PEOPLE, &column, &error);
    if (!status) print_message("accepted: %s\n", changes[i][1]);
    assert_failure(DPL_DAMAGED_GALLERY, status, &error);
    free(other.data);
  }
  assert_null(column);
  free(file.data);
}

static void what_is_no_column_is_not_written(void **state) {
  (void)state;
  const uint16_t value_of[2] = {0, 3};
  uint8_t *file = NULL;
  size_t size;
  dpl_error error;
  assert_failure(DPL_INVALID_ARGUMENT, dpl_column_write("rank", ranks, RANKS, value_of, 2, &file, &size, &error),
                 &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_column_write("", ranks, RANKS, value_of, 1, &file, &size, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_column_write("rank", ranks, 0, value_of, 1, &file, &size, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT,
                 dpl_column_write("rank", ranks, DPL_MAX_COLUMN_VALUES + 1, value_of, 1, &file, &size, &error), &error);
  assert_null(file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_written_is_read),         cmocka_unit_test(those_with_one_of_the_values_stay_allowed),
      cmocka_unit_test(a_search_finds_the_allowed_alone), cmocka_unit_test(damaged_columns_are_refused),
      cmocka_unit_test(what_is_no_column_is_not_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
