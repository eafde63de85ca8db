/* Whose vectors are whose, where a column of the roster says it and not the order of the records. */
#ifndef TOOL_VECTOR_JOIN_H
#define TOOL_VECTOR_JOIN_H

#include "basics.h"
#include "files.h"
#include "foreign_vectors.h"
#include "table.h"

typedef struct vector_join {
  const char *column;       /* of the roster, with the ids */
  const char *ids_file;     /* CSV or JSON: record i has the id of label i or row i; NULL: the labels are the ids */
  bool trim_zeros;          /* 007 is 7 */
  const name_list *ignored; /* columns of the file of ids that are read as no rule */
} vector_join;

/* What is left of either side. */
typedef struct vectors_left {
  name_list vectors;    /* ids without a record */
  name_list record_ids; /* ids without a vector, and the records that have them */
  size_t *records, record_capacity;
} vectors_left;

/* vector_of[r] becomes the number of record r's vector plus one, and stays 0 where it has none. Ids are compared as
   text. Fails where nothing fits, and where two records or two vectors have the same id. */
bool vectors_join(const vector_join *how, const csv_table *roster, const foreign_vectors *file, size_t *vector_of,
                  vectors_left *left, sentence *why);

/* Says what is left, with the ids of records that are let in (one bool a record). */
void vectors_left_note(const vector_join *how, const vectors_left *left, const bool *admitted, name_list *notes);
void vectors_left_free(vectors_left *left);

#endif
