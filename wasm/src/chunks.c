/* Walks JPEG segments and PNG chunks. Sizes come from strangers: each is checked against the file before it is used. */
#include "chunks.h"

#include <string.h>

enum { PNG_SIGNATURE = 8, PNG_HEAD = 8, PNG_CRC = 4 };

bool dpl_is_jpeg(dpl_bytes file) {
  return file.size >= 3 && memcmp(file.data, "\xFF\xD8\xFF", 3) == 0;
}

bool dpl_is_png(dpl_bytes file) {
  return file.size >= PNG_SIGNATURE && memcmp(file.data, "\x89PNG\r\n\x1A\n", PNG_SIGNATURE) == 0;
}

bool dpl_jpeg_next(dpl_bytes file, size_t *at, dpl_chunk *segment) {
  size_t i = *at;
  while (i < file.size) {
    const uint8_t *found = memchr(file.data + i, 0xFF, file.size - i);
    if (!found) break;
    i = (size_t)(found - file.data);
    if (file.size - i < 2) break;
    const uint8_t marker = file.data[i + 1];
    if (marker == 0xFF) { /* a marker may be filled up with FF in front */
      i++;
      continue;
    }
    /* Markers without a body: an FF of the compressed data, TEM, restarts and the start of the image. */
    if (marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {
      i += 2;
      continue;
    }
    if (marker == DPL_JPEG_END) {
      *segment = (dpl_chunk){marker, {file.data + i + 2, 0}};
      *at = i + 2;
      return true;
    }
    if (file.size - i < 4) break;
    const size_t length = (size_t)(file.data[i + 2] << 8 | file.data[i + 3]);
    if (length < 2 || length > file.size - i - 2) break;
    *segment = (dpl_chunk){marker, {file.data + i + 4, length - 2}};
    *at = i + 2 + length;
    return true;
  }
  *at = file.size;
  return false;
}

bool dpl_png_next(dpl_bytes file, size_t *at, dpl_chunk *chunk) {
  if (*at < PNG_SIGNATURE) *at = PNG_SIGNATURE;
  if (*at > file.size || file.size - *at < PNG_HEAD + PNG_CRC) return false;
  const uint8_t *head = file.data + *at;
  const size_t length = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
  if (length > file.size - *at - PNG_HEAD - PNG_CRC) return false;
  *chunk = (dpl_chunk){DPL_PNG_KIND(head[4], head[5], head[6], head[7]), {head + PNG_HEAD, length}};
  *at += PNG_HEAD + length + PNG_CRC;
  return true;
}
