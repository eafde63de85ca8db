/* The files of a gallery and their manifest. */
#include "gallery_writer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "calibration_json.h"
#include "field_columns.h"
#include "files.h"
#include "jpeg.h"
#include "names_file.h"
#include "webp.h"

/* ---------------------------------------------------------------------------------------------- photos */

bool gallery_writer_begin(gallery_writer *writer, const char *folder, cJSON *embedder, cJSON *detector, sentence *why) {
  *writer = (gallery_writer){.folder = folder, .embedder = embedder, .detector = detector};
  portrait_files_begin(&writer->portraits, folder);
  const cJSON *dimension = cJSON_GetObjectItemCaseSensitive(embedder, "dimension");
  writer->embedder_sha256 = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(embedder, "sha256"));
  if (!writer->embedder_sha256 || !cJSON_IsNumber(dimension) || dimension->valueint < 1 ||
      dimension->valueint > DPL_MAX_DIMENSION)
    return fail(why, "The network that made the vectors needs a sha256, and a dimension of 1 … %d.", DPL_MAX_DIMENSION);
  return vector_file_begin(&writer->vectors, folder, (size_t)dimension->valueint, why);
}

bool gallery_writer_add_files(gallery_writer *writer, uint32_t person, const float *vector, const dpl_face *face,
                              const dpl_face_quality *quality, dpl_bytes portrait, dpl_bytes large, sentence *why) {
  if (writer->count == writer->capacity) {
    writer->capacity = writer->capacity ? writer->capacity * 2 : 256;
    writer->person = grown_array(writer->person, writer->capacity, sizeof *writer->person);
    writer->faces = grown_array(writer->faces, writer->capacity, sizeof *writer->faces);
    writer->qualities = grown_array(writer->qualities, writer->capacity, sizeof *writer->qualities);
  }
  if (!vector_file_add(&writer->vectors, vector, why)) return false;
  writer->person[writer->count] = person;
  writer->faces[writer->count] = *face;
  writer->qualities[writer->count] = *quality;
  ++writer->count;
  return portrait_files_add(&writer->portraits, portrait, large, why);
}

/* By way of JPEG, so that the same portrait gives the same sheet whichever way it comes. */
bool gallery_writer_add(gallery_writer *writer, uint32_t person, const float *vector, const dpl_face *face,
                        const dpl_face_quality *quality, const dpl_image *portrait, const dpl_image *large,
                        sentence *why) {
  dpl_bytes file = {0}, large_file = {0};
  bool fine = jpeg_of_image(portrait, &file, why) &&
              (!large || webp_of_image(large, LARGE_QUALITY, &large_file, why)) &&
              gallery_writer_add_files(writer, person, vector, face, quality, file, large_file, why);
  bytes_free(&file);
  bytes_free(&large_file);
  return fine;
}

/* ---------------------------------------------------------------------------------------------- shards */

static float *mean_vector(const gallery_writer *writer, const float *vectors) {
  size_t dimension = writer->vectors.dimension;
  double *sums = new_array(dimension, sizeof *sums);
  float *mean = new_array(dimension, sizeof *mean);
  for (size_t i = 0; i < writer->count; ++i) {
    for (size_t j = 0; j < dimension; ++j) sums[j] += (double)vectors[i * dimension + j];
  }
  for (size_t j = 0; j < dimension; ++j) mean[j] = (float)(sums[j] / (double)writer->count);
  free(sums);
  return mean;
}

static bool write_shard(const gallery_writer *writer, const float *vectors, size_t first, size_t count, size_t number,
                        const float *mean, cJSON *list, sentence *why) {
  size_t dimension = writer->vectors.dimension, size;
  dpl_gallery_row *rows = new_array(count, sizeof *rows);
  for (size_t i = first; i < first + count; ++i) {
    rows[i - first] = (dpl_gallery_row){.vector = vectors + i * dimension,
                                        .person = writer->person[i],
                                        .face = writer->faces[i],
                                        .quality = writer->qualities[i]};
  }
  uint8_t *file;
  dpl_error error;
  dpl_status status = dpl_shard_write(rows, count, (int)dimension, mean, (uint32_t)first, writer->embedder_sha256,
                                      &file, &size, &error);
  free(rows);
  if (status) return fail(why, "%s", error.message);
  bool fine = gallery_file_write(writer->folder, "embeddings", number, ".safetensors", (dpl_bytes){file, size}, count,
                                 list, why);
  free(file);
  return fine;
}

static bool write_shards(gallery_writer *writer, const float *vectors, cJSON *list, sentence *why) {
  size_t most_row_bytes = 2 * writer->vectors.dimension + 128; /* more than a row takes, whatever the shard does */
  size_t rows_a_shard = ((size_t)LARGEST_FILE - 65536) / most_row_bytes;
  float *mean = mean_vector(writer, vectors);
  bool fine = true;
  for (size_t first = 0; first < writer->count && fine; first += rows_a_shard) {
    size_t left = writer->count - first;
    fine = write_shard(writer, vectors, first, left < rows_a_shard ? left : rows_a_shard, writer->shards++, mean, list,
                       why);
  }
  free(mean);
  return fine;
}

/* ---------------------------------------------------------------------------------------------- people */

/* The photos of each person: photos[first[i]] … photos[first[i + 1] − 1] are those of person i. */
static void photos_by_person(const gallery_writer *writer, size_t people, size_t *first, uint32_t *photos) {
  for (size_t i = 0; i < writer->count; ++i) ++first[writer->person[i] + 1];
  for (size_t i = 0; i < people; ++i) first[i + 1] += first[i];
  size_t *next = new_array(people, sizeof *next);
  memcpy(next, first, people * sizeof *next);
  for (size_t i = 0; i < writer->count; ++i) photos[next[writer->person[i]]++] = (uint32_t)i;
  free(next);
}

static cJSON *person_json(const gallery_person *person, const gallery_about *about, const uint32_t *photos,
                          size_t count) {
  cJSON *entry = cJSON_CreateObject();
  cJSON_AddStringToObject(entry, "id", person->id);
  cJSON_AddStringToObject(entry, "name", person->name);
  cJSON *list = cJSON_AddArrayToObject(entry, "photos");
  for (size_t i = 0; i < count; ++i) cJSON_AddItemToArray(list, cJSON_CreateNumber(photos[i]));
  cJSON *fields = cJSON_AddObjectToObject(entry, "fields");
  for (size_t i = 0; i < about->field_count; ++i) {
    if (*person->values[i]) cJSON_AddStringToObject(fields, about->fields[i], person->values[i]);
  }
  return entry;
}

static bool write_people(const gallery_writer *writer, const gallery_about *about, const gallery_person *people,
                         size_t people_count, cJSON *list, cJSON *names, sentence *why) {
  size_t *first = new_array(people_count + 1, sizeof *first);
  uint32_t *photos = new_array(writer->count, sizeof *photos);
  photos_by_person(writer, people_count, first, photos);
  bool fine = true;
  for (size_t begin = 0; begin < people_count && fine; begin += PEOPLE_PER_PAGE) {
    size_t end = begin + PEOPLE_PER_PAGE < people_count ? begin + PEOPLE_PER_PAGE : people_count;
    cJSON *page = cJSON_CreateArray();
    for (size_t i = begin; i < end; ++i) {
      cJSON_AddItemToArray(page, person_json(&people[i], about, photos + first[i], first[i + 1] - first[i]));
    }
    fine = gallery_file_write_json(writer->folder, "people", begin / PEOPLE_PER_PAGE, page, end - begin, list, why);
  }
  fine = fine && names_files_write(writer->folder, about, people, people_count, first, names, why);
  free(first);
  free(photos);
  return fine;
}

/* ---------------------------------------------------------------------------------------------- columns */

typedef struct field_of_people {
  const gallery_person *people;
  size_t field;
} field_of_people;

static const char *field_value(const void *context, size_t person) {
  const field_of_people *of = context;
  return of->people[person].values[of->field];
}

static bool write_columns(const gallery_writer *writer, const gallery_about *about, const gallery_person *people,
                          size_t people_count, cJSON *list, sentence *why) {
  bool fine = true;
  for (size_t field = 0, number = 0; field < about->field_count && fine; ++field) {
    dpl_bytes file;
    const field_of_people of = {people, field};
    fine = field_column_make(about->fields[field], field_value, &of, people_count, &file, why);
    if (!file.data) continue;
    fine = gallery_file_write(writer->folder, "column", number++, ".safetensors", file, people_count, list, why);
    bytes_free(&file);
  }
  return fine;
}

/* ---------------------------------------------------------------------------------------------- manifest */

static bool calibrate(gallery_writer *writer, const float *vectors, sentence *why) {
  dpl_error error;
  const uint64_t seed = 1; /* the same photos give the same gallery */
  const int dimension = (int)writer->vectors.dimension;
  dpl_calibration *calibration = writer->calibration = new_array(1, sizeof *calibration);
  dpl_status status = dpl_calibrate(vectors, writer->person, writer->count, dimension, 0, seed, calibration, &error);
  if (!status)
    status = dpl_calibrate_nearest(vectors, writer->person, writer->count, dimension, seed, calibration, &error);
  return !status || fail(why, "%s", error.message);
}

/* "badge_number" becomes "Badge number". */
static char *label_of(const char *key) {
  char *label = new_text(key);
  for (char *letter = label; *letter; ++letter) {
    if (*letter == '_') *letter = ' ';
  }
  label[0] = (char)toupper((unsigned char)label[0]);
  return label;
}

static cJSON *fields_json(const gallery_about *about) {
  cJSON *list = cJSON_CreateArray();
  for (size_t i = 0; i < about->field_count; ++i) {
    char *label = label_of(about->fields[i]);
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "key", about->fields[i]);
    cJSON_AddStringToObject(entry, "label", label);
    cJSON_AddItemToArray(list, entry);
    free(label);
  }
  return list;
}

static cJSON *manifest_json(const gallery_writer *writer, const gallery_about *about, size_t people) {
  cJSON *out = cJSON_CreateObject();
  cJSON_AddStringToObject(out, "format", "doppel-gallery");
  cJSON_AddNumberToObject(out, "version", 2);
  cJSON_AddStringToObject(out, "id", about->id);
  cJSON_AddStringToObject(out, "title", about->title);
  if (about->publisher && *about->publisher) cJSON_AddStringToObject(out, "publisher", about->publisher);
  cJSON_AddStringToObject(out, "notice", about->notice ? about->notice : "");
  if (about->language && *about->language) cJSON_AddStringToObject(out, "lang", about->language);
  cJSON_AddNumberToObject(out, "people", (double)people);
  cJSON_AddNumberToObject(out, "photos", (double)writer->count);
  cJSON_AddItemToObject(out, "embedder", cJSON_Duplicate(writer->embedder, true));
  if (about->vectors) cJSON_AddItemToObject(out, "vectors", cJSON_Duplicate(about->vectors, true));
  cJSON_AddItemToObject(out, "detector", cJSON_Duplicate(writer->detector, true));
  cJSON_AddStringToObject(out, "metric", "cosine");
  cJSON_AddItemToObject(out, "calibration", calibration_json(writer->calibration));
  cJSON_AddItemToObject(out, "fields", fields_json(about));
  if (about->departments) cJSON_AddItemToObject(out, "departments", cJSON_Duplicate(about->departments, true));
  if (about->allowed_jurisdictions)
    cJSON_AddItemToObject(out, "allowed_jurisdictions", cJSON_Duplicate(about->allowed_jurisdictions, true));
  if (about->joined && about->joined->count) {
    cJSON *joined = cJSON_AddObjectToObject(out, "joined_people");
    for (size_t i = 0; i < about->joined->count; i += 2)
      cJSON_AddStringToObject(joined, about->joined->names[i], about->joined->names[i + 1]);
  }
  cJSON_AddNumberToObject(out, "people_per_page", PEOPLE_PER_PAGE);
  if (about->pictures && about->pictures->all_portraits) cJSON_AddStringToObject(out, "portraits", "all");
  return out;
}

static bool write_manifest(const gallery_writer *writer, cJSON *manifest, sentence *why) {
  char *text = cJSON_PrintUnformatted(manifest), *path = path_joined(writer->folder, "gallery.json");
  bool fine = text ? file_write(path, text, strlen(text), why) : fail(why, "There is not enough memory.");
  cJSON_free(text);
  free(path);
  return fine;
}

static bool write_pictures(gallery_writer *writer, const gallery_pictures *chosen, cJSON *manifest, cJSON *lists,
                           sentence *why) {
  cJSON *cover = cJSON_AddArrayToObject(lists, "cover"), *samples = cJSON_AddArrayToObject(lists, "samples");
  cJSON *thumbs = cJSON_AddArrayToObject(lists, "sample_thumbs");
  return portrait_files_finish(&writer->portraits, chosen->without_large, manifest, lists, why) &&
         (chosen->cover ? gallery_pictures_write_cover(chosen, writer->folder, cover, why)
                        : portrait_files_write_cover(&writer->portraits, cover, why)) &&
         gallery_pictures_write_samples(chosen, writer->folder, samples, thumbs, why);
}

static bool write_all(gallery_writer *writer, const gallery_about *about, const gallery_person *people,
                      size_t people_count, sentence *why) {
  static const gallery_pictures usual;
  const float *vectors;
  if (!vector_file_map(&writer->vectors, &vectors, why) || !calibrate(writer, vectors, why)) return false;
  cJSON *manifest = manifest_json(writer, about, people_count), *lists = cJSON_AddObjectToObject(manifest, "files");
  bool fine = write_shards(writer, vectors, cJSON_AddArrayToObject(lists, "embeddings"), why) &&
              write_people(writer, about, people, people_count, cJSON_AddArrayToObject(lists, "people"),
                           cJSON_AddArrayToObject(lists, "names"), why) &&
              write_columns(writer, about, people, people_count, cJSON_AddArrayToObject(lists, "columns"), why) &&
              write_pictures(writer, about->pictures ? about->pictures : &usual, manifest, lists, why) &&
              write_manifest(writer, manifest, why);
  cJSON_Delete(manifest);
  return fine;
}

bool gallery_writer_finish(gallery_writer *writer, const gallery_about *about, const gallery_person *people,
                           size_t people_count, sentence *why) {
  bool fine = write_all(writer, about, people, people_count, why);
  cJSON_Delete(about->departments);
  cJSON_Delete(about->allowed_jurisdictions);
  cJSON_Delete(about->vectors);
  return fine;
}

void gallery_writer_free(gallery_writer *writer) {
  vector_file_free(&writer->vectors);
  free(writer->person);
  free(writer->faces);
  free(writer->qualities);
  free(writer->calibration);
  portrait_files_free(&writer->portraits);
  cJSON_Delete(writer->embedder);
  cJSON_Delete(writer->detector);
  *writer = (gallery_writer){0};
}
