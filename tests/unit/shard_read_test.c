/* What a shard was written from can be read out of it again. */
#include "galleries.h"
#include "safetensors.h"

enum { PHOTOS = 30, DIMENSION = 129 };

static void rows_come_back(void **state) {
  (void)state;
  float *vectors = make_vectors(PHOTOS, DIMENSION, 0.83, 5), *mean = mean_of(vectors, PHOTOS, DIMENSION);
  dpl_gallery_row rows[PHOTOS] = {0};
  for (uint32_t i = 0; i < PHOTOS; i++) {
    const float f = (float)i;
    rows[i] = (dpl_gallery_row){.vector = vectors + i * DIMENSION,
                                .person = i / 2,
                                .face = {.box = {f, 2, 30, 40}, .score = 0.25f, .points = {{10, 20}, {30, 20 + f}}},
                                .quality = {f, 0.5f, -3, 4}};
  }
  uint8_t *file;
  size_t size, count;
  int dimension;
  dpl_gallery_row *read;
  dpl_error error;
  assert_ok(dpl_shard_write(rows, PHOTOS, DIMENSION, mean, 7, SHA256, &file, &size, &error), &error);
  assert_ok(dpl_shard_read((dpl_bytes){file, size}, &read, &count, &dimension, &error), &error);
  assert_int_equal(count, PHOTOS);
  assert_int_equal(dimension, DIMENSION);
  for (size_t i = 0; i < PHOTOS; i++) {
    double dot = 0, square = 0;
    for (size_t k = 0; k < DIMENSION; k++) {
      dot += (double)read[i].vector[k] * (double)rows[i].vector[k];
      square += (double)read[i].vector[k] * (double)read[i].vector[k];
    }
    assert_true(dot > 0.99999 && fabs(square - 1) < 1e-5);
    assert_int_equal(read[i].person, rows[i].person);
    assert_memory_equal(&read[i].face.box, &rows[i].face.box, sizeof read[i].face.box);
    assert_memory_equal(read[i].face.points, rows[i].face.points, sizeof read[i].face.points);
    assert_memory_equal(&read[i].quality, &rows[i].quality, sizeof read[i].quality);
    assert_true(fabsf(read[i].face.roll - atan2f((float)i, 20) * 57.29578f) < 1e-3f);
  }
  free(read), free(file), free(vectors), free(mean);
}

/* Only what older files had. */
static void fine_bits_and_qualities_may_be_missing(void **state) {
  (void)state;
  const int8_t vectors[2] = {0, 127};
  const float mean[2] = {0.6f, 0}, scale = 0.8f / 127, four[4] = {1, 2, 3, 4}, ten[10] = {0}, score = 1;
  const uint32_t person = 9;
  const dpl_tensor tensors[] = {
      {"vectors", DPL_I8, 2, {1, 2}, 2, (const uint8_t *)vectors},
      {"mean", DPL_F32, 1, {2}, 2, (const uint8_t *)mean},
      {"scale", DPL_F32, 1, {1}, 1, (const uint8_t *)&scale},
      {"box", DPL_F32, 2, {1, 4}, 4, (const uint8_t *)four},
      {"points", DPL_F32, 2, {1, 10}, 10, (const uint8_t *)ten},
      {"score", DPL_F32, 1, {1}, 1, (const uint8_t *)&score},
      {"person", DPL_U32, 1, {1}, 1, (const uint8_t *)&person},
  };
  enum { TENSORS = sizeof tensors / sizeof tensors[0] };
  uint8_t *file;
  size_t size, count;
  int dimension;
  dpl_gallery_row *read;
  dpl_error error;
  assert_ok(dpl_safetensors_write(tensors, TENSORS, "{}", &file, &size, &error), &error);
  assert_ok(dpl_shard_read((dpl_bytes){file, size}, &read, &count, &dimension, &error), &error);
  assert_true(fabsf(read->vector[0] - 0.6f) < 1e-6f && fabsf(read->vector[1] - 0.8f) < 1e-6f);
  assert_int_equal(read->person, 9);
  assert_true(read->quality.size < 1e-9f);
  free(read);

  for (size_t cut = 0; cut < size; cut += 7) {
    const dpl_bytes part = exact_copy((dpl_bytes){file, cut});
    assert_failure(DPL_DAMAGED_GALLERY, dpl_shard_read(part, &read, &count, &dimension, &error), &error);
    free((void *)(uintptr_t)part.data);
  }
  free(file);
  for (size_t missing = 0; missing < TENSORS; missing++) {
    dpl_tensor others[TENSORS];
    for (size_t i = 0, kept = 0; i < TENSORS; i++)
      if (i != missing) others[kept++] = tensors[i];
    assert_ok(dpl_safetensors_write(others, TENSORS - 1, "{}", &file, &size, &error), &error);
    assert_failure(DPL_DAMAGED_GALLERY, dpl_shard_read((dpl_bytes){file, size}, &read, &count, &dimension, &error),
                   &error);
    free(file);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_come_back),
      cmocka_unit_test(fine_bits_and_qualities_may_be_missing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
