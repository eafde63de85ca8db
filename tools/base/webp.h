/* Pictures as WebP files: at the same look two thirds of a JPEG, and every browser that can run the page shows them. */
#ifndef TOOL_WEBP_H
#define TOOL_WEBP_H

#include "basics.h"
#include "doppel.h"

/* RGB8 rows without padding. bytes_free. */
bool webp_of_pixels(const uint8_t *pixels, size_t width, size_t height, int quality, dpl_bytes *file, sentence *why);
bool webp_of_image(const dpl_image *image, int quality, dpl_bytes *file, sentence *why);

#endif
