/* WebP through libwebp: the first frame, on white. Native builds only; in a browser its own decoder does this. */
#include "image_webp.h"

#if defined(DOPPEL_WEBP)
#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

#include "status.h"

static dpl_status damaged(dpl_error *error) {
  return dpl_fail(error, DPL_DAMAGED_IMAGE, "The WebP is damaged or cut short; save or download it again.");
}

dpl_status dpl_webp_header(dpl_bytes file, dpl_image_header *header, dpl_error *error) {
  const WebPData data = {file.data, file.size};
  WebPDemuxer *demuxer = WebPDemux(&data);
  if (!demuxer) return damaged(error);
  header->width = (int)WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH);
  header->height = (int)WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT);
  WebPChunkIterator chunk;
  if (WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk)) {
    const int orientation = dpl_exif_orientation_in((dpl_bytes){chunk.chunk.bytes, chunk.chunk.size}, false);
    if (orientation) header->orientation = orientation;
    WebPDemuxReleaseChunkIterator(&chunk);
  }
  WebPDemuxDelete(demuxer);
  return header->width > 0 && header->height > 0 ? DPL_OK : damaged(error);
}

/* The frame's pixels, four bytes each. */
static dpl_status decode_pixels(const WebPIterator *frame, uint8_t *rgba, dpl_error *error) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) return dpl_fail_plain(error, DPL_INTERNAL);
  const int stride = frame->width * 4;
  config.output = (WebPDecBuffer){.colorspace = MODE_RGBA, .is_external_memory = 1};
  config.output.u.RGBA = (WebPRGBABuffer){rgba, stride, (size_t)stride * (size_t)frame->height};
  const VP8StatusCode decoded = WebPDecode(frame->fragment.bytes, frame->fragment.size, &config);
  if (decoded == VP8_STATUS_OUT_OF_MEMORY) return dpl_no_memory_for(frame->width, frame->height, error);
  return decoded == VP8_STATUS_OK ? DPL_OK : damaged(error);
}

/* Into its place on the canvas, which is white elsewhere. */
static dpl_status decode_frame(const WebPIterator *frame, dpl_image *image, dpl_error *error) {
  if (frame->x_offset < 0 || frame->y_offset < 0 || frame->x_offset + frame->width > image->width ||
      frame->y_offset + frame->height > image->height)
    return damaged(error);
  uint8_t *rgba = calloc((size_t)frame->width * (size_t)frame->height, 4);
  if (!rgba) return dpl_no_memory_for(frame->width, frame->height, error);
  const dpl_status status = decode_pixels(frame, rgba, error);
  for (int y = 0; !status && y < frame->height; y++) {
    const size_t place = (size_t)(frame->y_offset + y) * (size_t)image->width + (size_t)frame->x_offset;
    dpl_lay_on_white(rgba + (size_t)y * (size_t)frame->width * 4, (size_t)frame->width, image->pixels + place * 3);
  }
  free(rgba);
  return status;
}

dpl_status dpl_webp_decode(dpl_bytes file, const dpl_image_header *header, dpl_image *image, dpl_error *error) {
  size_t size = 0;
  dpl_status status = dpl_image_size(header->width, header->height, &size, error);
  if (status) return status;
  image->width = header->width, image->height = header->height;
  image->pixels = malloc(size);
  if (!image->pixels) return dpl_no_memory_for(header->width, header->height, error);
  memset(image->pixels, 255, size);
  const WebPData data = {file.data, file.size};
  WebPDemuxer *demuxer = WebPDemux(&data);
  WebPIterator frame;
  const bool found = demuxer && WebPDemuxGetFrame(demuxer, 1, &frame);
  status = found ? decode_frame(&frame, image, error) : damaged(error);
  if (found) WebPDemuxReleaseIterator(&frame);
  WebPDemuxDelete(demuxer);
  return status;
}
#endif
