/* What a host chooses about pictures: large portraits or not, whose sheets the page fetches, the cover, sample photos.
 */
#ifndef TOOL_GALLERY_PICTURES_H
#define TOOL_GALLERY_PICTURES_H

#include <argp.h>

#include "basics.h"
#include "cJSON.h"
#include "files.h"
#include "matching.h"

typedef struct gallery_pictures {
  bool all_portraits; /* the page fetches portraits of all matches, also where that tells the host who they are */
  bool without_large;
  const char *cover; /* the path of a JPEG or PNG; NULL: made of portraits */
  name_list samples; /* paths of photos to try the page with */
} gallery_pictures;

/* Options --portraits, --no-large-portraits, --cover, --sample: a child parser whose input is a gallery_pictures. */
extern const struct argp gallery_pictures_argp;

/* Whether the pictures can be read, are not too large and are no file of an excluded record: before a build, which may
   take hours. `closed` may be NULL. */
bool gallery_pictures_check(const gallery_pictures *pictures, const closed_files *closed, sentence *why);

/* Copies the host's cover (one entry) or the sample photos into the folder and appends their entries; samples also
   small, as the start page shows them, entry i for sample i. */
bool gallery_pictures_write_cover(const gallery_pictures *pictures, const char *folder, cJSON *list, sentence *why);
bool gallery_pictures_write_samples(const gallery_pictures *pictures, const char *folder, cJSON *list, cJSON *small,
                                    sentence *why);

void gallery_pictures_free(gallery_pictures *pictures);

#endif
