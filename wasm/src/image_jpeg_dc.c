/* Stands between libjpeg's decoder and its memory manager: see the header. */
#include "image_jpeg_dc.h"

#include <string.h>

#include <jerror.h>
#include <jpegint.h>

static dpl_jpeg_dc *dc_of(j_common_ptr common) {
  return (dpl_jpeg_dc *)common->client_data;
}

static bool needs_one_coefficient(const jpeg_component_info *component) {
  return component->DCT_scaled_size == 1;
}

/* ---- memory ---- */

static jvirt_barray_ptr request_plane(j_common_ptr common, int pool, boolean zeroed, JDIMENSION width,
                                      JDIMENSION height, JDIMENSION most_rows) {
  dpl_jpeg_dc *dc = dc_of(common);
  const int component = dc->requested++;
  if (!needs_one_coefficient(&((j_decompress_ptr)common)->comp_info[component]))
    return dc->request(common, pool, zeroed, width, height, most_rows);
  dpl_jpeg_plane *plane = &dc->planes[component];
  *plane = (dpl_jpeg_plane){.width = width, .height = height, .most_rows = most_rows};
  const size_t size = (size_t)width * height * sizeof *plane->values;
  plane->values = common->mem->alloc_large(common, pool, size);
  memset(plane->values, 0, size);
  plane->blocks = common->mem->alloc_barray(common, pool, width, most_rows);
  return (jvirt_barray_ptr)(void *)plane; /* libjpeg only hands it back */
}

static dpl_jpeg_plane *plane_of(dpl_jpeg_dc *dc, jvirt_barray_ptr handle) {
  for (int i = 0; i < MAX_COMPONENTS; i++)
    if ((void *)handle == (void *)&dc->planes[i]) return &dc->planes[i];
  return NULL;
}

static void put_back(dpl_jpeg_plane *plane) {
  for (JDIMENSION row = 0; row < plane->count && plane->changed; row++) {
    JCOEF *to = plane->values + (size_t)(plane->first + row) * plane->width;
    for (JDIMENSION x = 0; x < plane->width; x++) to[x] = plane->blocks[row][x][0];
  }
  plane->changed = false;
}

static JBLOCKARRAY access_plane(j_common_ptr common, jvirt_barray_ptr handle, JDIMENSION first, JDIMENSION count,
                                boolean writable) {
  dpl_jpeg_dc *dc = dc_of(common);
  dpl_jpeg_plane *plane = plane_of(dc, handle);
  if (!plane) return dc->access(common, handle, first, count, writable);
  if (count > plane->most_rows || first + count > plane->height) ERREXIT(common, JERR_BAD_VIRTUAL_ACCESS);
  put_back(plane);
  for (JDIMENSION row = 0; row < count; row++) {
    const JCOEF *from = plane->values + (size_t)(first + row) * plane->width;
    memset(plane->blocks[row], 0, plane->width * sizeof(JBLOCK));
    for (JDIMENSION x = 0; x < plane->width; x++) plane->blocks[row][x][0] = from[x];
  }
  plane->first = first, plane->count = count, plane->changed = writable;
  return plane->blocks;
}

/* ---- scans ---- */

/* To the marker behind the data of a scan; false where there is none that may stand there. */
static bool go_to_next_marker(struct jpeg_source_mgr *source) {
  const JOCTET *at = source->next_input_byte, *end = at + source->bytes_in_buffer;
  while (end - at >= 2 && (at = memchr(at, 0xFF, (size_t)(end - at - 1)))) {
    const JOCTET code = at[1];
    const bool in_data = code == 0 || (code >= JPEG_RST0 && code <= JPEG_RST0 + 7);
    if (code != 0xFF && !in_data) {
      source->next_input_byte = at, source->bytes_in_buffer = (size_t)(end - at);
      return code == JPEG_EOI || code == 0xDA || code == 0xC4 || code == 0xDB || code == 0xDD || code >= 0xE0;
    }
    at += code == 0xFF ? 1 : 2;
  }
  return false;
}

static int consume_or_skip(j_decompress_ptr jpeg) {
  dpl_jpeg_dc *dc = dc_of((j_common_ptr)jpeg);
  const bool needed = jpeg->Ss == 0 || !needs_one_coefficient(jpeg->cur_comp_info[0]);
  if (needed) return dc->consume(jpeg);
  dc->lost = !go_to_next_marker(jpeg->src);
  if (dc->lost) ERREXIT(jpeg, JERR_INPUT_EOF);
  jpeg->input_iMCU_row = jpeg->total_iMCU_rows; /* as if it had been read */
  jpeg->inputctl->finish_input_pass(jpeg);
  return JPEG_SCAN_COMPLETED;
}

/* The last that libjpeg does before it reads the first scan. */
static void realize_and_stand_between(j_common_ptr common) {
  j_decompress_ptr jpeg = (j_decompress_ptr)common;
  dpl_jpeg_dc *dc = dc_of(common);
  dc->realize(common);
  dc->consume = jpeg->coef->consume_data;
  jpeg->coef->consume_data = consume_or_skip;
}

void dpl_jpeg_dc_only(j_decompress_ptr jpeg, dpl_jpeg_dc *dc) {
  struct jpeg_memory_mgr *memory = jpeg->mem;
  dc->request = memory->request_virt_barray;
  dc->access = memory->access_virt_barray;
  dc->realize = memory->realize_virt_arrays;
  memory->request_virt_barray = request_plane;
  memory->access_virt_barray = access_plane;
  memory->realize_virt_arrays = realize_and_stand_between;
}
