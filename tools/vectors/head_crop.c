/* The pose, and what lies outside the photo. */
#include "head_crop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The five points around the middle between the eyes, whose distance is 1: those of the ArcFace template. */
static const dpl_point level_face[DPL_POINTS] = {
    {-0.5f, 0}, {0.5f, 0}, {0, 0.569f}, {-0.4096f, 1.1538f}, {0.4173f, 1.1538f}};

static bool pose_of(const dpl_face *face, int width, int height, dpl_similarity *pose, sentence *why) {
  const float unit = HEAD_CROP_EYES * (float)width;
  dpl_point places[DPL_POINTS];
  dpl_error error;
  for (int i = 0; i < DPL_POINTS; ++i) {
    places[i].x = 0.5f * (float)width + unit * level_face[i].x;
    places[i].y = HEAD_CROP_EYE_LINE * (float)height + unit * level_face[i].y;
  }
  return dpl_similarity_from_points(face->points, places, DPL_POINTS, pose, &error) == DPL_OK ||
         fail(why, "%s", error.message);
}

static dpl_similarity inverse(dpl_similarity pose) {
  const float square = pose.a * pose.a + pose.b * pose.b;
  const dpl_similarity back = {pose.a / square, -pose.b / square, 0, 0};
  const dpl_point shift = dpl_similarity_apply(back, (dpl_point){pose.tx, pose.ty});
  return (dpl_similarity){back.a, back.b, -shift.x, -shift.y};
}

/* The photo, or where it was not decoded in full a reduced one, which is enough for what is blurred anyway. */
typedef struct seen_photo {
  const dpl_image *image;
  float scale; /* of the photo */
} seen_photo;

/* The mean of the photo's pixels on a grid in a square around a place on it. */
static void take_mean(seen_photo seen, dpl_point place, float reach, uint8_t *pixel) {
  enum { STEPS = 6 }; /* from the middle to either side */
  const int width = dpl_image_width(seen.image), height = dpl_image_height(seen.image);
  const uint8_t *pixels = dpl_image_pixels(seen.image);
  unsigned sums[3] = {0}, count = 0;
  for (int row = -STEPS; row <= STEPS; ++row) {
    for (int column = -STEPS; column <= STEPS; ++column) {
      const float x = seen.scale * (place.x + reach * (float)column / STEPS),
                  y = seen.scale * (place.y + reach * (float)row / STEPS);
      if (!(x >= 0 && y >= 0 && x < (float)width && y < (float)height)) continue;
      const uint8_t *from = pixels + ((size_t)y * (size_t)width + (size_t)x) * 3;
      for (int channel = 0; channel < 3; ++channel) sums[channel] += from[channel];
      ++count;
    }
  }
  if (!count) return;
  for (int channel = 0; channel < 3; ++channel) pixel[channel] = (uint8_t)((sums[channel] + count / 2) / count);
}

/* Every pixel outside the photo becomes like what is nearest inside; the farther away, the more it is blurred, so that
   nobody takes it for a part of the picture. */
static void extend_edges(const dpl_image *photo, seen_photo seen, dpl_similarity pose, uint8_t *pixels, int width,
                         int height) {
  const dpl_similarity to_photo = inverse(pose);
  const float step = hypotf(to_photo.a, to_photo.b); /* pixels of the photo to one of the crop */
  /* The outermost pixel of the photo that the crop shows is mixed with the black that lies beyond. */
  const float photo_width = (float)dpl_image_width(photo), photo_height = (float)dpl_image_height(photo);
  const float left = fminf(step, photo_width / 2), top = fminf(step, photo_height / 2);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const dpl_point place = dpl_similarity_apply(to_photo, (dpl_point){(float)x + 0.5f, (float)y + 0.5f});
      const dpl_point near = {fminf(fmaxf(place.x, left), photo_width - left),
                              fminf(fmaxf(place.y, top), photo_height - top)};
      const float away = hypotf(place.x - near.x, place.y - near.y);
      if (away > 0) take_mean(seen, near, step / 2 + away / 2, pixels + ((size_t)y * (size_t)width + (size_t)x) * 3);
    }
  }
}

/* `reduced` is to be closed. */
static bool see_photo(const dpl_image *photo, dpl_image **reduced, seen_photo *seen, sentence *why) {
  enum { SIDE = 1024 };
  *reduced = NULL;
  *seen = (seen_photo){photo, 1};
  if (dpl_image_pixels(photo)) return true;
  const int width = dpl_image_width(photo), height = dpl_image_height(photo), longer = width > height ? width : height;
  dpl_error error;
  const int across = (width * SIDE + longer - 1) / longer, down = (height * SIDE + longer - 1) / longer;
  if (dpl_image_resize(photo, across, down, reduced, &error)) return fail(why, "%s", error.message);
  seen->image = *reduced;
  seen->scale = fminf((float)across / (float)width, (float)down / (float)height);
  return true;
}

bool head_crop(const dpl_image *photo, const dpl_face *face, int width, int height, dpl_image **crop, sentence *why) {
  dpl_similarity pose;
  dpl_image *warped;
  dpl_error error;
  if (!pose_of(face, width, height, &pose, why)) return false;
  if (dpl_image_warp(photo, pose, width, height, &warped, &error)) return fail(why, "%s", error.message);
  const size_t bytes = (size_t)width * (size_t)height * 3;
  uint8_t *pixels = new_array(bytes, 1);
  memcpy(pixels, dpl_image_pixels(warped), bytes);
  dpl_image_close(warped);
  dpl_image *reduced;
  seen_photo seen;
  bool fine = see_photo(photo, &reduced, &seen, why);
  if (fine) extend_edges(photo, seen, pose, pixels, width, height);
  dpl_image_close(reduced);
  fine = fine && (dpl_image_from_rgb(pixels, width, height, crop, &error) == DPL_OK || fail(why, "%s", error.message));
  free(pixels);
  return fine;
}
