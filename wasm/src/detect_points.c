/* Detection with a network that gives five points with each box (YuNet, SCRFD): a few looks at the photo until it is
   settled, then a closer look at each face, level and always at the same size, because points that were placed at
   different sizes do not compare as well. How the looks were chosen, with figures, is in models/README.md. */
#include "detect.h"

#include "image.h"

#include <math.h>

/* All constants are measured, see models/README.md. Long sides are in pixels, scores from 0 to 1. */
static const int first_side = 320, second_side = 640;
static const int large_side = 1280;      /* for crowds in photos that are larger than the second look */
static const float crowd_share = 0.075f; /* of the long side: a face that is smaller may be one of a crowd */
static const int coarse_side = 160;      /* for portraits, and for faces that fill the frame */
static const float certain_score = 0.8f;

/* What settles a portrait at the coarse look, before any other: no turned face scores so well there, and somebody who
   stands behind so large a face would be seen. */
static const float plain_score = 0.9f, plain_share = 0.35f; /* of the photo's shorter side */
static const float portrait_share = 0.2f;                   /* at the first look, where `certain_score` does */
static const float merge_iou = 0.3f;

/* DeepFace's way with YuNet: one look, the long side at most 640, no closer one. */
static const int parity_side = 640;
static const float parity_score = 0.9f;

/* The closer look: a square so many times as large as the face's longer side, shown at this size. */
static const float view_to_face = 1.9f;
static const int view_size = 160;
static const float off_centre = 0.2f;     /* how far from its middle the face may be, in sides of the view */
static const float faintest_score = 0.2f; /* of what may be the face that is looked for */

/* When a view shows a face level. Chosen on lfw-dev, upright and turned by 10, 20, 30 and 180°, and on a portrait that
   lies every way: a smaller change than 2 takes more looks, wider bounds leave heads turned. */
static const float level_score = 0.92f; /* a turned face reaches less */
static const float level_roll = 2.5f;   /* degrees that need no second thought … */
static const float settled_roll = 2;    /* … nor does so small a change at the closer look */

/* The search for the roll. */
enum { ROLLS = 12, QUARTER = ROLLS / 4 };
static const float roll_step = 30;           /* degrees; so many make a circle */
static const float first_view_bonus = 0.01f; /* what another roll must be better by */
/* Turned by 75° and more, of 378 faces of lfw-dev one in 20 reaches 0.9 and none 0.92: above, no other side of the
   circle is better; between, one that is would show from a quarter away; below, the whole circle is looked at. */
static const float high_summit = 0.925f, poor_summit = 0.9f;
static const float rival_margin = 0.04f; /* how much worse another side may look from 45° beside its summit */
static const float plateau = 0.04f;      /* of the score, around its summit */
static const float second_share = 0.5f;  /* of what the three views around the middle found say against it */

/* What a level view confirms: a face that looks like one there, or that did so at both sights. */
static const float confirming_score = 0.88f, agreeing_score = 0.8f;

/* A face that fills the frame has no surroundings that a closer look could show, and in profile no closer look confirms
   it. Few other things are as large and score so well: of 3,496 crops of animals, textures and things 37 instead of 31
   have a face with this rule, and of fairface-dev 4 instead of 25 have none. */
static const float filling_share = 0.6f; /* of the photo's long side, the geometric mean of the box's sides */
static const float filling_score = 0.75f;

static int long_side_of(const dpl_image *image) {
  return image->width > image->height ? image->width : image->height;
}

/* ---- the closer look ---- */

static float radians(float degrees) {
  return degrees * 3.14159265f / 180;
}

/* The face in the middle of the view, or NULL. */
static const dpl_face *middle_face(const dpl_candidates *candidates, dpl_view view) {
  const dpl_face *best = NULL;
  for (size_t i = 0; i < candidates->count; i++) {
    const dpl_face *face = &candidates->faces[i];
    const float x = face->box.x + face->box.width / 2 - view.centre.x,
                y = face->box.y + face->box.height / 2 - view.centre.y;
    if (hypotf(x, y) < off_centre * view.side && (!best || face->score > best->score)) best = face;
  }
  return best;
}

/* Looks at a square around the box, turned by `roll` degrees. `seen` is what stands in its middle; its score is 0 where
   there is nothing. */
static dpl_status look_closer(const dpl_detector *detector, const dpl_image *image, dpl_box box, float roll,
                              dpl_face *seen, dpl_error *error) {
  const dpl_view view = {.centre = {box.x + box.width / 2, box.y + box.height / 2},
                         .side = view_to_face * fmaxf(box.width, box.height),
                         .roll = radians(roll)};
  dpl_candidates near = {.faces = detector->beside, .capacity = DPL_MAX_CANDIDATES};
  *seen = (dpl_face){.score = 0};
  const dpl_status status =
      dpl_look_at_view(detector->points, detector->shown, image, view, view_size, faintest_score, &near, error);
  const dpl_face *found = status ? NULL : middle_face(&near, view);
  if (found) *seen = *found;
  return status;
}

/* How much the face looks like one in views turned by multiples of `roll_step` from `start` degrees. */
typedef struct circle {
  float start, scores[ROLLS];
  bool seen[ROLLS];
} circle;

static int place_on_circle(int place) {
  return (place + ROLLS) % ROLLS;
}

/* Takes the view at a place of the circle, once. */
static dpl_status see_view(const dpl_detector *detector, const dpl_image *image, dpl_box box, int place, circle *views,
                           dpl_error *error) {
  if (views->seen[place]) return DPL_OK;
  dpl_face face;
  const dpl_status status = look_closer(detector, image, box, views->start + (float)place * roll_step, &face, error);
  views->seen[place] = true;
  views->scores[place] = status || face.score == 0 ? 0 : face.score + (place == 0 ? first_view_bonus : 0);
  return status;
}

/* The middle of the plateau that three neighbouring views show, in steps from the one between. */
static float middle_of_plateau(const float scores[3]) {
  const float summit = fmaxf(fmaxf(scores[0], scores[1]), scores[2]);
  float weight = 0, offset = 0;
  for (int side = -1; side <= 1; side++) {
    const float above = fmaxf(0, scores[side + 1] - summit + plateau);
    weight += above, offset += above * (float)side;
  }
  return offset / weight;
}

/* Without the bonus: what lies on the other side of the circle need not be better by more than anything. */
static float plain_score_of(const circle *views, int place) {
  return views->scores[place] - (place == 0 && views->scores[0] > 0 ? first_view_bonus : 0);
}

/* Where both neighbours are worse, climbing from a place. */
static dpl_status climb(const dpl_detector *detector, const dpl_image *image, dpl_box box, int from, circle *views,
                        int *summit, dpl_error *error) {
  dpl_status status = DPL_OK;
  int here;
  *summit = from;
  do {
    here = *summit;
    for (int side = -1; !status && side <= 1; side += 2) {
      const int beside = place_on_circle(here + side);
      status = see_view(detector, image, box, beside, views, error);
      if (views->scores[beside] > views->scores[*summit]) *summit = beside;
    }
  } while (!status && *summit != here);
  return status;
}

static dpl_status see_circle(const dpl_detector *detector, const dpl_image *image, dpl_box box, circle *views,
                             int *summit, dpl_error *error) {
  dpl_status status = DPL_OK;
  for (int place = 0; !status && place < ROLLS; place++) {
    status = see_view(detector, image, box, place, views, error);
    if (plain_score_of(views, place) > plain_score_of(views, *summit)) *summit = place;
  }
  return status;
}

/* Looks at the other three quarters of the circle, and climbs from the best of them where it may lead higher. */
static dpl_status see_quarters(const dpl_detector *detector, const dpl_image *image, dpl_box box, circle *views,
                               int *summit, dpl_error *error) {
  dpl_status status = DPL_OK;
  int best = place_on_circle(*summit + QUARTER);
  for (int i = 1; !status && i < 4; i++) {
    const int quarter = place_on_circle(*summit + i * QUARTER);
    status = see_view(detector, image, box, quarter, views, error);
    if (views->scores[quarter] > views->scores[best]) best = quarter;
  }
  if (!status && views->scores[best] > views->scores[*summit] - rival_margin)
    status = climb(detector, image, box, best, views, &best, error);
  if (plain_score_of(views, best) > plain_score_of(views, *summit)) *summit = best;
  return status;
}

/* Where the views fell beside the plateau's edges tips its middle to one side, and views around that middle tip it
   back: takes them, and goes part of their way. */
static dpl_status balance(const dpl_detector *detector, const dpl_image *image, dpl_box box, float *roll,
                          dpl_error *error) {
  float scores[3] = {0};
  dpl_status status = DPL_OK;
  for (int side = -1; !status && side <= 1; side++) {
    dpl_face face;
    status = look_closer(detector, image, box, *roll + (float)side * roll_step, &face, error);
    scores[side + 1] = face.score;
  }
  if (!status) *roll += second_share * middle_of_plateau(scores) * roll_step;
  return status;
}

/* A face scores well at any roll within some 30 degrees of its own, and its points lean towards level wherever the view
   is; so its roll is the middle of those views in which it looks most like a face. Climbs from `roll`, where it was
   seen already; where that summit is a poor one another side of the circle may hold a better. */
static dpl_status find_roll(const dpl_detector *detector, const dpl_image *image, dpl_box box, float seen_score,
                            float *roll, dpl_error *error) {
  circle views = {.start = *roll, .seen = {true}, .scores = {seen_score > 0 ? seen_score + first_view_bonus : 0}};
  int summit;
  dpl_status status = climb(detector, image, box, 0, &views, &summit, error);
  const float reached = plain_score_of(&views, summit);
  if (!status && reached < poor_summit)
    status = see_circle(detector, image, box, &views, &summit, error);
  else if (!status && reached < high_summit)
    status = see_quarters(detector, image, box, &views, &summit, error);
  if (status) return status;
  const float around[3] = {views.scores[place_on_circle(summit - 1)], views.scores[summit],
                           views.scores[place_on_circle(summit + 1)]};
  *roll += ((float)summit + middle_of_plateau(around)) * roll_step;
  return balance(detector, image, box, roll, error);
}

/* Whether a view at `roll` shows the face as level as it needs to be: it looks much like a face, and neither the view
   nor the points in it are turned. */
static bool is_level(const dpl_face *seen, float roll) {
  return seen->score >= level_score && fabsf(dpl_roll_of(seen)) <= level_roll &&
         fabsf(dpl_roll_of(seen) - roll) <= settled_roll;
}

/* Points, roll and score from a level view. Where no view shows a face the score is 0 and the rest stays. */
static dpl_status settle(const dpl_detector *detector, const dpl_image *image, dpl_face *face, dpl_error *error) {
  dpl_face seen = {.score = 0};
  float roll = face->roll;
  if (!(fmaxf(face->box.width, face->box.height) >= 1)) return face->score = 0, DPL_OK;
  dpl_status status = look_closer(detector, image, face->box, roll, &seen, error);
  if (!status && !is_level(&seen, roll)) {
    status = find_roll(detector, image, face->box, seen.score, &roll, error);
    if (!status) status = look_closer(detector, image, face->box, roll, &seen, error);
  }
  if (status) return status;
  face->score = seen.score;
  if (seen.score == 0) return DPL_OK;
  for (size_t i = 0; i < DPL_POINTS; i++) face->points[i] = seen.points[i];
  face->roll = dpl_roll_of(face);
  return DPL_OK;
}

static bool is_confirmed(float first_score, float settled_score) {
  return settled_score >= confirming_score || (settled_score >= agreeing_score && first_score >= agreeing_score);
}

static bool fills_frame(const dpl_image *image, const dpl_face *face) {
  return face->score >= filling_score &&
         sqrtf(face->box.width * face->box.height) >= filling_share * (float)long_side_of(image);
}

/* ---- the looks at the photo ---- */

static dpl_status look(const dpl_detector *detector, const dpl_image *image, int long_side, float threshold,
                       dpl_candidates *candidates, dpl_error *error) {
  const size_t seen_count = candidates->count;
  const dpl_status status =
      dpl_look_at_photo(detector->points, detector->shown, image, long_side, threshold, candidates, error);
  dpl_look_merge(candidates, seen_count, merge_iou);
  return status;
}

/* Small faces have smaller ones beside them; beside large ones alone nobody is lost in a crowd. */
static bool may_be_crowd(const dpl_image *image, const dpl_candidates *candidates) {
  float smallest = (float)long_side_of(image);
  for (size_t i = 0; i < candidates->count; i++)
    smallest = fminf(smallest, fmaxf(candidates->faces[i].box.width, candidates->faces[i].box.height));
  return candidates->count == 0 || smallest < crowd_share * (float)long_side_of(image);
}

/* From the first look on, ending as soon as the photo is settled. */
static dpl_status take_looks(const dpl_detector *detector, const dpl_image *image, dpl_candidates *candidates,
                             dpl_error *error) {
  const float threshold = dpl_score_threshold(detector, detector->points);
  const bool resizable = dpl_network_spec_of(detector->points)->resizable;
  dpl_status status = DPL_OK;
  if (resizable) {
    status = look(detector, image, coarse_side, threshold, candidates, error);
    if (status || dpl_is_portrait(image, candidates, plain_score, plain_share)) return status;
    candidates->count = 0;
  }
  status = look(detector, image, first_side, threshold, candidates, error);
  if (status || !resizable || /* it has one size, and has been shown it */
      dpl_is_portrait(image, candidates, certain_score, portrait_share))
    return status;
  status = look(detector, image, second_side, threshold, candidates, error);
  if (!status && long_side_of(image) > second_side && may_be_crowd(image, candidates))
    status = look(detector, image, large_side, threshold, candidates, error);
  if (status || dpl_best_score(candidates) >= certain_score) return status;
  return look(detector, image, coarse_side, threshold, candidates, error);
}

static dpl_status detect_as_deepface(const dpl_detector *detector, const dpl_image *image, dpl_candidates *candidates,
                                     dpl_error *error) {
  const int side = long_side_of(image);
  const float wished = detector->options.score_threshold;
  return look(detector, image, side < parity_side ? side : parity_side, wished > 0 ? wished : parity_score, candidates,
              error);
}

/* Only YuNet's scores are known well enough for a closer look to mean something, and other sizes have to be its own. */
static bool can_look_closer(const dpl_detector *detector) {
  const dpl_network_spec *spec = dpl_network_spec_of(detector->points);
  return spec->decoder == DPL_DECODER_YUNET && spec->resizable && !detector->options.parity;
}

dpl_status dpl_detect_points(dpl_detector *detector, const dpl_image *image, dpl_candidates *candidates,
                             dpl_error *error) {
  dpl_status status = (detector->options.parity ? detect_as_deepface : take_looks)(detector, image, candidates, error);
  size_t kept = 0;
  for (size_t i = 0; !status && i < candidates->count; i++) {
    dpl_face face = candidates->faces[i];
    if (fmaxf(face.box.width, face.box.height) < (float)detector->options.min_face) continue;
    face.roll = dpl_roll_of(&face);
    const dpl_face first = face;
    if (can_look_closer(detector)) {
      status = settle(detector, image, &face, error);
      if (!is_confirmed(first.score, face.score)) {
        if (!fills_frame(image, &first)) continue;
        face = first;
      }
    }
    candidates->faces[kept++] = face;
  }
  candidates->count = kept;
  return status;
}

/* ---- crowds ---- */

/* Three looks in tiles. What they find counts only where all of them agree, which is a score near 1, because a closer
   look rejects many small, masked and half hidden faces. Measured on crowd-dev, see models/README.md. */
static const float crowd_scales[] = {1.6f, 2.4f, 3.2f};
static const int crowd_side = 1280; /* photos with a longer side are looked at as if they had this one */
static const int largest_tile = 1280, tile_overlap = 256;
static const float crowd_score = 0.985f;

/* Whether a tile is not the place to find this face: it is larger than what tiles share, and may be cut. */
static bool may_be_cut(const dpl_face *face, float scale) {
  return fmaxf(face->box.width, face->box.height) * scale > (float)tile_overlap;
}

static dpl_status look_in_tiles(const dpl_detector *detector, const dpl_image *image, float scale,
                                dpl_candidates *candidates, dpl_error *error) {
  const float width = (float)image->width, height = (float)image->height;
  const int stride = dpl_network_spec_of(detector->points)->stride,
            whole = (int)ceilf((float)long_side_of(image) * scale / (float)stride) * stride,
            tile = whole < largest_tile ? whole : largest_tile;
  const float side = (float)tile / scale, step = (float)(tile - tile_overlap) / scale,
              threshold = dpl_score_threshold(detector, detector->points);
  const int columns = 1 + (int)ceilf(fmaxf(0, width - side) / step),
            rows = 1 + (int)ceilf(fmaxf(0, height - side) / step);
  const size_t seen_count = candidates->count;
  dpl_status status = DPL_OK;
  for (int i = 0; !status && i < columns * rows; i++) {
    const dpl_view view = {.centre = {side / 2 + step * (float)(i % columns), side / 2 + step * (float)(i / columns)},
                           .side = side};
    const size_t before = candidates->count;
    status = dpl_look_at_view(detector->points, detector->shown, image, view, tile, threshold, candidates, error);
    size_t kept = before;
    for (size_t j = before; j < candidates->count; j++)
      if (columns * rows == 1 || !may_be_cut(&candidates->faces[j], scale))
        candidates->faces[kept++] = candidates->faces[j];
    candidates->count = kept;
  }
  dpl_look_merge(candidates, seen_count, merge_iou);
  return status;
}

static bool overlaps_any(const dpl_face *face, const dpl_candidates *candidates) {
  for (size_t i = 0; i < candidates->count; i++)
    if (dpl_box_iou(face->box, candidates->faces[i].box) > merge_iou) return true;
  return false;
}

dpl_status dpl_detect_crowd(const dpl_detector *detector, const dpl_image *image, dpl_candidates *candidates,
                            dpl_error *error) {
  if (!can_look_closer(detector)) return DPL_OK;
  dpl_candidates crowd = {.faces = detector->other, .capacity = DPL_MAX_CANDIDATES};
  const float reduced = fminf(1, (float)crowd_side / (float)long_side_of(image));
  dpl_status status = DPL_OK;
  for (size_t i = 0; !status && i < sizeof crowd_scales / sizeof *crowd_scales; i++)
    status = look_in_tiles(detector, image, crowd_scales[i] * reduced, &crowd, error);
  for (size_t i = 0; !status && i < crowd.count && candidates->count < candidates->capacity; i++) {
    dpl_face face = crowd.faces[i];
    if (face.score < crowd_score || fmaxf(face.box.width, face.box.height) < (float)detector->options.min_face ||
        overlaps_any(&face, candidates))
      continue;
    face.roll = dpl_roll_of(&face);
    const float score = face.score;
    status = settle(detector, image, &face, error);
    face.score = fmaxf(face.score, score);
    candidates->faces[candidates->count++] = face;
  }
  return status;
}

/* ---- a box drawn by hand ---- */

dpl_status dpl_settle_in_box(dpl_detector *detector, const dpl_image *image, dpl_face *face, dpl_error *error) {
  return can_look_closer(detector) ? settle(detector, image, face, error) : DPL_OK;
}
