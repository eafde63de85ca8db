/* JSON records through cJSON, into a table. */
#include "table_json.h"

#include <stdlib.h>
#include <string.h>

#include "cJSON.h"
#include "files.h"
#include "text.h"

static const cJSON *records_of(const cJSON *document) {
  if (cJSON_IsArray(document)) return document;
  const cJSON *found = NULL, *member;
  cJSON_ArrayForEach(member, document) {
    if (!cJSON_IsArray(member) || !cJSON_IsObject(member->child)) continue;
    if (found) return NULL;
    found = member;
  }
  return found;
}

static char *joined(char *text, const char *more) {
  char *both = *text ? new_text_of("%s%c%s", text, TABLE_LIST_SEPARATOR, more) : new_text(more);
  free(text);
  return both;
}

static char *text_of(const cJSON *value) {
  if (!value || cJSON_IsNull(value)) return new_text("");
  if (cJSON_IsString(value)) return new_text(value->valuestring);
  if (cJSON_IsArray(value)) {
    char *text = new_text("");
    const cJSON *element;
    cJSON_ArrayForEach(element, value) {
      char *part = text_of(element);
      if (*part) text = joined(text, part);
      free(part);
    }
    return text;
  }
  char *printed = cJSON_PrintUnformatted(value);
  char *text = new_text(printed ? printed : "");
  cJSON_free(printed);
  return text;
}

static bool find_columns(const char *path, const cJSON *records, csv_table *table, sentence *why) {
  size_t number = 0;
  const cJSON *record, *member;
  cJSON_ArrayForEach(record, records) {
    ++number;
    if (!cJSON_IsObject(record))
      return fail(why, "%s, record %zu is not an object with names and values.", path, number);
    cJSON_ArrayForEach(member, record) {
      if (table_column(table, member->string) >= 0) continue;
      if (table->column_count == 4096) return fail(why, "%s has more than 4096 different keys.", path);
      table_add_column(table, member->string);
    }
  }
  return number > 0 || fail(why, "%s holds no records.", path);
}

static void fill_cells(const cJSON *records, csv_table *table) {
  table->row_count = (size_t)cJSON_GetArraySize(records);
  const cJSON *record, *member;
  char **row = new_array(table->column_count, sizeof *row);
  cJSON_ArrayForEach(record, records) {
    cJSON_ArrayForEach(member, record) {
      int column = table_column(table, member->string);
      if (!row[column]) row[column] = text_of(member);
    }
    for (size_t i = 0; i < table->column_count; ++i) {
      table_add_cell(table, row[i] ? row[i] : "");
      free(row[i]);
      row[i] = NULL;
    }
  }
  free(row);
}

static size_t line_of(const char *text, const char *place) {
  size_t line = 1;
  for (; text < place; ++text) line += *text == '\n';
  return line;
}

bool table_read_json(const char *path, csv_table *table, sentence *why) {
  *table = (csv_table){0};
  dpl_bytes file;
  if (!text_read(path, &file, why)) return false;
  size_t line;
  const char *stopped = NULL;
  cJSON *document = NULL;
  bool fine = true;
  if (!(document = cJSON_ParseWithLengthOpts((const char *)file.data, file.size, &stopped, false))) {
    line = stopped ? line_of((const char *)file.data, stopped) : 1;
    fine = fail(why, "%s is not JSON: line %zu cannot be read.", path, line);
  }
  const cJSON *records = records_of(document);
  if (fine && !records) fine = fail(why, "%s is no roster: an array of records is needed.", path);
  fine = fine && find_columns(path, records, table, why);
  if (fine) fill_cells(records, table);
  cJSON_Delete(document);
  bytes_free(&file);
  if (!fine) table_free(table);
  return fine;
}

/* JSON begins with a bracket, whatever the file is called. */
static bool begins_like_json(dpl_bytes text) {
  size_t at = 0;
  while (at < text.size && (text.data[at] == ' ' || (text.data[at] >= '\t' && text.data[at] <= '\r'))) ++at;
  return at < text.size && (text.data[at] == '[' || text.data[at] == '{');
}

bool table_read(const char *path, csv_table *table, sentence *why) {
  *table = (csv_table){0};
  dpl_bytes text;
  if (!text_read(path, &text, why)) return false;
  bool json = begins_like_json(text);
  bytes_free(&text);
  return json ? table_read_json(path, table, why) : table_read_csv(path, 0, table, why);
}
