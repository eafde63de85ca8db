/* A look at a protobuf message before it is unpacked: protobuf-c follows any nesting, and takes far more memory than
   the file where a hostile one is made of empty fields. */
#ifndef DOPPEL_IMPORT_ONNX_WIRE_H
#define DOPPEL_IMPORT_ONNX_WIRE_H

#include <protobuf-c/protobuf-c.h>

#include "basics.h"
#include "doppel.h"

/* True where each field lies inside the message that holds it, none nests too deep, a message that may come once does
   not come twice, and there are not too many of all. */
bool onnx_wire_is_sound(dpl_bytes message, const ProtobufCMessageDescriptor *kind, sentence *why);

#endif
