/* Stands in for a file that XNNPACK generates from a list of its sources. It marks weight caches written to disk, which
   doppel does not use. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const uint8_t identifier[32] = {1};

size_t xnn_experimental_get_build_identifier_size(void) {
  return sizeof identifier;
}

const void *xnn_experimental_get_build_identifier_data(void) {
  return identifier;
}

bool xnn_experimental_check_build_identifier(const void *data, size_t size) {
  return size == sizeof identifier && memcmp(data, identifier, size) == 0;
}
