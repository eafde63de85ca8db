/* The .safetensors container, read and written. Every number of the header is hostile until it has been checked here;
   who holds a dpl_tensor may trust it. Knows nothing of networks or galleries. */
#include "safetensors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "status.h"

enum {
  LENGTH_SIZE = 8,
  MAX_HEADER = 4 << 20, /* a tree of JSON takes some thirty times the memory of its text */
  MAX_TENSORS = 16384,
  ALIGNMENT = 64,
};

struct dpl_safetensors {
  cJSON *tree; /* owns the names and the metadata */
  const cJSON *metadata;
  dpl_tensor *tensors; /* in the header's order */
  uint32_t *by_name;   /* indices of tensors, sorted by name */
  size_t count;
};

static const struct {
  const char *name;
  size_t size;
} DTYPES[] = {[DPL_F32] = {"F32", 4}, [DPL_F16] = {"F16", 2}, [DPL_U8] = {"U8", 1},   [DPL_I8] = {"I8", 1},
              [DPL_U16] = {"U16", 2}, [DPL_U32] = {"U32", 4}, [DPL_I32] = {"I32", 4}, [DPL_I64] = {"I64", 8}};
enum { DTYPE_COUNT = sizeof DTYPES / sizeof DTYPES[0] };

static dpl_status read_header(dpl_safetensors *handle, dpl_bytes header, dpl_bytes data, dpl_status damaged,
                              dpl_error *error);
static dpl_status read_tensor(const cJSON *entry, dpl_bytes data, dpl_status damaged, dpl_tensor *tensor,
                              dpl_error *error);
static dpl_status check_names(dpl_safetensors *handle, dpl_status damaged, dpl_error *error);
static dpl_status check_coverage(const dpl_safetensors *handle, dpl_bytes data, dpl_status damaged, dpl_error *error);
static char *write_header(const dpl_tensor *tensors, size_t count, const char *metadata);

dpl_status dpl_safetensors_open(dpl_bytes file, dpl_status damaged, dpl_safetensors **handle, dpl_error *error) {
  if (!handle || (!file.data && file.size)) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  if (file.size < LENGTH_SIZE)
    return dpl_fail(error, damaged, "The file has %zu bytes, too few for a .safetensors file; fetch it again.",
                    file.size);
  uint64_t length = 0;
  for (int i = LENGTH_SIZE - 1; i >= 0; i--) length = length << 8 | file.data[i];
  if (length > file.size - LENGTH_SIZE)
    return dpl_fail(error, damaged,
                    "The file is cut short or is no .safetensors file: its header should have %" PRIu64
                    " bytes; fetch it again.",
                    length);
  if (length > MAX_HEADER)
    return dpl_fail(error, damaged, "The header of the .safetensors file has %" PRIu64 " bytes; the limit is %d.",
                    length, (int)MAX_HEADER);

  const dpl_bytes header = {file.data + LENGTH_SIZE, (size_t)length};
  const dpl_bytes data = {header.data + header.size, file.size - LENGTH_SIZE - header.size};
  dpl_safetensors *opened = calloc(1, sizeof *opened);
  if (!opened) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  dpl_status status = read_header(opened, header, data, damaged, error);
  if (!status) status = check_names(opened, damaged, error);
  if (!status) status = check_coverage(opened, data, damaged, error);
  if (status) {
    dpl_safetensors_close(opened);
    return status;
  }
  *handle = opened;
  return DPL_OK;
}

const char *dpl_safetensors_metadata(const dpl_safetensors *handle, const char *key) {
  return dpl_json_string(handle->metadata, key, NULL);
}

size_t dpl_safetensors_count(const dpl_safetensors *handle) {
  return handle->count;
}

const dpl_tensor *dpl_safetensors_at(const dpl_safetensors *handle, size_t index) {
  return index < handle->count ? &handle->tensors[index] : NULL;
}

const dpl_tensor *dpl_safetensors_find(const dpl_safetensors *handle, const char *name) {
  size_t low = 0, high = handle->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const dpl_tensor *tensor = &handle->tensors[handle->by_name[middle]];
    const int order = strcmp(name, tensor->name);
    if (order == 0) return tensor;
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

void dpl_safetensors_close(dpl_safetensors *handle) {
  if (!handle) return;
  cJSON_Delete(handle->tree);
  free(handle->tensors);
  free(handle->by_name);
  free(handle);
}

dpl_status dpl_safetensors_write(const dpl_tensor *tensors, size_t count, const char *metadata, uint8_t **file,
                                 size_t *size, dpl_error *error) {
  if (!file || !size || (!tensors && count)) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  size_t data_size = 0;
  for (size_t i = 0; i < count; i++) {
    const size_t bytes = tensors[i].count * dpl_dtype_size(tensors[i].dtype);
    if (!tensors[i].name || tensors[i].rank > DPL_MAX_RANK || (!tensors[i].data && bytes))
      return dpl_fail(error, DPL_INVALID_ARGUMENT, "Tensor %zu has no name, too many axes or no data.", i);
    data_size += bytes;
  }
  char *header = write_header(tensors, count, metadata);
  if (!header) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);

  /* Spaces behind the header are the format's own way to align the data. */
  const size_t text = strlen(header);
  const size_t padded = (LENGTH_SIZE + text + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - LENGTH_SIZE;
  uint8_t *bytes = malloc(LENGTH_SIZE + padded + data_size);
  if (!bytes) {
    cJSON_free(header);
    return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  }
  for (int i = 0; i < LENGTH_SIZE; i++) bytes[i] = (uint8_t)((uint64_t)padded >> (8 * i));
  memcpy(bytes + LENGTH_SIZE, header, text);
  memset(bytes + LENGTH_SIZE + text, ' ', padded - text);
  cJSON_free(header);
  uint8_t *next = bytes + LENGTH_SIZE + padded;
  for (size_t i = 0; i < count; i++) {
    const size_t length = tensors[i].count * dpl_dtype_size(tensors[i].dtype);
    if (length) memcpy(next, tensors[i].data, length);
    next += length;
  }
  *file = bytes;
  *size = LENGTH_SIZE + padded + data_size;
  return DPL_OK;
}

size_t dpl_dtype_size(dpl_dtype dtype) {
  return (unsigned)dtype < DTYPE_COUNT ? DTYPES[dtype].size : 0;
}

const char *dpl_dtype_name(dpl_dtype dtype) {
  return (unsigned)dtype < DTYPE_COUNT ? DTYPES[dtype].name : "?";
}

static dpl_status read_header(dpl_safetensors *handle, dpl_bytes header, dpl_bytes data, dpl_status damaged,
                              dpl_error *error) {
  handle->tree = dpl_json_parse((const char *)header.data, header.size);
  if (!cJSON_IsObject(handle->tree))
    return dpl_fail(error, damaged, "The header of the .safetensors file is not a JSON object; fetch the file again.");
  size_t entries = 0;
  for (const cJSON *entry = handle->tree->child; entry; entry = entry->next) entries++;
  if (entries > MAX_TENSORS)
    return dpl_fail(error, damaged, "The .safetensors file lists %zu tensors; the limit is %d.", entries,
                    (int)MAX_TENSORS);
  handle->tensors = calloc(entries + 1, sizeof *handle->tensors);
  handle->by_name = calloc(entries + 1, sizeof *handle->by_name);
  if (!handle->tensors || !handle->by_name) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);

  for (const cJSON *entry = handle->tree->child; entry; entry = entry->next) {
    if (strcmp(entry->string, "__metadata__") == 0) {
      if (handle->metadata || !cJSON_IsObject(entry))
        return dpl_fail(error, damaged, "The metadata of the .safetensors file is no object or is there twice.");
      handle->metadata = entry;
      continue;
    }
    const dpl_status status = read_tensor(entry, data, damaged, &handle->tensors[handle->count], error);
    if (status) return status;
    handle->count++;
  }
  return DPL_OK;
}

static dpl_status read_tensor(const cJSON *entry, dpl_bytes data, dpl_status damaged, dpl_tensor *tensor,
                              dpl_error *error) {
  const char *name = entry->string;
  const char *dtype = dpl_json_string(entry, "dtype", "none");
  size_t kind = 0;
  while (kind < DTYPE_COUNT && strcmp(dtype, DTYPES[kind].name) != 0) kind++;
  if (kind == DTYPE_COUNT)
    return dpl_fail(error, damaged, "Tensor '%.64s' is of type '%.16s', which this version cannot read.", name, dtype);
  *tensor = (dpl_tensor){.name = name, .dtype = (dpl_dtype)kind, .count = 1};

  const cJSON *shape = dpl_json_get(entry, "shape");
  if (!cJSON_IsArray(shape)) return dpl_fail(error, damaged, "Tensor '%.64s' has no shape.", name);
  for (const cJSON *axis = shape->child; axis; axis = axis->next) {
    uint64_t length;
    if (tensor->rank == DPL_MAX_RANK || !dpl_json_whole(axis, &length) || length > SIZE_MAX / 8 ||
        (length && tensor->count > SIZE_MAX / 8 / length))
      return dpl_fail(error, damaged, "Tensor '%.64s' has a shape that cannot be.", name);
    tensor->shape[tensor->rank++] = (size_t)length;
    tensor->count *= (size_t)length;
  }

  const cJSON *offsets = dpl_json_get(entry, "data_offsets");
  uint64_t begin, end;
  if (!cJSON_IsArray(offsets) || !offsets->child || !dpl_json_whole(offsets->child, &begin) ||
      !dpl_json_whole(offsets->child->next, &end) || offsets->child->next->next)
    return dpl_fail(error, damaged, "Tensor '%.64s' has no data_offsets of two whole numbers.", name);
  if (begin > end || end > data.size)
    return dpl_fail(error, damaged, "Tensor '%.64s' lies outside the file, which may be cut short; fetch it again.",
                    name);
  if (end - begin != (uint64_t)tensor->count * DTYPES[kind].size)
    return dpl_fail(error, damaged, "Tensor '%.64s' has %" PRIu64 " bytes where its shape needs %" PRIu64 ".", name,
                    end - begin, (uint64_t)tensor->count * DTYPES[kind].size);
  tensor->data = data.data + begin;
  return DPL_OK;
}

/* qsort has no parameter for context, so what is sorted carries its key. */
typedef struct sort_key {
  const char *name;
  const uint8_t *begin, *end;
  uint32_t index;
} sort_key;

static int compare_names(const void *left, const void *right) {
  return strcmp(((const sort_key *)left)->name, ((const sort_key *)right)->name);
}

static int compare_places(const void *left, const void *right) {
  const sort_key *a = left, *b = right;
  if (a->begin != b->begin) return a->begin < b->begin ? -1 : 1;
  return (a->end > b->end) - (a->end < b->end);
}

static sort_key *sorted_keys(const dpl_safetensors *handle, int (*compare)(const void *, const void *)) {
  sort_key *keys = malloc((handle->count + 1) * sizeof *keys);
  if (!keys) return NULL;
  for (size_t i = 0; i < handle->count; i++) {
    const dpl_tensor *tensor = &handle->tensors[i];
    keys[i] = (sort_key){tensor->name, tensor->data, tensor->data + tensor->count * dpl_dtype_size(tensor->dtype),
                         (uint32_t)i};
  }
  qsort(keys, handle->count, sizeof *keys, compare);
  return keys;
}

static dpl_status check_names(dpl_safetensors *handle, dpl_status damaged, dpl_error *error) {
  sort_key *keys = sorted_keys(handle, compare_names);
  if (!keys) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  dpl_status status = DPL_OK;
  for (size_t i = 0; i < handle->count && !status; i++) {
    handle->by_name[i] = keys[i].index;
    if (i && strcmp(keys[i - 1].name, keys[i].name) == 0)
      status = dpl_fail(error, damaged, "Tensor '%.64s' is in the .safetensors file twice.", keys[i].name);
  }
  free(keys);
  return status;
}

/* The format demands that the tensors cover the data without holes and without overlap, so that nothing can hide. */
static dpl_status check_coverage(const dpl_safetensors *handle, dpl_bytes data, dpl_status damaged, dpl_error *error) {
  sort_key *keys = sorted_keys(handle, compare_places);
  if (!keys) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  dpl_status status = DPL_OK;
  const uint8_t *next = data.data;
  for (size_t i = 0; i < handle->count && !status; i++) {
    if (keys[i].begin != next)
      status = dpl_fail(error, damaged, "Tensor '%.64s' overlaps another or leaves a hole before it.", keys[i].name);
    next = keys[i].end;
  }
  if (!status && next != data.data + data.size)
    status = dpl_fail(error, damaged, "The .safetensors file has bytes that belong to no tensor; fetch it again.");
  free(keys);
  return status;
}

static char *write_header(const dpl_tensor *tensors, size_t count, const char *metadata) {
  cJSON *tree = cJSON_CreateObject();
  bool complete = tree != NULL;
  if (metadata && complete) {
    cJSON *keys = cJSON_AddObjectToObject(tree, "__metadata__");
    complete = cJSON_AddStringToObject(keys, "doppel", metadata) != NULL;
  }
  size_t offset = 0;
  for (size_t i = 0; i < count && complete; i++) {
    const size_t end = offset + tensors[i].count * dpl_dtype_size(tensors[i].dtype);
    cJSON *entry = cJSON_AddObjectToObject(tree, tensors[i].name);
    complete = cJSON_AddStringToObject(entry, "dtype", dpl_dtype_name(tensors[i].dtype)) != NULL;
    cJSON *shape = cJSON_AddArrayToObject(entry, "shape");
    for (size_t axis = 0; axis < tensors[i].rank; axis++)
      complete = cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)tensors[i].shape[axis])) && complete;
    cJSON *offsets = cJSON_AddArrayToObject(entry, "data_offsets");
    complete = cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)offset)) && complete;
    complete = cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)end)) && complete;
    offset = end;
  }
  char *text = complete ? cJSON_PrintUnformatted(tree) : NULL;
  cJSON_Delete(tree);
  return text;
}
