/* From a face to its vector: chip, network, mirror image, unit length. */
#include "image.h"
#include "net.h"
#include "slate.h"
#include "status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct dpl_embedder {
  dpl_network *network;
  bool mirror;
  dpl_slate chip;
};

dpl_status dpl_embedder_open(dpl_bytes bytes, const dpl_embedder_options *options, dpl_embedder **opened,
                             dpl_error *error) {
  const dpl_embedder_options chosen = options ? *options : (dpl_embedder_options){0};
  dpl_network *network;
  const dpl_network_options as = {.arithmetic = chosen.arithmetic};
  dpl_status status = dpl_network_open_as(bytes, &as, &network, error);
  if (status) return status;
  const dpl_network_spec *spec = dpl_network_spec_of(network);
  if (spec->info.task != DPL_TASK_EMBEDDER)
    status = dpl_fail(error, DPL_UNSUPPORTED_NETWORK, "The network \"%s\" does not embed faces.", spec->info.name);
  dpl_embedder *embedder = status ? NULL : calloc(1, sizeof *embedder);
  if (!status && !embedder) status = dpl_fail_plain(error, DPL_OUT_OF_MEMORY);
  if (status) {
    dpl_network_close(network);
    return status;
  }
  const bool mirror = chosen.mirror == DPL_MIRROR_AS_THE_FILE_SAYS ? spec->mirror : chosen.mirror == DPL_MIRROR_ON;
  *embedder = (dpl_embedder){.network = network, .mirror = mirror};
  *opened = embedder;
  return DPL_OK;
}

void dpl_embedder_close(dpl_embedder *embedder) {
  if (!embedder) return;
  dpl_network_close(embedder->network);
  dpl_slate_clear(&embedder->chip);
  free(embedder);
}

int dpl_embedder_dimension(const dpl_embedder *embedder) {
  return dpl_network_spec_of(embedder->network)->info.dimension;
}

float dpl_embedder_threshold(const dpl_embedder *embedder) {
  return dpl_network_spec_of(embedder->network)->info.threshold;
}

const char *dpl_embedder_name(const dpl_embedder *embedder) {
  return dpl_network_spec_of(embedder->network)->info.name;
}

static int clamp_to(int value, int least, int most) {
  return value < least ? least : value > most ? most : value;
}

/* Everything outside a rectangle of the image becomes black. */
static void blacken_around(dpl_image *image, int left, int top, int width, int height) {
  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++)
      if (x < left || x >= left + width || y < top || y >= top + height)
        memset(image->pixels + 3 * ((size_t)y * (size_t)image->width + (size_t)x), 0, 3);
}

/* What DeepFace feeds without alignment: the box as it lies in the photo, in whole pixels, as large as it fits into the
   middle of the input, and black around it (resize_image of its preprocessing). */
static dpl_status chip_from_box(const dpl_network_spec *spec, const dpl_image *image, dpl_box box, dpl_slate *chip,
                                dpl_error *error) {
  if (!isfinite(box.x + box.y + box.width + box.height) || fabsf(box.x) > 1e6f || fabsf(box.y) > 1e6f)
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "The face's box is out of range.");
  const int left = clamp_to((int)box.x, 0, image->width), top = clamp_to((int)box.y, 0, image->height),
            right = clamp_to((int)fminf(box.x + box.width, 1e6f), left, image->width),
            bottom = clamp_to((int)fminf(box.y + box.height, 1e6f), top, image->height);
  if (right == left || bottom == top)
    return dpl_fail(error, DPL_INVALID_ARGUMENT, "The face's box has no area inside the photo.");
  const int width = spec->info.input_width, height = spec->info.input_height;
  const float scale = fminf((float)width / (float)(right - left), (float)height / (float)(bottom - top));
  const int shown_width = clamp_to((int)((float)(right - left) * scale), 1, width),
            shown_height = clamp_to((int)((float)(bottom - top) * scale), 1, height), x = (width - shown_width) / 2,
            y = (height - shown_height) / 2;
  const dpl_similarity to_chip = {scale, 0, (float)x - scale * (float)left, (float)y - scale * (float)top};
  const dpl_status status = dpl_slate_warp(chip, image, to_chip, width, height, error);
  if (!status) blacken_around(&chip->image, x, y, shown_width, shown_height);
  return status;
}

static dpl_status draw_chip(const dpl_network_spec *spec, const dpl_image *image, const dpl_face *face, dpl_slate *chip,
                            dpl_error *error) {
  if (spec->alignment == DPL_ALIGN_BOX) return chip_from_box(spec, image, face->box, chip, error);
  dpl_similarity to_chip;
  dpl_status status = dpl_similarity_from_points(face->points, spec->template, DPL_POINTS, &to_chip, error);
  if (!status) status = dpl_slate_warp(chip, image, to_chip, spec->info.input_width, spec->info.input_height, error);
  return status;
}

dpl_status dpl_embedder_chip(const dpl_embedder *embedder, const dpl_image *image, const dpl_face *face,
                             dpl_image **chip, dpl_error *error) {
  dpl_slate slate = {0};
  const dpl_status drawn = draw_chip(dpl_network_spec_of(embedder->network), image, face, &slate, error);
  return dpl_slate_give(&slate, drawn, chip, error);
}

/* Adds `row` to `vector`. */
static void accumulate(float *vector, const float *row, size_t dimension) {
  for (size_t i = 0; i < dimension; i++) vector[i] += row[i];
}

static dpl_status scale_to_unit(float *vector, size_t dimension, dpl_error *error) {
  double squares = 0;
  for (size_t i = 0; i < dimension; i++) squares += (double)vector[i] * vector[i];
  if (!(squares > 0) || !isfinite(squares))
    return dpl_fail(error, DPL_INTERNAL, "The network gave a vector without direction for this face.");
  const float scale = (float)(1 / sqrt(squares));
  for (size_t i = 0; i < dimension; i++) vector[i] *= scale;
  return DPL_OK;
}

/* The chip, and where asked for its mirror image, as one batch. */
static dpl_status fill_input(dpl_embedder *embedder, const dpl_image *chip, dpl_error *error) {
  const dpl_network_spec *spec = dpl_network_spec_of(embedder->network);
  const int width = spec->info.input_width, height = spec->info.input_height;
  const size_t looks = embedder->mirror ? 2 : 1, floats = (size_t)width * (size_t)height * 3;
  float *input;
  dpl_status status = dpl_network_input(embedder->network, looks, (size_t)height, (size_t)width, &input, error);
  for (size_t look = 0; !status && look < looks; look++)
    status = dpl_image_to_tensor(chip, spec->normalisation, look == 1, input + look * floats, width, height, error);
  return status;
}

static dpl_status embed_chip(dpl_embedder *embedder, const dpl_image *chip, float *vector, dpl_error *error) {
  dpl_status status = fill_input(embedder, chip, error);
  if (!status) status = dpl_network_invoke(embedder->network, error);
  if (status) return status;
  const size_t dimension = (size_t)dpl_embedder_dimension(embedder);
  const float *rows = dpl_network_output(embedder->network, 0, NULL);
  memcpy(vector, rows, dimension * sizeof *vector);
  if (embedder->mirror) accumulate(vector, rows + dimension, dimension);
  return scale_to_unit(vector, dimension, error);
}

dpl_status dpl_embedder_embed(dpl_embedder *embedder, const dpl_image *image, const dpl_face *faces, size_t count,
                              float *vectors, dpl_error *error) {
  const size_t dimension = (size_t)dpl_embedder_dimension(embedder);
  for (size_t i = 0; i < count; i++) {
    if (!dpl_face_is_whole(image, &faces[i])) return dpl_face_is_cut(error);
    dpl_status status = draw_chip(dpl_network_spec_of(embedder->network), image, &faces[i], &embedder->chip, error);
    if (!status) status = embed_chip(embedder, &embedder->chip.image, vectors + i * dimension, error);
    if (status) return status;
  }
  return DPL_OK;
}
