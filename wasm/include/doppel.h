/* doppel.h — find the people in a collection of portraits whom a face resembles.

   This header is the whole public API. The same library runs in the browser (WebAssembly) and in the native program
   `doppel`, so a vector computed by whoever builds a gallery equals the one computed in a visitor's phone.


   THE WAY OF A PHOTO

       bytes ──decode──▶ image ──detect──▶ faces ──align──▶ chip ──embed──▶ vector ──search──▶ matches

   1. Open the networks once. A network is one .safetensors file: weights, graph, preprocessing and licence in one.

          dpl_error error;
          dpl_detector *detector;
          dpl_bytes networks[] = {{tiny, tiny_size}, {landmarks, landmarks_size}};
          if (dpl_detector_open(networks, 2, NULL, &detector, &error)) return fail(error.message);

          dpl_embedder *embedder;
          if (dpl_embedder_open((dpl_bytes){recognition, recognition_size}, NULL, &embedder, &error)) …

   2. Decode the photo and find its faces. No face is a state (count 0), not an error.

          dpl_image *photo;
          if (dpl_image_open((dpl_bytes){jpeg, jpeg_size}, NULL, &photo, &error)) …

          dpl_face faces[64];
          dpl_detection found = {.faces = faces, .capacity = 64};
          if (dpl_detector_detect(detector, photo, &found, &error)) …

   3. Cut each face out in the pose that the network was trained on, and embed it.

          float vector[DPL_MAX_DIMENSION];
          if (dpl_embedder_embed(embedder, photo, &faces[0], 1, vector, &error)) …

   4. Search. The gallery opens from its manifest; the shards of vectors are added as they arrive.

          dpl_gallery *gallery;
          if (dpl_gallery_open((dpl_bytes){manifest, manifest_size}, &gallery, &error)) …
          if (dpl_gallery_add(gallery, (dpl_bytes){shard, shard_size}, &error)) …

          dpl_match matches[10];
          size_t count;
          if (dpl_gallery_search(gallery, vector, 10, matches, &count, &error)) …

      matches[0].person names the person; .similarity is the cosine; .less_alike is the share of pairs of *different*
      people of this gallery that are less alike than that. It is resemblance, never identity.


   CONVENTIONS

   - Every function that can fail returns dpl_status; DPL_OK is 0. The last parameter, `error`, may be NULL; otherwise
     it receives the status and one sentence that says what to change. On failure no output parameter is written.
   - Handles (dpl_image, dpl_detector, …) come from _open/_decode and friends and go back through _close, which takes
     NULL. The caller owns every handle and buffer it passes in; bytes passed in are only read during the call, and are
     never kept, unless a function says otherwise.
   - Options are structs passed by pointer; NULL, or a field of zero, means the default.
   - Pixels are RGB8, rows without padding, top row first, always upright (EXIF orientation applied). Coordinates are
     pixels of the upright photo as floats, origin at the top left corner, so that the centre of the first pixel is
     (0.5, 0.5). Left and right are the image's, not the person's.
   - Vectors are float32 of unit length; similarity is their dot product (cosine), from −1 to 1.
   - No files, no printing, no globals of our own. Distinct handles may be used on distinct threads at the same time;
   one handle may not. Open and describe them one after the other: the JSON parser (cJSON) remembers its last error in a
     variable that all threads share.  */

#ifndef DOPPEL_H
#define DOPPEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Semantic versioning; before 1.0.0 the API may change with the minor number. File formats have numbers of their own.
 */
#define DPL_VERSION "0.2.0"

const char *dpl_version(void); /* DPL_VERSION of the library that is linked; static */

/* ------------------------------------------------------------------------------------------------ status and error */

/* Name, and the sentence that dpl_status_sentence gives; where facts are known, dpl_error.message says more. */
#define DPL_STATUS_LIST(X)                                                                                             \
  X(OK, "Done.")                                                                                                       \
  X(INVALID_ARGUMENT, "A parameter is out of its range; see the function's comment.")                                  \
  X(OUT_OF_MEMORY, "There is not enough memory; try a smaller photo or gallery.")                                      \
  X(UNSUPPORTED_FORMAT, "This is not a kind of file that can be read here; use a JPEG or PNG photo.")                  \
  X(DAMAGED_IMAGE, "The photo is damaged or cut short; save or download it again.")                                    \
  X(IMAGE_TOO_LARGE, "The photo is too large; make it smaller.")                                                       \
  X(DAMAGED_NETWORK, "The network file is damaged or cut short; fetch it again.")                                      \
  X(UNSUPPORTED_NETWORK, "The network uses something that this version cannot run; update doppel.")                    \
  X(DAMAGED_GALLERY, "The gallery file is damaged or not a gallery; build or fetch it again.")                         \
  X(WRONG_NETWORK, "The gallery was made with another network; use that one or build the gallery again.")              \
  X(EMPTY_GALLERY, "The gallery holds no portraits yet; add one before searching.")                                    \
  X(INTERNAL, "Something failed inside doppel that should not; please report it with the photo's size.")

typedef enum dpl_status {
#define DPL_STATUS_ENUM(name, sentence) DPL_##name,
  DPL_STATUS_LIST(DPL_STATUS_ENUM)
#undef DPL_STATUS_ENUM
} dpl_status;

typedef struct dpl_error {
  dpl_status status;
  char message[320]; /* one sentence, UTF-8, ends with a zero byte */
} dpl_error;

const char *dpl_status_name(dpl_status status);     /* "DAMAGED_IMAGE"; static; "UNKNOWN" outside the list */
const char *dpl_status_sentence(dpl_status status); /* static */

typedef struct dpl_bytes {
  const uint8_t *data;
  size_t size;
} dpl_bytes;

/* ------------------------------------------------------------------------------------------------ geometry */

typedef struct dpl_point {
  float x, y;
} dpl_point;

typedef struct dpl_box {
  float x, y, width, height;
} dpl_box;

/* x' = a·x − b·y + tx,  y' = b·x + a·y + ty: turn, scale and shift, no shear and no mirror */
typedef struct dpl_similarity {
  float a, b, tx, ty;
} dpl_similarity;

/* The similarity that takes `from` to `to` with the least squared error (S. Umeyama, "Least-squares estimation of
   transformation parameters between two point patterns", PAMI 1991). count ≥ 2.
   DPL_INVALID_ARGUMENT where the points coincide or are not finite. */
dpl_status dpl_similarity_from_points(const dpl_point *from, const dpl_point *to, size_t count,
                                      dpl_similarity *similarity, dpl_error *error);

dpl_point dpl_similarity_apply(dpl_similarity similarity, dpl_point point);

/* Intersection over union, 0 … 1; 0 where a box is empty. */
float dpl_box_iou(dpl_box a, dpl_box b);

/* ------------------------------------------------------------------------------------------------ image */

typedef struct dpl_image dpl_image;

typedef enum dpl_format {
  DPL_FORMAT_UNKNOWN,
  DPL_FORMAT_JPEG,
  DPL_FORMAT_PNG,
  DPL_FORMAT_GIF,
  DPL_FORMAT_BMP,
  DPL_FORMAT_WEBP /* native builds only */
} dpl_format;

typedef struct dpl_image_info {
  dpl_format format;
  int width, height; /* upright: already exchanged where the orientation turns by a quarter */
  int orientation;   /* EXIF 1 … 8; 1 where the file says nothing */
} dpl_image_info;

typedef struct dpl_decode_options {
  int max_side;       /* pixels; default 32768 for JPEG, 16384 for other formats */
  int64_t max_pixels; /* default 250 million for JPEG, 100 million for other formats */
} dpl_decode_options;

/* Reads the header only, without decoding. DPL_UNSUPPORTED_FORMAT, DPL_DAMAGED_IMAGE. */
dpl_status dpl_image_probe(dpl_bytes file, dpl_image_info *info, dpl_error *error);

/* JPEG (baseline, progressive), PNG (all kinds; 16 bits become 8), GIF (first frame), BMP, and natively WebP (first
   frame). Transparent pixels are laid on white, and the picture is turned upright by its EXIF orientation. The limits
   are checked on the header, before any memory is taken. What a JPEG lacks is grey: see dpl_image_is_incomplete. */
dpl_status dpl_image_decode(dpl_bytes file, const dpl_decode_options *options, dpl_image **image, dpl_error *error);

/* The same for whoever looks for faces: of a large JPEG no more is decoded than is needed, first the photo reduced, and
   later, where a face is cut out, that part of it in greater detail. Coordinates are those of the full photo, and
   dpl_image_pixels is NULL. Copies the file. Later calls can fail with DPL_OUT_OF_MEMORY or DPL_DAMAGED_IMAGE. */
dpl_status dpl_image_open(dpl_bytes file, const dpl_decode_options *options, dpl_image **image, dpl_error *error);

/* Whether the file was cut short. `whole` (may be NULL) receives the part of the photo that is there, in the upright
   photo: its upper rows, unless it was turned; no pixels at all where a progressive JPEG lacks whole scans. */
bool dpl_image_is_incomplete(const dpl_image *image, dpl_box *whole);

/* Whether nothing inside the box is missing or known to be damaged. */
bool dpl_image_has(const dpl_image *image, dpl_box box);

/* From pixels that something else decoded, upright already: width·height·4 bytes, not premultiplied, laid on white;
   or width·height·3 bytes. Copies. */
dpl_status dpl_image_from_rgba(const uint8_t *rgba, int width, int height, dpl_image **image, dpl_error *error);
dpl_status dpl_image_from_rgb(const uint8_t *rgb, int width, int height, dpl_image **image, dpl_error *error);

/* Area filter where it shrinks, bilinear where it grows. */
dpl_status dpl_image_resize(const dpl_image *image, int width, int height, dpl_image **resized, dpl_error *error);

/* The image seen through `to_output`, which takes photo coordinates to output coordinates: bilinear, after an area
   filter where it shrinks by more than 2. Pixels outside the photo are black. */
dpl_status dpl_image_warp(const dpl_image *image, dpl_similarity to_output, int width, int height, dpl_image **warped,
                          dpl_error *error);

int dpl_image_width(const dpl_image *image);
int dpl_image_height(const dpl_image *image);
const uint8_t *dpl_image_pixels(const dpl_image *image); /* width·height·3 bytes, until _close; NULL: see _open */
void dpl_image_close(dpl_image *image);

/* ------------------------------------------------------------------------------------------------ faces */

/* The five points, in this order. */
enum { DPL_LEFT_EYE, DPL_RIGHT_EYE, DPL_NOSE, DPL_MOUTH_LEFT, DPL_MOUTH_RIGHT, DPL_POINTS };

typedef struct dpl_face {
  dpl_box box;                  /* may reach over the photo's edge */
  float score;                  /* the detector's confidence, 0 … 1; 1 for a box drawn by hand */
  float roll;                   /* degrees that the line between the eyes is turned clockwise from level */
  dpl_point points[DPL_POINTS]; /* in photo coordinates */
} dpl_face;

/* The face as a portrait of size × size pixels for people to look at: turned level, with forehead, chin and ears. The
   same rule for probe and gallery, so that two of them can be laid side by side. */
dpl_status dpl_face_portrait(const dpl_image *image, const dpl_face *face, int size, dpl_image **portrait,
                             dpl_error *error);

/* How much of a face a photo shows, for choosing among photos and for reports; nothing is refused because of it. */
typedef struct dpl_face_quality {
  float size;       /* geometric mean of the sides of the box, in pixels of the photo */
  float sharpness;  /* 0: nothing but slopes; about 1: noise. Compares photos of the same kind; see quality.c */
  float yaw, pitch; /* degrees that the nose points towards the image's right, and up: rough, and too near to 0 where
                       the detector's points are, as YuNet's (models/README.md) */
} dpl_face_quality;

dpl_status dpl_face_measure(const dpl_image *image, const dpl_face *face, dpl_face_quality *quality, dpl_error *error);

/* How well a photo shows a face, for a warning beside results; not stored in galleries. */
typedef struct dpl_face_exposure {
  float brightness; /* mean of the face without hair, 0 black … 1 white */
  float visible;    /* share of it that is inside the photo, 0 … 1 */
  float detail;     /* contrast of the eyes or of the mouth, whichever has less, as a share of the whole face's: near 0
                       where glasses, a hand or a mask covers them */
} dpl_face_exposure;

/* DPL_INVALID_ARGUMENT, DPL_OUT_OF_MEMORY. */
dpl_status dpl_face_expose(const dpl_image *image, const dpl_face *face, dpl_face_exposure *exposure, dpl_error *error);

/* ------------------------------------------------------------------------------------------------ networks */

/* Other: a graph that can be run and looked at, with no place in the way of a photo. */
typedef enum dpl_task { DPL_TASK_DETECTOR, DPL_TASK_LANDMARKS, DPL_TASK_EMBEDDER, DPL_TASK_OTHER } dpl_task;

typedef struct dpl_network_info {
  dpl_task task;
  char name[64];
  char licence[128];
  char source[256]; /* where the weights come from */
  char source_sha256[65];
  int input_width, input_height;
  int dimension;   /* embedders: of the vector; otherwise 0 */
  float threshold; /* embedders: cosine at and above which `verify` says "same"; detectors: score; otherwise 0 */
  size_t tensors, parameters, nodes;
} dpl_network_info;

/* Reads and checks a network file without building it. DPL_DAMAGED_NETWORK, DPL_UNSUPPORTED_NETWORK. */
dpl_status dpl_network_describe(dpl_bytes network, dpl_network_info *info, dpl_error *error);

/* One forward pass on prepared numbers, for golden tests and for looking inside: `input` is float32 NHWC as it enters
   the graph (preprocessing already done) of batch × height × width × channels. The outputs are copied one behind the
   other into `output`; *output_count receives how many floats that takes, also when `output` is NULL. */
typedef struct dpl_network dpl_network;
dpl_status dpl_network_open(dpl_bytes file, dpl_network **network, dpl_error *error);
dpl_status dpl_network_run(dpl_network *network, const float *input, const size_t shape[4], float *output,
                           size_t output_capacity, size_t *output_count, dpl_error *error);
void dpl_network_close(dpl_network *network);

/* ------------------------------------------------------------------------------------------------ detector */

typedef struct dpl_detector dpl_detector;

typedef struct dpl_detector_options {
  float score_threshold; /* default: the network's own */
  int min_face;          /* pixels of the photo; boxes whose longer side is smaller are dropped; default 16 */
  bool parity; /* as DeepFace uses YuNet: one look with the long side at most 640, score 0.9, no closer look at
                  each face and no turning; only for detectors with points */
  bool crowd;  /* look for more faces, in tiles of the photo: some ten times the time; only with YuNet */
} dpl_detector_options;

typedef struct dpl_detection {
  dpl_face *faces; /* the caller's array; filled largest face first */
  size_t capacity;
  size_t count;
  size_t found;        /* before the list was cut to its capacity */
  size_t cut;          /* faces left out because a part of them is missing in the photo's file */
  bool wants_thorough; /* nothing certain was found, and a thorough detector that is not there yet might: add it with
                          dpl_detector_add and detect again */
} dpl_detection;

/* A detector is made of one network that gives points with its boxes (YuNet, SCRFD); or of two or three, in any order:
   a quick detector, a thorough one that runs only where the quick one is not certain, and a landmark network that
   places the five points. Where there are both kinds, the one with points is used. A photo in which nothing is found is
   tried turned by quarters. models/README.md says how the looks are put together, and with what figures. */
dpl_status dpl_detector_open(const dpl_bytes *networks, size_t count, const dpl_detector_options *options,
                             dpl_detector **detector, dpl_error *error);

/* Adds a network later, so that a page can fetch the heavy one only when it is needed. */
dpl_status dpl_detector_add(dpl_detector *detector, dpl_bytes network, dpl_error *error);

dpl_status dpl_detector_detect(dpl_detector *detector, const dpl_image *image, dpl_detection *detection,
                               dpl_error *error);

/* The face inside a box that a person drew. Needs a landmark network or a detector with points. */
dpl_status dpl_detector_face_in_box(dpl_detector *detector, const dpl_image *image, dpl_box box, dpl_face *face,
                                    dpl_error *error);

void dpl_detector_close(dpl_detector *detector);

/* ------------------------------------------------------------------------------------------------ embedder */

#define DPL_MAX_DIMENSION 2048

typedef struct dpl_embedder dpl_embedder;

/* Whether a vector is the sum of those of the chip and its mirror image: twice the work for a little accuracy. Vectors
   made the one way and the other do not compare as well, so a gallery and its probes should be of one kind. */
typedef enum dpl_mirror { DPL_MIRROR_AS_THE_FILE_SAYS, DPL_MIRROR_ON, DPL_MIRROR_OFF } dpl_mirror;

/* A network can multiply in int8, all but its first and last layers: about twice as fast, and a little less exact.
   Vectors made the one way and the other compare well enough (cosines above 0.99), those of one way better. */
typedef enum dpl_arithmetic {
  DPL_ARITHMETIC_AS_THE_FILE_SAYS,
  DPL_ARITHMETIC_FLOAT,
  DPL_ARITHMETIC_INT8
} dpl_arithmetic;

typedef struct dpl_embedder_options {
  dpl_mirror mirror;
  dpl_arithmetic arithmetic;
} dpl_embedder_options;

dpl_status dpl_embedder_open(dpl_bytes network, const dpl_embedder_options *options, dpl_embedder **embedder,
                             dpl_error *error);

int dpl_embedder_dimension(const dpl_embedder *embedder);
float dpl_embedder_threshold(const dpl_embedder *embedder);  /* cosine at and above which `verify` says "same" */
const char *dpl_embedder_name(const dpl_embedder *embedder); /* until _close */

/* The aligned crop exactly as the network sees it: the five points are taken to the network's own template, or for
   networks that were trained on boxes the box is fitted into the input with black around it. */
dpl_status dpl_embedder_chip(const dpl_embedder *embedder, const dpl_image *image, const dpl_face *face,
                             dpl_image **chip, dpl_error *error);

/* One vector of unit length a face: count × dimension floats into `vectors`. DPL_DAMAGED_IMAGE where a part of a face
   is missing in the photo's file. */
dpl_status dpl_embedder_embed(dpl_embedder *embedder, const dpl_image *image, const dpl_face *faces, size_t count,
                              float *vectors, dpl_error *error);

/* One vector for several photos of the same face: the mean of `count` vectors of unit length, made unit length again.
   It is nearer to the person's other photos than most single ones are. `mean` may be the first of `vectors`.
   DPL_INVALID_ARGUMENT where the vectors are not of unit length or cancel each other out. */
dpl_status dpl_vector_mean(const float *vectors, size_t count, int dimension, float *mean, dpl_error *error);

void dpl_embedder_close(dpl_embedder *embedder);

/* ------------------------------------------------------------------------------------------------ gallery */

typedef struct dpl_gallery dpl_gallery;

typedef struct dpl_gallery_info {
  size_t people, photos; /* as the manifest counts them */
  size_t photos_loaded;  /* in the shards added so far */
  int dimension;
  char embedder[64]; /* name and sha256 of the network file that made the vectors */
  char embedder_sha256[65];
  uint64_t impostor_pairs; /* pairs of different people behind less_alike; 0: not calibrated */
  uint64_t genuine_pairs;  /* pairs of photos of one person; often 0 */
} dpl_gallery_info;

typedef struct dpl_match {
  uint32_t person;  /* index into the people pages */
  uint32_t photo;   /* that person's photo which is most alike; index into the photo sheets */
  float similarity; /* cosine */
  float less_alike; /* share of pairs of different people of this gallery that are less alike, 0 … 1; −1 where the
                       gallery is not calibrated */
} dpl_match;

/* Opens gallery.json: counts, networks, calibration. Copies what it needs. DPL_DAMAGED_GALLERY. */
dpl_status dpl_gallery_open(dpl_bytes manifest, dpl_gallery **gallery, dpl_error *error);

/* Adds one embeddings-NNNN.safetensors. Copies the vectors. Refuses a shard of another network, dimension or gallery;
   a refused shard leaves the gallery as it was. */
dpl_status dpl_gallery_add(dpl_gallery *gallery, dpl_bytes shard, dpl_error *error);

void dpl_gallery_describe(const dpl_gallery *gallery, dpl_gallery_info *info);

/* DPL_OK if vectors of the network file with this sha256 (64 hex digits) can be searched here, else
   DPL_WRONG_NETWORK with a sentence that names both. */
dpl_status dpl_gallery_accepts(const dpl_gallery *gallery, const char *embedder_sha256, dpl_error *error);

/* The `capacity` people most like `probe` (unit length, the gallery's dimension), most alike first, each person once
   with their best photo. Exact: the result is that of comparing the probe with every vector. *count receives how many
   were written. */
dpl_status dpl_gallery_search(const dpl_gallery *gallery, const float *probe, size_t capacity, dpl_match *matches,
                              size_t *count, dpl_error *error);

/* The same for several probes (all faces of a photo), with fewer passes over the gallery than probes: probe_count ×
   dimension floats. The matches of probe i begin at matches[i · capacity]; counts[i] says how many there are. For
   several photos of one face, search once with their dpl_vector_mean. `allowed` says who may match, one bit per person:
   person i is bit i % 32 of word i / 32, in (people + 31) / 32 words; NULL: everybody. The scan skips the others, as if
   the gallery had been built without them. */
dpl_status dpl_gallery_search_each(const dpl_gallery *gallery, const float *probes, size_t probe_count,
                                   const uint32_t *allowed, size_t capacity, dpl_match *matches, size_t *counts,
                                   dpl_error *error);

/* Where a cosine lies among pairs of different people (0 … 1), and among pairs of photos of the same person; −1 where
   the gallery has no such pairs. */
float dpl_gallery_less_alike(const dpl_gallery *gallery, float similarity);
float dpl_gallery_less_alike_same(const dpl_gallery *gallery, float similarity);

/* How many of the `people` searched (0: everybody in the gallery) are expected to be at least this alike to a stranger
   by chance; −1 where fewer than 20 pairs of different people were counted. Below 0.05 is less than one search in
   twenty of a stranger. It rests on the best match of each person among the others where the manifest has at least 100
   of them, else on pairs; beyond the 20 highest values on an exponential tail. */
float dpl_gallery_chance_matches(const dpl_gallery *gallery, float similarity, size_t people);

/* Share of best matches between different people that are less alike, when `people` are searched (0: everybody), 0 … 1;
   −1 where the manifest has no best matches. */
float dpl_gallery_best_share(const dpl_gallery *gallery, float similarity, size_t people);

/* How often different people are as alike as that, as far as the gallery's own pairs can say. */
typedef struct dpl_false_match {
  double rate;      /* 0.1, 0.01, 0.001, 0.0001, 0.00001 */
  float similarity; /* the least cosine, among the borders of the bins, at and above which at most this share of pairs
                       of different people lies */
  uint64_t pairs;   /* how many lie there */
  float genuine;    /* the share of pairs of photos of one person that lie there; −1 where the gallery has none */
} dpl_false_match;

/* Rates that fewer than DPL_FALSE_MATCHES_NEEDED pairs would carry are left out: "to be 90 % confident that the true
   error rate is within ±30 % of the observed error rate, there must be at least 30 errors" (the rule of 30; G.
   Doddington et al., "The NIST speaker recognition evaluation", Speech Communication 31, 2000). It speaks of
   independent trials; pairs share their photos, so it is the least that can be asked. Returns how many rows there are,
   highest rate first. */
#define DPL_FALSE_MATCH_RATES    5
#define DPL_FALSE_MATCHES_NEEDED 30
size_t dpl_gallery_false_matches(const dpl_gallery *gallery, dpl_false_match rows[DPL_FALSE_MATCH_RATES]);

void dpl_gallery_close(dpl_gallery *gallery);

/* A field of the roster with few enough values to choose from: for each person, which of them. With it a search can be
   limited to some people without reading who everybody is. */
typedef struct dpl_column dpl_column;

#define DPL_MAX_COLUMN_VALUES 1024

/* Opens one column-NNNN.safetensors of a gallery of so many people. Copies. DPL_DAMAGED_GALLERY. */
dpl_status dpl_column_open(dpl_bytes file, size_t people, dpl_column **column, dpl_error *error);

/* The field's key, and the values as the roster has them ("": it says nothing of these people), with how many people
   have each. Texts until _close; NULL and 0 for a value that there is not. */
const char *dpl_column_key(const dpl_column *column);
size_t dpl_column_values(const dpl_column *column);
const char *dpl_column_value(const dpl_column *column, size_t value);
size_t dpl_column_people(const dpl_column *column, size_t value);

/* Takes out of `allowed` (as in dpl_gallery_search_each) the people who have none of these values. Of several columns,
   one after the other, those are left who meet them all. */
void dpl_column_allow(const dpl_column *column, const uint32_t *values, size_t count, uint32_t *allowed);

void dpl_column_close(dpl_column *column);

/* -------------------------------------------------------------------------------------------- building a gallery */

/* The two sides of a gallery live together: what writes a shard stands beside what reads it. */

typedef struct dpl_gallery_row {
  const float *vector; /* unit length */
  uint32_t person;
  dpl_face face;
  dpl_face_quality quality;
} dpl_gallery_row;

/* One embeddings shard (vectors centred on the gallery's mean, twelve bits a number; scales, persons, boxes, points,
   qualities, as docs/formats/gallery.md specifies) as a .safetensors file. `mean` is the mean vector of the whole
   gallery; first_photo is the index of row 0 among all photos. *file is allocated with malloc and belongs to the
   caller. */
dpl_status dpl_shard_write(const dpl_gallery_row *rows, size_t count, int dimension, const float *mean,
                           uint32_t first_photo, const char *embedder_sha256, uint8_t **file, size_t *size,
                           dpl_error *error);

/* The rows of such a file again, for exports: vectors as their twelve bits have them, made unit length; faces, with the
   roll that the points give; qualities, all 0 in files that have none. One block from malloc, with the vectors behind
   the rows: free(*rows). DPL_DAMAGED_GALLERY. */
dpl_status dpl_shard_read(dpl_bytes shard, dpl_gallery_row **rows, size_t *count, int *dimension, dpl_error *error);

/* One column as a .safetensors file: person i has values[value_of[i]]. Ownership as for a shard. */
dpl_status dpl_column_write(const char *key, const char *const *values, size_t value_count, const uint16_t *value_of,
                            size_t people, uint8_t **file, size_t *size, dpl_error *error);

/* Distributions of cosines, as gallery.json carries them: `bins` counts over [−1, 1]. */
#define DPL_CALIBRATION_BINS 2048
typedef struct dpl_calibration {
  uint64_t impostor[DPL_CALIBRATION_BINS], genuine[DPL_CALIBRATION_BINS];
  uint64_t impostor_pairs, genuine_pairs; /* that were counted */
  uint64_t impostor_all, genuine_all;     /* that there are; more than were counted where a sample was drawn */
  uint64_t nearest[DPL_CALIBRATION_BINS]; /* best match of each person among the others; dpl_calibrate_nearest */
  uint64_t nearest_people, nearest_all;   /* people that were counted, and that there are */
  uint64_t budget, seed;
  dpl_false_match false_matches[DPL_FALSE_MATCH_RATES];
  size_t false_match_count;
} dpl_calibration;

/* Counts all pairs of different people where there are at most `budget` of them, else a sample of `budget` different
   pairs: all pairs, in order of their photos, are cut into `budget` stretches, and `seed` draws one from each. In the
   same way the pairs of photos of one person, of which there are far fewer. vectors: count × dimension floats of unit
   length; person: count. budget 0 means 4 million. */
dpl_status dpl_calibrate(const float *vectors, const uint32_t *person, size_t count, int dimension, uint64_t budget,
                         uint64_t seed, dpl_calibration *calibration, dpl_error *error);

/* Fills `nearest` of a calibration: for each person the highest cosine of any of their photos with any photo of another
   person; for all people up to 20,000, beyond for a sample of 10,000 that `seed` draws. Parameters as for
   dpl_calibrate; the rest of *calibration stays as it is. Takes people counted × photos dot products. */
dpl_status dpl_calibrate_nearest(const float *vectors, const uint32_t *person, size_t count, int dimension,
                                 uint64_t seed, dpl_calibration *calibration, dpl_error *error);

#ifdef __cplusplus
}
#endif
#endif
