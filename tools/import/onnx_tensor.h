/* A TensorProto as a model's tensor: every float widened or rounded to F32, every integer widened to I64. */
#ifndef DOPPEL_IMPORT_ONNX_TENSOR_H
#define DOPPEL_IMPORT_ONNX_TENSOR_H

#include "model.h"

#include <onnx.pb-c.h>

/* What it cannot take (other types, data in another file, data that does not fit the shape) is a sentence. */
bool onnx_tensor_read(const Onnx__TensorProto *source, model *model, model_tensor *tensor, sentence *why);

#endif
