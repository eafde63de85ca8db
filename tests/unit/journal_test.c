/* What the builder has computed: records as bytes, and the journal that keeps them, whole, cut short and spoilt. */
#include "records.h"

#include <unistd.h>

/* ---- records ---- */

static void test_record_round_trip(void **state) {
  (void)state;
  dpl_bytes bytes = faces_record(1), again;
  photo_record record;
  assert_true(photo_record_read(bytes, DIMENSION, &record));
  assert_false(record.skipped);
  assert_false(photo_record_is_skip(bytes));
  assert_int_equal(record.found, 7);
  assert_int_equal(record.count, 2);
  assert_true(record.faces[1].score == 0.25f && record.qualities[1].size == 50);
  assert_int_equal(record.portraits[0].size, 8);
  again = photo_record_bytes(&record, DIMENSION);
  assert_int_equal(again.size, bytes.size);
  assert_memory_equal(again.data, bytes.data, bytes.size);
  photo_record_free(&record), bytes_free(&bytes), bytes_free(&again);

  bytes = skip_record();
  assert_true(photo_record_read(bytes, DIMENSION, &record));
  assert_true(record.skipped && photo_record_is_skip(bytes));
  assert_int_equal(record.reason, SKIP_NO_FACE);
  assert_string_equal(record.detail, "No face was found.");
  assert_int_equal(record.thumbnail.size, 4);
  photo_record_free(&record), bytes_free(&bytes);
}

/* Cut anywhere, or a byte longer, or of another dimension, it is no record; the copy ends where its memory ends. */
static void test_record_of_another_length(void **state) {
  (void)state;
  photo_record record;
  for (int kind = 0; kind < 2; kind++) {
    const dpl_bytes bytes = kind ? skip_record() : faces_record(2);
    for (size_t size = 0; size < bytes.size; size++) {
      dpl_bytes cut = exact_copy((dpl_bytes){bytes.data, size});
      assert_false(photo_record_read(cut, DIMENSION, &record));
      assert_null(record.faces);
      assert_null(record.detail);
      bytes_free(&cut);
    }
    uint8_t *longer = calloc(bytes.size + 1, 1);
    memcpy(longer, bytes.data, bytes.size);
    assert_false(photo_record_read((dpl_bytes){longer, bytes.size + 1}, DIMENSION, &record));
    free(longer);
    if (!kind) assert_false(photo_record_read(bytes, DIMENSION + 1, &record));
    free((void *)(uintptr_t)bytes.data);
  }
}

static void test_record_with_spoilt_bytes(void **state) {
  (void)state;
  const dpl_bytes bytes = faces_record(3);
  uint64_t seed = 4;
  for (size_t i = 0; i < 20000; i++) {
    dpl_bytes spoilt = exact_copy(bytes);
    uint8_t *data = (uint8_t *)(uintptr_t)spoilt.data;
    for (int k = 0; k < 3; k++) data[random_bits(&seed) % 12 * (k ? bytes.size / 12 : 1)] = (uint8_t)random_bits(&seed);
    photo_record record;
    if (photo_record_read(spoilt, DIMENSION, &record)) photo_record_free(&record);
    bytes_free(&spoilt);
  }
  free((void *)(uintptr_t)bytes.data);
}

/* ---- the journal ---- */

enum { RECORDS = 6 };
static const char context[] = "{\"networks\":1}";

typedef struct place {
  char folder[64], path[96];
} place;

static int begin(void **state) {
  place *where = calloc(1, sizeof *where);
  snprintf(where->folder, sizeof where->folder, "/tmp/doppel-journal-XXXXXX");
  if (!mkdtemp(where->folder)) return -1;
  snprintf(where->path, sizeof where->path, "%s/journal", where->folder);
  *state = where;
  return 0;
}

static int end(void **state) {
  folder_remove(((place *)*state)->folder);
  free(*state);
  return 0;
}

static journal opened(const char *path, const char *of) {
  journal all;
  sentence why;
  const bool fine = journal_open(&all, path, of, &why);
  if (!fine) print_message("%s\n", why.text);
  assert_true(fine);
  return all;
}

static void append_record(journal *all, uint64_t number) {
  sentence why;
  const record_key key = key_number(number);
  dpl_bytes record = faces_record(number);
  assert_int_equal(journal_claim_record(all, &key), CLAIM_NEW);
  assert_int_equal(journal_claim_record(all, &key), CLAIM_AT_WORK);
  assert_true(journal_append(all, &key, record, &why));
  assert_int_equal(journal_claim_record(all, &key), CLAIM_KNOWN);
  bytes_free(&record);
}

static bool has_record(journal *all, uint64_t number) {
  sentence why;
  const record_key key = key_number(number);
  dpl_bytes record, expected = faces_record(number);
  const bool has = journal_read(all, &key, &record, &why);
  if (has) {
    assert_int_equal(record.size, expected.size);
    assert_memory_equal(record.data, expected.data, expected.size);
  } else {
    assert_non_null(strstr(why.text, "lacks a record"));
  }
  bytes_free(&record), bytes_free(&expected);
  return has;
}

static size_t records_in(journal *all) {
  size_t found = 0;
  for (uint64_t i = 0; i < RECORDS; i++) found += has_record(all, i);
  return found;
}

/* A journal of RECORDS records, as bytes. */
static dpl_bytes whole_journal(const place *where) {
  sentence why;
  dpl_bytes bytes;
  journal all = opened(where->path, context);
  for (uint64_t i = 0; i < RECORDS; i++) append_record(&all, i);
  assert_true(journal_sync(&all, &why));
  assert_int_equal(records_in(&all), RECORDS);
  journal_close(&all);
  assert_true(file_read(where->path, &bytes, &why));
  return bytes;
}

static void lay_down(const place *where, const uint8_t *data, size_t size) {
  sentence why;
  assert_true(file_write(where->path, data, size, &why));
}

static void test_journal_keeps(void **state) {
  const place *where = *state;
  dpl_bytes bytes = whole_journal(where);
  assert_memory_equal(bytes.data, "doppel journal\n{\"networks\":1}\nrec\n", 34);
  journal all = opened(where->path, context);
  assert_int_equal(records_in(&all), RECORDS);
  append_record(&all, RECORDS);
  journal_close(&all);
  sentence why;
  assert_true(journal_open_whole(&all, where->path, context, &why));
  assert_true(has_record(&all, RECORDS) && records_in(&all) == RECORDS);
  journal_close(&all);
  bytes_free(&bytes);
}

static void test_journal_cut_anywhere(void **state) {
  const place *where = *state;
  dpl_bytes bytes = whole_journal(where);
  const size_t header = sizeof "doppel journal\n" - 1 + sizeof context, record = (bytes.size - header) / RECORDS;
  sentence why;
  for (size_t size = 0; size < bytes.size; size += 7) {
    lay_down(where, bytes.data, size);
    journal all = {0};
    const bool between = size >= header && (size - header) % record == 0;
    assert_int_equal(journal_open_whole(&all, where->path, context, &why), between);
    if (between) journal_close(&all);
    all = opened(where->path, context);
    const size_t left = size > header ? (size - header) / record : 0;
    assert_int_equal(all.lost, size > header ? (size - header) % record : 0);
    assert_int_equal(records_in(&all), left);
    append_record(&all, 100); /* lies where the next opening finds it */
    journal_close(&all);
    all = opened(where->path, context);
    assert_int_equal(records_in(&all), left);
    assert_true(has_record(&all, 100));
    journal_close(&all);
  }
  bytes_free(&bytes);
}

/* A bit that is wrong costs the record that it is in, at most. */
static void test_journal_with_a_flipped_bit(void **state) {
  const place *where = *state;
  dpl_bytes bytes = whole_journal(where);
  uint8_t *data = (uint8_t *)(uintptr_t)bytes.data;
  sentence why;
  for (size_t i = 0; i < bytes.size; i += 3) {
    data[i] ^= (uint8_t)(1 << i % 8);
    lay_down(where, data, bytes.size);
    data[i] ^= (uint8_t)(1 << i % 8);
    journal all;
    assert_false(journal_open_whole(&all, where->path, context, &why));
    all = opened(where->path, context);
    assert_true(records_in(&all) >= RECORDS - 1);
    journal_close(&all);
  }
  bytes_free(&bytes);
}

static void test_journal_of_another_context(void **state) {
  const place *where = *state;
  dpl_bytes bytes = whole_journal(where);
  bytes_free(&bytes);
  journal all;
  sentence why;
  assert_false(journal_open_whole(&all, where->path, "{\"networks\":2}", &why));
  all = opened(where->path, "{\"networks\":2}");
  assert_int_equal(records_in(&all), 0);
  assert_true(all.lost > 0);
  journal_close(&all);
}

static void test_journal_keeps_only(void **state) {
  const place *where = *state;
  dpl_bytes bytes = whole_journal(where);
  journal all = opened(where->path, context);
  const record_key keys[] = {key_number(4), key_number(1), key_number(4)};
  sentence why;
  assert_true(journal_keep_only(&all, keys, 3, &why));
  for (int round = 0; round < 2; round++) {
    assert_int_equal(records_in(&all), 2);
    assert_true(has_record(&all, 1) && has_record(&all, 4));
    journal_close(&all);
    all = opened(where->path, context);
  }
  const record_key strange[] = {key_number(99)};
  assert_false(journal_keep_only(&all, strange, 1, &why));
  assert_int_equal(records_in(&all), 2);
  journal_close(&all);
  dpl_bytes left;
  assert_true(file_read(where->path, &left, &why));
  assert_true(left.size < bytes.size / 2);
  bytes_free(&left), bytes_free(&bytes);
}

static void test_journal_where_none_can_be(void **state) {
  const place *where = *state;
  journal all;
  sentence why;
  assert_false(journal_open(&all, where->folder, context, &why));
  assert_non_null(strstr(why.text, "cannot be opened"));
  assert_false(journal_open(&all, "/nowhere/at/all", context, &why));
  assert_non_null(strstr(why.text, "cannot be opened"));
  assert_false(journal_open_whole(&all, where->path, context, &why));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_record_round_trip),
      cmocka_unit_test(test_record_of_another_length),
      cmocka_unit_test(test_record_with_spoilt_bytes),
      cmocka_unit_test_setup_teardown(test_journal_keeps, begin, end),
      cmocka_unit_test_setup_teardown(test_journal_cut_anywhere, begin, end),
      cmocka_unit_test_setup_teardown(test_journal_with_a_flipped_bit, begin, end),
      cmocka_unit_test_setup_teardown(test_journal_of_another_context, begin, end),
      cmocka_unit_test_setup_teardown(test_journal_keeps_only, begin, end),
      cmocka_unit_test_setup_teardown(test_journal_where_none_can_be, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
