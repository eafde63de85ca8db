/* Boxes and landmarks, read from text and completed on the photo. */
#include "given_face.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------------- numbers */

enum { MOST_NUMBERS = 136, NOT_NUMBERS = MOST_NUMBERS + 1 };

/* Brackets of any kind are only there for the reader's eye; \x1f stands between the elements of a JSON list. */
static size_t numbers_in(const char *text, double *numbers) {
  size_t count = 0;
  for (const char *at = text + strspn(text, " \t\r\n,;[]()\x1f"); *at; at += strspn(at, " \t\r\n,;[]()\x1f")) {
    char *end;
    double number = strtod(at, &end);
    if (end == at || count == MOST_NUMBERS || !isfinite(number) || fabs(number) > 1e6) return NOT_NUMBERS;
    numbers[count++] = number;
    at = end;
  }
  return count;
}

/* Also as Python prints it, with single quotes. */
static cJSON *object_in(const char *text) {
  char *copy = new_text(text);
  for (char *letter = copy; *letter; ++letter) {
    if (*letter == '\'') *letter = '"';
  }
  cJSON *object = cJSON_Parse(copy);
  free(copy);
  return object;
}

static bool is_object(const char *text) {
  return text[strspn(text, " \t\r\n")] == '{';
}

/* ---------------------------------------------------------------------------------------------- box */

static bool numbers_named(const cJSON *object, const char *const names[4], double numbers[4]) {
  for (int i = 0; i < 4; ++i) {
    const cJSON *member = cJSON_GetObjectItem(object, names[i]); /* any case */
    if (!cJSON_IsNumber(member) || !(fabs(member->valuedouble) <= 1e6)) return false;
    numbers[i] = member->valuedouble;
  }
  return true;
}

static bool box_in_object(const cJSON *object, double box[4]) {
  static const char *const sizes[][4] = {
      {"x", "y", "w", "h"}, {"x", "y", "width", "height"}, {"left", "top", "width", "height"}};
  static const char *const corners[][4] = {
      {"left", "top", "right", "bottom"}, {"x1", "y1", "x2", "y2"}, {"xmin", "ymin", "xmax", "ymax"}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
    if (numbers_named(object, sizes[i], box)) return true;
  }
  for (size_t i = 0; i < sizeof corners / sizeof *corners; ++i) {
    if (!numbers_named(object, corners[i], box)) continue;
    box[2] -= box[0];
    box[3] -= box[1];
    return true;
  }
  return false;
}

bool box_from_text(const char *text, dpl_box *box) {
  double numbers[MOST_NUMBERS];
  bool found;
  if (is_object(text)) {
    cJSON *object = object_in(text);
    found = box_in_object(object, numbers);
    cJSON_Delete(object);
  } else {
    found = numbers_in(text, numbers) == 4;
  }
  if (!found || !(numbers[2] > 0 && numbers[3] > 0)) return false;
  *box = (dpl_box){(float)numbers[0], (float)numbers[1], (float)numbers[2], (float)numbers[3]};
  return true;
}

/* ---------------------------------------------------------------------------------------------- landmarks */

static bool point_in(const cJSON *value, double point[2]) {
  const cJSON *x = cJSON_IsArray(value) ? cJSON_GetArrayItem(value, 0) : cJSON_GetObjectItem(value, "x");
  const cJSON *y = cJSON_IsArray(value) ? cJSON_GetArrayItem(value, 1) : cJSON_GetObjectItem(value, "y");
  if (!cJSON_IsNumber(x) || !cJSON_IsNumber(y)) return false;
  point[0] = x->valuedouble;
  point[1] = y->valuedouble;
  return fabs(point[0]) <= 1e6 && fabs(point[1]) <= 1e6;
}

static size_t points_in_object(const cJSON *object, double *numbers) {
  static const char *const names[DPL_POINTS][3] = {{"left_eye", "lefteye", NULL},
                                                   {"right_eye", "righteye", NULL},
                                                   {"nose", "nose_tip", NULL},
                                                   {"mouth_left", "left_mouth", "mouth_left_corner"},
                                                   {"mouth_right", "right_mouth", "mouth_right_corner"}};
  for (int i = 0; i < DPL_POINTS; ++i) {
    const cJSON *member = NULL;
    for (int j = 0; j < 3 && !member; ++j) member = names[i][j] ? cJSON_GetObjectItem(object, names[i][j]) : NULL;
    if (!point_in(member, numbers + 2 * i)) return NOT_NUMBERS;
  }
  return 2 * DPL_POINTS;
}

/* Of the 68 points of the iBUG annotation: 36–41 and 42–47 are the eyes, 30 the nose's tip, 48 and 54 the mouth's
   corners. */
static void five_of_68(double *numbers) {
  double five[2 * DPL_POINTS] = {0};
  for (int axis = 0; axis < 2; ++axis) {
    for (int i = 0; i < 6; ++i) {
      five[axis] += numbers[2 * (36 + i) + axis] / 6;
      five[2 + axis] += numbers[2 * (42 + i) + axis] / 6;
    }
    five[4 + axis] = numbers[2 * 30 + axis];
    five[6 + axis] = numbers[2 * 48 + axis];
    five[8 + axis] = numbers[2 * 54 + axis];
  }
  memcpy(numbers, five, sizeof five);
}

static dpl_point between(dpl_point a, dpl_point b) {
  return (dpl_point){(a.x + b.x) / 2, (a.y + b.y) / 2};
}

static void swap_points(dpl_point *a, dpl_point *b) {
  dpl_point kept = *a;
  *a = *b;
  *b = kept;
}

bool points_from_text(const char *text, dpl_point points[DPL_POINTS]) {
  double numbers[MOST_NUMBERS];
  size_t count;
  if (is_object(text)) {
    cJSON *object = object_in(text);
    count = points_in_object(object, numbers);
    cJSON_Delete(object);
  } else {
    count = numbers_in(text, numbers);
  }
  if (count == MOST_NUMBERS) {
    five_of_68(numbers);
    count = 2 * DPL_POINTS;
  }
  if (count != 2 * DPL_POINTS) return false;
  for (int i = 0; i < DPL_POINTS; ++i) points[i] = (dpl_point){(float)numbers[2 * i], (float)numbers[2 * i + 1]};

  /* With y downwards, a quarter turn from the line of the eyes leads to the mouth if the left one comes first. */
  dpl_point eyes = between(points[DPL_LEFT_EYE], points[DPL_RIGHT_EYE]);
  dpl_point mouth = between(points[DPL_MOUTH_LEFT], points[DPL_MOUTH_RIGHT]);
  float across_x = points[DPL_RIGHT_EYE].x - points[DPL_LEFT_EYE].x;
  float across_y = points[DPL_RIGHT_EYE].y - points[DPL_LEFT_EYE].y;
  if (across_x * (mouth.y - eyes.y) - across_y * (mouth.x - eyes.x) < 0) {
    swap_points(&points[DPL_LEFT_EYE], &points[DPL_RIGHT_EYE]);
    swap_points(&points[DPL_MOUTH_LEFT], &points[DPL_MOUTH_RIGHT]);
  }
  return true;
}

static char *longer_text(char *text, float number) {
  char *longer = new_text_of("%s %.9g", text, (double)number);
  free(text);
  return longer;
}

char *given_face_text(const given_face *given) {
  char *text = new_text(given->has_box ? "box" : "");
  const float box[] = {given->box.x, given->box.y, given->box.width, given->box.height};
  for (int i = 0; given->has_box && i < 4; ++i) text = longer_text(text, box[i]);
  for (int i = 0; given->has_points && i < DPL_POINTS; ++i) {
    text = longer_text(text, given->points[i].x);
    text = longer_text(text, given->points[i].y);
  }
  return text;
}

/* ---------------------------------------------------------------------------------------------- on the photo */

static bool lies_on(const dpl_image *photo, dpl_point point) {
  return point.x >= 0 && point.y >= 0 && point.x < (float)dpl_image_width(photo) &&
         point.y < (float)dpl_image_height(photo);
}

/* From hairline to chin, as detectors draw it. The distances are those of portrait.c: from the eyes 1.25 times their
   distance up and 1.9 down; in profile the eyes lie close together, and eyes to mouth says more. */
static dpl_box box_around(const dpl_point points[DPL_POINTS]) {
  dpl_point eyes = between(points[DPL_LEFT_EYE], points[DPL_RIGHT_EYE]);
  dpl_point mouth = between(points[DPL_MOUTH_LEFT], points[DPL_MOUTH_RIGHT]);
  float apart =
      hypotf(points[DPL_RIGHT_EYE].x - points[DPL_LEFT_EYE].x, points[DPL_RIGHT_EYE].y - points[DPL_LEFT_EYE].y);
  float down = hypotf(mouth.x - eyes.x, mouth.y - eyes.y), unit = fmaxf(apart, down * 0.87f);
  float lower = down > 0 ? 0.33f * unit / down : 0; /* the middle lies a third of it below the eyes */
  dpl_point middle = {eyes.x + lower * (mouth.x - eyes.x), eyes.y + lower * (mouth.y - eyes.y)};
  return (dpl_box){middle.x - 1.2f * unit, middle.y - 1.575f * unit, 2.4f * unit, 3.15f * unit};
}

static bool place_points(const given_face *given, const dpl_image *photo, network_handles *handles, dpl_face *face,
                         sentence *why) {
  dpl_error error;
  if (!dpl_detector_face_in_box(handles->detector, photo, given->box, face, &error)) return true;
  return fail(why, "%s", error.message);
}

bool given_face_on(const given_face *given, const dpl_image *photo, network_handles *handles, dpl_face *face,
                   sentence *why) {
  int width = dpl_image_width(photo), height = dpl_image_height(photo);
  dpl_box box = given->has_box ? given->box : box_around(given->points);
  if (!lies_on(photo, (dpl_point){box.x + box.width / 2, box.y + box.height / 2})) {
    return fail(why, "The roster's face is at %.0f, %.0f (%.0f×%.0f), outside the photo of %d×%d pixels.",
                (double)box.x, (double)box.y, (double)box.width, (double)box.height, width, height);
  }
  if (!given->has_points) return place_points(given, photo, handles, face, why);
  *face = (dpl_face){.box = box, .score = 1};
  memcpy(face->points, given->points, sizeof face->points);
  for (int i = 0; i < DPL_POINTS; ++i) {
    if (lies_on(photo, face->points[i])) continue;
    return fail(why, "The roster's landmark %d is at %.0f, %.0f, outside the photo of %d×%d pixels.", i + 1,
                (double)face->points[i].x, (double)face->points[i].y, width, height);
  }
  float dx = face->points[DPL_RIGHT_EYE].x - face->points[DPL_LEFT_EYE].x;
  float dy = face->points[DPL_RIGHT_EYE].y - face->points[DPL_LEFT_EYE].y;
  face->roll = atan2f(dy, dx) * 57.29578f;
  return true;
}
