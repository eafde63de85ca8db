/* Once some photos have been looked at, looking at photos asks for no memory: between their pixels and the vectors of
   their faces everything works in what is there. AddressSanitizer counts; elsewhere these tests are skipped. */
#include "slate.h"
#include "support.h"

#include <cJSON.h>

#if defined(__SANITIZE_ADDRESS__)
#define COUNTS
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COUNTS
#endif
#endif

/* How often memory was asked for while `watched`, and for how much at most; blocks more than were given back. */
typedef struct requests {
  size_t times, largest;
} requests;
static requests ours, xnnpacks;
static long held;
static volatile bool watched, from_xnnpack; /* compilers know malloc, and that it looks at neither */

static void watch(void) {
  ours = xnnpacks = (requests){0};
  held = 0;
  watched = true;
}

static void *malloc_for_xnnpack(size_t size) {
  from_xnnpack = true;
  void *block = malloc(size);
  from_xnnpack = false;
  return block;
}
static void *realloc_for_xnnpack(void *old, size_t size) {
  from_xnnpack = true;
  void *block = realloc(old, size);
  from_xnnpack = false;
  return block;
}

/* XNNPACK's memory comes through here, so that it can be told from ours. */
#define malloc  malloc_for_xnnpack
#define realloc realloc_for_xnnpack
#include "../../wasm/src/net_memory.c"
#undef malloc
#undef realloc

#ifdef COUNTS
#include <sanitizer/allocator_interface.h>

static void note_taken(const volatile void *block, size_t size) {
  (void)block;
  if (!watched) return;
  requests *asked = from_xnnpack ? &xnnpacks : &ours;
  asked->times++, held++;
  if (size > asked->largest) asked->largest = size;
}

static void note_given_back(const volatile void *block) {
  if (watched && block) held--;
}

static int start_counting(void **state) {
  (void)state;
  return __sanitizer_install_malloc_and_free_hooks(note_taken, note_given_back) ? 0 : -1;
}
#else
static int start_counting(void **state) {
  (void)state;
  return 0;
}
#endif

static void skip_where_nobody_counts(void) {
#ifndef COUNTS
  print_message("SKIPPED: memory is counted in builds with AddressSanitizer alone\n");
  skip();
#endif
}

/* ---- the networks of a set, as set-up makes them ---- */

typedef struct engine {
  dpl_detector *detector;
  dpl_embedder *embedder;
} engine;

static buffer read_of_set(const char *set, const char *name) {
  char path[1024];
  snprintf(path, sizeof path, "%s/build/sets/%s/%s", DOPPEL_SOURCE_DIR, set, name);
  return read_file(path);
}

static engine open_set(const char *set) {
  buffer list = read_of_set(set, "models.json"), files[4];
  dpl_bytes detecting[4];
  size_t count = 0, detecting_count = 0;
  engine opened = {0};
  dpl_error error = {0};
  cJSON *document = cJSON_ParseWithLength((const char *)list.data, list.size), *entry;
  cJSON_ArrayForEach(entry, cJSON_GetObjectItem(document, "networks")) {
    assert_true(count < 4);
    files[count] = read_of_set(set, cJSON_GetObjectItem(entry, "path")->valuestring);
    const dpl_bytes network = bytes_of(files[count++]);
    if (strcmp(cJSON_GetObjectItem(entry, "role")->valuestring, "embedder") == 0)
      assert_ok(dpl_embedder_open(network, NULL, &opened.embedder, &error), &error);
    else
      detecting[detecting_count++] = network;
  }
  assert_ok(dpl_detector_open(detecting, detecting_count, NULL, &opened.detector, &error), &error);
  for (size_t i = 0; i < count; i++) free(files[i].data);
  free(list.data);
  cJSON_Delete(document);
  return opened;
}

/* ---- the photos ---- */

enum { PHOTOS = 5 };

static dpl_image *decoded(const char *name) {
  buffer file = read_shared(name);
  dpl_image *image = NULL;
  dpl_error error = {0};
  assert_ok(dpl_image_decode(bytes_of(file), NULL, &image, &error), &error);
  free(file.data);
  return image;
}

/* A large portrait, a small one, a group, a portrait that lies on its side, and nobody. */
static void open_photos(dpl_image *photos[PHOTOS]) {
  photos[0] = decoded("data/deepface-pairs/img1.jpg");
  photos[1] = decoded("data/deepface-pairs/img10.jpg");
  photos[2] = decoded("data/dlib-faces/2008_002470.jpg");
  const int width = photos[1]->width, height = photos[1]->height;
  assert_ok(dpl_image_warp(photos[1], (dpl_similarity){0, 1, (float)height, 0}, height, width, &photos[3], NULL), NULL);
  assert_ok(dpl_image_new(640, 480, &photos[4], NULL), NULL);
  memset(photos[4]->pixels, 120, 640 * 480 * 3);
}

/* Returns how many faces there are. */
static size_t look_at(engine *engine, const dpl_image *photo) {
  enum { MOST = 16 };
  static float vectors[MOST * DPL_MAX_DIMENSION];
  dpl_face faces[MOST];
  dpl_detection found = {.faces = faces, .capacity = MOST};
  dpl_error error = {0};
  assert_ok(dpl_detector_detect(engine->detector, photo, &found, &error), &error);
  assert_ok(dpl_embedder_embed(engine->embedder, photo, faces, found.count, vectors, &error), &error);
  return found.count;
}

/* Looks at all photos twice, and counts what the second time asks for. */
static void watch_second_look(const char *set) {
  skip_where_nobody_counts();
  free(read_of_set(set, "models.json").data); /* what is missing is missing before anything is open */
  dpl_image *photos[PHOTOS];
  open_photos(photos);
  engine engine = open_set(set);
  size_t faces = 0;
  for (int round = 0; round < 2; round++) {
    faces = 0;
    watch();
    for (size_t i = 0; i < PHOTOS; i++) faces += look_at(&engine, photos[i]);
    watched = false;
    if (round == 0) assert_true(ours.times > 0 && xnnpacks.times > 0); /* they are counted */
  }
  print_message("%zu faces; XNNPACK asked %zu times more, for %zu bytes at most\n", faces, xnnpacks.times,
                xnnpacks.largest);
  assert_true(faces >= 8);
  assert_int_equal(ours.times, 0);
  for (size_t i = 0; i < PHOTOS; i++) dpl_image_close(photos[i]);
  dpl_detector_close(engine.detector);
  dpl_embedder_close(engine.embedder);
}

static void yunet_and_mfn_ask_for_nothing(void **state) {
  (void)state;
  watch_second_look("recommended");
  assert_int_equal(xnnpacks.times, 0);
}

/* The tables of the tiny detector are too large to be kept. They lie where its layers do, and wherever they have to be
   larger than at the look before XNNPACK plans that place anew: on a few kilobytes, which it gives back at once. */
static void the_packaged_networks_ask_for_next_to_nothing(void **state) {
  (void)state;
  watch_second_look("packaged");
  assert_true(xnnpacks.largest < 8192);
  assert_int_equal(held, 0);
}

/* ---- a slate ---- */

static void a_slate_grows_to_the_largest_and_no_further(void **state) {
  (void)state;
  skip_where_nobody_counts();
  dpl_image *photo = NULL;
  dpl_slate slate = {0};
  assert_ok(dpl_image_new(700, 500, &photo, NULL), NULL);
  memset(photo->pixels, 9, 700 * 500 * 3);
  for (int round = 0; round < 2; round++) {
    watch();
    for (int side = 100; side <= 400; side++) {
      assert_ok(dpl_slate_resize(&slate, photo, side, 400, NULL), NULL);
      assert_ok(dpl_slate_warp(&slate, photo, (dpl_similarity){0.3f, 0.1f, 0, 0}, side, side, NULL), NULL);
    }
    watched = false;
    if (round == 0) assert_in_range(ours.times, 2, 12); /* not at every new size, … */
    assert_true(ours.largest < 400 * 400 * 3 * 3 / 2);  /* … and yet no more than half in vain */
  }
  assert_int_equal(ours.times, 0);
  dpl_slate_clear(&slate);
  dpl_image_close(photo);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(yunet_and_mfn_ask_for_nothing),
      cmocka_unit_test(the_packaged_networks_ask_for_next_to_nothing),
      cmocka_unit_test(a_slate_grows_to_the_largest_and_no_further),
  };
  return cmocka_run_group_tests(tests, start_counting, NULL);
}
