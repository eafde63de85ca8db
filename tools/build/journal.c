/* The journal's file. Records are read with pread and looked at one by one, so that memory holds one at a time. */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

struct journal_lock {
  pthread_mutex_t mutex; /* for the index */
};

typedef struct record_head {
  char mark[4];
  uint32_t length;
  record_key key;
  uint8_t check[8];
} record_head;

static const char first_line[] = "doppel journal\n", mark[4] = {'r', 'e', 'c', '\n'};
static const uint32_t longest_record = 64 << 20;

_Static_assert(sizeof(record_head) == 48, "a record's head has no gaps");

/* ---------------------------------------------------------------------------------------------- bytes */

static bool read_at(int file, void *data, size_t size, uint64_t offset) {
  for (size_t done = 0; done < size;) {
    ssize_t got = pread(file, (char *)data + done, size - done, (off_t)(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += (size_t)got;
  }
  return true;
}

static bool write_at(int file, const void *data, size_t size, uint64_t offset) {
  for (size_t done = 0; done < size;) {
    ssize_t put = pwrite(file, (const char *)data + done, size - done, (off_t)(offset + done));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    done += (size_t)put;
  }
  return true;
}

static bool cannot_write(const journal *all, sentence *why) {
  return fail(why, "%s cannot be written: %s.", all->path, strerror(errno));
}

static void fill_check(const journal *all, record_head *head, const uint8_t *data) {
  uint8_t sum[SHA256_BYTES];
  const dpl_bytes parts[] = {{all->context_key.bytes, sizeof all->context_key.bytes},
                             {(const uint8_t *)&head->length, sizeof head->length},
                             {head->key.bytes, sizeof head->key.bytes},
                             {data, head->length}};
  sha256_of_parts(parts, sizeof parts / sizeof *parts, sum);
  memcpy(head->check, sum, sizeof head->check);
}

/* ---------------------------------------------------------------------------------------------- looking through it */

/* Reads the record at `offset` into *data, which grows as needed; false where there is no good one. */
static bool good_record(const journal *all, uint64_t offset, uint64_t size, record_head *head, dpl_bytes *data) {
  if (size - offset < sizeof *head || !read_at(all->file, head, sizeof *head, offset)) return false;
  if (memcmp(head->mark, mark, sizeof mark) != 0 || head->length > longest_record ||
      head->length > size - offset - sizeof *head)
    return false;
  if (head->length > data->size) {
    data->data = grown_array((void *)(uintptr_t)data->data, head->length, 1);
    data->size = head->length;
  }
  record_head expected = *head;
  if (!read_at(all->file, (void *)(uintptr_t)data->data, head->length, offset + sizeof *head)) return false;
  fill_check(all, &expected, data->data);
  return !memcmp(&expected, head, sizeof *head);
}

/* Where behind `offset` the next mark of a record is; the file's size where there is none. */
static uint64_t next_mark(const journal *all, uint64_t offset, uint64_t size) {
  char block[65536];
  for (uint64_t from = offset + 1; from + sizeof mark <= size;) {
    size_t length = size - from < sizeof block ? (size_t)(size - from) : sizeof block;
    if (!read_at(all->file, block, length, from)) return size;
    const char *found = memmem(block, length, mark, sizeof mark);
    if (found) return from + (size_t)(found - block);
    from += length - sizeof mark + 1;
  }
  return size;
}

/* Notes all good records from `offset` on. A record under a key that comes again replaces the earlier one. */
static void index_records(journal *all, uint64_t offset, uint64_t size) {
  record_head head;
  dpl_bytes data = {0};
  all->end = offset;
  while (offset < size) {
    if (!good_record(all, offset, size, &head, &data)) {
      offset = next_mark(all, offset, size);
      continue;
    }
    key_entry *entry = key_index_add(&all->index, &head.key);
    entry->offset = offset;
    entry->length = head.length;
    all->damaged += offset - all->end;
    offset += sizeof head + head.length;
    all->end = offset;
  }
  bytes_free(&data);
}

/* ---------------------------------------------------------------------------------------------- opening */

static void begin(journal *all, const char *path, const char *context) {
  *all = (journal){.path = new_text(path), .context = new_text(context), .file = -1};
  all->context_key = key_of((dpl_bytes){(const uint8_t *)context, strlen(context)});
  all->lock = new_array(1, sizeof *all->lock);
  pthread_mutex_init(&all->lock->mutex, NULL);
}

static bool open_file(journal *all, int flags, uint64_t *size, sentence *why) {
  struct stat about;
  all->file = open(all->path, flags | O_CLOEXEC, 0666);
  if (all->file < 0 || fstat(all->file, &about) != 0)
    return fail(why, "%s cannot be opened: %s.", all->path, strerror(errno));
  if (!S_ISREG(about.st_mode)) return fail(why, "%s is not a regular file; remove it.", all->path);
  *size = (uint64_t)about.st_size;
  return true;
}

static char *header_text(const journal *all) {
  return new_text_of("%s%s\n", first_line, all->context);
}

static bool has_header(const journal *all, const char *header, uint64_t size) {
  size_t length = strlen(header);
  char *there = new_array(length, 1);
  bool same = size >= length && read_at(all->file, there, length, 0) && !memcmp(there, header, length);
  free(there);
  return same;
}

/* What lies behind the last good record goes, so that new ones follow it. */
static bool cut_off_rest(journal *all, uint64_t size, sentence *why) {
  all->lost = all->damaged + (size - all->end);
  return size == all->end || ftruncate(all->file, (off_t)all->end) == 0 || cannot_write(all, why);
}

bool journal_open(journal *all, const char *path, const char *context, sentence *why) {
  uint64_t size;
  begin(all, path, context);
  char *header = header_text(all);
  size_t length = strlen(header);
  bool fine = open_file(all, O_RDWR | O_CREAT, &size, why);
  if (fine && !has_header(all, header, size)) {
    /* New, or damaged at its very beginning: the records behind it say by themselves whether they are good. */
    fine = write_at(all->file, header, length, 0) || cannot_write(all, why);
    if (size < length) size = length;
  }
  if (fine) {
    index_records(all, length, size);
    fine = cut_off_rest(all, size, why) && journal_sync(all, why);
  }
  free(header);
  if (!fine) journal_close(all);
  return fine;
}

bool journal_open_whole(journal *all, const char *path, const char *context, sentence *why) {
  uint64_t size;
  begin(all, path, context);
  char *header = header_text(all);
  bool fine = open_file(all, O_RDONLY, &size, why);
  if (fine && !has_header(all, header, size)) fine = fail(why, "%s is not the journal that it should be.", path);
  if (fine) {
    index_records(all, strlen(header), size);
    if (all->damaged || all->end < size) fine = fail(why, "%s is damaged.", path);
  }
  free(header);
  if (!fine) journal_close(all);
  return fine;
}

void journal_close(journal *all) {
  if (all->file >= 0 && all->path) close(all->file);
  if (all->lock) pthread_mutex_destroy(&all->lock->mutex);
  free(all->lock);
  key_index_free(&all->index);
  free(all->path);
  free(all->context);
  *all = (journal){.file = -1};
}

/* ---------------------------------------------------------------------------------------------- records */

journal_claim journal_claim_record(journal *all, const record_key *key) {
  pthread_mutex_lock(&all->lock->mutex);
  const key_entry *entry = key_index_find(&all->index, key);
  journal_claim claim = !entry ? CLAIM_NEW : entry->offset ? CLAIM_KNOWN : CLAIM_AT_WORK;
  if (!entry) key_index_add(&all->index, key);
  pthread_mutex_unlock(&all->lock->mutex);
  return claim;
}

bool journal_append(journal *all, const record_key *key, dpl_bytes record, sentence *why) {
  record_head head = {.length = (uint32_t)record.size, .key = *key};
  if (record.size > longest_record) return fail(why, "A photo's record would have %zu bytes.", record.size);
  memcpy(head.mark, mark, sizeof mark);
  fill_check(all, &head, record.data);
  if (!write_at(all->file, &head, sizeof head, all->end) ||
      !write_at(all->file, record.data, record.size, all->end + sizeof head)) {
    cannot_write(all, why);
    if (ftruncate(all->file, (off_t)all->end) != 0) warn("%s has half a record at its end.", all->path);
    return false;
  }
  pthread_mutex_lock(&all->lock->mutex);
  key_entry *entry = key_index_add(&all->index, key);
  entry->offset = all->end;
  entry->length = head.length;
  pthread_mutex_unlock(&all->lock->mutex);
  all->end += sizeof head + record.size;
  return true;
}

bool journal_sync(journal *all, sentence *why) {
  if (all->synced == all->end) return true;
  if (fdatasync(all->file) != 0) return cannot_write(all, why);
  all->synced = all->end;
  return true;
}

bool journal_read(journal *all, const record_key *key, dpl_bytes *record, sentence *why) {
  pthread_mutex_lock(&all->lock->mutex);
  const key_entry *found = key_index_find(&all->index, key);
  const key_entry entry = found ? *found : (key_entry){0};
  pthread_mutex_unlock(&all->lock->mutex);
  record_head head;
  *record = (dpl_bytes){0};
  uint64_t end = entry.offset + sizeof head + entry.length;
  if (entry.offset && good_record(all, entry.offset, end, &head, record) && !memcmp(&head.key, key, sizeof *key)) {
    record->size = head.length;
    return true;
  }
  bytes_free(record);
  return fail(why, "%s lacks a record that it should have.", all->path);
}

/* ---------------------------------------------------------------------------------------------- keeping some */

static bool copy_records(journal *from, journal *to, const record_key *keys, size_t count, sentence *why) {
  for (size_t i = 0; i < count; ++i) {
    dpl_bytes record;
    if (journal_claim_record(to, &keys[i]) != CLAIM_NEW) continue;
    if (!journal_read(from, &keys[i], &record, why)) return false;
    bool fine = journal_append(to, &keys[i], record, why);
    bytes_free(&record);
    if (!fine) return false;
  }
  return journal_sync(to, why);
}

static size_t different_keys(const record_key *keys, size_t count) {
  key_index seen = {0};
  for (size_t i = 0; i < count; ++i) key_index_add(&seen, &keys[i]);
  size_t different = seen.count;
  key_index_free(&seen);
  return different;
}

bool journal_keep_only(journal *all, const record_key *keys, size_t count, sentence *why) {
  if (!all->damaged && different_keys(keys, count) == all->index.count) return true;
  char *beside = new_text_of("%s.new", all->path);
  journal kept;
  unlink(beside);
  bool fine = journal_open(&kept, beside, all->context, why);
  if (fine) {
    fine = copy_records(all, &kept, keys, count, why) && (rename(beside, all->path) == 0 || cannot_write(all, why));
    if (fine) {
      char *path = kept.path;
      kept.path = all->path;
      all->path = path; /* what journal_close frees and what stays are exchanged */
      journal old = *all;
      *all = kept;
      kept = old;
    }
    journal_close(&kept);
  }
  if (!fine) unlink(beside);
  free(beside);
  return fine;
}
