/* Reads Voyager's index (docs/formats/voyager.md). Only vectors and labels are used; the links between them are checked
   and skipped. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "foreign_vectors.h"
#include "voyager_layout.h"

/* ---------------------------------------------------------------------------------------------- bytes */

typedef struct cursor {
  const uint8_t *at;
  size_t left;
  const char *name;
  sentence *why;
} cursor;

static bool fail_short(const cursor *file) {
  fail(file->why, "%s ends too early to be a Voyager index; it was cut off, copy it again.", file->name);
  return false;
}

/* A whole number of so many bytes, little endian; 0 once the file has ended, which `enough` has ruled out. */
static uint64_t whole(const uint8_t *at, size_t bytes) {
  uint64_t number = 0;
  for (size_t i = bytes; i-- > 0;) number = number << 8 | at[i];
  return number;
}

static bool take(cursor *file, size_t bytes, uint64_t *number) {
  if (file->left < bytes) return fail_short(file);
  *number = whole(file->at, bytes);
  file->at += bytes;
  file->left -= bytes;
  return true;
}

static float float_at(const uint8_t *at) {
  uint32_t bits = (uint32_t)whole(at, 4);
  float number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

/* ---------------------------------------------------------------------------------------------- headers */

typedef struct description {
  size_t dimension, stored_dimension;
  number_storage storage;
  const char *space;
} description;

static bool read_space(cursor *file, uint64_t space, bool transformed, description *index) {
  static const char *const spaces[] = {"Euclidean", "inner product", "cosine"};
  if (space > VOYAGER_COSINE)
    return fail(file->why, "%s names a space (%u) that Voyager does not have; it is damaged.", file->name,
                (unsigned)space);
  index->space = spaces[space];
  index->stored_dimension = index->dimension + (space == VOYAGER_INNER_PRODUCT && transformed);
  return true;
}

static bool read_storage(cursor *file, uint64_t code, description *index) {
  for (number_storage storage = STORED_FLOAT32; storage <= STORED_E4M3; ++storage) {
    if (voyager_code(storage) == code) index->storage = storage;
  }
  return index->storage != STORED_UNKNOWN ||
         fail(file->why, "%s stores its numbers in a way (%u) that is neither float32, float8 nor E4M3.", file->name,
              (unsigned)code);
}

/* Version 2 can have names for its labels, each with its own. */
typedef struct label_name {
  uint64_t label;
  dpl_bytes name; /* in the file */
} label_name;

typedef struct label_names {
  label_name *list; /* by label; NULL where labels are numbers alone */
  size_t count;
} label_names;

static bool read_name(cursor *file, label_name *one) {
  uint64_t length;
  if (!take(file, 8, &one->label) || !take(file, 8, &length)) return false;
  if (length > file->left) return fail_short(file);
  one->name = (dpl_bytes){file->at, (size_t)length};
  file->at += length;
  file->left -= length;
  return (length > 0 && !memchr(one->name.data, 0, one->name.size)) ||
         fail(file->why, "%s is damaged: the name of label %llu is no text.", file->name,
              (unsigned long long)one->label);
}

static int by_label(const void *a, const void *b) {
  uint64_t one = ((const label_name *)a)->label, other = ((const label_name *)b)->label;
  return one < other ? -1 : one > other;
}

static bool read_names(cursor *file, uint64_t count, label_names *names) {
  enum { LEAST = 17 }; /* bytes of a name with its label and length */
  if (count > file->left / LEAST) return fail_short(file);
  names->list = new_array((size_t)count, sizeof *names->list);
  for (; names->count < count; ++names->count) {
    if (!read_name(file, &names->list[names->count])) return false;
  }
  qsort(names->list, names->count, sizeof *names->list, by_label);
  for (size_t i = 1; i < names->count; ++i) {
    if (!by_label(&names->list[i - 1], &names->list[i]))
      return fail(file->why, "%s is damaged: it names the label %llu twice.", file->name,
                  (unsigned long long)names->list[i].label);
  }
  return true;
}

static bool read_identifiers(cursor *file, label_names *names) {
  uint64_t kind, count;
  if (!take(file, 1, &kind) || !take(file, 8, &count)) return false;
  if (kind == 1) return read_names(file, count, names);
  return (kind == 0 && count == 0) ||
         fail(file->why, "%s is damaged: its labels are numbers, and yet it names some.", file->name);
}

static bool name_vectors(const cursor *file, const label_names *names, foreign_vectors *read) {
  if (!names->list) return true;
  read->names = new_array(read->count, sizeof *read->names);
  for (size_t i = 0; i < read->count; ++i) {
    const label_name wanted = {.label = read->labels[i]};
    const label_name *found = bsearch(&wanted, names->list, names->count, sizeof wanted, by_label);
    if (!found)
      return fail(file->why, "%s is damaged: its label %llu has no name.", file->name,
                  (unsigned long long)read->labels[i]);
    read->names[i] = new_text_of("%.*s", (int)found->name.size, (const char *)found->name.data);
  }
  return true;
}

static bool agrees(cursor *file, const description *index, const vectors_hints *hints) {
  if (hints->dimension && (size_t)hints->dimension != index->dimension)
    return fail(file->why, "%s says that its vectors have %zu numbers, not %d; leave --dimension out.", file->name,
                index->dimension, hints->dimension);
  return !hints->storage || hints->storage == index->storage ||
         fail(file->why, "%s says that its numbers are %s, not %s; leave --storage out.", file->name,
              storage_name(index->storage), storage_name(hints->storage));
}

static bool check_dimension(cursor *file, uint64_t dimension) {
  return (dimension >= 1 && dimension <= DPL_MAX_DIMENSION) ||
         fail(file->why, "%s says that its vectors have %u numbers; they must have 1 to %d.", file->name,
              (unsigned)dimension, DPL_MAX_DIMENSION);
}

static bool read_own_header(cursor *file, const vectors_hints *hints, description *index, label_names *names) {
  uint64_t version, dimension, space, storage, longest, transformed;
  file->at += 4;
  file->left -= 4;
  if (!take(file, 4, &version)) return false;
  if (version != 1 && version != 2)
    return fail(file->why, "%s is of version %u of Voyager's format; versions 1 and 2 can be read.", file->name,
                (unsigned)version);
  if (!take(file, 4, &dimension) || !take(file, 1, &space) || !take(file, 1, &storage) || !take(file, 4, &longest) ||
      !take(file, 1, &transformed) || !check_dimension(file, dimension))
    return false;
  index->dimension = (size_t)dimension;
  return read_space(file, space, transformed, index) && read_storage(file, storage, index) &&
         agrees(file, index, hints) && (version == 1 || read_identifiers(file, names));
}

/* Before there was a header, whoever opened the file had to know. */
static bool take_hints(cursor *file, const vectors_hints *hints, description *index) {
  if (!hints->dimension || !hints->storage || whole(file->at, 8) != 0)
    return fail(file->why,
                "%s is no Voyager index and no NumPy array. If it is an index of Voyager's oldest kind, which does not "
                "describe itself, say --dimension and --storage.",
                file->name);
  *index = (description){(size_t)hints->dimension, (size_t)hints->dimension, hints->storage, "undescribed"};
  return check_dimension(file, index->dimension);
}

/* ---------------------------------------------------------------------------------------------- graph */

typedef struct graph_header {
  uint64_t offset, most, count, element, label_at, data_at, top_level, entry, links, ground_links, wanted, factor,
      candidates;
} graph_header;

static size_t number_bytes(number_storage storage) {
  return storage == STORED_FLOAT32 ? 4 : 1;
}

static bool read_graph_header(cursor *file, const description *index, graph_header *graph) {
  graph_header *g = graph;
  if (!take(file, 8, &g->offset) || !take(file, 8, &g->most) || !take(file, 8, &g->count) ||
      !take(file, 8, &g->element) || !take(file, 8, &g->label_at) || !take(file, 8, &g->data_at) ||
      !take(file, 4, &g->top_level) || !take(file, 4, &g->entry) || !take(file, 8, &g->links) ||
      !take(file, 8, &g->ground_links) || !take(file, 8, &g->wanted) || !take(file, 8, &g->factor) ||
      !take(file, 8, &g->candidates))
    return false;
  if (g->count == 0) return fail(file->why, "%s holds no vectors.", file->name);
  size_t data = index->stored_dimension * number_bytes(index->storage);
  bool adds_up = g->offset == 0 && g->links <= VOYAGER_MOST_LINKS && g->ground_links <= VOYAGER_MOST_LINKS &&
                 g->data_at == 4 + 4 * g->ground_links && g->label_at == g->data_at + data &&
                 g->element == g->label_at + 8;
  if (!adds_up)
    return fail(file->why,
                "%s does not hold vectors of %zu numbers as %s, although it says so: the sizes in it do not add up.",
                file->name, index->stored_dimension, storage_name(index->storage));
  if (g->count > file->left / g->element)
    return fail(file->why, "%s says that it holds %llu vectors, but ends before them; it was cut off, copy it again.",
                file->name, (unsigned long long)g->count);
  return g->entry < g->count || fail(file->why, "%s is damaged: the entry to its graph does not exist.", file->name);
}

static bool check_links(const cursor *file, const graph_header *graph, const uint8_t *element, uint64_t most) {
  uint64_t count = whole(element, 2);
  bool fine = count <= most;
  for (uint64_t i = 0; i < count && fine; ++i) fine = whole(element + 4 + 4 * i, 4) < graph->count;
  return fine || fail(file->why, "%s is damaged: its graph has a link to nowhere.", file->name);
}

static void read_numbers(const uint8_t *from, const description *index, float *numbers) {
  for (size_t i = 0; i < index->dimension; ++i) {
    numbers[i] = index->storage == STORED_FLOAT32  ? float_at(from + 4 * i)
                 : index->storage == STORED_FLOAT8 ? float8_value(from[i])
                                                   : e4m3_value(from[i]);
  }
}

static bool read_elements(cursor *file, const description *index, const graph_header *graph, foreign_vectors *read) {
  read->dimension = index->dimension;
  read->numbers = new_array((size_t)graph->count * index->dimension, sizeof *read->numbers);
  read->labels = new_array((size_t)graph->count, sizeof *read->labels);
  for (uint64_t i = 0; i < graph->count; ++i, file->at += graph->element, file->left -= graph->element) {
    if (!check_links(file, graph, file->at, graph->ground_links)) return false;
    if (file->at[2] & VOYAGER_DELETED) {
      ++read->deleted;
      continue;
    }
    read_numbers(file->at + graph->data_at, index, read->numbers + read->count * index->dimension);
    read->labels[read->count++] = whole(file->at + graph->label_at, 8);
  }
  return read->count > 0 || fail(file->why, "%s holds no vectors that are not marked as deleted.", file->name);
}

/* The links above the ground level say nothing of the vectors, but show whether the file is whole. */
static bool pass_upper_links(cursor *file, const graph_header *graph) {
  const uint64_t level = 4 + 4 * graph->links;
  for (uint64_t i = 0; i < graph->count; ++i) {
    uint64_t bytes;
    if (!take(file, 4, &bytes)) return false;
    if (bytes > file->left) return fail_short(file);
    if (bytes % level) return fail(file->why, "%s is damaged: its graph has links that do not add up.", file->name);
    file->at += bytes;
    file->left -= bytes;
  }
  return !file->left || fail(file->why, "%s goes on behind its end; it is damaged.", file->name);
}

static int by_number(const void *a, const void *b) {
  uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
  return one < other ? -1 : one > other;
}

static bool labels_differ(const cursor *file, const foreign_vectors *read) {
  uint64_t *sorted = new_array(read->count, sizeof *sorted);
  memcpy(sorted, read->labels, read->count * sizeof *sorted);
  qsort(sorted, read->count, sizeof *sorted, by_number);
  bool fine = true;
  for (size_t i = 1; i < read->count && fine; ++i) {
    if (sorted[i] == sorted[i - 1])
      fine = fail(file->why, "%s gives the label %llu to two vectors; it is damaged.", file->name,
                  (unsigned long long)sorted[i]);
  }
  free(sorted);
  return fine;
}

bool voyager_parse(dpl_bytes bytes, const char *name, const vectors_hints *hints, foreign_vectors *read,
                   sentence *why) {
  *read = (foreign_vectors){0};
  cursor file = {bytes.data, bytes.size, name, why};
  description index = {0};
  graph_header graph;
  label_names names = {0};
  if (bytes.size < 8) return fail_short(&file);
  bool described = !memcmp(bytes.data, VOYAGER_MAGIC, 4);
  bool fine = (described ? read_own_header(&file, hints, &index, &names) : take_hints(&file, hints, &index)) &&
              read_graph_header(&file, &index, &graph) && read_elements(&file, &index, &graph, read) &&
              pass_upper_links(&file, &graph) && labels_differ(&file, read) && name_vectors(&file, &names, read);
  free(names.list);
  if (!fine) {
    foreign_vectors_free(read);
    return false;
  }
  snprintf(read->kind, sizeof read->kind, "a Voyager index (%s, %s)", index.space, storage_name(index.storage));
  return true;
}
