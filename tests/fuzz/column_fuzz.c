/* Any bytes as a column of a gallery, whose people the first byte counts: people to choose from, or a sentence. */
#include "seeds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  const size_t people = 1 + data[0] % 70;
  dpl_column *column = NULL;
  dpl_error error = {0};
  if (dpl_column_open((dpl_bytes){data + 1, size - 1}, people, &column, &error)) {
    if (column || !error.message[0]) abort();
    return 0;
  }
  size_t sum = 0;
  if (!*dpl_column_key(column)) abort();
  for (size_t i = 0; i < dpl_column_values(column); i++) {
    uint32_t allowed[3] = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
    size_t left = 0;
    dpl_column_allow(column, (const uint32_t[]){(uint32_t)i, UINT32_MAX}, 2, allowed);
    for (size_t k = 0; k < people; k++) left += allowed[k / 32] >> k % 32 & 1;
    if (!dpl_column_value(column, i) || left != dpl_column_people(column, i)) abort();
    sum += left;
  }
  if (sum != people || dpl_column_value(column, dpl_column_values(column))) abort();
  dpl_column_close(column);
  return 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  buffer file = {0}, seed = {0};
  dpl_error error;
  if (dpl_column_write("rank", (const char *const[]){"", "captain"}, 2, (const uint16_t[]){1, 0, 1}, 3, &file.data,
                       &file.size, &error))
    abort();
  append(&seed, &(uint8_t){2}, 1);
  append(&seed, file.data, file.size);
  free(file.data);
  plant(folder, "column", seed);
  return 0;
}
