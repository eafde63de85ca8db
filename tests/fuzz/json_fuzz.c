/* Any bytes as JSON with records. A table that was read is well formed, and is read again from JSON in which every
   value is text or a list of texts. */
#include "tables.h"

static void add_text(buffer *out, const char *text, size_t size) {
  char escaped[8];
  append(out, "\"", 1);
  for (size_t i = 0; i < size; i++) {
    const unsigned char letter = (unsigned char)text[i];
    if (letter < ' ' || letter == '"' || letter == '\\') {
      append(out, escaped, (size_t)snprintf(escaped, sizeof escaped, "\\u%04x", letter));
    } else {
      append(out, text + i, 1);
    }
  }
  append(out, "\"", 1);
}

/* A cell with separators was a list. */
static void add_value(buffer *out, const char *cell) {
  const bool is_list = strchr(cell, TABLE_LIST_SEPARATOR);
  if (is_list) append(out, "[", 1);
  for (const char *at = cell;; at++) {
    size_t size = strcspn(at, "\x1f");
    add_text(out, at, size);
    at += size;
    if (!*at) break;
    append(out, ",", 1);
  }
  if (is_list) append(out, "]", 1);
}

static buffer written(const csv_table *table) {
  buffer out = {0};
  append(&out, "[", 1);
  for (size_t row = 0; row < table->row_count; row++) {
    append(&out, row ? ",{" : "{", row ? 2 : 1);
    for (int i = 0; i < (int)table->column_count; i++) {
      if (i) append(&out, ",", 1);
      add_text(&out, table->columns[i], strlen(table->columns[i]));
      append(&out, ":", 1);
      add_value(&out, table_cell(table, row, i));
    }
    append(&out, "}", 1);
  }
  append(&out, "]", 1);
  return out;
}

/* Texts with the character that separates the elements of lists are no lists when they are written again. */
static bool has_odd_lists(const csv_table *table) {
  for (size_t row = 0; row < table->row_count; row++) {
    for (int i = 0; i < (int)table->column_count; i++) {
      const char *cell = table_cell(table, row, i);
      const size_t size = strlen(cell);
      if (size &&
          (cell[0] == TABLE_LIST_SEPARATOR || cell[size - 1] == TABLE_LIST_SEPARATOR || strstr(cell, "\x1f\x1f")))
        return true;
    }
  }
  return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  csv_table table, again;
  if (!read_table((dpl_bytes){data, size}, table_of_json, &table)) return 0;
  check_table(&table);
  if (!has_odd_lists(&table)) {
    buffer text = written(&table);
    if (!read_table(bytes_of(text), table_of_json, &again)) abort();
    check_same(&table, &again);
    free(text.data);
    table_free(&again);
  }
  table_free(&table);
  return 0;
}

/* ---- seeds */

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  /* clang-format off */
  static const char *const seeds[] = {
      "[{\"id\":9007199254740993,\"name\":\"A\",\"photo\":\"1.jpg\"},{\"id\":789.0,\"name\":\"B\",\"photo\":null}]",
      "{\"count\":1,\"people\":[{\"name\":\"\\u00e9\\ud83d\\ude00\",\"photos\":[\"1.jpg\",[\"2.jpg\"],[]]}]}",
      "{\"name\":\"A\",\"use_for_matching\":false}\n{\"name\":\"B\",\"useForMatching\":true}\n",
      "\xEF\xBB\xBF [{\"a\":{\"b\":[1,-2.5e+3,true]},\"c\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}]",
      "[{\"a\":NaN}]", "[{\"a\":1,\"a\":2}]", "[{\"a\":1}] x", "[{\"a\":[1,2"};
  /* clang-format on */
  plant_texts(seed_folder(*count, *arguments), seeds, sizeof seeds / sizeof *seeds);
  return 0;
}
