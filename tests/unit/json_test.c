/* JSON from anybody: depth and rubbish refused, getters that take only what is there. */
#include "json.h"
#include "support.h"

static cJSON *parse(const char *text) {
  const dpl_bytes exact = exact_copy(text_bytes(text)); /* no zero byte behind it */
  cJSON *tree = dpl_json_parse((const char *)exact.data, exact.size);
  free((void *)(uintptr_t)exact.data);
  return tree;
}

static void only_json_is_parsed(void **state) {
  (void)state;
  const char *good[] = {"{}", " [1, 2] \n", "\"x\"", "{\"a\": \"]]]]{{{{\\\"\"}"};
  const char *bad[] = {"", " ", "{", "[1,", "{\"a\"}", "nul", "[1] x", "{} {}", "\"open", "\"\\", "[\"\\u12"};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    cJSON *tree = parse(good[i]);
    assert_non_null(tree);
    cJSON_Delete(tree);
  }
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_null(parse(bad[i]));
  assert_null(dpl_json_parse(NULL, 0));
}

static void deep_nesting_is_refused_before_it_recurses(void **state) {
  (void)state;
  for (int depth = 30; depth < 100000; depth = depth < 40 ? depth + 1 : depth * 7) {
    char *text = malloc((size_t)depth * 2 + 1);
    assert_non_null(text);
    memset(text, '[', (size_t)depth);
    memset(text + depth, ']', (size_t)depth);
    text[depth * 2] = 0;
    cJSON *tree = parse(text);
    assert_true((tree != NULL) == (depth <= 32));
    cJSON_Delete(tree);
    free(text);
  }
}

static void getters_take_only_what_is_there(void **state) {
  (void)state;
  cJSON *tree = parse("{\"s\": \"text\", \"n\": 3, \"f\": 0.5, \"m\": -1, \"big\": 9007199254740992, \"huge\": 1e300, "
                      "\"inf\": 1e999, \"o\": {\"S\": \"upper\"}, \"t\": true, \"z\": null}");
  assert_non_null(tree);
  assert_string_equal(dpl_json_string(tree, "s", "-"), "text");
  assert_string_equal(dpl_json_string(tree, "n", "-"), "-");
  assert_string_equal(dpl_json_string(tree, "none", "-"), "-");
  assert_string_equal(dpl_json_string(dpl_json_get(tree, "o"), "s", "-"), "-"); /* names are exact */
  assert_string_equal(dpl_json_string(NULL, "s", "-"), "-");
  assert_string_equal(dpl_json_string(dpl_json_get(tree, "s"), "s", "-"), "-");
  uint64_t whole = 7;
  assert_true(dpl_json_whole(dpl_json_get(tree, "n"), &whole) && whole == 3);
  assert_true(dpl_json_whole(dpl_json_get(tree, "big"), &whole) && whole == UINT64_C(9007199254740992));
  const char *not_whole[] = {"s", "f", "m", "huge", "inf", "o", "t", "z", "none"};
  for (size_t i = 0; i < sizeof not_whole / sizeof not_whole[0]; i++) {
    whole = 7;
    assert_false(dpl_json_whole(dpl_json_get(tree, not_whole[i]), &whole));
    assert_true(whole == 7);
  }
  double number;
  assert_true(dpl_json_number(dpl_json_get(tree, "f"), &number) && fabs(number - 0.5) < 1e-12);
  assert_true(dpl_json_number(dpl_json_get(tree, "huge"), &number));
  assert_false(dpl_json_number(dpl_json_get(tree, "inf"), &number));
  assert_false(dpl_json_number(dpl_json_get(tree, "s"), &number));
  cJSON_Delete(tree);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_json_is_parsed),
      cmocka_unit_test(deep_nesting_is_refused_before_it_recurses),
      cmocka_unit_test(getters_take_only_what_is_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
