/* One photo of a build, from the bytes of its file to its record. Runs on any thread; knows nothing of people. */
#ifndef TOOL_BUILD_PHOTO_H
#define TOOL_BUILD_PHOTO_H

#include "basics.h"
#include "given_face.h"
#include "key_index.h"
#include "networks.h"
#include "photo_record.h"

/* What a photo is known by: its bytes, and the face that the roster gives. */
record_key photo_key(dpl_bytes file, const given_face *given);

/* The face that the roster gives; else the largest, or with `all_faces` all faces that the photo is of, from left to
   right. False only where there was not enough memory: whatever is wrong with the photo is a record too. */
bool photo_record_of(dpl_bytes file, const given_face *given, network_handles *handles, bool all_faces,
                     photo_record *record, sentence *why);

#endif
