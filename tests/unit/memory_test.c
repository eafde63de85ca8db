/* When memory runs out, every entry point says so, gives back what it holds, and writes no output. The linker sends the
   allocations of the library, and of what is linked into it, to the functions below (CMakeLists.txt); AddressSanitizer
   sees what is not given back. libwebp is a shared library, whose own allocations succeed. */
#include "galleries.h"
#include "made_networks.h"
#include "made_photos.h"

#include <webp/encode.h>

/* Allocations that still succeed. */
static int left_to_succeed = INT32_MAX;

static bool may_allocate(void) {
  return left_to_succeed-- > 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size) {
  return may_allocate() ? __real_malloc(size) : NULL;
}
void *__wrap_calloc(size_t count, size_t size) {
  return may_allocate() ? __real_calloc(count, size) : NULL;
}
void *__wrap_realloc(void *block, size_t size) {
  return may_allocate() ? __real_realloc(block, size) : NULL;
}
void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  return may_allocate() ? __real_aligned_alloc(alignment, size) : NULL;
}

typedef dpl_status attempt(void *input, void **output, dpl_error *error);

static bool says_memory(dpl_status status) {
  /* cJSON does not tell a lack of memory from rubbish. */
  return status == DPL_OUT_OF_MEMORY || status == DPL_DAMAGED_GALLERY || status == DPL_DAMAGED_NETWORK;
}

/* Fails the first allocation, then the second … until all succeed. */
static void assert_survives(attempt *attempted, void *input, void (*close)(void *output)) {
  for (int first_failure = 0;; first_failure++) {
    assert_true(first_failure < 20000);
    void *output = NULL;
    dpl_error error;
    left_to_succeed = first_failure;
    const dpl_status status = attempted(input, &output, &error);
    const bool failed = left_to_succeed < 0;
    left_to_succeed = INT32_MAX;
    if (!failed) {
      assert_ok(status, &error);
      if (close) close(output);
      assert_true(first_failure > 0);
      return;
    }
    if (status == DPL_OK) { /* it could do without */
      if (close) close(output);
      continue;
    }
    assert_failure(says_memory(status) ? status : DPL_OUT_OF_MEMORY, status, &error);
    assert_null(output);
  }
}

static void close_image(void *image) {
  dpl_image_close(image);
}
static void close_gallery(void *gallery) {
  dpl_gallery_close(gallery);
}
static void close_network(void *network) {
  dpl_network_close(network);
}
static void close_detector(void *detector) {
  dpl_detector_close(detector);
}
static void close_embedder(void *embedder) {
  dpl_embedder_close(embedder);
}
static void close_container(void *handle) {
  dpl_safetensors_close(handle);
}
static void close_column(void *column) {
  dpl_column_close(column);
}

/* ---- photos */

static dpl_status decode_file(void *input, void **output, dpl_error *error) {
  return dpl_image_decode(bytes_of(*(buffer *)input), NULL, (dpl_image **)output, error);
}

static dpl_status open_file(void *input, void **output, dpl_error *error) {
  return dpl_image_open(bytes_of(*(buffer *)input), NULL, (dpl_image **)output, error);
}

/* A photo so large that it is opened in parts, and a part of it. */
static dpl_status open_and_warp(void *input, void **output, dpl_error *error) {
  dpl_image *image = NULL, *warped = NULL;
  dpl_status status = dpl_image_open(bytes_of(*(buffer *)input), NULL, &image, error);
  if (!status) status = dpl_image_warp(image, (dpl_similarity){1, 0, -5, -1900}, 30, 30, &warped, error);
  dpl_image_close(image);
  *output = warped;
  return status;
}

static void opening_in_parts(void **state) {
  (void)state;
  uint8_t *pixels = slopes(3240, 40);
  buffer app1 = make_app1(6, true), file = make_jpeg(pixels, 3240, 40, (jpeg_kind){0}, &app1);
  assert_survives(open_and_warp, &file, close_image);
  file.size -= file.size / 3; /* cut short */
  assert_survives(open_and_warp, &file, close_image);
  free(pixels), free(app1.data), free(file.data);
}

/* A GIF of one pixel, and a BMP of two. */
static const uint8_t gif[] = "GIF89a\1\0\1\0\x80\0\0\xFF\0\0\0\0\xFF,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
static const uint8_t bmp[] =
    "BM\x3E\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\2\0\0\0\1\0\0\0\1\0\x18\0\0\0\0\0\x08\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0\0\0\0\0\1\2\3\4\5\6\0\0";

static buffer copied(const uint8_t *bytes, size_t size) {
  buffer b = {0};
  append(&b, bytes, size);
  return b;
}

static buffer make_webp(const uint8_t *pixels, int width, int height) {
  uint8_t *made = NULL;
  const size_t size = WebPEncodeLosslessRGB(pixels, width, height, 3 * width, &made);
  buffer b = copied(made, size);
  WebPFree(made);
  return b;
}

static void decoding(void **state) {
  (void)state;
  uint8_t *pixels = slopes(40, 40);
  buffer app1 = make_app1(6, true), tiff = make_tiff(3, false);
  buffer files[] = {make_jpeg(pixels, 40, 40, (jpeg_kind){0}, NULL),
                    make_jpeg(pixels, 40, 40, (jpeg_kind){.progressive = true}, &app1),
                    make_jpeg(pixels, 40, 40, (jpeg_kind){.grey = true}, NULL),
                    make_jpeg(pixels, 30, 40, (jpeg_kind){.cmyk = true}, NULL),
                    make_png(pixels, 40, 40, 3, NULL),
                    make_png(pixels, 20, 20, 4, &tiff),
                    make_png(pixels, 20, 20, 2, NULL),
                    make_webp(pixels, 20, 20),
                    copied(gif, sizeof gif - 1),
                    copied(bmp, sizeof bmp - 1)};
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    assert_survives(decode_file, &files[i], close_image);
    assert_survives(open_file, &files[i], close_image);
    free(files[i].data);
  }
  free(pixels), free(app1.data), free(tiff.data);
}

static dpl_status from_rgb(void *input, void **output, dpl_error *error) {
  return dpl_image_from_rgb(input, 40, 40, (dpl_image **)output, error);
}

static dpl_status from_rgba(void *input, void **output, dpl_error *error) {
  return dpl_image_from_rgba(input, 30, 40, (dpl_image **)output, error);
}

static dpl_status resize(void *input, void **output, dpl_error *error) {
  return dpl_image_resize(input, 9, 11, (dpl_image **)output, error);
}

static dpl_status enlarge(void *input, void **output, dpl_error *error) {
  return dpl_image_resize(input, 90, 110, (dpl_image **)output, error);
}

static dpl_status warp(void *input, void **output, dpl_error *error) {
  return dpl_image_warp(input, (dpl_similarity){0.2f, 0, 0, 0}, 9, 11, (dpl_image **)output, error);
}

static const dpl_face face = {
    .box = {8, 8, 24, 24}, .score = 1, .points = {{14, 16}, {26, 16}, {20, 22}, {15, 28}, {25, 28}}};

static dpl_status portrait(void *input, void **output, dpl_error *error) {
  return dpl_face_portrait(input, &face, 64, (dpl_image **)output, error);
}

static dpl_status measure(void *input, void **output, dpl_error *error) {
  (void)output;
  dpl_face_quality quality = {.size = -7};
  const dpl_status status = dpl_face_measure(input, &face, &quality, error);
  assert_true((quality.size < 0) == (status != DPL_OK));
  return status;
}

static dpl_status expose(void *input, void **output, dpl_error *error) {
  (void)output;
  dpl_face_exposure exposure = {.visible = -7};
  const dpl_status status = dpl_face_expose(input, &face, &exposure, error);
  assert_true((exposure.visible < 0) == (status != DPL_OK));
  return status;
}

static void pictures(void **state) {
  (void)state;
  uint8_t *pixels = slopes(40, 40);
  dpl_image *image = NULL;
  assert_ok(dpl_image_from_rgb(pixels, 40, 40, &image, NULL), NULL);
  assert_survives(from_rgb, pixels, close_image);
  assert_survives(from_rgba, pixels, close_image);
  assert_survives(resize, image, close_image);
  assert_survives(enlarge, image, close_image);
  assert_survives(warp, image, close_image);
  assert_survives(portrait, image, close_image);
  assert_survives(measure, image, NULL);
  assert_survives(expose, image, NULL);
  dpl_image_close(image);
  free(pixels);
}

/* ---- networks */

static dpl_status describe_network(void *input, void **output, dpl_error *error) {
  (void)output;
  dpl_network_info info;
  return dpl_network_describe(bytes_of(*(buffer *)input), &info, error);
}

static dpl_status open_network(void *input, void **output, dpl_error *error) {
  return dpl_network_open(bytes_of(*(buffer *)input), (dpl_network **)output, error);
}

/* A network that ran out of memory is run again, or says that there is none. */
static dpl_status run_network(void *input, void **output, dpl_error *error) {
  (void)output;
  static const float pixels[64 * 64 * 3];
  static float numbers[4096];
  size_t count = 77;
  dpl_network *network = NULL;
  dpl_status status = dpl_network_open(bytes_of(*(buffer *)input), &network, error);
  if (status) return status;
  status = dpl_network_run(network, pixels, (const size_t[]){1, 64, 64, 3}, numbers, 4096, &count, error);
  const int left = left_to_succeed;
  if (status) {
    left_to_succeed = INT32_MAX;
    dpl_error again = {0};
    const dpl_status second =
        dpl_network_run(network, pixels, (const size_t[]){1, 64, 64, 3}, numbers, 4096, &count, &again);
    if (second) assert_failure(DPL_OUT_OF_MEMORY, second, &again);
    left_to_succeed = left;
  }
  dpl_network_close(network);
  return status;
}

typedef struct looking {
  buffer detector, embedder;
  dpl_image *photo;
} looking;

static dpl_status open_detector(void *input, void **output, dpl_error *error) {
  const dpl_bytes network = bytes_of(((looking *)input)->detector);
  return dpl_detector_open(&network, 1, NULL, (dpl_detector **)output, error);
}

static dpl_status detect(void *input, void **output, dpl_error *error) {
  dpl_detector *detector = NULL;
  dpl_face faces[8];
  dpl_detection found = {.faces = faces, .capacity = 8};
  void *opened = NULL;
  dpl_status status = open_detector(input, &opened, error);
  (void)output;
  if (status) return status;
  detector = opened;
  status = dpl_detector_detect(detector, ((looking *)input)->photo, &found, error);
  if (!status)
    status = dpl_detector_face_in_box(detector, ((looking *)input)->photo, (dpl_box){10, 10, 40, 40}, faces, error);
  dpl_detector_close(detector);
  return status;
}

static dpl_status open_embedder(void *input, void **output, dpl_error *error) {
  return dpl_embedder_open(bytes_of(((looking *)input)->embedder), NULL, (dpl_embedder **)output, error);
}

static dpl_status embed(void *input, void **output, dpl_error *error) {
  dpl_embedder *embedder = NULL;
  float vectors[2 * DPL_MAX_DIMENSION];
  const dpl_face faces[] = {face, face};
  dpl_image *chip = NULL;
  void *opened = NULL;
  dpl_status status = open_embedder(input, &opened, error);
  (void)output;
  if (status) return status;
  embedder = opened;
  status = dpl_embedder_embed(embedder, ((looking *)input)->photo, faces, 2, vectors, error);
  if (!status) status = dpl_embedder_chip(embedder, ((looking *)input)->photo, &face, &chip, error);
  dpl_image_close(chip);
  dpl_embedder_close(embedder);
  return status;
}

static void networks(void **state) {
  (void)state;
  looking all = {.detector = yunet_detector(), .embedder = colour_embedder()};
  uint8_t *pixels = slopes(64, 64);
  assert_ok(dpl_image_from_rgb(pixels, 64, 64, &all.photo, NULL), NULL);
  assert_survives(describe_network, &all.detector, NULL);
  assert_survives(open_network, &all.detector, close_network);
  assert_survives(run_network, &all.detector, NULL);
  assert_survives(open_detector, &all, close_detector);
  assert_survives(detect, &all, NULL);
  assert_survives(open_embedder, &all, close_embedder);
  assert_survives(embed, &all, NULL);
  dpl_image_close(all.photo);
  free(pixels), free(all.detector.data), free(all.embedder.data);
}

/* ---- galleries */

enum { PHOTOS = 20, DIMENSION = 10, PEOPLE = 7 };

typedef struct world {
  float *vectors, *mean;
  uint32_t person[PHOTOS];
  buffer shard, column;
  char *manifest;
  dpl_gallery *gallery;
} world;

static dpl_status write_shard(void *input, void **output, dpl_error *error) {
  world *w = input;
  const dpl_gallery_row row = {.vector = w->vectors, .face = {.score = 1}};
  size_t size;
  return dpl_shard_write(&row, 1, DIMENSION, w->mean, 0, SHA256, (uint8_t **)output, &size, error);
}

static dpl_status read_rows(void *input, void **output, dpl_error *error) {
  size_t count;
  int dimension;
  return dpl_shard_read(bytes_of(((world *)input)->shard), (dpl_gallery_row **)output, &count, &dimension, error);
}

static dpl_status open_container(void *input, void **output, dpl_error *error) {
  return dpl_safetensors_open(bytes_of(((world *)input)->shard), DPL_DAMAGED_GALLERY, (dpl_safetensors **)output,
                              error);
}

static dpl_status write_column(void *input, void **output, dpl_error *error) {
  (void)input;
  static const uint16_t value_of[PEOPLE] = {0, 1, 1, 0, 1, 0, 1};
  size_t size;
  return dpl_column_write("rank", (const char *const[]){"", "captain"}, 2, value_of, PEOPLE, (uint8_t **)output, &size,
                          error);
}

static dpl_status open_column(void *input, void **output, dpl_error *error) {
  return dpl_column_open(bytes_of(((world *)input)->column), PEOPLE, (dpl_column **)output, error);
}

static dpl_status calibrate(void *input, void **output, dpl_error *error) {
  (void)output;
  world *w = input;
  static dpl_calibration made;
  return dpl_calibrate(w->vectors, w->person, PHOTOS, DIMENSION, 0, 1, &made, error);
}

static dpl_status calibrate_nearest(void *input, void **output, dpl_error *error) {
  (void)output;
  world *w = input;
  static dpl_calibration made;
  return dpl_calibrate_nearest(w->vectors, w->person, PHOTOS, DIMENSION, 1, &made, error);
}

static dpl_status open_gallery(void *input, void **output, dpl_error *error) {
  return dpl_gallery_open(text_bytes(((world *)input)->manifest), (dpl_gallery **)output, error);
}

static dpl_status add_shard(void *input, void **output, dpl_error *error) {
  (void)output;
  world *w = input;
  const dpl_status status = dpl_gallery_add(w->gallery, bytes_of(w->shard), error);
  dpl_gallery_info info;
  dpl_gallery_describe(w->gallery, &info);
  assert_int_equal(info.photos_loaded, status ? 0 : PHOTOS);
  return status;
}

static dpl_status search(void *input, void **output, dpl_error *error) {
  (void)output;
  world *w = input;
  dpl_match matches[3];
  size_t count = 7;
  const dpl_status status = dpl_gallery_search(w->gallery, w->vectors, 3, matches, &count, error);
  assert_int_equal(count, status ? 7 : 3);
  return status;
}

static dpl_status search_each(void *input, void **output, dpl_error *error) {
  (void)output;
  world *w = input;
  dpl_match matches[6];
  size_t counts[2] = {7, 7};
  const uint32_t allowed = 0x55;
  const dpl_status status = dpl_gallery_search_each(w->gallery, w->vectors, 2, &allowed, 3, matches, counts, error);
  assert_int_equal(counts[1], status ? 7 : 3);
  return status;
}

static void galleries(void **state) {
  (void)state;
  world w = {.vectors = make_vectors(PHOTOS, DIMENSION, 0.2, 1)};
  w.mean = mean_of(w.vectors, PHOTOS, DIMENSION);
  for (uint32_t i = 0; i < PHOTOS; i++) w.person[i] = i / 3;
  w.shard = make_shard(w.vectors, w.person, PHOTOS, DIMENSION, w.mean, 0, SHA256);
  w.manifest = make_manifest(PEOPLE, (size_t[]){PHOTOS}, 1, DIMENSION,
                             "{\"bins\":2,\"range\":[-1,1],\"impostor\":{\"pairs\":4,\"first\":0,\"counts\":[1,3]},"
                             "\"genuine\":{\"pairs\":2,\"first\":1,\"counts\":[2]}}");
  void *column = NULL;
  assert_survives(write_shard, &w, free);
  assert_survives(read_rows, &w, free);
  assert_survives(open_container, &w, close_container);
  assert_survives(write_column, &w, free);
  size_t size;
  assert_ok(dpl_column_write("rank", (const char *const[]){"", "captain"}, 2, (const uint16_t[PEOPLE]){1}, PEOPLE,
                             (uint8_t **)&column, &size, NULL),
            NULL);
  w.column = (buffer){column, size};
  assert_survives(open_column, &w, close_column);
  assert_survives(calibrate, &w, NULL);
  assert_survives(calibrate_nearest, &w, NULL);
  assert_survives(open_gallery, &w, close_gallery);
  w.gallery = open_manifest(w.manifest);
  assert_survives(add_shard, &w, NULL);
  assert_survives(search, &w, NULL);
  assert_survives(search_each, &w, NULL);
  assert_survives(search, &w, NULL);
  assert_survives(search_each, &w, NULL);
  dpl_gallery_close(w.gallery);
  free(w.vectors), free(w.mean), free(w.shard.data), free(w.column.data), free(w.manifest);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decoding), cmocka_unit_test(opening_in_parts), cmocka_unit_test(pictures),
      cmocka_unit_test(networks), cmocka_unit_test(galleries),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
