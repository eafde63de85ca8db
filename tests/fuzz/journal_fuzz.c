/* Any bytes as the record of a photo, or, by the first byte, as a journal: what can be read is read, the rest left out.
 */
#include "records.h"

#include "seeds.h"

#include <sys/mman.h>
#include <unistd.h>

static const char context[] = "{}";

static void read_record(dpl_bytes bytes) {
  photo_record record;
  if (!photo_record_read(bytes, DIMENSION, &record)) {
    if (record.faces || record.detail || record.count) abort();
    return;
  }
  dpl_bytes again = photo_record_bytes(&record, DIMENSION);
  if (record.skipped != photo_record_is_skip(bytes) || (!record.skipped && again.size != bytes.size)) abort();
  bytes_free(&again);
  photo_record_free(&record);
}

/* The file has no disk under it, so that syncing costs nothing. */
static void read_journal(dpl_bytes bytes) {
  static int file = -1;
  if (file < 0) file = memfd_create("journal", 0);
  if (ftruncate(file, 0) || pwrite(file, bytes.data, bytes.size, 0) != (ssize_t)bytes.size) abort();
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  journal all;
  sentence why;
  if (!journal_open(&all, path, context, &why)) abort();
  for (size_t i = 0; i < all.index.capacity; i++) {
    const key_entry *entry = &all.index.entries[i];
    dpl_bytes record;
    if (!entry->used) continue;
    if (!journal_read(&all, &entry->key, &record, &why)) abort();
    read_record(record);
    bytes_free(&record);
  }
  const uint64_t kept = all.end;
  journal_close(&all);
  /* What was opened once is whole, but for what lies between good records. */
  if (!journal_open(&all, path, context, &why) || all.end != kept) abort();
  journal_close(&all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  const dpl_bytes bytes = {data + 1, size - 1};
  if (data[0] & 1)
    read_journal(bytes);
  else
    read_record(bytes);
  return 0;
}

/* ---- seeds */

static void plant_bytes(const char *folder, const char *name, uint8_t kind, dpl_bytes bytes) {
  buffer seed = {0};
  append(&seed, &kind, 1);
  append(&seed, bytes.data, bytes.size);
  bytes_free(&bytes);
  plant(folder, name, seed);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  plant_bytes(folder, "faces", 0, faces_record(1));
  plant_bytes(folder, "skip", 0, skip_record());
  char path[64] = "/tmp/doppel-fuzz-XXXXXX";
  const int file = mkstemp(path);
  journal all;
  sentence why;
  dpl_bytes bytes;
  if (file < 0 || !journal_open(&all, path, context, &why)) abort();
  for (uint64_t i = 0; i < 3; i++) {
    const record_key key = key_number(i);
    dpl_bytes record = i ? faces_record(i) : skip_record();
    if (!journal_append(&all, &key, record, &why)) abort();
    bytes_free(&record);
  }
  journal_close(&all);
  if (!file_read(path, &bytes, &why)) abort();
  close(file), unlink(path);
  plant_bytes(folder, "journal", 1, bytes);
  return 0;
}
