/* Photos for tests, made at run time: JPEGs with libjpeg-turbo, PNGs by hand (uncompressed). No photo lies in the
   repository. */
#ifndef DOPPEL_TESTS_PHOTOS_H
#define DOPPEL_TESTS_PHOTOS_H

#include "support.h"

#include <jpeglib.h>

typedef struct jpeg_kind {
  bool progressive, grey, cmyk, arithmetic;
  int quality;      /* 0 means 95, colour not subsampled */
  unsigned restart; /* interval in units; 0: none */
} jpeg_kind;

/* Pixels: 3 bytes each, or 1 for grey, 4 for cmyk. `app1` (may be NULL) is written as an APP1 segment. */
static inline buffer make_jpeg(const uint8_t *pixels, int width, int height, jpeg_kind kind, const buffer *app1) {
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char *file = NULL;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &file, &size);
  jpeg.image_width = (JDIMENSION)width;
  jpeg.image_height = (JDIMENSION)height;
  jpeg.input_components = kind.grey ? 1 : kind.cmyk ? 4 : 3;
  jpeg.in_color_space = kind.grey ? JCS_GRAYSCALE : kind.cmyk ? JCS_CMYK : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, kind.quality ? kind.quality : 95, TRUE);
  for (int i = 0; i < jpeg.num_components; i++) jpeg.comp_info[i].h_samp_factor = jpeg.comp_info[i].v_samp_factor = 1;
  jpeg.arith_code = kind.arithmetic;
  jpeg.restart_interval = kind.restart;
  if (kind.progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  if (app1) jpeg_write_marker(&jpeg, JPEG_APP0 + 1, app1->data, (unsigned)app1->size);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row =
        (JSAMPROW)(uintptr_t)(pixels + (size_t)jpeg.next_scanline * (size_t)width * (size_t)jpeg.input_components);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  buffer b = {0};
  append(&b, file, size);
  free(file);
  return b;
}

static inline void append_big_endian(buffer *b, uint32_t number, int count) {
  for (int i = count - 1; i >= 0; i--) append(b, &(uint8_t){(uint8_t)(number >> (8 * i))}, 1);
}

static inline void append_little_endian(buffer *b, uint32_t number, int count) {
  for (int i = 0; i < count; i++) append(b, &(uint8_t){(uint8_t)(number >> (8 * i))}, 1);
}

static inline void append_number(buffer *b, uint32_t number, int count, bool big) {
  if (big)
    append_big_endian(b, number, count);
  else
    append_little_endian(b, number, count);
}

/* A TIFF structure with one entry before the orientation and one behind it. */
static inline buffer make_tiff(int orientation, bool big) {
  buffer b = {0};
  append(&b, big ? "MM" : "II", 2);
  append_number(&b, 42, 2, big);
  append_number(&b, 10, 4, big); /* the directory begins two bytes behind the head, as it may */
  append_number(&b, 0, 2, big);
  append_number(&b, 3, 2, big);
  const uint32_t entries[3][4] = {{0x0100, 4, 1, 640}, {0x0112, 3, 1, (uint32_t)orientation}, {0x0128, 3, 1, 2}};
  for (int i = 0; i < 3; i++) {
    append_number(&b, entries[i][0], 2, big);
    append_number(&b, entries[i][1], 2, big);
    append_number(&b, entries[i][2], 4, big);
    append_number(&b, entries[i][3], entries[i][1] == 3 ? 2 : 4, big);
    if (entries[i][1] == 3) append_number(&b, 0, 2, big);
  }
  append_number(&b, 0, 4, big);
  return b;
}

static inline buffer make_app1(int orientation, bool big) {
  buffer b = {0}, tiff = make_tiff(orientation, big);
  append(&b, "Exif\0\0", 6);
  append(&b, tiff.data, tiff.size);
  free(tiff.data);
  return b;
}

static inline void append_chunk(buffer *png, const char *kind, dpl_bytes body) {
  append_big_endian(png, (uint32_t)body.size, 4);
  const size_t begin = png->size;
  append(png, kind, 4);
  append(png, body.data, body.size);
  uint32_t crc = UINT32_MAX;
  for (size_t i = begin; i < png->size; i++) {
    crc ^= png->data[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xEDB88320) : 0);
  }
  append_big_endian(png, ~crc, 4);
}

/* 8 bits a channel: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. `exif` (may be NULL) goes into an eXIf chunk. */
static inline buffer make_png(const uint8_t *pixels, int width, int height, int channels, const buffer *exif) {
  static const uint8_t COLOUR_TYPE[] = {0, 0, 4, 2, 6};
  buffer png = {0}, head = {0}, raw = {0}, packed = {0};
  append(&png, "\x89PNG\r\n\x1A\n", 8);
  append_big_endian(&head, (uint32_t)width, 4);
  append_big_endian(&head, (uint32_t)height, 4);
  append(&head, (uint8_t[]){8, COLOUR_TYPE[channels], 0, 0, 0}, 5);
  append_chunk(&png, "IHDR", bytes_of(head));
  if (exif) append_chunk(&png, "eXIf", bytes_of(*exif));
  const size_t row = (size_t)width * (size_t)channels;
  for (size_t y = 0; y < (size_t)height; y++) {
    append(&raw, "", 1);
    append(&raw, pixels + y * row, row);
  }
  append(&packed, "\x78\x01", 2);
  uint32_t a = 1, b = 0;
  for (size_t i = 0; i < raw.size; i++) {
    a = (a + raw.data[i]) % 65521;
    b = (b + a) % 65521;
  }
  for (size_t at = 0; at < raw.size;) {
    const size_t length = raw.size - at < 65535 ? raw.size - at : 65535;
    append(&packed, at + length == raw.size ? "\1" : "", 1);
    append_little_endian(&packed, (uint32_t)length, 2);
    append_little_endian(&packed, (uint32_t)~length & 0xFFFF, 2);
    append(&packed, raw.data + at, length);
    at += length;
  }
  append_big_endian(&packed, b << 16 | a, 4);
  append_chunk(&png, "IDAT", bytes_of(packed));
  append_chunk(&png, "IEND", (dpl_bytes){NULL, 0});
  free(head.data);
  free(raw.data);
  free(packed.data);
  return png;
}

/* A picture that is different every way up: slopes of red and green, and a blue spot in the top left corner. */
static inline uint8_t *slopes(int width, int height) {
  uint8_t *pixels = malloc((size_t)width * (size_t)height * 3);
  assert_non_null(pixels);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      uint8_t *p = pixels + ((size_t)y * (size_t)width + (size_t)x) * 3;
      p[0] = (uint8_t)(x * 255 / width);
      p[1] = (uint8_t)(y * 255 / height);
      p[2] = x < width / 3 && y < height / 3 ? 240 : 20;
    }
  return pixels;
}

static inline int largest_difference(const uint8_t *a, const uint8_t *b, size_t size) {
  int largest = 0;
  for (size_t i = 0; i < size; i++) {
    const int difference = abs(a[i] - b[i]);
    if (difference > largest) largest = difference;
  }
  return largest;
}

#endif
