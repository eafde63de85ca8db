/* A written shard holds the vectors to twelve bits, and everything else as it was. */
#include "galleries.h"
#include "safetensors.h"

static float number(const dpl_tensor *tensor, size_t index) {
  float value;
  memcpy(&value, tensor->data + index * sizeof value, sizeof value);
  return value;
}

/* Row i as whoever reads the format has to understand it. */
static double component(const dpl_safetensors *file, size_t row, size_t k, size_t dimension) {
  const dpl_tensor *fine = dpl_safetensors_find(file, "fine");
  const int8_t upper = (int8_t)dpl_safetensors_find(file, "vectors")->data[row * dimension + k];
  const uint8_t pair = fine->data[row * ((dimension + 1) / 2) + k / 2];
  const int lower = (k % 2 ? pair >> 4 : pair & 15) - 8;
  return (double)number(dpl_safetensors_find(file, "mean"), k) +
         (double)number(dpl_safetensors_find(file, "scale"), row) * (upper + lower / 16.0);
}

static void vectors_are_kept_to_twelve_bits(void **state) {
  (void)state;
  const size_t dimensions[] = {1, 2, 15, 128, 512, 2048};
  for (size_t d = 0; d < sizeof dimensions / sizeof dimensions[0]; d++)
    for (int cone = 0; cone <= 1; cone++) {
      enum { PHOTOS = 40 };
      const size_t dimension = dimensions[d];
      float *vectors = make_vectors(PHOTOS, dimension, cone ? 0.83 : 0, d + 1),
            *mean = mean_of(vectors, PHOTOS, dimension);
      uint32_t person[PHOTOS];
      for (uint32_t i = 0; i < PHOTOS; i++) person[i] = i / 2;
      buffer shard = make_shard(vectors, person, PHOTOS, dimension, mean, 70, SHA256);
      dpl_safetensors *file;
      dpl_error error;
      assert_ok(dpl_safetensors_open(bytes_of(shard), DPL_DAMAGED_GALLERY, &file, &error), &error);
      assert_non_null(strstr(dpl_safetensors_metadata(file, "doppel"), SHA256));
      assert_non_null(strstr(dpl_safetensors_metadata(file, "doppel"), "\"first_photo\":70"));
      assert_memory_equal(dpl_safetensors_find(file, "person")->data, person, sizeof person);
      for (size_t i = 0; i < PHOTOS; i++) {
        const double step = (double)number(dpl_safetensors_find(file, "scale"), i) / 16;
        double along = 0, length = 0;
        size_t far = 0;
        for (size_t k = 0; k < dimension; k++) {
          const double off = component(file, i, k, dimension) - (double)vectors[i * dimension + k];
          assert_true(fabs(off) <= step * 1.51 + 1e-6);
          far += fabs(off) > step * 0.51 + 1e-6; /* rounded the other way, to balance */
          along += off * (double)mean[k];
          length += (double)mean[k] * (double)mean[k];
        }
        assert_true(far <= 16);
        if (dimension >= 128) assert_true(fabs(along) / sqrt(length) < step / 20);
      }
      dpl_safetensors_close(file);
      free(vectors), free(mean), free(shard.data);
    }
}

static void boxes_points_scores_and_qualities_are_kept(void **state) {
  (void)state;
  const float vector[2] = {0.6f, 0.8f}, mean[2] = {0.6f, 0.8f}; /* on the mean: a scale of 0 */
  const dpl_gallery_row row = {
      vector, 3, {{1, 2, 3, 4}, 0.5f, 12, {{5, 6}, {7, 8}, {9, 10}, {11, 12}, {13, 14}}}, {15, 16, 17, 18}};
  uint8_t *data;
  size_t size;
  dpl_error error;
  assert_ok(dpl_shard_write(&row, 1, 2, mean, 0, SHA256, &data, &size, &error), &error);
  dpl_safetensors *file;
  assert_ok(dpl_safetensors_open((dpl_bytes){data, size}, DPL_DAMAGED_GALLERY, &file, &error), &error);
  for (size_t i = 0; i < 4; i++)
    assert_true(fabsf(number(dpl_safetensors_find(file, "box"), i) - (float)(i + 1)) < 1e-6f);
  for (size_t i = 0; i < 10; i++)
    assert_true(fabsf(number(dpl_safetensors_find(file, "points"), i) - (float)(i + 5)) < 1e-6f);
  for (size_t i = 0; i < 4; i++)
    assert_true(fabsf(number(dpl_safetensors_find(file, "quality"), i) - (float)(i + 15)) < 1e-6f);
  assert_true(fabsf(number(dpl_safetensors_find(file, "score"), 0) - 0.5f) < 1e-6f);
  assert_true(fabsf(number(dpl_safetensors_find(file, "scale"), 0)) < 1e-9f);
  for (size_t k = 0; k < 2; k++) assert_true(fabs(component(file, 0, k, 2) - (double)vector[k]) < 1e-6);
  dpl_safetensors_close(file);
  free(data);
}

/* The shard with its qualities left out, or with `rows` of them instead of as many as it should have. */
static buffer with_qualities(buffer shard, size_t rows) {
  dpl_safetensors *file;
  dpl_error error;
  assert_ok(dpl_safetensors_open(bytes_of(shard), DPL_DAMAGED_GALLERY, &file, &error), &error);
  static const float numbers[64];
  dpl_tensor tensors[16];
  size_t count = 0;
  for (size_t i = 0; i < dpl_safetensors_count(file); i++) {
    const dpl_tensor *tensor = dpl_safetensors_at(file, i);
    if (strcmp(tensor->name, "quality") != 0) tensors[count++] = *tensor;
  }
  if (rows) tensors[count++] = (dpl_tensor){"quality", DPL_F32, 2, {rows, 4}, rows * 4, (const uint8_t *)numbers};
  buffer other = {0};
  assert_ok(
      dpl_safetensors_write(tensors, count, dpl_safetensors_metadata(file, "doppel"), &other.data, &other.size, &error),
      &error);
  dpl_safetensors_close(file);
  return other;
}

static void shards_without_qualities_are_read_and_with_too_few_are_not(void **state) {
  (void)state;
  enum { PHOTOS = 4 };
  float *vectors = make_vectors(PHOTOS, 8, 0, 1), *mean = mean_of(vectors, PHOTOS, 8);
  const uint32_t person[PHOTOS] = {0, 1, 1, 0};
  buffer shard = make_shard(vectors, person, PHOTOS, 8, mean, 0, SHA256);
  char *manifest = make_manifest(2, (size_t[]){PHOTOS}, 1, 8, NULL);
  for (size_t rows = 0; rows <= PHOTOS; rows++) {
    buffer other = with_qualities(shard, rows);
    dpl_gallery *gallery = open_manifest(manifest);
    dpl_error error;
    const dpl_status status = dpl_gallery_add(gallery, bytes_of(other), &error);
    if (rows == 0 || rows == PHOTOS)
      assert_ok(status, &error);
    else
      assert_failure(DPL_DAMAGED_GALLERY, status, &error);
    dpl_gallery_close(gallery);
    free(other.data);
  }
  free(vectors), free(mean), free(shard.data), free(manifest);
}

static void what_is_no_gallery_row_is_refused(void **state) {
  (void)state;
  float vector[2] = {0.6f, 0.8f};
  const float mean[2] = {0, 0};
  const dpl_gallery_row row = {.vector = vector, .person = 3, .face = {.score = 1}};
  uint8_t *data = NULL;
  size_t size = 0;
  dpl_error error;
  assert_failure(DPL_INVALID_ARGUMENT, dpl_shard_write(&row, 0, 2, mean, 0, SHA256, &data, &size, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_shard_write(&row, 1, 0, mean, 0, SHA256, &data, &size, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_shard_write(&row, 1, 2049, mean, 0, SHA256, &data, &size, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_shard_write(&row, 1, 2, mean, 0, "\"}", &data, &size, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_shard_write(&row, 1, 2, NULL, 0, SHA256, &data, &size, &error), &error);
  const float bad[] = {NAN, INFINITY, -INFINITY, 1000};
  for (size_t i = 0; i < 4; i++) {
    vector[1] = bad[i];
    assert_failure(DPL_INVALID_ARGUMENT, dpl_shard_write(&row, 1, 2, mean, 0, SHA256, &data, &size, &error), &error);
  }
  assert_null(data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(vectors_are_kept_to_twelve_bits),
      cmocka_unit_test(boxes_points_scores_and_qualities_are_kept),
      cmocka_unit_test(shards_without_qualities_are_read_and_with_too_few_are_not),
      cmocka_unit_test(what_is_no_gallery_row_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
