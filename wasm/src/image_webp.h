/* WebP through libwebp, where a build has it. */
#ifndef DOPPEL_IMAGE_WEBP_H
#define DOPPEL_IMAGE_WEBP_H

#include "image.h"
#include "image_header.h"

#if defined(DOPPEL_WEBP)
dpl_status dpl_webp_header(dpl_bytes file, dpl_image_header *header, dpl_error *error);
dpl_status dpl_webp_decode(dpl_bytes file, const dpl_image_header *header, dpl_image *image, dpl_error *error);
#else
#define dpl_webp_header NULL
#define dpl_webp_decode NULL
#endif

#endif
