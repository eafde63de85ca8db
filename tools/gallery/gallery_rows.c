/* Shard after shard, into one block of vectors. */
#include "gallery_rows.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"

static bool add_shard(const gallery_folder *gallery, dpl_bytes file, gallery_rows *read, sentence *why) {
  dpl_gallery_row *rows;
  size_t count;
  int dimension;
  dpl_error error;
  if (dpl_shard_read(file, &rows, &count, &dimension, &error)) return fail(why, "%s", error.message);
  bool fits = (size_t)dimension == read->dimension && count <= gallery->info.photos - read->count;
  for (size_t i = 0; i < count && fits; ++i) {
    float *vector = read->vectors + read->count * read->dimension;
    fits = rows[i].person < gallery->info.people;
    memcpy(vector, rows[i].vector, read->dimension * sizeof *vector);
    rows[i].vector = vector;
    read->rows[read->count++] = rows[i];
  }
  free(rows);
  return fits || fail(why, "The files of the gallery %s do not belong together; build it again.", gallery->folder);
}

bool gallery_rows_read(const gallery_folder *gallery, gallery_rows *read, sentence *why) {
  const size_t photos = gallery->info.photos;
  *read = (gallery_rows){.dimension = (size_t)gallery->info.dimension};
  read->rows = new_array(photos, sizeof *read->rows);
  read->vectors = new_array(photos, read->dimension * sizeof *read->vectors);
  bool fine = true;
  const cJSON *entry;
  cJSON_ArrayForEach(entry, gallery_folder_files(gallery, "embeddings")) {
    dpl_bytes file = {0};
    fine = fine && gallery_folder_read(gallery, entry, &file, why) && add_shard(gallery, file, read, why);
    bytes_free(&file);
  }
  if (fine && read->count != photos)
    fine = fail(why, "The files of the gallery %s hold %zu photos, not %zu; build it again.", gallery->folder,
                read->count, photos);
  if (!fine) gallery_rows_free(read);
  return fine;
}

void gallery_rows_free(gallery_rows *read) {
  free(read->rows);
  free(read->vectors);
  *read = (gallery_rows){0};
}
