/* Files of names: those of large galleries are several, and together they have everybody. */
#include "names_file.h"

#include <unistd.h>

#include "files.h"
#include "support.h"

enum { MANY = NAMES_PER_FILE + 10 };

/* Everybody has a rank of their own, for which there is no room, and the hair of many others. */
static void make_person(gallery_person *person, size_t index, char text[3][24], const char **values) {
  snprintf(text[0], sizeof text[0], "id%zu", index);
  snprintf(text[1], sizeof text[1], "Person %zu", index);
  snprintf(text[2], sizeof text[2], "rank %zu of thousands", index);
  values[0] = text[2];
  values[1] = index % 2 ? "fair" : "dark";
  *person = (gallery_person){text[0], text[1], values};
}

static cJSON *read_json(const char *folder, const cJSON *entry) {
  sentence why;
  dpl_bytes file;
  char *path = path_joined(folder, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "path")));
  assert_true(file_read(path, &file, &why));
  cJSON *document = cJSON_ParseWithLength((const char *)file.data, file.size);
  assert_non_null(document);
  bytes_free(&file);
  unlink(path);
  free(path);
  return document;
}

static const cJSON *item(const cJSON *document, const char *key, size_t index) {
  return cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(document, key), (int)index);
}

static const char *value_of(const cJSON *document, const char *field, size_t index) {
  const cJSON *column = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(document, "fields"), field);
  const cJSON *place = item(column, "of", index);
  return place ? cJSON_GetStringValue(item(column, "values", (size_t)place->valueint)) : NULL;
}

static void large_galleries_have_all_names_in_several_files(void **state) {
  (void)state;
  char folder[] = "/tmp/doppel-names-XXXXXX";
  assert_non_null(mkdtemp(folder));
  gallery_person *people = calloc(MANY, sizeof *people);
  char(*texts)[3][24] = calloc(MANY, sizeof *texts);
  const char *(*values)[2] = calloc(MANY, sizeof *values);
  size_t *first = calloc(MANY + 1, sizeof *first);
  for (size_t i = 0; i < MANY; i++) {
    make_person(&people[i], i, texts[i], values[i]);
    first[i + 1] = first[i] + 1 + (i == MANY - 1); /* the last one has two photos */
  }
  const char *fields[] = {"rank", "hair"};
  const gallery_about about = {.id = "id", .title = "Title", .fields = fields, .field_count = 2};
  cJSON *list = cJSON_CreateArray();
  sentence why;
  assert_true(names_files_write(folder, &about, people, MANY, first, list, &why));
  assert_int_equal(cJSON_GetArraySize(list), 2);

  size_t at = 0;
  for (int file = 0; file < 2; file++) {
    const cJSON *entry = cJSON_GetArrayItem(list, file);
    cJSON *document = read_json(folder, entry);
    const size_t count = (size_t)cJSON_GetObjectItemCaseSensitive(entry, "count")->valueint;
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(document, "names")), count);
    for (size_t i = 0; i < count; i += 997) {
      assert_string_equal(cJSON_GetStringValue(item(document, "names", i)), texts[at + i][1]);
      assert_string_equal(cJSON_GetStringValue(item(document, "ids", i)), texts[at + i][0]);
      assert_string_equal(value_of(document, "hair", i), values[at + i][1]);
      assert_null(value_of(document, "rank", i)); /* too long for all of them: in no file */
    }
    assert_int_equal(item(document, "photos", count - 1) ? item(document, "photos", count - 1)->valueint : 0, 2 * file);
    at += count;
    cJSON_Delete(document);
  }
  assert_int_equal(at, MANY);
  rmdir(folder);
  cJSON_Delete(list);
  free(people), free(texts), free(values), free(first);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(large_galleries_have_all_names_in_several_files)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
