/* Which way up a photo is: the orientation in a block of EXIF. Nothing else of EXIF is read. */
#include <string.h>

#include "image.h"

enum { TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3, TYPE_LONG = 4, ENTRY_SIZE = 12, NOTHING = 0 };

static int orientation_in_tiff(dpl_bytes tiff);
static uint32_t read_number(const uint8_t *data, int bytes, bool big_endian);
static dpl_bytes without_exif_prefix(dpl_bytes bytes);

int dpl_exif_orientation_in(dpl_bytes block, bool needs_prefix) {
  const dpl_bytes tiff = without_exif_prefix(block);
  return needs_prefix && tiff.data == block.data ? NOTHING : orientation_in_tiff(tiff);
}

/* NOTHING where the directory has no orientation of 1 … 8 or lies outside the bytes. */
static int orientation_in_tiff(dpl_bytes tiff) {
  if (tiff.size < 8) return NOTHING;
  const bool big = memcmp(tiff.data, "MM\0*", 4) == 0;
  if (!big && memcmp(tiff.data, "II*\0", 4) != 0) return NOTHING;
  const uint32_t directory = read_number(tiff.data + 4, 4, big);
  if (directory > tiff.size - 2) return NOTHING;
  const uint32_t entries = read_number(tiff.data + directory, 2, big);
  const uint8_t *entry = tiff.data + directory + 2;
  for (uint32_t i = 0; i < entries; i++, entry += ENTRY_SIZE) {
    if (tiff.data + tiff.size - entry < ENTRY_SIZE) return NOTHING;
    if (read_number(entry, 2, big) != TAG_ORIENTATION) continue;
    const uint32_t type = read_number(entry + 2, 2, big), count = read_number(entry + 4, 4, big);
    if (count != 1 || (type != TYPE_SHORT && type != TYPE_LONG)) return NOTHING;
    const uint32_t orientation = read_number(entry + 8, type == TYPE_SHORT ? 2 : 4, big);
    return orientation >= 1 && orientation <= 8 ? (int)orientation : NOTHING;
  }
  return NOTHING;
}

static uint32_t read_number(const uint8_t *data, int bytes, bool big_endian) {
  uint32_t number = 0;
  for (int i = 0; i < bytes; i++) number = number << 8 | data[big_endian ? i : bytes - 1 - i];
  return number;
}

/* A JPEG puts it before the TIFF structure; some writers of PNG do too, against the rule. */
static dpl_bytes without_exif_prefix(dpl_bytes bytes) {
  if (bytes.size < 6 || memcmp(bytes.data, "Exif\0", 5) != 0) return bytes;
  return (dpl_bytes){bytes.data + 6, bytes.size - 6};
}
