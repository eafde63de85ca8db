/* From files of others to a model. Each reads hostile bytes: what is cut short, out of range or unknown is a sentence
   that says where. On failure the model is empty. */
#ifndef DOPPEL_IMPORT_READERS_H
#define DOPPEL_IMPORT_READERS_H

#include "doppel.h"
#include "model.h"

bool onnx_read(dpl_bytes file, model *model, sentence *why);  /* onnx_file.c: ONNX, through protobuf-c */
bool espdl_read(dpl_bytes file, model *model, sentence *why); /* espdl_file.c: Espressif's .espdl, a FlatBuffer */

/* facenet_h5.c: DeepFace's facenet512_weights.h5 (Keras weights in HDF5); the architecture is not in the file. */
bool facenet_h5_read(const char *path, model *model, sentence *why);

#endif
