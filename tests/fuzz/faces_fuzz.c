/* Any text as a face that a roster gives, box or landmarks: numbers that are finite, and as text the same again. */
#include "scratch.h"

#include "given_face.h"

static bool is_number(float number) {
  return isfinite(number) && fabsf(number) <= 2e6f;
}

static void check_again(const given_face *face) {
  char *text = given_face_text(face), *numbers = strchr(text, ' ');
  dpl_box box;
  dpl_point points[DPL_POINTS];
  if (face->has_box && (!box_from_text(numbers, &box) || memcmp(&box, &face->box, sizeof box) != 0)) abort();
  if (face->has_points && (!points_from_text(numbers, points) || memcmp(points, face->points, sizeof points) != 0))
    abort();
  free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = new_text_of("%.*s", (int)size, size ? (const char *)data : "");
  given_face box = {0}, points = {0};
  box.has_box = box_from_text(text, &box.box);
  points.has_points = points_from_text(text, points.points);
  free(text);
  if (box.has_box && (!is_number(box.box.x) || !is_number(box.box.y) || !is_number(box.box.width) ||
                      !is_number(box.box.height) || !(box.box.width >= 0 && box.box.height >= 0)))
    abort();
  for (int i = 0; points.has_points && i < DPL_POINTS; i++) {
    if (!is_number(points.points[i].x) || !is_number(points.points[i].y)) abort();
  }
  check_again(&box);
  check_again(&points);
  return 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  buffer many = {0};
  for (int i = 0; i < 136; i++) {
    char number[16];
    append(&many, number, (size_t)sprintf(number, "%d,", i * 7 % 50));
  }
  plant(folder, "68", many);
  plant_text(folder, "numbers", "[1, 2.5; 30 40]");
  plant_text(folder, "corners", "{'left': 1, 'top': 2, 'right': 30, 'bottom': 40}");
  plant_text(folder, "five", "1 2 3 4 5 6 7 8 9 10");
  plant_text(folder, "named",
             "{\"left_eye\":{\"x\":1,\"y\":2},\"right_eye\":[9,2],\"nose\":[5,5],\"mouth_left\":[2,8],"
             "\"mouth_right\":[8,8]}");
  return 0;
}
