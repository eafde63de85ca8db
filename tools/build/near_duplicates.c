/* Person by person, best photo first: each is compared with those that are kept already. */
#include "near_duplicates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct ordered {
  size_t photo, person;
  const record_key *content;
  double detail;
} ordered;

static int by_person_and_detail(const void *left, const void *right) {
  const ordered *a = left, *b = right;
  if (a->person != b->person) return a->person < b->person ? -1 : 1;
  if (a->detail < b->detail || a->detail > b->detail) return a->detail > b->detail ? -1 : 1;
  return a->photo < b->photo ? -1 : 1;
}

static int by_content_and_person(const void *left, const void *right) {
  const ordered *a = left, *b = right;
  int difference = memcmp(a->content, b->content, sizeof *a->content);
  if (difference) return difference;
  if (a->person != b->person) return a->person < b->person ? -1 : 1;
  return a->photo < b->photo ? -1 : 1;
}

static int by_folded(const void *left, const void *right) {
  const near_pair *a = left, *b = right;
  return a->folded < b->folded ? -1 : a->folded > b->folded;
}

static bool same_content(const ordered *a, const ordered *b) {
  return !memcmp(a->content, b->content, sizeof *a->content);
}

/* ---------------------------------------------------------------------------------------------- of one person */

/* The photos of one person, with the grey portraits that were asked for so far. */
typedef struct group {
  const near_search *search;
  const ordered *photos;
  uint8_t **greys; /* one a photo, NULL until asked for */
  size_t *kept;    /* indices into photos */
  size_t kept_count;
} group;

static const uint8_t *grey_of(group *all, size_t index, sentence *why) {
  if (all->greys[index]) return all->greys[index];
  uint8_t *pixels = new_array(GREY_PIXELS, 1);
  if (!all->search->grey(all->search->context, all->photos[index].photo, pixels, why)) {
    free(pixels);
    return NULL;
  }
  return all->greys[index] = pixels;
}

static double cosine_between(const near_search *search, size_t a, size_t b) {
  const float *left = search->vectors + a * search->dimension, *right = search->vectors + b * search->dimension;
  double sum = 0;
  for (size_t i = 0; i < search->dimension; ++i) sum += (double)left[i] * (double)right[i];
  return sum;
}

/* Whether a photo is the same picture as a kept one, into *same. */
static bool compare(group *all, size_t index, size_t kept, bool *same, sentence *why) {
  const ordered *one = &all->photos[index], *other = &all->photos[kept];
  *same = same_content(one, other);
  if (*same || cosine_between(all->search, one->photo, other->photo) < NEAR_COSINE) return true;
  const uint8_t *grey = grey_of(all, index, why), *other_grey = grey ? grey_of(all, kept, why) : NULL;
  if (!other_grey) return false;
  *same = grey_correlation(grey, other_grey) >= NEAR_CORRELATION;
  return true;
}

static bool fold_photo(group *all, size_t index, near_duplicates *found, sentence *why) {
  const size_t compared = all->kept_count < MOST_COMPARED ? all->kept_count : MOST_COMPARED;
  for (size_t i = 0; i < compared; ++i) {
    const size_t kept = all->kept[i];
    bool same;
    if (!compare(all, index, kept, &same, why)) return false;
    if (!same) continue;
    found->folded =
        room_for_one_more(found->folded, found->folded_count, &found->folded_capacity, sizeof *found->folded);
    found->folded[found->folded_count++] = (near_pair){all->photos[kept].photo, all->photos[index].photo,
                                                       same_content(&all->photos[kept], &all->photos[index])};
    return true;
  }
  all->kept[all->kept_count++] = index;
  return true;
}

static bool fold_group(const near_search *search, const ordered *photos, size_t count, near_duplicates *found,
                       sentence *why) {
  group all = {search, photos, new_array(count, sizeof(uint8_t *)), new_array(count, sizeof(size_t)), 0};
  bool fine = true;
  for (size_t i = 0; i < count && fine; ++i) fine = fold_photo(&all, i, found, why);
  for (size_t i = 0; i < count; ++i) free(all.greys[i]);
  free(all.greys);
  free(all.kept);
  return fine;
}

static bool fold_all(const near_search *search, ordered *photos, near_duplicates *found, sentence *why) {
  qsort(photos, search->count, sizeof *photos, by_person_and_detail);
  for (size_t begin = 0, end; begin < search->count; begin = end) {
    for (end = begin + 1; end < search->count && photos[end].person == photos[begin].person;) ++end;
    if (end - begin > 1 && !fold_group(search, photos + begin, end - begin, found, why)) return false;
  }
  qsort(found->folded, found->folded_count, sizeof *found->folded, by_folded);
  return true;
}

/* ---------------------------------------------------------------------------------------------- of two people */

/* Each further person under whom a file stands makes a pair with the first. */
static void find_shared(const near_search *search, ordered *photos, near_duplicates *found) {
  qsort(photos, search->count, sizeof *photos, by_content_and_person);
  for (size_t first = 0, i = 1; i < search->count; ++i) {
    if (!same_content(&photos[i], &photos[first])) first = i;
    if (i == first || photos[i].person == photos[i - 1].person) continue;
    found->shared =
        room_for_one_more(found->shared, found->shared_count, &found->shared_capacity, sizeof *found->shared);
    found->shared[found->shared_count++] = (near_pair){photos[first].photo, photos[i].photo, true};
  }
  qsort(found->shared, found->shared_count, sizeof *found->shared, by_folded);
}

/* ---------------------------------------------------------------------------------------------- all of it */

bool near_duplicates_find(const near_search *search, near_duplicates *found, sentence *why) {
  *found = (near_duplicates){.folded = new_array(0, 1), .shared = new_array(0, 1)};
  ordered *photos = new_array(search->count, sizeof *photos);
  for (size_t i = 0; i < search->count; ++i) {
    const near_photo *photo = &search->photos[i];
    photos[i] =
        (ordered){i, photo->person, &photo->content, (double)photo->quality.size * (double)photo->quality.sharpness};
  }
  bool fine = fold_all(search, photos, found, why);
  if (fine) find_shared(search, photos, found);
  free(photos);
  if (!fine) near_duplicates_free(found);
  return fine;
}

void near_duplicates_free(near_duplicates *found) {
  free(found->folded);
  free(found->shared);
  *found = (near_duplicates){0};
}

/* ---------------------------------------------------------------------------------------------- grey portraits */

bool grey_of_jpeg(dpl_bytes jpeg, uint8_t pixels[GREY_PIXELS], sentence *why) {
  dpl_image *portrait, *small = NULL;
  dpl_error error;
  if (dpl_image_decode(jpeg, NULL, &portrait, &error)) return fail(why, "A portrait cannot be read: %s", error.message);
  bool fine =
      dpl_image_resize(portrait, GREY_SIDE, GREY_SIDE, &small, &error) == DPL_OK || fail(why, "%s", error.message);
  for (int i = 0; fine && i < GREY_PIXELS; ++i) {
    const uint8_t *p = dpl_image_pixels(small) + i * 3;
    pixels[i] = (uint8_t)((299 * p[0] + 587 * p[1] + 114 * p[2] + 500) / 1000);
  }
  dpl_image_close(small);
  dpl_image_close(portrait);
  return fine;
}

double grey_correlation(const uint8_t *a, const uint8_t *b) {
  double sum_a = 0, sum_b = 0, squares_a = 0, squares_b = 0, products = 0;
  for (int i = 0; i < GREY_PIXELS; ++i) {
    sum_a += a[i], sum_b += b[i];
    squares_a += a[i] * a[i], squares_b += b[i] * b[i], products += a[i] * b[i];
  }
  const double spread_a = squares_a - sum_a * sum_a / GREY_PIXELS, spread_b = squares_b - sum_b * sum_b / GREY_PIXELS;
  const double together = products - sum_a * sum_b / GREY_PIXELS;
  return spread_a > 0 && spread_b > 0 ? together / sqrt(spread_a * spread_b) : 0;
}
