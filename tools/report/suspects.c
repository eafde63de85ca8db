/* Searching the gallery with its own photos, and comparing those of each person among themselves. */
#include "suspects.h"

#include <stdlib.h>
#include <string.h>

enum { PROBES_AT_ONCE = 32 };

typedef struct ranked {
  size_t photo, rank; /* among the photos of its person, best first */
  uint32_t person;
  double detail;
} ranked;

typedef struct found_pair {
  uint32_t low, high; /* people */
  suspect pair;
} found_pair;

typedef struct pair_list {
  found_pair *pairs;
  size_t count, capacity;
} pair_list;

static int by_person_and_detail(const void *left, const void *right) {
  const ranked *a = left, *b = right;
  if (a->person != b->person) return a->person < b->person ? -1 : 1;
  if (a->detail < b->detail || a->detail > b->detail) return a->detail > b->detail ? -1 : 1;
  return a->photo < b->photo ? -1 : 1;
}

static int by_rank(const void *left, const void *right) {
  const ranked *a = left, *b = right;
  if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
  return a->photo < b->photo ? -1 : 1;
}

static int by_people(const void *left, const void *right) {
  const found_pair *a = left, *b = right;
  if (a->low != b->low) return a->low < b->low ? -1 : 1;
  if (a->high != b->high) return a->high < b->high ? -1 : 1;
  if (a->pair.similarity < b->pair.similarity || a->pair.similarity > b->pair.similarity)
    return a->pair.similarity > b->pair.similarity ? -1 : 1;
  return a->pair.photo < b->pair.photo ? -1 : a->pair.photo > b->pair.photo;
}

static int most_alike_first(const void *left, const void *right) {
  const suspect *a = &((const found_pair *)left)->pair, *b = &((const found_pair *)right)->pair;
  if (a->similarity < b->similarity || a->similarity > b->similarity) return a->similarity > b->similarity ? -1 : 1;
  return a->photo < b->photo ? -1 : a->photo > b->photo;
}

static int least_alike_first(const void *left, const void *right) {
  return most_alike_first(right, left);
}

static float cosine_between(const suspect_search *search, size_t a, size_t b) {
  const float *left = search->vectors + a * search->dimension, *right = search->vectors + b * search->dimension;
  double sum = 0;
  for (size_t i = 0; i < search->dimension; ++i) sum += (double)left[i] * (double)right[i];
  return (float)sum;
}

static void add_pair(pair_list *list, uint32_t person, uint32_t other, suspect pair) {
  list->pairs = room_for_one_more(list->pairs, list->count, &list->capacity, sizeof *list->pairs);
  list->pairs[list->count++] = person < other ? (found_pair){person, other, pair} : (found_pair){other, person, pair};
}

static size_t take_first(pair_list *list, int (*order)(const void *, const void *), suspect *first) {
  if (list->count) qsort(list->pairs, list->count, sizeof *list->pairs, order);
  size_t taken = list->count < MOST_SUSPECTS ? list->count : MOST_SUSPECTS;
  for (size_t i = 0; i < taken; ++i) first[i] = list->pairs[i].pair;
  free(list->pairs);
  return taken;
}

/* ---------------------------------------------------------------------------------------------- two names */

/* Of each pair of people only their most alike photos. */
static void fold_by_people(pair_list *list) {
  if (list->count) qsort(list->pairs, list->count, sizeof *list->pairs, by_people);
  size_t kept = 0;
  for (size_t i = 0; i < list->count; ++i) {
    if (kept && list->pairs[kept - 1].low == list->pairs[i].low && list->pairs[kept - 1].high == list->pairs[i].high)
      continue;
    list->pairs[kept++] = list->pairs[i];
  }
  list->count = kept;
}

/* Where a probe's search stands: the most alike photo of somebody else so far. */
typedef struct best_match {
  size_t photo;
  uint32_t person;
  float similarity;
} best_match;

static bool look_from(const suspect_search *search, const dpl_gallery *gallery, const ranked *photos, size_t count,
                      float *probes, best_match *best, sentence *why) {
  enum { ONESELF_AND_ANOTHER = 2 };
  dpl_match matches[PROBES_AT_ONCE * ONESELF_AND_ANOTHER];
  size_t counts[PROBES_AT_ONCE];
  dpl_error error;
  for (size_t i = 0; i < count; ++i) {
    for (size_t k = 0; k < search->dimension; ++k)
      probes[i * search->dimension + k] = search->vectors[photos[i].photo * search->dimension + k];
  }
  if (dpl_gallery_search_each(gallery, probes, count, NULL, ONESELF_AND_ANOTHER, matches, counts, &error))
    return fail(why, "%s", error.message);
  for (size_t i = 0; i < count; ++i) {
    for (size_t k = 0; k < counts[i]; ++k) {
      const dpl_match *match = &matches[i * ONESELF_AND_ANOTHER + k];
      if (match->person != photos[i].person && match->similarity > best[i].similarity)
        best[i] = (best_match){match->photo, match->person, match->similarity};
    }
  }
  return true;
}

static bool look_into_shard(const suspect_search *search, const dpl_gallery *gallery, const ranked *photos,
                            size_t count, best_match *best, sentence *why) {
  float *probes = new_array(PROBES_AT_ONCE * search->dimension, sizeof *probes);
  bool fine = true;
  for (size_t begin = 0; begin < count && fine; begin += PROBES_AT_ONCE) {
    const size_t left = count - begin;
    fine = search->interrupted && search->interrupted()
               ? fail(why, "Interrupted while names that look wrong were searched; the same command does that again.")
               : look_from(search, gallery, photos + begin, left < PROBES_AT_ONCE ? left : PROBES_AT_ONCE, probes,
                           best + begin, why);
  }
  free(probes);
  return fine;
}

/* A photo and its vector, to be sorted by its bytes. */
typedef struct placed {
  const float *vector;
  size_t size, place; /* bytes; among the probes */
  uint32_t person;
} placed;

static int by_vector(const void *left, const void *right) {
  const placed *a = left, *b = right;
  const int difference = memcmp(a->vector, b->vector, a->size);
  return difference ? difference : a->place < b->place ? -1 : 1;
}

/* Vectors that are the same for two people (one file under two names) need no search, and there may be many. Moves
   these probes to the end, and returns how many are left to be searched for. */
static size_t match_same_vectors(const suspect_search *search, ranked *photos, size_t count, best_match *best) {
  placed *order = new_array(count, sizeof *order);
  bool *known = new_array(count, sizeof *known);
  for (size_t i = 0; i < count; ++i)
    order[i] = (placed){search->vectors + photos[i].photo * search->dimension, search->dimension * sizeof(float), i,
                        photos[i].person};
  qsort(order, count, sizeof *order, by_vector);
  for (size_t begin = 0, end; begin < count; begin = end) {
    const placed *first = &order[begin], *other = NULL;
    for (end = begin + 1; end < count && !memcmp(order[end].vector, first->vector, first->size); ++end) {
      if (!other && order[end].person != first->person) other = &order[end];
    }
    for (size_t i = begin; other && i < end; ++i) {
      const placed *match = order[i].person == first->person ? other : first;
      best[order[i].place] = (best_match){photos[match->place].photo, match->person, 1};
      known[order[i].place] = true;
    }
  }
  size_t left = 0;
  for (size_t i = 0; i < count; ++i) {
    if (known[i]) continue;
    const ranked photo = photos[left];
    const best_match match = best[left];
    photos[left] = photos[i], best[left] = best[i];
    photos[i] = photo, best[i] = match;
    known[i] = known[left], known[left] = false;
    ++left;
  }
  free(order);
  free(known);
  return left;
}

static bool find_two_names(const suspect_search *search, ranked *photos, suspects *found, sentence *why) {
  const uint64_t allowed = MOST_LOOKS / (search->count ? search->count : 1);
  found->probes = search->count < allowed ? search->count : (size_t)allowed;
  qsort(photos, search->count, sizeof *photos, by_rank);
  best_match *best = new_array(found->probes, sizeof *best);
  for (size_t i = 0; i < found->probes; ++i) best[i].similarity = -2;
  const size_t searched = match_same_vectors(search, photos, found->probes, best);
  bool fine = true;
  for (size_t i = 0; i < search->shards && fine; ++i) {
    const dpl_gallery *gallery;
    fine = search->open_shard(search->context, i, &gallery, why) &&
           look_into_shard(search, gallery, photos, searched, best, why);
  }
  pair_list list = {0};
  for (size_t i = 0; i < found->probes && fine; ++i) {
    if (best[i].similarity <= -2) continue; /* there is nobody else */
    suspect pair = {photos[i].photo, best[i].photo, cosine_between(search, photos[i].photo, best[i].photo), 0};
    if (pair.similarity >= search->threshold) add_pair(&list, photos[i].person, best[i].person, pair);
  }
  free(best);
  fold_by_people(&list);
  found->two_names_found = list.count;
  found->two_names_count = take_first(&list, most_alike_first, found->two_names);
  return fine;
}

/* ---------------------------------------------------------------------------------------------- one name */

static size_t root_of(size_t *parents, size_t photo) {
  while (parents[photo] != photo) photo = parents[photo] = parents[parents[photo]];
  return photo;
}

/* Joins photos that are as alike as the threshold; returns how many groups there are. */
static size_t join(const float *cosines, size_t count, float threshold, size_t *parents) {
  size_t groups = count;
  for (size_t i = 0; i < count; ++i) parents[i] = i;
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < i; ++j) {
      const size_t a = root_of(parents, i), b = root_of(parents, j);
      if (a == b || cosines[i * count + j] < threshold) continue;
      parents[a] = b;
      --groups;
    }
  }
  return groups;
}

/* The group that stands farthest apart: whose most alike photo outside is the least alike. */
static suspect farthest_apart(const ranked *photos, const float *cosines, size_t count, size_t *parents) {
  suspect farthest = {.similarity = 2};
  for (size_t group = 0; group < count; ++group) {
    if (parents[group] != group) continue;
    suspect nearest = {.similarity = -2};
    for (size_t i = 0; i < count; ++i) {
      if (root_of(parents, i) != group) continue;
      for (size_t j = 0; j < count; ++j) {
        if (cosines[i * count + j] > nearest.similarity && root_of(parents, j) != group)
          nearest = (suspect){photos[i].photo, photos[j].photo, cosines[i * count + j], 0};
      }
    }
    if (nearest.similarity < farthest.similarity) farthest = nearest;
  }
  return farthest;
}

static void look_at_person(const suspect_search *search, const ranked *photos, size_t count, pair_list *list) {
  if (count > MOST_OF_A_PERSON) count = MOST_OF_A_PERSON;
  float *cosines = new_array(count * count, sizeof *cosines);
  size_t *parents = new_array(count, sizeof *parents);
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < i; ++j)
      cosines[i * count + j] = cosines[j * count + i] = cosine_between(search, photos[i].photo, photos[j].photo);
  }
  const size_t groups = join(cosines, count, search->threshold, parents);
  if (groups > 1) {
    suspect pair = farthest_apart(photos, cosines, count, parents);
    pair.groups = groups;
    add_pair(list, photos->person, photos->person, pair);
  }
  free(cosines);
  free(parents);
}

static void find_one_name(const suspect_search *search, const ranked *photos, suspects *found) {
  pair_list list = {0};
  for (size_t begin = 0, end; begin < search->count; begin = end) {
    for (end = begin + 1; end < search->count && photos[end].person == photos[begin].person;) ++end;
    if (end - begin > 1) look_at_person(search, photos + begin, end - begin, &list);
  }
  found->one_name_found = list.count;
  found->one_name_count = take_first(&list, least_alike_first, found->one_name);
}

/* ---------------------------------------------------------------------------------------------- both */

bool suspects_find(const suspect_search *search, suspects *found, sentence *why) {
  *found = (suspects){.threshold = search->threshold};
  ranked *photos = new_array(search->count, sizeof *photos);
  for (size_t i = 0; i < search->count; ++i) {
    const dpl_face_quality *quality = &search->qualities[i];
    photos[i] = (ranked){i, 0, search->person[i], (double)quality->size * (double)quality->sharpness};
  }
  qsort(photos, search->count, sizeof *photos, by_person_and_detail);
  for (size_t i = 1; i < search->count; ++i)
    photos[i].rank = photos[i].person == photos[i - 1].person ? photos[i - 1].rank + 1 : 0;
  find_one_name(search, photos, found);
  bool fine = find_two_names(search, photos, found, why);
  free(photos);
  return fine;
}
