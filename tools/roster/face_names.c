/* Words for where a face is in its photo. */
#include "face_names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

char *photo_title(const char *path) {
  char *stem = path_stem(path), *title = new_array(strlen(stem) * 2 + 1, 1), *to = title;
  for (const char *from = stem; *from; ++from) {
    bool digit_follows_letter = from > stem && isdigit((unsigned char)*from) && isalpha((unsigned char)from[-1]);
    if (digit_follows_letter) *to++ = ' ';
    *to++ = *from == '_' ? ' ' : *from;
  }
  *to = 0;
  title[0] = (char)toupper((unsigned char)title[0]);
  free(stem);
  return title;
}

static float middle_of(const dpl_face *face) {
  return face->box.x + face->box.width / 2;
}

/* How many faces lie farther to the left. */
static size_t rank_from_left(const dpl_face *faces, size_t count, size_t index) {
  size_t rank = 0;
  for (size_t i = 0; i < count; ++i) {
    float middle = middle_of(&faces[i]), own = middle_of(&faces[index]);
    rank += middle < own || (!(middle > own) && i < index);
  }
  return rank;
}

static const char *ordinal_ending(size_t number) {
  if (number % 100 >= 11 && number % 100 <= 13) return "th";
  switch (number % 10) {
  case 1:
    return "st";
  case 2:
    return "nd";
  case 3:
    return "rd";
  default:
    return "th";
  }
}

char *face_name(const char *title, const dpl_face *faces, size_t count, size_t index) {
  size_t rank = rank_from_left(faces, count, index);
  if (count == 1) return new_text(title);
  if (count == 2) return new_text_of("%s, %s", title, rank ? "right" : "left");
  if (rank == 0) return new_text_of("%s, far left", title);
  if (rank == count - 1) return new_text_of("%s, far right", title);
  if (count == 3) return new_text_of("%s, middle", title);
  return new_text_of("%s, %zu%s from left", title, rank + 1, ordinal_ending(rank + 1));
}
