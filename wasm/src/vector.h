/* What holds for vectors of unit length, whoever made them. */
#ifndef DOPPEL_VECTOR_H
#define DOPPEL_VECTOR_H

#include "doppel.h"

/* As near to unit length as float32 and a text file in between leave a vector; false for NaN. */
bool dpl_vector_is_unit(const float *vector, int dimension);

#endif
