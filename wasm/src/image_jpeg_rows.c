/* Reads and sets the state of libjpeg-turbo's Huffman decoder. Its struct is private to jdhuff.c; the part of it that
   is needed is declared here again. Set-up builds one version of libjpeg-turbo, and parts_test.c compares what is
   decoded this way to the last bit. */
#include "image_jpeg_rows.h"

#include <string.h>

#include <jpegint.h>

/* As jdhuff.c and jdhuff.h of libjpeg-turbo 2.1.5 have it, if a bit buffer has 64 bits. */
typedef struct huffman_decoder {
  struct jpeg_entropy_decoder pub;
  struct {
    uint64_t get_buffer;
    int bits_left;
  } bits;
  int last_dc[MAX_COMPS_IN_SCAN];
  unsigned restarts_to_go;
} huffman_decoder;

static huffman_decoder *huffman(j_decompress_ptr jpeg) {
  return (huffman_decoder *)(void *)jpeg->entropy;
}

dpl_jpeg_decode_unit dpl_jpeg_replace_decode_unit(j_decompress_ptr jpeg, dpl_jpeg_decode_unit other) {
  const dpl_jpeg_decode_unit before = jpeg->entropy->decode_mcu;
  jpeg->entropy->decode_mcu = other;
  return before;
}

dpl_jpeg_row dpl_jpeg_row_here(j_decompress_ptr jpeg) {
  const huffman_decoder *from = huffman(jpeg);
  dpl_jpeg_row row = {.next = jpeg->src->next_input_byte,
                      .left = jpeg->src->bytes_in_buffer,
                      .bits = from->bits.get_buffer,
                      .bits_left = from->bits.bits_left,
                      .unread_marker = jpeg->unread_marker,
                      .next_restart = jpeg->marker->next_restart_num,
                      .restarts_to_go = from->restarts_to_go,
                      .insufficient_data = from->pub.insufficient_data};
  memcpy(row.dc, from->last_dc, sizeof row.dc);
  return row;
}

void dpl_jpeg_go_to_row(j_decompress_ptr jpeg, const dpl_jpeg_row *row) {
  huffman_decoder *to = huffman(jpeg);
  jpeg->src->next_input_byte = row->next;
  jpeg->src->bytes_in_buffer = row->left;
  jpeg->unread_marker = row->unread_marker;
  jpeg->marker->next_restart_num = row->next_restart;
  to->bits.get_buffer = row->bits;
  to->bits.bits_left = row->bits_left;
  to->restarts_to_go = row->restarts_to_go;
  to->pub.insufficient_data = row->insufficient_data;
  memcpy(to->last_dc, row->dc, sizeof row->dc);
}
