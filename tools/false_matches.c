/* The false-match-rate table. */
#include "false_matches.h"

#include "output.h"

cJSON *false_matches_json(const dpl_false_match *rows, size_t count) {
  cJSON *list = cJSON_CreateArray();
  for (size_t i = 0; i < count; ++i) {
    cJSON *row = cJSON_CreateObject();
    cJSON_AddNumberToObject(row, "rate", rows[i].rate);
    add_rounded(row, "similarity", (double)rows[i].similarity, 7);
    cJSON_AddNumberToObject(row, "pairs", (double)rows[i].pairs);
    if (rows[i].genuine >= 0) add_rounded(row, "genuine", (double)rows[i].genuine, 7);
    cJSON_AddItemToArray(list, row);
  }
  return list;
}
