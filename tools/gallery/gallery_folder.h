/* A gallery on disk, read with every file's size and sha256 checked. */
#ifndef TOOL_GALLERY_FOLDER_H
#define TOOL_GALLERY_FOLDER_H

#include "basics.h"
#include "cJSON.h"
#include "doppel.h"

typedef struct gallery_folder {
  char *folder;
  cJSON *manifest;
  dpl_gallery *gallery; /* without vectors until gallery_folder_load */
  dpl_gallery_info info;
  cJSON **pages; /* people pages, read when they are needed */
  size_t page_count, people_per_page;
} gallery_folder;

/* `path` is the folder or its gallery.json. */
bool gallery_folder_open(const char *path, gallery_folder *opened, sentence *why);

/* Adds all shards of vectors; or only one, by its place in files.embeddings. */
bool gallery_folder_load(gallery_folder *opened, sentence *why);
bool gallery_folder_load_shard(gallery_folder *opened, size_t shard, sentence *why);

/* {"name", "photos", "fields"} of a person; belongs to the folder. NULL with a sentence where it cannot be read. */
const cJSON *gallery_folder_person(gallery_folder *opened, size_t person, sentence *why);

/* Entries of files.embeddings, files.people, files.columns or files.photos; NULL where the manifest has none. */
const cJSON *gallery_folder_files(const gallery_folder *opened, const char *kind);

/* The file of such an entry, only if it is the one that the manifest means; bytes_free. */
bool gallery_folder_read(const gallery_folder *opened, const cJSON *entry, dpl_bytes *file, sentence *why);

/* Reads and checks all files that the manifest lists. */
bool gallery_folder_check(const gallery_folder *opened, sentence *why);

void gallery_folder_close(gallery_folder *opened);

#endif
