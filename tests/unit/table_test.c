/* Tables of text from CSV and JSON: what is read, and with which sentence and place the rest is refused. */
#include "table_json.h"

#include "support.h"

typedef bool (*table_reader)(text_stream *text, const char *name, csv_table *table, sentence *why);

static char separator;

static bool read_csv(text_stream *text, const char *name, csv_table *table, sentence *why) {
  return table_of_csv(text, name, separator, table, why);
}

/* The table as text: cells in brackets, a line a record, lists with a plus; or the sentence. */
static char *table_text(dpl_bytes bytes, table_reader reader) {
  csv_table table;
  sentence why;
  text_stream *text = text_open_bytes("f", bytes);
  char *out = new_text("");
  if (!reader(text, "f", &table, &why)) {
    free(out);
    out = new_text(why.text);
  } else {
    for (size_t row = 0; row <= table.row_count; row++) {
      for (size_t i = 0; i < table.column_count; i++) {
        const char *cell = row ? table_cell(&table, row - 1, (int)i) : table.columns[i];
        char *longer = new_text_of("%s[%s]%s", out, cell, i + 1 == table.column_count ? "\n" : "");
        free(out);
        out = longer;
      }
    }
    for (char *letter = out; *letter; letter++) *letter = *letter == TABLE_LIST_SEPARATOR ? '+' : *letter;
    table_free(&table);
  }
  text_close(text);
  return out;
}

static void expect(const char *input, table_reader reader, const char *wanted) {
  char *made = table_text((dpl_bytes){(const uint8_t *)input, strlen(input)}, reader);
  assert_string_equal(made, wanted);
  free(made);
}

static void csv(const char *input, const char *wanted) {
  separator = 0;
  expect(input, read_csv, wanted);
}

static void json(const char *input, const char *wanted) {
  expect(input, table_of_json, wanted);
}

/* The sentence has these words in it. */
static void refused(const char *input, table_reader reader, const char *words) {
  separator = 0;
  char *made = table_text((dpl_bytes){(const uint8_t *)input, strlen(input)}, reader);
  if (!strstr(made, words)) fail_msg("[%s] instead of [%s]", made, words);
  free(made);
}

static void every_line_end_ends_a_record(void **state) {
  (void)state;
  static const char *const ends[] = {"\n", "\r\n", "\r"};
  char input[64];
  for (size_t i = 0; i < 3; i++) {
    snprintf(input, sizeof input, "a,b%s1,2%s%s3,%s", ends[i], ends[i], ends[i], ends[i]);
    csv(input, "[a][b]\n[1][2]\n[3][]\n");
  }
}

static void the_separator_is_found_outside_quotes(void **state) {
  (void)state;
  csv("\"Name, first, and last\";Photo\nA;b\n", "[Name, first, and last][Photo]\n[A][b]\n");
  csv("a\tb,c\n1\t2\n", "[a][b,c]\n[1][2]\n");
  csv("a|b\n1|2\n", "[a][b]\n[1][2]\n");
  csv("name;place (a, b, c)\nA;x\nB;y\n", "[name][place (a, b, c)]\n[A][x]\n[B][y]\n");
  csv("only\n1\n", "[only]\n[1]\n");
}

static void a_sep_line_names_it(void **state) {
  (void)state;
  csv("sep=;\r\na,b;c\r\n1,2;3\r\n", "[a,b][c]\n[1,2][3]\n");
  csv("SEP=,\na;b,c\n1;2,3\n", "[a;b][c]\n[1;2][3]\n");
  csv("\"sep=;\"\na;b\n1;2\n", "[a][b]\n[1][2]\n");
  csv("\xEF\xBB\xBFsep=\t\na\tb\n1\t2\n", "[a][b]\n[1][2]\n");
  csv("sep=;,,\na;b\n", "[a][b]\n");
  csv("\"sep=;\",name\nA,B\n", "[sep=;][name]\n[A][B]\n");
  csv("\"sep=\"\n1\n", "[sep=]\n[1]\n");
  csv("sep=\r\n1\r\n", "[sep=]\n[1]\n");
  csv("sepal,b\n1,2\n", "[sepal][b]\n[1][2]\n");
  separator = ':';
  expect("sep=;\na;b:c\n1:2\n", read_csv, "[a;b][c]\n[1][2]\n");
  expect("a,b:c\n1,2:3\n", read_csv, "[a,b][c]\n[1,2][3]\n");
}

static void quotes_inside_cells_are_quotes(void **state) {
  (void)state;
  csv("a,b\nRobert \"Bob\" G,6\" tall\n", "[a][b]\n[Robert \"Bob\" G][6\" tall]\n");
  csv("a,b\n\"x \"\"y\"\" z\",\"two\nlines\"\n", "[a][b]\n[x \"y\" z][two\nlines]\n");
  csv("a,b\n\"6\" tall\",2\n", "[a][b]\n[6\" tall][2]\n");
}

static void headers_are_tidied_and_once_there(void **state) {
  (void)state;
  csv("\xEF\xBB\xBF\xEF\xBB\xBFname\xC2\xA0,\" photo \n\",\n1,2,3\n", "[name][photo][column 3]\n[1][2][3]\n");
  refused("use_for_matching,useForMatching\n", read_csv,
          "two columns named `useForMatching` (the other is written `use_for_matching`)");
  refused("a,b\n1,2\na,b\n3,4\n", read_csv, "f, record 2 (line 3) is the header again");
  refused("", read_csv, "f is empty");
}

static void a_record_that_does_not_fit_is_named_by_record_and_line(void **state) {
  (void)state;
  refused("a,b\n\n\"1\n\n\",2\n1,2,3\n", read_csv,
          "f, record 2 (line 6) has more cells than the header has columns (2)");
  refused("a,b\n1,2\n\"3,4\n5,6\n", read_csv, "f, record 2 (line 3) has a quote that is not closed");
  csv("a,b\n1,2,,\n", "[a][b]\n[1][2]\n");
}

static void a_cell_above_a_megabyte_is_refused(void **state) {
  (void)state;
  enum { SIZE = 3000000 };
  char *large = malloc(SIZE + 32);
  for (int json_file = 0; json_file < 2; json_file++) {
    size_t begin = (size_t)sprintf(large, json_file ? "[{\"a\": \"" : "a,b\n1,2\n1,\"");
    memset(large + begin, 'x', SIZE);
    strcpy(large + begin + SIZE, json_file ? "\"}]" : "\"\n");
    refused(large, json_file ? table_of_json : read_csv,
            json_file ? "f, line 1, column 1000009: a text of more than 1 MB"
                      : "f, record 2 (line 3) has a cell of more than 1 MB");
  }
  free(large);
}

static void text_in_pieces_is_the_same_text(void **state) {
  (void)state;
  enum { RECORDS = 40000 };
  char *large = malloc(RECORDS * 16), *at = large;
  at += sprintf(at, "name\n");
  for (int i = 0; i < RECORDS; i++) at += sprintf(at, "\xC3\xA9\xF0\x9F\x98\x80%d\n", i);
  text_stream *text = text_open_bytes("f", (dpl_bytes){(uint8_t *)large, (size_t)(at - large)});
  csv_table table;
  sentence why;
  assert_true(table_of_csv(text, "f", 0, &table, &why));
  assert_int_equal(table.row_count, RECORDS);
  for (int i = 0; i < RECORDS; i++) {
    char wanted[32];
    sprintf(wanted, "\xC3\xA9\xF0\x9F\x98\x80%d", i);
    assert_string_equal(table_cell(&table, (size_t)i, 0), wanted);
  }
  table_free(&table);
  text_close(text);
  free(large);
}

static void bytes_that_are_no_text_are_refused_with_their_line(void **state) {
  (void)state;
  refused("a\nb\nJos\xE9,x\n", read_csv, "f is not UTF-8 text (line 3); save it as UTF-8.");
  refused("a\nb\xC3", read_csv, "f is not UTF-8 text (line 2)");
  char *made = table_text((dpl_bytes){(const uint8_t *)"a\nx\0y\n", 6}, read_csv);
  assert_string_equal(made, "f is not UTF-8 text (line 2); save it as UTF-8.");
  free(made);
}

static void numbers_stay_as_they_are_written(void **state) {
  (void)state;
  json("[{\"id\":9007199254740993,\"x\":1e15,\"y\":789.0,\"z\":-0.50E-3},{\"id\":789}]",
       "[id][x][y][z]\n[9007199254740993][1e15][789.0][-0.50E-3]\n[789][][][]\n");
}

static void values_become_cells(void **state) {
  (void)state;
  json("[{\"a\": true, \"b\": null, \"c\": [1, [\"x\", null, \"y\"], []], \"d\": {\"k\": [1, {\"q\\\"\": "
       "\"\\u00e9\\n\"}]}}]",
       "[a][b][c][d]\n[true][][1+x+y][{\"k\":[1,{\"q\\\"\":\"\xC3\xA9\\u000a\"}]}]\n");
  json("[{\"a\": \"\\ud83d\\ude00 \\u001f \\/\"}]", "[a]\n[\xF0\x9F\x98\x80   /]\n");
}

static void keys_in_two_spellings_are_one_column(void **state) {
  (void)state;
  json("[{\"useForMatching\": 1}, {\"use_for_matching\\u00a0\": 2}, {\"b\": 3}]",
       "[useForMatching][b]\n[1][]\n[2][]\n[][3]\n");
  refused("[{\"a\": 1,\n \"A \": 2}]", table_of_json, "f, line 2, column 9: the key `A ` is there twice in one record");
}

static void records_come_in_a_list_in_an_object_or_in_lines(void **state) {
  (void)state;
  json(" [ {\"a\":1} , {\"a\":2} ] \n", "[a]\n[1]\n[2]\n");
  json("{\"version\": 2, \"people\": [{\"a\":1}, {\"b\":2}]}", "[a][b]\n[1][]\n[][2]\n");
  json("{\"a\":1}\n{\"a\":2}\r\n\n{\"b\":[3,4]}\n", "[a][b]\n[1][]\n[2][]\n[][3+4]\n");
}

static void what_follows_or_is_no_json_is_refused_with_its_place(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"[{\"a\":1}]\n[{\"a\":2}]",
       "f, line 2, column 1: the end of the file behind the list of records was expected, not `[`"},
      {"[{\"a\":1}] garbage }",
       "line 1, column 11: the end of the file behind the list of records was expected, not `garbage`"},
      {"{\"a\":1}\n[{\"a\":2}]",
       "line 2, column 1: another record in braces, or the end of the file was expected, not `[`"},
      {"{\"x\":[{\"a\":1}],\"y\":[{\"a\":2}]}", "column 22: a second list of records"},
      {"[{\"a\":NaN}]", "line 1, column 7: `NaN` is no value of JSON"},
      {"[{\"a\":-Infinity}]", "column 8: a number was expected, not `Infinity`"},
      {"[{\"a\":None}]", "`None` is no value of JSON"},
      {"[{\"a\":007}]", "a number begins with 0; write an id with leading zeros in quotes"},
      {"[{\"a\":1,}]", "column 9: another name in quotes was expected, not `}`"},
      {"[{\"a\":1},]", "column 10: another element of the list was expected, not `]`"},
      {"[{\"a\" 1}]", "column 7: `:` behind a name was expected, not `1`"},
      {"[{'a':1}]", "column 3: a name in quotes was expected, not `'`"},
      {"[{\"\xC3\xA9\":1 2}]", "column 9: `,` or `}` was expected, not `2`"},
      {"[{\"a\":\"x\ny\"}]", "column 9: a text goes over the end of its line"},
      {"[{\"a\":\"\\u0000\"}]", "holds \\u0000"},
      {"[{\"a\":\"\\ud800\"}]", "half a character"},
      {"[{\"a\":\"\\x\"}]", "behind `\\` was expected, not `x`"},
      {"[{\"a\":1}", "`,` or `]` was expected, not the end of the file"},
      {"[[{\"a\":1}]]", "line 1, column 2: a record in braces was expected, not `[`"},
      {"{\"x\":{\"y\":[{\"a\":1}]}} 3", "another record in braces, or the end of the file was expected, not `3`"},
      {"[]", "f holds no records."},
      {"[{}]", "f holds no records."},
      {"[/* c */]", "a record in braces was expected, not `/`"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) refused(cases[i][0], table_of_json, cases[i][1]);
  char deep[300];
  memset(deep, '[', sizeof deep - 1);
  memcpy(deep, "[{\"a\":", 6);
  deep[sizeof deep - 1] = 0;
  refused(deep, table_of_json, "nested more than 64 deep");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_line_end_ends_a_record),
      cmocka_unit_test(the_separator_is_found_outside_quotes),
      cmocka_unit_test(a_sep_line_names_it),
      cmocka_unit_test(quotes_inside_cells_are_quotes),
      cmocka_unit_test(headers_are_tidied_and_once_there),
      cmocka_unit_test(a_record_that_does_not_fit_is_named_by_record_and_line),
      cmocka_unit_test(a_cell_above_a_megabyte_is_refused),
      cmocka_unit_test(text_in_pieces_is_the_same_text),
      cmocka_unit_test(bytes_that_are_no_text_are_refused_with_their_line),
      cmocka_unit_test(numbers_stay_as_they_are_written),
      cmocka_unit_test(values_become_cells),
      cmocka_unit_test(keys_in_two_spellings_are_one_column),
      cmocka_unit_test(records_come_in_a_list_in_an_object_or_in_lines),
      cmocka_unit_test(what_follows_or_is_no_json_is_refused_with_its_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
