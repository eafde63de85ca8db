/* JSON and numbers for people and programs. */
#include "output.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void print_json(cJSON *document) {
  char *text = cJSON_Print(document);
  if (text) puts(text);
  cJSON_free(text);
  cJSON_Delete(document);
}

static cJSON *raw_number(const char *format, int digits, double value) {
  if (!isfinite(value)) return cJSON_CreateNull();
  char text[64];
  snprintf(text, sizeof text, format, digits, value);
  return cJSON_CreateRaw(text);
}

cJSON *rounded_json(double value, int digits) {
  return raw_number("%.*f", digits, value);
}

void add_rounded(cJSON *object, const char *key, double value, int digits) {
  cJSON_AddItemToObject(object, key, rounded_json(value, digits));
}

cJSON *float_array(const float *values, size_t count) {
  cJSON *list = cJSON_CreateArray();
  for (size_t i = 0; i < count; ++i) cJSON_AddItemToArray(list, raw_number("%.*g", 9, (double)values[i]));
  return list;
}

const char *grouped(uint64_t number) {
  static char texts[8][32];
  static unsigned turn;
  char *text = texts[turn++ % 8], digits[24];
  int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number), out = 0;
  for (int i = 0; i < length; ++i) {
    if (i && (length - i) % 3 == 0) text[out++] = ',';
    text[out++] = digits[i];
  }
  text[out] = 0;
  return text;
}
