/* Rules about who must not be matched hold in every spelling of places, columns and answers. */
#include "jurisdictions.h"
#include "rule_columns.h"
#include "spellings.h"
#include "support.h"

static size_t missed;

static void must_lie_in(const char *spelling, void *jurisdiction) {
  if (lies_in(spelling, jurisdiction)) return;
  if (missed++ < 10) print_message("not found in %s: [%s]\n", (const char *)jurisdiction, spelling);
}

static void must_deny(const char *spelling, void *place) {
  if (lies_in(place, spelling)) return;
  if (missed++ < 10) print_message("not denied by [%s]: %s\n", spelling, (const char *)place);
}

static void places_are_found_in_every_spelling(void **state) {
  (void)state;
  static const char *const texts[][2] = {{"Illinois", "Illinois"},
                                         {"IL", "Illinois"},
                                         {"Ill.", "Illinois"},
                                         {"Chicago PD, IL", "Illinois"},
                                         {"State of Illinois", "Illinois"},
                                         {"Cook County, Illinois, USA", "Illinois"},
                                         {"Austin TX 78701", "Texas"},
                                         {"Québec", "Quebec"},
                                         {"Montréal (QC)", "Québec"},
                                         {"Albany, N.Y.", "New York"},
                                         {"New Mexico", "NM"},
                                         {"Gary, Indiana", "Indiana"},
                                         {"Nuevo León", "Nuevo Leon"},
                                         {"Köln", "Köln"}};
  missed = 0;
  size_t count = 0;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    count += every_spelling(texts[i][0], must_lie_in, (void *)(uintptr_t)texts[i][1]);
  print_message("%zu spellings\n", count);
  assert_in_range(count, 10000, 1000000);
  assert_int_equal(missed, 0);
}

static void rules_may_be_written_in_every_spelling(void **state) {
  (void)state;
  missed = 0;
  every_spelling("Québec", must_deny, (void *)(uintptr_t) "Ville de Québec");
  every_spelling("State of Texas", must_deny, (void *)(uintptr_t) "Austin, TX");
  every_spelling("TX", must_deny, (void *)(uintptr_t) "Texas");
  every_spelling("Cook County, Illinois", must_deny, (void *)(uintptr_t) "Cook County — Illinois");
  assert_int_equal(missed, 0);
}

static void places_are_found_between_signs_and_in_run_together_words(void **state) {
  (void)state;
  static const char *const texts[] = {"Illinois–Chicago",
                                      "“Illinois”",
                                      "Illinois’s police",
                                      "IL/WI",
                                      "US-IL",
                                      "chicago_pd_il",
                                      "ChicagoIL",
                                      "IL60601",
                                      "I.L.",
                                      "(Ill)",
                                      "IllinoisStatePolice",
                                      "chicagopolice.il.us",
                                      "Springfield;IL;",
                                      "ıllinois",
                                      "İLLİNOİS",
                                      "Illinois²"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    if (!lies_in(texts[i], "Illinois")) fail_msg("not found in %s", texts[i]);
  }
}

static void a_slip_of_the_pen_in_a_long_name_is_the_name(void **state) {
  (void)state;
  static const char *const texts[] = {"Illinos",  "Illinios",     "Ilinois", "State of Illinoiss",
                                      "Illin0is", "Illino\u00ADs"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    if (!lies_in(texts[i], "Illinois")) fail_msg("not found in %s", texts[i]);
  }
  assert_false(lies_in("Taxes", "Texas"));
}

static void other_places_stay(void **state) {
  (void)state;
  static const char *const texts[] = {"", "Ohio", "Illinoisville", "Hill County", "Silver Springs", "Will County, OH"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) assert_false(lies_in(texts[i], "Illinois"));
  assert_false(lies_in("Arkansas", "Kansas"));
  assert_false(lies_in("Texarkana", "Texas"));
}

/* in, or, me: the code of a state is a word of the language. */
static void codes_that_are_words_count_where_a_state_is_written(void **state) {
  (void)state;
  assert_true(lies_in("Gary IN", "Indiana"));
  assert_true(lies_in("in", "Indiana"));
  assert_true(lies_in("gary, in 46402", "Indiana"));
  assert_true(lies_in("GARY, IN", "Indiana"));
  assert_true(lies_in("IN Police Academy", "Indiana"));
  assert_true(lies_in("US-IN", "Indiana"));
  assert_false(lies_in("Department of Police in Columbus", "Indiana"));
  assert_false(lies_in("Sheriff or Deputy of Ohio", "Oregon"));
  assert_false(lies_in("La Jolla", "Louisiana"));
}

static void one_jurisdiction_in_two_spellings_is_one(void **state) {
  (void)state;
  assert_true(same_jurisdiction("Illinois", "IL"));
  assert_true(same_jurisdiction("State of Illinois", "Ill."));
  assert_true(same_jurisdiction("QUÉBEC", "qc"));
  assert_false(same_jurisdiction("Cook County, Illinois", "Illinois"));
  assert_false(same_jurisdiction("Kansas", "Arkansas"));
}

static void must_resemble(const char *spelling, void *context) {
  (void)context;
  if (!resembles_rule(spelling) && missed++ < 10) print_message("passed over: [%s]\n", spelling);
}

static void columns_that_may_be_rules_are_noticed(void **state) {
  (void)state;
  static const char *const names[] = {
      "use_for_matching", "useForMatching",   "use for matchng", "Use4Matching",      "State (of department)",
      "home state",       "Jurisdiction",     "jursdiction",     "jurisdiction_name", "department title",
      "Departement",      "consent",          "hasConsented",    "opt-out",           "do not use",
      "excluded",         "face matching ok", "BIPA waiver",     "agency code",       "may be published / publish"};
  missed = 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) must_resemble(names[i], NULL);
  every_spelling("State (of department)", must_resemble, NULL);
  every_spelling("use for matching", must_resemble, NULL);
  assert_int_equal(missed, 0);
}

static void other_columns_are_let_pass(void **state) {
  (void)state;
  static const char *const names[] = {
      "name", "badge number",     "rank",      "status", "statement", "estate", "department id",
      "unit", "department_phone", "Dept. No.", "year",   "job title", "gender", "race"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (resembles_rule(names[i])) fail_msg("%s", names[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(places_are_found_in_every_spelling),
      cmocka_unit_test(rules_may_be_written_in_every_spelling),
      cmocka_unit_test(places_are_found_between_signs_and_in_run_together_words),
      cmocka_unit_test(a_slip_of_the_pen_in_a_long_name_is_the_name),
      cmocka_unit_test(other_places_stay),
      cmocka_unit_test(codes_that_are_words_count_where_a_state_is_written),
      cmocka_unit_test(one_jurisdiction_in_two_spellings_is_one),
      cmocka_unit_test(columns_that_may_be_rules_are_noticed),
      cmocka_unit_test(other_columns_are_let_pass),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
