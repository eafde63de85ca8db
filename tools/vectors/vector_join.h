/* Whose vectors are whose, where a column of the roster says it and not the order of the records. */
#ifndef TOOL_VECTOR_JOIN_H
#define TOOL_VECTOR_JOIN_H

#include "basics.h"
#include "files.h"
#include "foreign_vectors.h"
#include "table.h"

typedef struct vector_join {
  const char *column;   /* of the roster, with the ids */
  const char *ids_file; /* CSV or JSON: record i has the id of label i or row i; NULL: the labels are the ids */
  bool trim_zeros;      /* 007 is 7 */
} vector_join;

/* vector_of[r] becomes the number of record r's vector plus one, and stays 0 where it has none. Ids are compared as
   text. `notes` receives what is left of either side. Fails where nothing fits, and where two records or two vectors
   have the same id. */
bool vectors_join(const vector_join *how, const csv_table *roster, const foreign_vectors *file, size_t *vector_of,
                  name_list *notes, sentence *why);

#endif
