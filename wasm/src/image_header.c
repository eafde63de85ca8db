/* Reads what a photo is and how large, without decoding, and refuses with a sentence what the decoder cannot do. */
#include "image_header.h"

#include <string.h>

#include "chunks.h"
#include "image.h"
#include "status.h"

static dpl_status check_frame(uint32_t marker, dpl_bytes body, bool adobe, dpl_image_header *header, dpl_error *error);
static const char *foreign_format(dpl_bytes file);

static uint32_t little_endian(const uint8_t *data, int bytes) {
  uint32_t number = 0;
  for (int i = bytes - 1; i >= 0; i--) number = number << 8 | data[i];
  return number;
}

static bool starts_with(dpl_bytes file, size_t offset, const char *magic, size_t length) {
  return file.size >= offset + length && memcmp(file.data + offset, magic, length) == 0;
}

dpl_status dpl_image_format(dpl_bytes file, dpl_format *format, dpl_error *error) {
  if (!file.data && file.size) return dpl_fail_plain(error, DPL_INVALID_ARGUMENT);
  if (file.size == 0) return dpl_fail(error, DPL_DAMAGED_IMAGE, "The file is empty; save or download the photo again.");
  if (dpl_is_jpeg(file))
    *format = DPL_FORMAT_JPEG;
  else if (dpl_is_png(file))
    *format = DPL_FORMAT_PNG;
  else if (starts_with(file, 0, "GIF87a", 6) || starts_with(file, 0, "GIF89a", 6))
    *format = DPL_FORMAT_GIF;
  else if (starts_with(file, 0, "BM", 2))
    *format = DPL_FORMAT_BMP;
  else if (starts_with(file, 0, "RIFF", 4) && starts_with(file, 8, "WEBP", 4))
    *format = DPL_FORMAT_WEBP;
  else {
    const char *name = foreign_format(file);
    if (!name) return dpl_fail_plain(error, DPL_UNSUPPORTED_FORMAT);
    return dpl_unsupported_format(name, error);
  }
  return DPL_OK;
}

dpl_status dpl_unsupported_format(const char *name, dpl_error *error) {
  return dpl_fail(error, DPL_UNSUPPORTED_FORMAT,
                  "This is %s, whatever the file is called, and cannot be read here; save it as JPEG or PNG.", name);
}

static bool is_frame(uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

dpl_status dpl_jpeg_header(dpl_bytes file, dpl_image_header *header, dpl_error *error) {
  size_t at = 0;
  dpl_chunk segment, frame = {0};
  bool adobe = false;
  int orientation = 0;
  while (dpl_jpeg_next(file, &at, &segment) && segment.kind != DPL_JPEG_END && segment.kind != DPL_JPEG_SCAN) {
    if (segment.kind == DPL_JPEG_APP14 && segment.body.size >= 12 && memcmp(segment.body.data, "Adobe", 5) == 0)
      adobe = true;
    if (segment.kind == DPL_JPEG_APP1 && !orientation) orientation = dpl_exif_orientation_in(segment.body, true);
    if (is_frame(segment.kind) && !frame.kind) frame = segment;
  }
  if (!frame.kind)
    return dpl_fail(error, DPL_DAMAGED_IMAGE, "The JPEG is cut short before its size; save or download it again.");
  if (orientation) header->orientation = orientation;
  return check_frame(frame.kind, frame.body, adobe, header, error);
}

static dpl_status check_frame(uint32_t marker, dpl_bytes body, bool adobe, dpl_image_header *header, dpl_error *error) {
  const char *kind = NULL;
  if (marker >= 0xC9)
    kind = "Arithmetic-coded";
  else if (marker == 0xC3 || marker == 0xC7)
    kind = "Lossless";
  else if (marker > 0xC3)
    kind = "Hierarchical";
  else if (body.size >= 1 && body.data[0] == 12)
    kind = "12-bit";
  else if (body.size >= 6 && body.data[5] == 4 && !adobe)
    kind = "Four-colour (CMYK, without Adobe's marker)";
  if (kind) return dpl_fail(error, DPL_UNSUPPORTED_FORMAT, "%s JPEG is not supported; save it as baseline JPEG.", kind);
  if (body.size < 6 || body.data[0] != 8)
    return dpl_fail(error, DPL_DAMAGED_IMAGE, "The header of the JPEG is damaged; save or download it again.");
  const int components = body.data[5];
  if (components != 1 && components != 3 && components != 4)
    return dpl_fail(error, DPL_UNSUPPORTED_FORMAT, "A JPEG of %d colours is not supported; save it as baseline JPEG.",
                    components);
  header->height = body.data[1] << 8 | body.data[2];
  header->width = body.data[3] << 8 | body.data[4];
  if (header->width == 0)
    return dpl_fail(error, DPL_DAMAGED_IMAGE, "The JPEG says that it is 0 pixels wide; save or download it again.");
  if (header->height == 0) /* the number of lines would follow the picture (DNL) */
    return dpl_fail(error, DPL_UNSUPPORTED_FORMAT,
                    "A JPEG that gives its height only at its end is not supported; save it as baseline JPEG.");
  return DPL_OK;
}

dpl_status dpl_png_header(dpl_bytes file, dpl_image_header *header, dpl_error *error) {
  size_t at = 0;
  dpl_chunk chunk;
  bool read = dpl_png_next(file, &at, &chunk);
  /* Apple's own kind of PNG has a chunk before the header. */
  if (read && chunk.kind == DPL_PNG_KIND('C', 'g', 'B', 'I')) read = dpl_png_next(file, &at, &chunk);
  if (!read || chunk.kind != DPL_PNG_KIND('I', 'H', 'D', 'R') || chunk.body.size != 13)
    return dpl_fail(error, DPL_DAMAGED_IMAGE, "The PNG is cut short before its size; save or download it again.");
  const uint8_t *d = chunk.body.data;
  const uint32_t width = (uint32_t)d[0] << 24 | (uint32_t)d[1] << 16 | (uint32_t)d[2] << 8 | d[3];
  const uint32_t height = (uint32_t)d[4] << 24 | (uint32_t)d[5] << 16 | (uint32_t)d[6] << 8 | d[7];
  if (width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
    return dpl_fail(error, DPL_DAMAGED_IMAGE, "The PNG's size of %u×%u pixels cannot be; save or download it again.",
                    (unsigned)width, (unsigned)height);
  header->width = (int)width;
  header->height = (int)height;
  int orientation = 0;
  while (!orientation && dpl_png_next(file, &at, &chunk))
    if (chunk.kind == DPL_PNG_KIND('e', 'X', 'I', 'f')) orientation = dpl_exif_orientation_in(chunk.body, false);
  if (orientation) header->orientation = orientation;
  return DPL_OK;
}

dpl_status dpl_gif_header(dpl_bytes file, dpl_image_header *header, dpl_error *error) {
  if (file.size >= 13) header->width = (int)little_endian(file.data + 6, 2);
  if (file.size >= 13) header->height = (int)little_endian(file.data + 8, 2);
  if (!header->width || !header->height)
    return dpl_fail(error, DPL_DAMAGED_IMAGE, "The GIF is cut short before its size; save or download it again.");
  return DPL_OK;
}

dpl_status dpl_bmp_header(dpl_bytes file, dpl_image_header *header, dpl_error *error) {
  int64_t width = 0, height = 0;
  if (file.size >= 26 && little_endian(file.data + 14, 4) == 12)
    width = little_endian(file.data + 18, 2), height = little_endian(file.data + 20, 2);
  else if (file.size >= 26)
    width = (int32_t)little_endian(file.data + 18, 4), height = (int32_t)little_endian(file.data + 22, 4);
  if (height < 0) height = -height; /* its rows begin at the top */
  if (width <= 0 || height <= 0 || height > INT32_MAX)
    return dpl_fail(error, DPL_DAMAGED_IMAGE, "The BMP's header is damaged; save or download it again.");
  header->width = (int)width;
  header->height = (int)height;
  return DPL_OK;
}

/* Formats by their first bytes, each with the words that stand in the sentence; NULL where none of them fits. */
static const char *foreign_format(dpl_bytes file) {
  static const struct {
    size_t offset;
    const char *magic;
    size_t length;
    const char *name;
  } KNOWN[] = {
      {0, "II*\0", 4, "a TIFF or camera raw picture"},
      {0, "MM\0*", 4, "a TIFF or camera raw picture"},
      {0, "8BPS", 4, "a Photoshop document"},
      {0, "\xFF\x0A", 2, "a JPEG XL picture"},
      {0, "\0\0\0\x0CJXL ", 8, "a JPEG XL picture"},
      {0, "\0\0\0\x0CjP  ", 8, "a JPEG 2000 picture"},
      {0, "\0\0\1\0", 4, "an icon"},
      {0, "%PDF", 4, "a PDF document"},
      {0, "PK\3\4", 4, "a ZIP archive or office document"},
      {0, "<svg", 4, "an SVG drawing"},
      {0, "<?xml", 5, "an SVG drawing or other XML"},
      {0, "<!DOCTYPE", 9, "a web page"},
      {0, "<!doctype", 9, "a web page"},
      {0, "<html", 5, "a web page"},
      {0, "<HTML", 5, "a web page"},
      {0, "\x1A\x45\xDF\xA3", 4, "a video"},
  };
  for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++)
    if (file.size >= KNOWN[i].offset + KNOWN[i].length &&
        memcmp(file.data + KNOWN[i].offset, KNOWN[i].magic, KNOWN[i].length) == 0)
      return KNOWN[i].name;

  if (file.size < 12 || memcmp(file.data + 4, "ftyp", 4) != 0) return NULL;
  /* The ISO container: its brands say what is in it; a still picture may name its coder only among the later ones. */
  static const struct {
    const char *brand, *name;
  } BRANDS[] = {{"avif", "an AVIF picture"},     {"avis", "an AVIF picture"}, {"heic", "a HEIC picture"},
                {"heix", "a HEIC picture"},      {"heim", "a HEIC picture"},  {"heis", "a HEIC picture"},
                {"hevc", "a HEIC picture"},      {"mif1", "a HEIF picture"},  {"msf1", "a HEIF picture"},
                {"crx ", "a camera raw picture"}};
  const size_t end = file.size < 64 ? file.size : 64;
  for (size_t i = 0; i < sizeof BRANDS / sizeof BRANDS[0]; i++)
    for (size_t at = 8; at + 4 <= end; at += 4)
      if (memcmp(file.data + at, BRANDS[i].brand, 4) == 0) return BRANDS[i].name;
  return "a video";
}
