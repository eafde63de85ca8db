/* The chunks of a PNG, before stb_image sees them: it refuses what browsers pass over, and trusts what they check. */
#include <stdlib.h>
#include <string.h>

#include "chunks.h"
#include "image_stb.h"
#include "status.h"

enum { GREY_SCALE = 0, RGB = 2, PALETTE = 3, SIGNATURE = 8, CHUNK_FRAME = 12, ENTRIES = 256 };

typedef struct tidied {
  uint8_t *data;
  size_t size;
  int colour_type;
  size_t colours; /* in the palette; 0: none yet */
  bool has_transparency, has_pixels;
} tidied;

static void put_number(uint8_t *to, uint32_t number) {
  for (int i = 0; i < 4; i++) to[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* With `zeros` bytes behind the body. The check sum stays 0, which nobody reads. */
static void put_chunk(tidied *to, uint32_t kind, dpl_bytes body, size_t zeros) {
  uint8_t *at = to->data + to->size;
  put_number(at, (uint32_t)(body.size + zeros));
  put_number(at + 4, kind);
  if (body.size) memcpy(at + 8, body.data, body.size);
  memset(at + 8 + body.size, 0, zeros + 4);
  to->size += CHUNK_FRAME + body.size + zeros;
}

/* The rules of the PNG specification, as libpng applies them. */
static bool transparency_counts(const tidied *to, size_t size) {
  if (to->has_pixels || to->has_transparency) return false;
  switch (to->colour_type) {
  case GREY_SCALE:
    return size == 2;
  case RGB:
    return size == 6;
  case PALETTE:
    return size > 0 && size <= to->colours;
  default:
    return false;
  }
}

static dpl_status take_chunk(tidied *to, const dpl_chunk *chunk, dpl_error *error) {
  const dpl_bytes body = chunk->body;
  switch (chunk->kind) {
  case DPL_PNG_KIND('P', 'L', 'T', 'E'):
    if (to->colour_type != PALETTE || to->has_pixels || to->colours) return DPL_OK;
    if (body.size == 0 || body.size % 3 || body.size > ENTRIES * 3)
      return dpl_fail(error, DPL_DAMAGED_IMAGE, "The palette of the PNG is damaged; save or download it again.");
    to->colours = body.size / 3;
    put_chunk(to, chunk->kind, body, ENTRIES * 3 - body.size);
    return DPL_OK;
  case DPL_PNG_KIND('t', 'R', 'N', 'S'):
    if (!transparency_counts(to, body.size)) return DPL_OK;
    to->has_transparency = true;
    put_chunk(to, chunk->kind, body, 0);
    return DPL_OK;
  case DPL_PNG_KIND('I', 'D', 'A', 'T'):
    if (to->colour_type == PALETTE && !to->colours)
      return dpl_fail(error, DPL_DAMAGED_IMAGE, "The PNG has no palette; save or download it again.");
    to->has_pixels = true;
    put_chunk(to, chunk->kind, body, 0);
    return DPL_OK;
  default:
    break;
  }
  /* A small first letter says that a picture can be shown without the chunk. */
  if (chunk->kind >> 29 & 1) {
    const uint32_t letter = chunk->kind >> 24;
    if ((letter >= 'a' && letter <= 'z')) return DPL_OK;
  }
  return dpl_fail(error, DPL_DAMAGED_IMAGE,
                  "The PNG has a part of an unknown kind that its picture needs; save or download it again.");
}

dpl_status dpl_png_tidy(dpl_bytes file, uint8_t **tidy, size_t *size, dpl_error *error) {
  tidied to = {.data = malloc(file.size + ENTRIES * 3 + 2 * CHUNK_FRAME)};
  if (!to.data) return dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  memcpy(to.data, file.data, SIGNATURE);
  to.size = SIGNATURE;
  size_t at = 0;
  dpl_chunk chunk;
  dpl_status status = DPL_OK;
  bool ended = false;
  while (!status && !ended && dpl_png_next(file, &at, &chunk)) {
    ended = chunk.kind == DPL_PNG_KIND('I', 'E', 'N', 'D');
    const bool apple = chunk.kind == DPL_PNG_KIND('C', 'g', 'B', 'I'),
               header = chunk.kind == DPL_PNG_KIND('I', 'H', 'D', 'R');
    if (header && chunk.body.size == 13) to.colour_type = chunk.body.data[9];
    if (ended || apple || header)
      put_chunk(&to, chunk.kind, chunk.body, 0);
    else
      status = take_chunk(&to, &chunk, error);
  }
  if (!status && !ended)
    status = dpl_fail(error, DPL_DAMAGED_IMAGE, "The PNG is cut short; save or download it again.");
  if (!status && !to.has_pixels)
    status = dpl_fail(error, DPL_DAMAGED_IMAGE, "The PNG has no pixels; save or download it again.");
  if (status) return free(to.data), status;
  *tidy = to.data;
  *size = to.size;
  return DPL_OK;
}
