/* What every model must keep to, whatever file it came from, so that nothing behind the readers has to ask again. */
#ifndef DOPPEL_IMPORT_WELL_FORMED_H
#define DOPPEL_IMPORT_WELL_FORMED_H

#include "model.h"

enum {
  MODEL_MAX_TENSORS = 16384,
  MODEL_MAX_NODES = 16384,
  MODEL_MAX_PORTS = 64, /* inputs, outputs, attributes of one node; outputs of the model */
  MODEL_MAX_NAME = 255,
};

/* Within those limits; every value is named, set once, and set before it is read; every output is one of them. A node
   has an operator and names its first output. */
bool model_is_well_formed(const model *model, sentence *why);

#endif
