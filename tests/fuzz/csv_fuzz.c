/* Any bytes as CSV, with the separator that the first byte names. A table that was read is well formed, and is read
   again from what a careful program would write of it. */
#include "spreadsheet.h"
#include "tables.h"

static char separator;

static bool read_csv(text_stream *text, const char *name, csv_table *table, sentence *why) {
  return table_of_csv(text, name, separator, table, why);
}

static void add_cell(buffer *out, const char *text, bool last) {
  append(out, "\"", 1);
  if (cell_needs_apostrophe(text)) append(out, "'", 1);
  for (; *text; text++) append(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
  append(out, last ? "\"\r\n" : "\",", 2 + last);
}

static buffer written(const csv_table *table) {
  buffer out = {0};
  const int columns = (int)table->column_count;
  for (int i = 0; i < columns; i++) add_cell(&out, table->columns[i], i + 1 == columns);
  for (size_t row = 0; row < table->row_count; row++) {
    for (int i = 0; i < columns; i++) add_cell(&out, table_cell(table, row, i), i + 1 == columns);
  }
  return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char separators[] = {0, ',', ';', '\t', '|', ':'};
  csv_table table, again;
  if (!size) return 0;
  separator = separators[data[0] % sizeof separators];
  if (!read_table((dpl_bytes){data + 1, size - 1}, read_csv, &table)) return 0;
  check_table(&table);
  if (table.column_count == 1 && strncasecmp(table.columns[0], "sep=", 4) == 0) { /* written, it names a separator */
    table_free(&table);
    return 0;
  }
  buffer text = written(&table);
  separator = ',';
  if (!read_table(bytes_of(text), read_csv, &again)) abort();
  check_same(&table, &again);
  free(text.data);
  table_free(&table);
  table_free(&again);
  return 0;
}

/* ---- seeds */

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  static const char *const seeds[] = {"0name,photo\nA,1.jpg\nB,2.jpg\n",
                                      "0sep=;\r\nname;photo\r\n\"A;B\";\"1\"\"2\"\r\n",
                                      "0\xEF\xBB\xBFname\tphoto\rA\t1.jpg\rB\t2.jpg",
                                      "0\xFF\xFEn\0,\0p\0\n\0A\0,\0001\0\n\0",
                                      "1a,b,c\n'=1+1,'-2,''@x\n,,\n\n\"\n\",\" \",\"\t\"\n",
                                      "2a;b\n\"x;\";y\n",
                                      "5a:b\nx:y\n",
                                      "0a,a\n1,2\n",
                                      "0a,b\n1,2,3\n",
                                      "0a,b\n\"1\n",
                                      "0sep=",
                                      "0\"sep=;\",name\nA,B\n"};
  const char *folder = seed_folder(*count, *arguments);
  for (size_t i = 0; folder && i < sizeof seeds / sizeof *seeds; i++) {
    buffer seed = {0};
    char name[16];
    append(&seed, seeds[i], i == 3 ? 20 : strlen(seeds[i]));
    snprintf(name, sizeof name, "%zu", i);
    plant(folder, name, seed);
  }
  return 0;
}
