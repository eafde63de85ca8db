/* Networks of the npm package @vladmandic/face-api: a JSON manifest of tensors and one .bin beside it. The architecture
   is not in the files, so it stands here, one function a network. */
#ifndef DOPPEL_IMPORT_FACEAPI_H
#define DOPPEL_IMPORT_FACEAPI_H

#include "basics.h"
#include "doppel.h"

/* manifest: path of …_model-weights_manifest.json, whose name says which network it is. */
bool import_faceapi(const char *manifest, const char *output, sentence *why);

/* The network file itself: free(file). */
bool faceapi_network(const char *manifest, uint8_t **file, size_t *size, sentence *why);

#endif
