/* The memory of a slate. */
#include "slate.h"

#include <stdlib.h>

#include "status.h"

/* What was there is lost. By half at least, so that photos which are each a little larger than the one before do not
   leave the heap in pieces. */
static void *grown(void *block, size_t *room, size_t size) {
  if (size <= *room) return block;
  const size_t half_more = *room + *room / 2;
  *room = size > half_more ? size : half_more;
  free(block);
  block = malloc(*room);
  if (!block) *room = 0;
  return block;
}

dpl_status dpl_slate_reshape(dpl_slate *slate, int width, int height, dpl_error *error) {
  size_t size = 0;
  const dpl_status impossible = dpl_image_size(width, height, &size, error);
  if (impossible) return impossible;
  slate->image =
      (dpl_image){.width = width, .height = height, .pixels = grown(slate->image.pixels, &slate->image_room, size)};
  return slate->image.pixels ? DPL_OK : dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
}

void *dpl_slate_scratch(dpl_slate *slate, size_t size) {
  return slate->scratch = grown(slate->scratch, &slate->scratch_room, size);
}

dpl_status dpl_slate_give(dpl_slate *slate, dpl_status drawn, dpl_image **image, dpl_error *error) {
  dpl_image *given = drawn ? NULL : malloc(sizeof *given);
  if (given) *given = slate->image, *image = given, slate->image.pixels = NULL;
  dpl_slate_clear(slate);
  return drawn || given ? drawn : dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
}

void dpl_slate_clear(dpl_slate *slate) {
  free(slate->image.pixels);
  free(slate->scratch);
  *slate = (dpl_slate){0};
}
