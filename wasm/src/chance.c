/* How many people a stranger would be this alike to by chance. Two distributions of the gallery answer that: the best
   match of each person among all others (leave-one-out nearest neighbour), which is what a stranger's best match looks
   like; and pairs of different people, where best matches are missing or too few. */
#include <math.h>

#include "gallery.h"

enum { FEWEST_NEAREST = 100 };       /* with fewer best matches, the pairs say more about the tail */
static const double TAIL_COUNT = 20; /* the tail is fitted to so many: of fewer, counting alone says too little */

static double tail_share(const dpl_histogram *histogram, double similarity);
static double chance_by_pairs(const dpl_gallery *gallery, double similarity);
static double chance_by_nearest(const dpl_gallery *gallery, double similarity);
static double people_searched(const dpl_gallery *gallery, size_t people);

float dpl_gallery_chance_matches(const dpl_gallery *gallery, float similarity, size_t people) {
  if (gallery->info.people < 2 || (double)gallery->impostor.pairs < TAIL_COUNT) return -1;
  const double all = (double)gallery->info.people, searched = people_searched(gallery, people);
  const double pairs = chance_by_pairs(gallery, (double)similarity), part = searched / all;
  const double nearest =
      gallery->nearest.pairs < FEWEST_NEAREST ? pairs : chance_by_nearest(gallery, (double)similarity);
  return (float)fmin(searched, part * (part * nearest + (1 - part) * pairs));
}

float dpl_gallery_best_share(const dpl_gallery *gallery, float similarity, size_t people) {
  if (!gallery->nearest.pairs) return -1;
  if (people_searched(gallery, people) < (double)gallery->info.people)
    return expf(-dpl_gallery_chance_matches(gallery, similarity, people));
  return dpl_histogram_share_below(&gallery->nearest, similarity);
}

static double people_searched(const dpl_gallery *gallery, size_t people) {
  return (double)(people && people < gallery->info.people ? people : gallery->info.people);
}

/* Each person has photos / people chances to be that alike. */
static double chance_by_pairs(const dpl_gallery *gallery, double similarity) {
  return tail_share(&gallery->impostor, similarity) * (double)gallery->info.photos;
}

/* The number for which the measured share of best matches lies below: exp(−chance), as for independent (Poisson)
   events. A face that is alike to one person of a group often is to others too, so the mean over pairs is higher: it
   holds for the few people of a filter, and where hardly a best match is below. */
static double chance_by_nearest(const dpl_gallery *gallery, double similarity) {
  const dpl_histogram *nearest = &gallery->nearest;
  const double below = (double)dpl_histogram_share_below(nearest, (float)similarity);
  const double least = TAIL_COUNT / (double)nearest->pairs;
  if (below >= least) return -log1p(-tail_share(nearest, similarity));
  const double scale = -log(least) / chance_by_pairs(gallery, dpl_histogram_quantile(nearest, least));
  return chance_by_pairs(gallery, similarity) * (1 + below / least * (scale - 1));
}

/* The share at or above `similarity`. Beyond the TAIL_COUNT highest values it falls exponentially, at the rate of their
   mean excess (peaks over threshold); similarities fall faster than that, so it is rather too high than too low. */
static double tail_share(const dpl_histogram *histogram, double similarity) {
  const double all = (double)histogram->pairs;
  const double counted = 1 - (double)dpl_histogram_share_below(histogram, (float)similarity);
  if (counted * all >= TAIL_COUNT) return counted;
  const double from = dpl_histogram_quantile(histogram, 1 - TAIL_COUNT / all);
  const double slope = dpl_histogram_mean_excess(histogram, from);
  const double fitted = TAIL_COUNT / all * exp(-(similarity - from) / slope);
  return fmax(fitted, counted);
}
