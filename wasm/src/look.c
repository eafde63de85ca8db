/* One look of a detecting network, and how two looks are merged. */
#include "look.h"

#include "geometry.h"
#include "image.h"

#include <math.h>

static const int small_side = 160; /* up to which the canvas is square */

static int round_up(int value, int multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/* `shown` lies in the top left corner of the smallest canvas that the network takes. */
static dpl_status feed(dpl_network *network, const dpl_image *shown, dpl_error *error) {
  const dpl_network_spec *spec = dpl_network_spec_of(network);
  const int larger = shown->width > shown->height ? shown->width : shown->height,
            side = larger <= small_side ? round_up(larger, spec->stride) : 0;
  int width = spec->info.input_width, height = spec->info.input_height;
  if (spec->resizable) {
    width = side ? side : round_up(shown->width, spec->stride);
    height = side ? side : round_up(shown->height, spec->stride);
  }
  float *input;
  dpl_status status = dpl_network_input(network, 1, (size_t)height, (size_t)width, &input, error);
  if (!status) status = dpl_image_to_tensor(shown, spec->normalisation, false, input, width, height, error);
  return status ? status : dpl_network_invoke(network, error);
}

/* Runs the network, and takes what it finds back to the photo. */
static dpl_status find(dpl_network *network, const dpl_image *shown, dpl_similarity to_photo, float threshold,
                       dpl_candidates *candidates, dpl_error *error) {
  const dpl_status status = feed(network, shown, error);
  if (status) return status;
  const size_t before = candidates->count;
  const float scale = hypotf(to_photo.a, to_photo.b);
  dpl_decoder_of(dpl_network_spec_of(network))(network, threshold, candidates);
  for (size_t i = before; i < candidates->count; i++) {
    dpl_face *face = &candidates->faces[i];
    const dpl_box box = face->box;
    const dpl_point centre = dpl_similarity_apply(to_photo, (dpl_point){box.x + box.width / 2, box.y + box.height / 2});
    const float width = box.width * scale, height = box.height * scale;
    face->box = (dpl_box){centre.x - width / 2, centre.y - height / 2, width, height};
    for (size_t point = 0; point < DPL_POINTS; point++)
      face->points[point] = dpl_similarity_apply(to_photo, face->points[point]);
  }
  return DPL_OK;
}

dpl_status dpl_look_at_photo(dpl_network *network, dpl_slate *slate, const dpl_image *image, int long_side,
                             float threshold, dpl_candidates *candidates, dpl_error *error) {
  const dpl_network_spec *spec = dpl_network_spec_of(network);
  if (!spec->resizable) /* the one size that it has */
    long_side = spec->info.input_width < spec->info.input_height ? spec->info.input_width : spec->info.input_height;
  const int larger = image->width > image->height ? image->width : image->height;
  const float scale = (float)long_side / (float)larger;
  const int width = (int)fmaxf(1, roundf((float)image->width * scale)),
            height = (int)fmaxf(1, roundf((float)image->height * scale));
  const dpl_status status = dpl_slate_resize(slate, image, width, height, error);
  if (status) return status;
  return find(network, &slate->image, (dpl_similarity){1 / scale, 0, 0, 0}, threshold, candidates, error);
}

dpl_status dpl_look_at_view(dpl_network *network, dpl_slate *slate, const dpl_image *image, dpl_view view, int size,
                            float threshold, dpl_candidates *candidates, dpl_error *error) {
  const dpl_similarity to_crop = dpl_view_to_crop(view, size);
  const dpl_status status = dpl_slate_warp(slate, image, to_crop, size, size, error);
  if (status) return status;
  return find(network, &slate->image, dpl_similarity_inverse(to_crop), threshold, candidates, error);
}

/* ---- merging ---- */

/* The score of an agreed face becomes 1 − (1 − a)(1 − b), as if the looks erred independently. The box stays that of
   the surer look. */
static void corroborate(dpl_face *seen, size_t seen_count, dpl_face *fresh, size_t fresh_count, float iou_threshold) {
  for (size_t i = 0; i < fresh_count; i++)
    for (size_t j = 0; j < seen_count; j++) {
      if (dpl_box_iou(fresh[i].box, seen[j].box) <= iou_threshold) continue;
      const float agreed = 1 - (1 - fresh[i].score) * (1 - seen[j].score);
      (fresh[i].score > seen[j].score ? &fresh[i] : &seen[j])->score = agreed;
      break;
    }
}

void dpl_look_merge(dpl_candidates *candidates, size_t seen_count, float iou_threshold) {
  dpl_face *fresh = candidates->faces + seen_count;
  const size_t fresh_count = dpl_nms(fresh, candidates->count - seen_count, iou_threshold);
  corroborate(candidates->faces, seen_count, fresh, fresh_count, iou_threshold);
  candidates->count = dpl_nms(candidates->faces, seen_count + fresh_count, iou_threshold);
}

float dpl_best_score(const dpl_candidates *candidates) {
  float best = 0;
  for (size_t i = 0; i < candidates->count; i++) best = fmaxf(best, candidates->faces[i].score);
  return best;
}

/* In the middle half of the photo, both ways. */
static bool is_central(const dpl_image *image, const dpl_face *face) {
  const float x = (face->box.x + face->box.width / 2) / (float)image->width,
              y = (face->box.y + face->box.height / 2) / (float)image->height;
  return fabsf(x - 0.5f) < 0.25f && fabsf(y - 0.5f) < 0.25f;
}

bool dpl_is_portrait(const dpl_image *image, const dpl_candidates *candidates, float certain_score, float share) {
  const float shorter = (float)(image->width < image->height ? image->width : image->height);
  const dpl_face *face = candidates->faces;
  return candidates->count == 1 && face->score >= certain_score &&
         fmaxf(face->box.width, face->box.height) >= share * shorter && is_central(image, face);
}

static dpl_point eyes_apart(const dpl_face *face) {
  return (dpl_point){face->points[DPL_RIGHT_EYE].x - face->points[DPL_LEFT_EYE].x,
                     face->points[DPL_RIGHT_EYE].y - face->points[DPL_LEFT_EYE].y};
}

bool dpl_same_face(const dpl_face *a, const dpl_face *b) {
  float apart = 0;
  for (size_t i = 0; i < DPL_POINTS; i++)
    apart += hypotf(a->points[i].x - b->points[i].x, a->points[i].y - b->points[i].y) / (float)DPL_POINTS;
  const dpl_point eyes = eyes_apart(a);
  return apart < hypotf(eyes.x, eyes.y) / 2;
}

float dpl_roll_of(const dpl_face *face) {
  const dpl_point eyes = eyes_apart(face);
  return atan2f(eyes.y, eyes.x) * 180 / 3.14159265f;
}
