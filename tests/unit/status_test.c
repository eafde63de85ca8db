/* Every status has a name and a sentence, and failing fills what it is given. */
#include "status.h"
#include "support.h"

static void every_status_has_a_name_and_a_sentence(void **state) {
  (void)state;
  for (int i = DPL_OK; i <= DPL_INTERNAL; i++) {
    const char *name = dpl_status_name((dpl_status)i), *sentence = dpl_status_sentence((dpl_status)i);
    assert_true(strlen(name) >= 2 && strcmp(name, "UNKNOWN") != 0);
    assert_true(strlen(sentence) >= 5 && sentence[strlen(sentence) - 1] == '.');
    for (int k = DPL_OK; k < i; k++) assert_string_not_equal(name, dpl_status_name((dpl_status)k));
  }
  assert_string_equal(dpl_status_name((dpl_status)(DPL_INTERNAL + 1)), "UNKNOWN");
  assert_string_equal(dpl_status_name(DPL_DAMAGED_IMAGE), "DAMAGED_IMAGE");
  assert_non_null(dpl_status_sentence((dpl_status)-1));
}

static void the_library_states_the_version_of_its_header(void **state) {
  (void)state;
  assert_string_equal(dpl_version(), DPL_VERSION);
}

static void failing_returns_the_status_and_fills_the_error(void **state) {
  (void)state;
  dpl_error error;
  assert_int_equal(dpl_fail(&error, DPL_IMAGE_TOO_LARGE, "%d×%d", 3, 4), DPL_IMAGE_TOO_LARGE);
  assert_int_equal(error.status, DPL_IMAGE_TOO_LARGE);
  assert_string_equal(error.message, "3×4");
  assert_int_equal(dpl_fail(NULL, DPL_INTERNAL, "nobody listens"), DPL_INTERNAL);
  assert_int_equal(dpl_fail_plain(&error, DPL_OUT_OF_MEMORY), DPL_OUT_OF_MEMORY);
  assert_string_equal(error.message, dpl_status_sentence(DPL_OUT_OF_MEMORY));
}

static void a_long_sentence_is_cut_not_overrun(void **state) {
  (void)state;
  char long_name[1000];
  memset(long_name, 'x', sizeof long_name - 1);
  long_name[sizeof long_name - 1] = 0;
  dpl_error error;
  dpl_fail(&error, DPL_INTERNAL, "%s", long_name);
  assert_int_equal(strlen(error.message), sizeof error.message - 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_library_states_the_version_of_its_header),
      cmocka_unit_test(every_status_has_a_name_and_a_sentence),
      cmocka_unit_test(failing_returns_the_status_and_fills_the_error),
      cmocka_unit_test(a_long_sentence_is_cut_not_overrun),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
