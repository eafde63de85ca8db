/* Calibrations into JSON; gallery.c of the library reads them back. */
#include "calibration_json.h"

#include "output.h"

/* `counted` names what was counted: pairs, or people. */
static cJSON *distribution_json(const char *counted, const uint64_t *counts, uint64_t number, uint64_t all) {
  size_t first = 0, end = DPL_CALIBRATION_BINS;
  while (first < end && !counts[first]) ++first;
  while (end > first && !counts[end - 1]) --end;
  cJSON *entry = cJSON_CreateObject();
  cJSON_AddNumberToObject(entry, counted, (double)number);
  cJSON_AddNumberToObject(entry, "of", (double)all);
  cJSON_AddNumberToObject(entry, "first", first < end ? (double)first : 0);
  cJSON *list = cJSON_AddArrayToObject(entry, "counts");
  for (size_t i = first; i < end; ++i) cJSON_AddItemToArray(list, cJSON_CreateNumber((double)counts[i]));
  return entry;
}

cJSON *calibration_json(const dpl_calibration *calibration) {
  const double range[] = {-1, 1};
  cJSON *out = cJSON_CreateObject();
  cJSON_AddNumberToObject(out, "bins", DPL_CALIBRATION_BINS);
  cJSON_AddItemToObject(out, "range", cJSON_CreateDoubleArray(range, 2));
  cJSON_AddNumberToObject(out, "budget", (double)calibration->budget);
  cJSON_AddNumberToObject(out, "seed", (double)calibration->seed);
  cJSON_AddItemToObject(
      out, "impostor",
      distribution_json("pairs", calibration->impostor, calibration->impostor_pairs, calibration->impostor_all));
  cJSON_AddItemToObject(
      out, "genuine",
      distribution_json("pairs", calibration->genuine, calibration->genuine_pairs, calibration->genuine_all));
  cJSON_AddItemToObject(
      out, "nearest",
      distribution_json("people", calibration->nearest, calibration->nearest_people, calibration->nearest_all));
  cJSON_AddItemToObject(out, "false_matches",
                        false_matches_json(calibration->false_matches, calibration->false_match_count));
  return out;
}

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
