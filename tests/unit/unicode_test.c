/* Text is one text in all its spellings: for storing, for comparing, as words. */
#include "unicode.h"

#include "spellings.h"
#include "support.h"

static void is(char *made, const char *wanted) {
  assert_string_equal(made, wanted);
  free(made);
}

static void key_is(const char *spelling, void *wanted) {
  is(text_key(spelling), wanted);
}

static void every_spelling_of_a_name_has_one_key(void **state) {
  (void)state;
  static const char *const names[] = {"Gwyneth Paltrow", "José Núñez", "Anne-Marie O'Neil", "Jr. 2nd Straße Å"};
  size_t count = 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char *key = text_key(names[i]);
    count += every_spelling(names[i], key_is, key);
    free(key);
  }
  assert_in_range(count, 5000, 1000000);
}

static void the_key_of_a_key_is_itself(const char *spelling, void *context) {
  (void)context;
  char *key = text_key(spelling);
  is(text_key(key), key);
  free(key);
}

static void a_key_is_its_own_key(void **state) {
  (void)state;
  every_spelling("Ŵ´´ ſ ﬁ ½ «Ǆ» İ ᾳ", the_key_of_a_key_is_itself, NULL);
}

static void dashes_and_quotes_are_one(void **state) {
  (void)state;
  static const char *const dashes[] = {"\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212", "\uFE63", "\uFF0D"};
  static const char *const quotes[] = {"\u2018", "\u2019", "\u201B", "\u2032", "\u02BC", "`", "\u00B4", "\uFF07"};
  static const char *const doubles[] = {"\u201C", "\u201D", "\u201E", "\u00AB", "\u00BB", "\u2033", "\uFF02"};
  char text[64];
  for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++) {
    snprintf(text, sizeof text, "Anne%sMarie", dashes[i]);
    is(text_key(text), "anne-marie");
  }
  for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++) {
    snprintf(text, sizeof text, "O%sNeil", quotes[i]);
    is(text_key(text), "o'neil");
  }
  for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++) {
    snprintf(text, sizeof text, "%sBob%s", doubles[i], doubles[i]);
    is(text_key(text), "\"bob\"");
  }
}

static void stored_text_is_composed_and_tidy_but_keeps_its_letters(void **state) {
  (void)state;
  is(text_tidied("\uFEFF\u00A0 Jose\u0301\u3000\u200B N\u00FA\u00AD\u00F1ez\u2028"), "José Núñez");
  is(text_tidied("ＢＩＧ “Bob” – ½"), "ＢＩＧ “Bob” – ½");
  is(text_tidied("a\nb\r\n\tc"), "a b c");
  is(text_tidied_lines(" a \n b\r\nc\u00A0\u00A0d \n\n"), "a\nb\nc d");
  is(text_tidied("e\u200B\u0301"), "é");
  is(text_tidied(" \u200B\x01\x1F "), "");
}

static void joiners_stay_inside_words_that_are_written_with_them(void **state) {
  (void)state;
  is(text_tidied("می\u200Cخواهم"), "می\u200Cخواهم");
  is(text_tidied("\u200Cمی\u200C"), "می");
  is(text_tidied("Gwy\u200Dneth"), "Gwyneth");
  assert_true(text_same("می\u200Cخواهم", "میخواهم"));
}

static void bytes_that_are_not_utf8_are_windows_1252(void **state) {
  (void)state;
  is(text_decoded("Jos\xE9"), "José");
  is(text_decoded("\x80\x93\x81\xFF"), "€“\uFFFDÿ");
  is(text_decoded("Jos\xC3\xA9"), "José");
  assert_true(text_same("Jos\xE9 N\xFA\xF1"
                        "ez",
                        "JOSÉ NÚÑEZ"));
}

static void every_byte_string_gives_utf8(void **state) {
  (void)state;
  char text[7];
  for (unsigned i = 1; i < 1u << 16; i++) {
    snprintf(text, sizeof text, "a%c%cz", (int)(i & 255), (int)(i >> 8));
    char *made[] = {text_decoded(text), text_tidied(text), text_key(text), text_words(text, WORDS_SPLIT)};
    for (size_t k = 0; k < sizeof made / sizeof *made; k++) {
      assert_true(utf8_is_valid(made[k]));
      free(made[k]);
    }
  }
}

static void words_know_no_case_accents_or_signs(void **state) {
  (void)state;
  is(text_words("Chicago PD, IL (U.S.A.)", 0), " chicago pd il usa ");
  is(text_words("  Québec—\u200BNord ", 0), " quebec nord ");
  is(text_words("N. Y.", 0), " ny ");
  is(text_words("Ill. Bldg. A. Smith", 0), " ill bldg a smith ");
  is(text_words("useForMatching2", WORDS_SPLIT), " use for matching 2 ");
  is(text_words("PDChicagoIL60601", WORDS_SPLIT), " pd chicago il 60601 ");
  is(text_words("東京都 A", 0), " 東 京 都 a ");
  is(text_words("IN Ohio", WORDS_CASED), " IN Ohio ");
  is(text_words("", 0), " ");
}

static void letters_of_a_column_are_one_in_every_style(void **state) {
  (void)state;
  static const char *const styles[] = {"use_for_matching",
                                       "useForMatching",
                                       "Use for\nmatching",
                                       "USE-FOR-MATCHING",
                                       "\uFEFF use\u00A0for matching ",
                                       "ＵＳＥ＿for＿matching",
                                       "“use for matching”"};
  for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) is(text_letters(styles[i]), "useformatching");
}

static void answer_is(const char *spelling, void *wanted) {
  bool yes;
  assert_true(text_yes_or_no(spelling, &yes));
  assert_int_equal(yes, *(bool *)wanted);
}

static void yes_and_no_are_read_in_every_spelling(void **state) {
  (void)state;
  bool yes = true, no = false, any;
  every_spelling("yes", answer_is, &yes);
  every_spelling("no", answer_is, &no);
  every_spelling("false", answer_is, &no);
  static const char *const neither[] = {"", "maybe", "yes no", "n/a", "2", "nope"};
  for (size_t i = 0; i < sizeof neither / sizeof *neither; i++) assert_false(text_yes_or_no(neither[i], &any));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_spelling_of_a_name_has_one_key),
      cmocka_unit_test(a_key_is_its_own_key),
      cmocka_unit_test(dashes_and_quotes_are_one),
      cmocka_unit_test(stored_text_is_composed_and_tidy_but_keeps_its_letters),
      cmocka_unit_test(joiners_stay_inside_words_that_are_written_with_them),
      cmocka_unit_test(bytes_that_are_not_utf8_are_windows_1252),
      cmocka_unit_test(every_byte_string_gives_utf8),
      cmocka_unit_test(words_know_no_case_accents_or_signs),
      cmocka_unit_test(letters_of_a_column_are_one_in_every_style),
      cmocka_unit_test(yes_and_no_are_read_in_every_spelling),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
