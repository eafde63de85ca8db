/* Where memory runs out, every room says so, gives back what it holds, and writes no output. The rooms are compiled
   into this test with an allocator that fails on request; AddressSanitizer sees what is not given back. */
#include "galleries.h"
#include "made_photos.h"

#include <cJSON.h>

/* Allocations that still succeed. */
static int left_to_succeed = INT32_MAX;

static bool may_allocate(void) {
  return left_to_succeed-- > 0;
}
static void *failing_malloc(size_t size) {
  return may_allocate() ? malloc(size) : NULL;
}
static void *failing_calloc(size_t count, size_t size) {
  return may_allocate() ? calloc(count, size) : NULL;
}
static void *failing_realloc(void *block, size_t size) {
  return may_allocate() ? realloc(block, size) : NULL;
}

#define malloc  failing_malloc
#define calloc  failing_calloc
#define realloc failing_realloc
/* In this order none of them hides a name of another. */
/* clang-format off */
#include "../../wasm/src/safetensors.c"
#include "../../wasm/src/search.c"
#include "../../wasm/src/gallery.c"
#include "../../wasm/src/image.c"
#include "../../wasm/src/image_jpeg.c"
#include "../../wasm/src/image_jpeg_memory.c"
#include "../../wasm/src/image_png.c"
#include "../../wasm/src/image_stb.c"
#include "../../wasm/src/parts.c"
#include "../../wasm/src/slate.c"
#include "../../wasm/src/resample.c"
#include "../../wasm/src/shard.c"
#include "../../wasm/src/shard_read.c"
#include "../../wasm/src/calibration.c"
/* clang-format on */
#undef malloc
#undef calloc
#undef realloc

typedef dpl_status attempt(void *input, void **output, dpl_error *error);

/* Fails the first allocation, then the second … until all succeed. */
static void assert_survives(attempt *attempted, void *input, void (*close)(void *output)) {
  for (int first_failure = 0;; first_failure++) {
    assert_true(first_failure < 10000);
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
    /* cJSON does not tell a lack of memory from rubbish. */
    if (status != DPL_DAMAGED_GALLERY) assert_failure(DPL_OUT_OF_MEMORY, status, &error);
    assert_null(output);
  }
}

static void close_image(void *image) {
  dpl_image_close(image);
}
static void close_gallery(void *gallery) {
  dpl_gallery_close(gallery);
}
static void close_container(void *handle) {
  dpl_safetensors_close(handle);
}

static dpl_status decode_file(void *input, void **output, dpl_error *error) {
  dpl_image *image = NULL;
  const dpl_status status = dpl_image_decode(bytes_of(*(buffer *)input), NULL, &image, error);
  *output = image;
  return status;
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
  free(pixels), free(app1.data), free(file.data);
}

static void decoding(void **state) {
  (void)state;
  uint8_t *pixels = slopes(40, 40);
  buffer app1 = make_app1(6, true), tiff = make_tiff(3, false);
  buffer files[] = {make_jpeg(pixels, 40, 40, (jpeg_kind){0}, NULL),
                    make_jpeg(pixels, 40, 40, (jpeg_kind){.progressive = true}, &app1),
                    make_png(pixels, 40, 40, 3, NULL), make_png(pixels, 20, 20, 4, &tiff),
                    make_png(pixels, 20, 20, 2, NULL)};
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    assert_survives(decode_file, &files[i], close_image);
    free(files[i].data);
  }
  free(pixels), free(app1.data), free(tiff.data);
}

static dpl_status resize(void *input, void **output, dpl_error *error) {
  return dpl_image_resize(input, 9, 11, (dpl_image **)output, error);
}

static dpl_status warp(void *input, void **output, dpl_error *error) {
  return dpl_image_warp(input, (dpl_similarity){0.2f, 0, 0, 0}, 9, 11, (dpl_image **)output, error);
}

static void resampling(void **state) {
  (void)state;
  uint8_t *pixels = slopes(40, 40);
  dpl_image *image = NULL;
  assert_ok(dpl_image_from_rgb(pixels, 40, 40, &image, NULL), NULL);
  assert_survives(resize, image, close_image);
  assert_survives(warp, image, close_image);
  dpl_image_close(image);
  free(pixels);
}

enum { PHOTOS = 20, DIMENSION = 10 };

typedef struct world {
  float *vectors, *mean;
  uint32_t person[PHOTOS];
  buffer shard;
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

static dpl_status calibrate(void *input, void **output, dpl_error *error) {
  (void)output;
  world *w = input;
  static dpl_calibration made;
  return dpl_calibrate(w->vectors, w->person, PHOTOS, DIMENSION, 0, 1, &made, error);
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

static void galleries(void **state) {
  (void)state;
  cJSON_Hooks hooks = {failing_malloc, free};
  cJSON_InitHooks(&hooks);
  world w = {.vectors = make_vectors(PHOTOS, DIMENSION, 0.2, 1)};
  w.mean = mean_of(w.vectors, PHOTOS, DIMENSION);
  for (uint32_t i = 0; i < PHOTOS; i++) w.person[i] = i / 3;
  w.shard = make_shard(w.vectors, w.person, PHOTOS, DIMENSION, w.mean, 0, SHA256);
  w.manifest = make_manifest(7, (size_t[]){PHOTOS}, 1, DIMENSION,
                             "{\"bins\":2,\"range\":[-1,1],\"impostor\":{\"pairs\":4,\"first\":0,\"counts\":[1,3]},"
                             "\"genuine\":{\"pairs\":2,\"first\":1,\"counts\":[2]}}");
  assert_survives(write_shard, &w, free);
  assert_survives(read_rows, &w, free);
  assert_survives(open_container, &w, close_container);
  assert_survives(calibrate, &w, NULL);
  assert_survives(open_gallery, &w, close_gallery);
  w.gallery = open_manifest(w.manifest);
  assert_survives(add_shard, &w, NULL);
  assert_survives(search, &w, NULL);
  dpl_gallery_close(w.gallery);
  free(w.vectors), free(w.mean), free(w.shard.data), free(w.manifest);
  cJSON_InitHooks(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decoding),
      cmocka_unit_test(opening_in_parts),
      cmocka_unit_test(resampling),
      cmocka_unit_test(galleries),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
