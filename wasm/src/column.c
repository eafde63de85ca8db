/* A field of the roster as a column: which of a few values each person has, so that a search can be limited to some
   people without asking for their pages. Writing stands beside reading; search.c looks only at whom a column allows. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "safetensors.h"
#include "status.h"

struct dpl_column {
  cJSON *tree; /* owns key and values */
  const char *key;
  const char **values;
  size_t *with_value; /* how many people have each */
  size_t value_count;
  uint16_t *value_of; /* one a person, each below value_count */
  size_t people;
};

static dpl_status read_values(const char *metadata, dpl_column *column, dpl_error *error);
static dpl_status read_people(const dpl_safetensors *file, dpl_column *column, dpl_error *error);
static char *describe(const char *key, const char *const *values, size_t value_count);

dpl_status dpl_column_open(dpl_bytes bytes, size_t people, dpl_column **column, dpl_error *error) {
  if (!bytes.data || !column) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  dpl_safetensors *file;
  dpl_status status = dpl_safetensors_open(bytes, DPL_DAMAGED_GALLERY, &file, error);
  if (status) return status;
  dpl_column *opened = calloc(1, sizeof *opened);
  status = opened ? read_values(dpl_safetensors_metadata(file, "doppel"), opened, error)
                  : dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  if (!status) {
    opened->people = people;
    status = read_people(file, opened, error);
  }
  dpl_safetensors_close(file);
  if (status) {
    dpl_column_close(opened);
    return status;
  }
  *column = opened;
  return DPL_OK;
}

const char *dpl_column_key(const dpl_column *column) {
  return column->key;
}

size_t dpl_column_values(const dpl_column *column) {
  return column->value_count;
}

const char *dpl_column_value(const dpl_column *column, size_t value) {
  return value < column->value_count ? column->values[value] : NULL;
}

size_t dpl_column_people(const dpl_column *column, size_t value) {
  return value < column->value_count ? column->with_value[value] : 0;
}

void dpl_column_allow(const dpl_column *column, const uint32_t *values, size_t count, uint32_t *allowed) {
  bool chosen[DPL_MAX_COLUMN_VALUES] = {false};
  for (size_t i = 0; i < count; i++)
    if (values[i] < column->value_count) chosen[values[i]] = true;
  for (size_t i = 0; i < column->people; i++)
    if (!chosen[column->value_of[i]]) allowed[i / 32] &= ~(UINT32_C(1) << i % 32);
}

void dpl_column_close(dpl_column *column) {
  if (!column) return;
  cJSON_Delete(column->tree);
  free(column->values);
  free(column->with_value);
  free(column->value_of);
  free(column);
}

dpl_status dpl_column_write(const char *key, const char *const *values, size_t value_count, const uint16_t *value_of,
                            size_t people, uint8_t **file, size_t *size, dpl_error *error) {
  if (!key || !*key || !values || !value_of || !file || !size || people < 1 || value_count < 1 ||
      value_count > DPL_MAX_COLUMN_VALUES)
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "A column needs a key, people, and 1 … %d values.",
                    DPL_MAX_COLUMN_VALUES);
  for (size_t i = 0; i < people; i++)
    if (value_of[i] >= value_count)
      return dpl_fail(error, DPL_INVALID_ARGUMENT, "Person %zu has value %u of %zu.", i, value_of[i], value_count);
  char *metadata = describe(key, values, value_count);
  if (!metadata) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  const dpl_tensor tensor = {"value", DPL_U16, 1, {people}, people, (const uint8_t *)value_of};
  const dpl_status status = dpl_safetensors_write(&tensor, 1, metadata, file, size, error);
  cJSON_free(metadata);
  return status;
}

/* NULL where there is no memory for all of it. */
static char *describe(const char *key, const char *const *values, size_t value_count) {
  cJSON *document = cJSON_CreateObject(), *list = cJSON_CreateStringArray(values, (int)value_count);
  const bool has_list = list && cJSON_AddItemToObject(document, "values", list);
  if (!has_list) cJSON_Delete(list);
  const bool whole = has_list && cJSON_AddNumberToObject(document, "format", 1) &&
                     cJSON_AddStringToObject(document, "kind", "column") &&
                     cJSON_AddStringToObject(document, "key", key);
  char *text = whole ? cJSON_PrintUnformatted(document) : NULL;
  cJSON_Delete(document);
  return text;
}

static dpl_status damaged(dpl_error *error, const char *what) {
  return dpl_fail(error, DPL_DAMAGED_GALLERY, "The column file is damaged: %s; build or fetch the gallery again.",
                  what);
}

static dpl_status read_values(const char *metadata, dpl_column *column, dpl_error *error) {
  column->tree = metadata ? dpl_json_parse(metadata, strlen(metadata)) : NULL;
  if (strcmp(dpl_json_string(column->tree, "kind", ""), "column") != 0)
    return dpl_fail(error, DPL_DAMAGED_GALLERY, "The file is not a column of a gallery.");
  uint64_t format;
  if (!dpl_json_whole(dpl_json_get(column->tree, "format"), &format) || format != 1)
    return dpl_fail(error, DPL_DAMAGED_GALLERY,
                    "The column file is of a format that this version cannot read; update doppel.");
  column->key = dpl_json_string(column->tree, "key", "");
  if (!*column->key) return damaged(error, "it does not say which field it is");
  const cJSON *values = dpl_json_get(column->tree, "values");
  const int count = cJSON_IsArray(values) ? cJSON_GetArraySize(values) : 0;
  if (count < 1 || count > DPL_MAX_COLUMN_VALUES) return damaged(error, "its values are none or too many");
  column->values = calloc((size_t)count, sizeof *column->values);
  column->with_value = calloc((size_t)count, sizeof *column->with_value);
  if (!column->values || !column->with_value) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  for (const cJSON *value = values->child; value; value = value->next) {
    if (!cJSON_IsString(value)) return damaged(error, "a value is no text");
    column->values[column->value_count++] = value->valuestring;
  }
  return DPL_OK;
}

static dpl_status read_people(const dpl_safetensors *file, dpl_column *column, dpl_error *error) {
  const dpl_tensor *tensor = dpl_safetensors_find(file, "value");
  if (!tensor || tensor->dtype != DPL_U16 || tensor->rank != 1 || tensor->count != column->people)
    return dpl_fail(error, DPL_DAMAGED_GALLERY,
                    "The column file is not of a gallery of %zu people; build or fetch the gallery again.",
                    column->people);
  column->value_of = malloc((column->people + 1) * sizeof *column->value_of);
  if (!column->value_of) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  memcpy(column->value_of, tensor->data, column->people * sizeof *column->value_of);
  for (size_t i = 0; i < column->people; i++) {
    if (column->value_of[i] >= column->value_count) return damaged(error, "a person has a value that it does not list");
    column->with_value[column->value_of[i]]++;
  }
  return DPL_OK;
}
