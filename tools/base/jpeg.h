/* Pictures as JPEG files. */
#ifndef TOOL_JPEG_H
#define TOOL_JPEG_H

#include "basics.h"
#include "doppel.h"

extern const int jpeg_quality; /* of the sheets of portraits, and where no other is given */

/* RGB8 rows without padding. The bytes come from malloc: bytes_free. */
bool jpeg_of_pixels_at(const uint8_t *pixels, size_t width, size_t height, int quality, dpl_bytes *file, sentence *why);
bool jpeg_of_pixels(const uint8_t *pixels, size_t width, size_t height, dpl_bytes *file, sentence *why);
bool jpeg_of_image(const dpl_image *image, dpl_bytes *file, sentence *why);

#endif
