/* cJSON behind limits. Knows nothing of what the JSON means. */
#include "json.h"

#include <math.h>

enum { MAX_DEPTH = 32 };

static bool is_shallow(const char *text, size_t size);

cJSON *dpl_json_parse(const char *text, size_t size) {
  if (!text || size == 0 || !is_shallow(text, size)) return NULL;
  const char *end = NULL;
  cJSON *tree = cJSON_ParseWithLengthOpts(text, size, &end, false);
  if (!tree) return NULL;
  /* What follows the value may only be white space. */
  for (; end < text + size; end++) {
    if (*end == ' ' || *end == '\n' || *end == '\r' || *end == '\t') continue;
    cJSON_Delete(tree);
    return NULL;
  }
  return tree;
}

const cJSON *dpl_json_get(const cJSON *object, const char *name) {
  return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

const char *dpl_json_string(const cJSON *object, const char *name, const char *fallback) {
  const cJSON *item = dpl_json_get(object, name);
  return cJSON_IsString(item) && item->valuestring ? item->valuestring : fallback;
}

bool dpl_json_whole(const cJSON *item, uint64_t *value) {
  double number;
  if (!dpl_json_number(item, &number)) return false;
  if (!(number >= 0 && number <= 9007199254740992.0) || floor(number) < number) return false;
  *value = (uint64_t)number;
  return true;
}

bool dpl_json_number(const cJSON *item, double *value) {
  if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble)) return false;
  *value = item->valuedouble;
  return true;
}

/* cJSON recurses once a level; the stack of a WebAssembly module is small, so depth is counted before. */
static bool is_shallow(const char *text, size_t size) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < size; i++) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\')
        i++;
      else if (c == '"')
        quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > MAX_DEPTH) return false;
    } else if (c == '}' || c == ']') {
      depth--;
    }
  }
  return true;
}
