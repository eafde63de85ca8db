/* Photos that are one picture: the same file twice, or the picture saved again, smaller or with other compression.
   Those of one person are folded into the best; the same file under two people is reported. Knows vectors and small
   grey pictures, no files. */
#ifndef TOOL_NEAR_DUPLICATES_H
#define TOOL_NEAR_DUPLICATES_H

#include "basics.h"
#include "doppel.h"
#include "key_index.h"

enum { GREY_SIDE = 16, GREY_PIXELS = GREY_SIDE * GREY_SIDE };

/* Two photos of one person are one picture where their vectors and their level portraits in grey, of 16×16 pixels, are
   as alike as that. Pictures saved again, at half or double size, reach this nearly always, other photos of the person
   never: tests/unit/near_duplicates_test.c measures both. What is missed stays in the gallery, which does no harm; a
   photo that is folded by mistake would be lost. */
#define NEAR_COSINE      0.8
#define NEAR_CORRELATION 0.94

/* Of a person with very many photos, each is compared only with so many of those that are kept. */
enum { MOST_COMPARED = 1024 };

typedef struct near_photo {
  size_t person;
  record_key content; /* the same for the same file */
  dpl_face_quality quality;
} near_photo;

typedef struct near_search {
  const near_photo *photos;
  const float *vectors; /* count × dimension */
  size_t count, dimension;

  /* The grey portrait of a photo, asked for only where the vectors say that it matters. */
  bool (*grey)(void *context, size_t photo, uint8_t pixels[GREY_PIXELS], sentence *why);
  void *context;
} near_search;

typedef struct near_pair {
  size_t kept, folded; /* photos; of a file under two people the one and the other */
  bool same_file;
} near_pair;

typedef struct near_duplicates {
  near_pair *folded; /* in the order of the folded photos */
  size_t folded_count, folded_capacity;
  near_pair *shared; /* the same file under two people */
  size_t shared_count, shared_capacity;
} near_duplicates;

/* The larger and sharper of two pictures is kept (size times sharpness: how much detail there is), else the earlier. */
bool near_duplicates_find(const near_search *search, near_duplicates *found, sentence *why);
void near_duplicates_free(near_duplicates *found);

/* A portrait's JPEG in grey; and how alike two are: Pearson's correlation, 0 where one is flat. */
bool grey_of_jpeg(dpl_bytes jpeg, uint8_t pixels[GREY_PIXELS], sentence *why);
double grey_correlation(const uint8_t *a, const uint8_t *b);

#endif
