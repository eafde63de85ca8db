/* SHA-256 through libcrypto, which uses the processor's own instructions for it. */
#ifndef TOOL_SHA256_H
#define TOOL_SHA256_H

#include "basics.h"
#include "doppel.h"

enum { SHA256_BYTES = 32 };
#define SHA256_TEXT (2 * SHA256_BYTES + 1) /* hex digits and the end */

/* Of all parts, one behind the other. */
void sha256_of_parts(const dpl_bytes *parts, size_t count, uint8_t sum[SHA256_BYTES]);
void sha256_of(dpl_bytes bytes, char text[SHA256_TEXT]);

#endif
