/* Bytes into pixels, and every way in which a file can be no photo. */
#include "image.h"
#include "made_photos.h"

#include "chunks.h"

static void a_jpeg_of_every_kind_decodes(void **state) {
  (void)state;
  uint8_t *pixels = slopes(67, 41);
  const jpeg_kind kinds[] = {{0}, {.progressive = true}, {.quality = 60}};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    buffer file = make_jpeg(pixels, 67, 41, kinds[i], NULL);
    dpl_error error;
    dpl_image_info info;
    assert_ok(dpl_image_probe(bytes_of(file), &info, &error), &error);
    assert_int_equal(info.format, DPL_FORMAT_JPEG);
    assert_int_equal(info.orientation, 1);
    dpl_image *image = NULL;
    assert_ok(dpl_image_decode(bytes_of(file), NULL, &image, &error), &error);
    assert_int_equal(dpl_image_width(image), 67);
    assert_int_equal(dpl_image_height(image), 41);
    assert_true(largest_difference(dpl_image_pixels(image), pixels, 67 * 41 * 3) < 100);
    double sum = 0;
    for (size_t k = 0; k < 67 * 41 * 3; k++) sum += abs(dpl_image_pixels(image)[k] - pixels[k]);
    assert_true(sum / (67 * 41 * 3) < 6);
    dpl_image_close(image);
    free(file.data);
  }
  free(pixels);
}

static void the_thinnest_photos_decode(void **state) {
  (void)state;
  const int sizes[][2] = {{1, 1}, {1, 3000}, {3000, 1}, {7, 2000}, {2000, 9}};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    const int width = sizes[i][0], height = sizes[i][1];
    uint8_t *pixels = slopes(width, height);
    buffer files[] = {make_jpeg(pixels, width, height, (jpeg_kind){0}, NULL),
                      make_jpeg(pixels, width, height, (jpeg_kind){.progressive = true}, NULL),
                      make_png(pixels, width, height, 3, NULL)};
    for (int k = 0; k < 3; k++) {
      dpl_error error;
      dpl_image *image = NULL;
      assert_ok(dpl_image_decode(bytes_of(files[k]), NULL, &image, &error), &error);
      assert_int_equal(dpl_image_width(image), width);
      assert_int_equal(dpl_image_height(image), height);
      dpl_image_close(image);
      free(files[k].data);
    }
    free(pixels);
  }
}

static void a_grey_jpeg_has_three_equal_channels(void **state) {
  (void)state;
  uint8_t grey[32 * 16];
  for (size_t i = 0; i < sizeof grey; i++) grey[i] = (uint8_t)(i / 2);
  buffer file = make_jpeg(grey, 32, 16, (jpeg_kind){.grey = true}, NULL);
  dpl_error error;
  dpl_image *image = NULL;
  assert_ok(dpl_image_decode(bytes_of(file), NULL, &image, &error), &error);
  for (size_t i = 0; i < sizeof grey; i++) {
    const uint8_t *p = dpl_image_pixels(image) + i * 3;
    assert_true(p[0] == p[1] && p[1] == p[2] && abs(p[0] - grey[i]) < 8);
  }
  dpl_image_close(image);
  free(file.data);
}

static void a_cmyk_jpeg_shows_its_colours(void **state) {
  (void)state;
  uint8_t ink[16 * 16 * 4];
  for (size_t i = 0; i < sizeof ink; i += 4) memcpy(ink + i, (uint8_t[]){0, 255, 255, 255}, 4); /* as Adobe: inverted */
  buffer file = make_jpeg(ink, 16, 16, (jpeg_kind){.cmyk = true}, NULL);
  dpl_error error;
  dpl_image *image = NULL;
  assert_ok(dpl_image_decode(bytes_of(file), NULL, &image, &error), &error);
  const uint8_t *p = dpl_image_pixels(image);
  assert_true(p[0] < 10 && p[1] > 245 && p[2] > 245);
  dpl_image_close(image);

  /* Without Adobe's marker nobody knows what the four numbers mean. */
  size_t at = 0;
  dpl_chunk segment;
  while (dpl_jpeg_next(bytes_of(file), &at, &segment) && segment.kind != DPL_JPEG_APP14) {
  }
  assert_int_equal(segment.kind, DPL_JPEG_APP14);
  file.data[segment.body.data - file.data] = 'X';
  assert_failure(DPL_UNSUPPORTED_FORMAT, dpl_image_decode(bytes_of(file), NULL, &image, &error), &error);
  assert_non_null(strstr(error.message, "CMYK"));
  free(file.data);
}

static void jpegs_beyond_the_decoder_are_named(void **state) {
  (void)state;
  uint8_t *pixels = slopes(32, 16);
  buffer file = make_jpeg(pixels, 32, 16, (jpeg_kind){0}, NULL);
  size_t frame = 0;
  while (!(file.data[frame] == 0xFF && file.data[frame + 1] == 0xC0)) frame++;
  const struct {
    uint8_t marker, precision;
    const char *word;
  } kinds[] = {{0xC9, 8, "Arithmetic"},   {0xCA, 8, "Arithmetic"}, {0xC3, 8, "Lossless"},
               {0xC5, 8, "Hierarchical"}, {0xC0, 12, "12-bit"},    {0xC1, 12, "12-bit"}};
  dpl_error error;
  dpl_image *image = NULL;
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    file.data[frame + 1] = kinds[i].marker;
    file.data[frame + 4] = kinds[i].precision;
    assert_failure(DPL_UNSUPPORTED_FORMAT, dpl_image_decode(bytes_of(file), NULL, &image, &error), &error);
    assert_non_null(strstr(error.message, kinds[i].word));
    assert_non_null(strstr(error.message, "baseline"));
  }
  file.data[frame + 1] = 0xC0;
  file.data[frame + 4] = 8;
  file.data[frame + 5] = file.data[frame + 6] = 0; /* height: comes at the end */
  assert_failure(DPL_UNSUPPORTED_FORMAT, dpl_image_decode(bytes_of(file), NULL, &image, &error), &error);
  file.data[frame + 6] = 16;
  file.data[frame + 7] = file.data[frame + 8] = 0; /* width */
  assert_failure(DPL_DAMAGED_IMAGE, dpl_image_decode(bytes_of(file), NULL, &image, &error), &error);
  assert_null(image);
  free(pixels), free(file.data);
}

static void other_formats_are_named_whatever_the_file_is_called(void **state) {
  (void)state;
  const struct {
    const char *bytes;
    size_t size;
    const char *word;
  } files[] = {{"\0\0\0\x18"
                "ftypheic\0\0\0\0mif1heic",
                24, "HEIC"},
               {"\0\0\0\x1C"
                "ftypmif1\0\0\0\0mif1miafavif",
                28, "AVIF"},
               {"\0\0\0\x1C"
                "ftypavif\0\0\0\0avifmif1miaf",
                28, "AVIF"},
               {"\0\0\0\x18"
                "ftypmp42\0\0\0\0isommp42",
                24, "video"},
               {"II*\0............", 16, "TIFF"},
               {"\0\0\0\x0CJXL \r\n\x87\n....", 16, "JPEG XL"},
               {"%PDF-1.4........", 16, "PDF"},
               {"<!DOCTYPE html>.", 16, "web page"}};
  dpl_error error;
  dpl_image_info info;
  dpl_image *image = NULL;
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    const dpl_bytes file = exact_copy((dpl_bytes){(const uint8_t *)files[i].bytes, files[i].size});
    assert_failure(DPL_UNSUPPORTED_FORMAT, dpl_image_probe(file, &info, &error), &error);
    assert_non_null(strstr(error.message, files[i].word));
    assert_failure(DPL_UNSUPPORTED_FORMAT, dpl_image_decode(file, NULL, &image, &error), &error);
    for (size_t size = 1; size < file.size; size++) { /* shorter heads must not be read beyond */
      const dpl_bytes head = exact_copy((dpl_bytes){file.data, size});
      assert_failure(DPL_UNSUPPORTED_FORMAT, dpl_image_probe(head, &info, &error), &error);
      free((void *)(uintptr_t)head.data);
    }
    free((void *)(uintptr_t)file.data);
  }
  assert_failure(DPL_DAMAGED_IMAGE, dpl_image_decode((dpl_bytes){NULL, 0}, NULL, &image, &error), &error);
  assert_non_null(strstr(error.message, "empty"));
  assert_failure(DPL_UNSUPPORTED_FORMAT, dpl_image_decode(text_bytes("hello"), NULL, &image, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_image_decode(text_bytes("hello"), NULL, NULL, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_image_probe(text_bytes("hello"), NULL, &error), &error);
  assert_int_equal(dpl_image_decode(text_bytes("hello"), NULL, &image, NULL), DPL_UNSUPPORTED_FORMAT);
  assert_null(image);
}

static void limits_are_checked_before_pixels(void **state) {
  (void)state;
  uint8_t *pixels = slopes(40, 30);
  buffer jpeg = make_jpeg(pixels, 40, 30, (jpeg_kind){0}, NULL), png = make_png(pixels, 40, 30, 3, NULL);
  const buffer files[] = {jpeg, png};
  dpl_error error;
  dpl_image *image = NULL;
  for (int i = 0; i < 2; i++) {
    const dpl_decode_options narrow = {.max_side = 39}, few = {.max_pixels = 1199}, enough = {40, 1200};
    assert_failure(DPL_IMAGE_TOO_LARGE, dpl_image_decode(bytes_of(files[i]), &narrow, &image, &error), &error);
    assert_non_null(strstr(error.message, "40×30"));
    assert_non_null(strstr(error.message, "39"));
    assert_failure(DPL_IMAGE_TOO_LARGE, dpl_image_decode(bytes_of(files[i]), &few, &image, &error), &error);
    assert_null(image);
    assert_ok(dpl_image_decode(bytes_of(files[i]), &enough, &image, &error), &error);
    dpl_image_close(image);
    image = NULL;
  }
  /* A PNG of a few bytes that says it is huge. */
  memcpy(png.data + 16, "\x00\x01\x00\x00\x00\x01\x00\x00", 8);
  assert_failure(DPL_IMAGE_TOO_LARGE, dpl_image_decode(bytes_of(png), NULL, &image, &error), &error);
  memcpy(png.data + 16, "\xFF\xFF\xFF\xFF\x00\x00\x00\x01", 8);
  assert_failure(DPL_DAMAGED_IMAGE, dpl_image_decode(bytes_of(png), NULL, &image, &error), &error);
  const dpl_decode_options boundless = {INT32_MAX, INT64_MAX};
  memcpy(png.data + 16, "\x00\x01\x00\x00\x00\x00\x00\x01", 8); /* 65,536: above what an image may have */
  assert_failure(DPL_IMAGE_TOO_LARGE, dpl_image_decode(bytes_of(png), &boundless, &image, &error), &error);
  free(pixels), free(jpeg.data), free(png.data);
}

static void transparency_is_laid_on_white(void **state) {
  (void)state;
  const uint8_t rgba[5 * 4] = {200, 100, 0, 255, 200, 100, 0, 0, 200, 100, 0, 128, 0, 0, 0, 254, 255, 255, 255, 7};
  uint8_t expected[5 * 3];
  for (int i = 0; i < 5; i++)
    for (int c = 0; c < 3; c++) {
      const double alpha = rgba[i * 4 + 3] / 255.0;
      expected[i * 3 + c] = (uint8_t)lrint(rgba[i * 4 + c] * alpha + 255 * (1 - alpha));
    }
  dpl_error error;
  dpl_image *image = NULL;
  buffer png = make_png(rgba, 5, 1, 4, NULL);
  assert_ok(dpl_image_decode(bytes_of(png), NULL, &image, &error), &error);
  assert_memory_equal(dpl_image_pixels(image), expected, sizeof expected);
  dpl_image_close(image);
  assert_ok(dpl_image_from_rgba(rgba, 5, 1, &image, &error), &error);
  assert_memory_equal(dpl_image_pixels(image), expected, sizeof expected);
  dpl_image_close(image);
  free(png.data);

  const uint8_t grey[3 * 2] = {50, 255, 50, 0, 50, 128};
  png = make_png(grey, 3, 1, 2, NULL);
  assert_ok(dpl_image_decode(bytes_of(png), NULL, &image, &error), &error);
  const uint8_t grey_expected[9] = {50, 50, 50, 255, 255, 255, 152, 152, 152};
  assert_memory_equal(dpl_image_pixels(image), grey_expected, sizeof grey_expected);
  dpl_image_close(image);
  free(png.data);
}

static void every_alpha_rounds_as_real_numbers_do(void **state) {
  (void)state;
  uint8_t *rgba = malloc(65536 * 4);
  assert_non_null(rgba);
  for (int i = 0; i < 65536; i++) memcpy(rgba + i * 4, (uint8_t[]){(uint8_t)(i & 255), 0, 255, (uint8_t)(i >> 8)}, 4);
  dpl_error error;
  dpl_image *image = NULL;
  assert_ok(dpl_image_from_rgba(rgba, 256, 256, &image, &error), &error);
  for (int i = 0; i < 65536; i++) {
    const int colour = i & 255, alpha = i >> 8;
    assert_int_equal(dpl_image_pixels(image)[i * 3], (2 * (colour * alpha + 255 * (255 - alpha)) + 255) / 510);
    assert_int_equal(dpl_image_pixels(image)[i * 3 + 2], 255);
  }
  dpl_image_close(image);
  free(rgba);
}

/* Opaque pixels go four at a time, others alone; in a second buffer or where they lie. */
static void every_mixture_of_opaque_pixels_is_laid_on_white(void **state) {
  (void)state;
  uint64_t seed = 3;
  for (int width = 1; width < 70; width++) {
    uint8_t *rgba = malloc((size_t)width * 4), *expected = malloc((size_t)width * 3);
    for (int i = 0; i < width; i++) {
      const uint64_t bits = random_bits(&seed);
      const unsigned alpha = bits % 8 ? 255 : (bits >> 8) & 255;
      for (int c = 0; c < 3; c++) {
        const unsigned colour = (bits >> (16 + 8 * c)) & 255;
        rgba[i * 4 + c] = (uint8_t)colour;
        expected[i * 3 + c] = (uint8_t)((2 * (colour * alpha + 255 * (255 - alpha)) + 255) / 510);
      }
      rgba[i * 4 + 3] = (uint8_t)alpha;
    }
    dpl_image *copied, *taken;
    assert_ok(dpl_image_from_rgba(rgba, width, 1, &copied, NULL), NULL);
    assert_ok(dpl_image_take_rgba(rgba, width, 1, &taken, NULL), NULL);
    assert_memory_equal(dpl_image_pixels(copied), expected, (size_t)width * 3);
    assert_memory_equal(dpl_image_pixels(taken), expected, (size_t)width * 3);
    dpl_image_close(copied), dpl_image_close(taken);
    free(expected);
  }
}

static void pixels_of_others_are_copied(void **state) {
  (void)state;
  uint8_t *pixels = slopes(7, 5);
  dpl_error error;
  dpl_image *image = NULL;
  assert_ok(dpl_image_from_rgb(pixels, 7, 5, &image, &error), &error);
  assert_memory_equal(dpl_image_pixels(image), pixels, 7 * 5 * 3);
  assert_ptr_not_equal(dpl_image_pixels(image), pixels);
  dpl_image_close(image);
  image = NULL;
  assert_failure(DPL_INVALID_ARGUMENT, dpl_image_from_rgb(NULL, 7, 5, &image, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_image_from_rgb(pixels, 0, 5, &image, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_image_from_rgba(pixels, 7, -5, &image, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_image_from_rgba(pixels, 65536, 1, &image, &error), &error);
  assert_null(image);
  dpl_image_close(NULL);
  free(pixels);
}

static void a_file_cut_anywhere_gives_a_photo_or_a_sentence(void **state) {
  (void)state;
  uint8_t *pixels = slopes(37, 29);
  buffer app1 = make_app1(6, true), tiff = make_tiff(6, true);
  const buffer files[] = {make_jpeg(pixels, 37, 29, (jpeg_kind){0}, &app1),
                          make_jpeg(pixels, 37, 29, (jpeg_kind){.progressive = true}, &app1),
                          make_png(pixels, 37, 29, 3, &tiff)};
  for (size_t i = 0; i < 3; i++)
    for (size_t size = 0; size < files[i].size; size += size < 700 ? 1 : 13) {
      const dpl_bytes cut = exact_copy((dpl_bytes){files[i].data, size});
      dpl_error error;
      dpl_image *image = NULL;
      dpl_image_info info;
      const dpl_status probed = dpl_image_probe(cut, &info, &error);
      if (probed) assert_failure(size < 8 ? probed : DPL_DAMAGED_IMAGE, probed, &error);
      const dpl_status status = dpl_image_decode(cut, NULL, &image, &error);
      if (status) assert_failure(size < 8 ? status : DPL_DAMAGED_IMAGE, status, &error);
      if (probed) assert_int_equal(status, probed);
      assert_true((status == DPL_OK) == (image != NULL));
      dpl_image_close(image);
      free((void *)(uintptr_t)cut.data);
    }
  for (size_t i = 0; i < 3; i++) free(files[i].data);
  free(pixels), free(app1.data), free(tiff.data);
}

static void a_changed_byte_never_crashes(void **state) {
  (void)state;
  uint8_t *pixels = slopes(24, 18);
  const buffer files[] = {make_jpeg(pixels, 24, 18, (jpeg_kind){0}, NULL),
                          make_jpeg(pixels, 24, 18, (jpeg_kind){.progressive = true}, NULL),
                          make_png(pixels, 24, 18, 3, NULL)};
  const dpl_decode_options small = {.max_pixels = 1000000};
  for (size_t i = 0; i < 3; i++) {
    uint64_t seed = 7;
    for (int round = 0; round < 2000; round++) {
      const size_t at = random_bits(&seed) % files[i].size;
      const uint8_t kept = files[i].data[at];
      files[i].data[at] = (uint8_t)random_bits(&seed);
      dpl_error error;
      dpl_image *image = NULL;
      const dpl_status status = dpl_image_decode(bytes_of(files[i]), &small, &image, &error);
      if (status) assert_failure(status, status, &error);
      dpl_image_close(image);
      files[i].data[at] = kept;
    }
    free(files[i].data);
  }
  free(pixels);
}

static void endless_scans_are_refused(void **state) {
  (void)state;
  uint8_t *pixels = slopes(16, 16);
  buffer file = make_jpeg(pixels, 16, 16, (jpeg_kind){.progressive = true}, NULL), many = {0};
  size_t at = 0;
  dpl_chunk segment;
  while (dpl_jpeg_next(bytes_of(file), &at, &segment) && segment.kind != DPL_JPEG_SCAN) {
  }
  const size_t scan = (size_t)(segment.body.data - file.data) - 4;
  append(&many, file.data, scan);
  for (int i = 0; i < 101; i++) append(&many, file.data + scan, segment.body.size + 4);
  append(&many, file.data + scan, file.size - scan);
  dpl_error error;
  dpl_image *image = NULL;
  assert_failure(DPL_DAMAGED_IMAGE, dpl_image_decode(bytes_of(many), NULL, &image, &error), &error);
  assert_non_null(strstr(error.message, "scans"));
  free(pixels), free(file.data), free(many.data);
}

/* 64 MiB of zeros in 64 KiB, in a PNG of one pixel: what it unpacks into must not be held. The stream is a stored block
   of the pixel, then, in fixed codes, one zero and as many copies of the longest match (258 bytes, distance 1). */
static void a_png_that_unpacks_into_a_bomb_is_refused(void **state) {
  (void)state;
  buffer packed = {0};
  append(&packed, "\x78\x01", 2);
  uint64_t bits = 0;
  int held = 0;
#define PUT(value, count)                                                                                              \
  do {                                                                                                                 \
    bits |= (uint64_t)(value) << held;                                                                                 \
    for (held += (count); held >= 8; held -= 8, bits >>= 8) append(&packed, &(uint8_t){(uint8_t)bits}, 1);             \
  } while (0)
  PUT(1, 1);    /* the last block */
  PUT(1, 2);    /* fixed codes */
  PUT(0x0C, 8); /* literal 0: code 00110000, first bit first */
  for (int i = 0; i < 64 * 1024 * 1024 / 258; i++) {
    PUT(0xA3, 8); /* length 258: code 11000101, reversed */
    PUT(0, 5);    /* distance 1 */
  }
  PUT(0, 7); /* end */
  PUT(0, 7);
#undef PUT
  const uint8_t pixel[3] = {1, 2, 3};
  buffer png = make_png(pixel, 1, 1, 3, NULL), bomb = {0};
  append(&bomb, png.data, 33); /* signature and IHDR */
  append_chunk(&bomb, "IDAT", bytes_of(packed));
  append_chunk(&bomb, "IEND", (dpl_bytes){NULL, 0});
  dpl_error error;
  dpl_image *image = NULL;
  const dpl_status status = dpl_image_decode(bytes_of(bomb), NULL, &image, &error);
  assert_failure(DPL_DAMAGED_IMAGE, status, &error);
  assert_non_null(strstr(error.message, "unpacks"));
  free(packed.data), free(png.data), free(bomb.data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_jpeg_of_every_kind_decodes),
      cmocka_unit_test(the_thinnest_photos_decode),
      cmocka_unit_test(a_grey_jpeg_has_three_equal_channels),
      cmocka_unit_test(a_cmyk_jpeg_shows_its_colours),
      cmocka_unit_test(jpegs_beyond_the_decoder_are_named),
      cmocka_unit_test(other_formats_are_named_whatever_the_file_is_called),
      cmocka_unit_test(limits_are_checked_before_pixels),
      cmocka_unit_test(transparency_is_laid_on_white),
      cmocka_unit_test(every_alpha_rounds_as_real_numbers_do),
      cmocka_unit_test(every_mixture_of_opaque_pixels_is_laid_on_white),
      cmocka_unit_test(pixels_of_others_are_copied),
      cmocka_unit_test(a_file_cut_anywhere_gives_a_photo_or_a_sentence),
      cmocka_unit_test(a_changed_byte_never_crashes),
      cmocka_unit_test(endless_scans_are_refused),
      cmocka_unit_test(a_png_that_unpacks_into_a_bomb_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
