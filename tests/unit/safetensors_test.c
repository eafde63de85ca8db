/* The container reads back what it wrote and refuses, with a sentence, every header that lies. */
#include "safetensors.h"
#include "support.h"

/* A file of this header and `data_size` bytes 0, 1, 2 … */
static buffer container(const char *header, size_t data_size) {
  buffer b = {0};
  const uint64_t length = strlen(header);
  for (int i = 0; i < 8; i++) append(&b, &(uint8_t){(uint8_t)(length >> (8 * i))}, 1);
  append(&b, header, length);
  for (size_t i = 0; i < data_size; i++) append(&b, &(uint8_t){(uint8_t)i}, 1);
  return b;
}

static dpl_status open_exact(buffer file, dpl_safetensors **handle, dpl_error *error, dpl_bytes *kept) {
  *kept = exact_copy(bytes_of(file));
  return dpl_safetensors_open(*kept, DPL_DAMAGED_NETWORK, handle, error);
}

static void what_was_written_is_read_back(void **state) {
  (void)state;
  const float numbers[6] = {1, -2, 3.5f, 0, 1e-9f, -1e9f};
  const int8_t small[3] = {-128, 0, 127};
  const dpl_tensor tensors[] = {
      {"odd", DPL_I8, 1, {3}, 3, (const uint8_t *)small},
      {"a \"quoted\" name/ü", DPL_F32, 2, {2, 3}, 6, (const uint8_t *)numbers},
      {"scalar", DPL_F32, 0, {0}, 1, (const uint8_t *)numbers},
      {"nothing", DPL_U8, 2, {0, 7}, 0, NULL},
  };
  uint8_t *file, *again;
  size_t size, size_again;
  dpl_error error;
  assert_ok(dpl_safetensors_write(tensors, 4, "{\"kind\": \"test\"}", &file, &size, &error), &error);
  assert_ok(dpl_safetensors_write(tensors, 4, "{\"kind\": \"test\"}", &again, &size_again, &error), &error);
  assert_int_equal(size, size_again);
  assert_memory_equal(file, again, size);

  dpl_safetensors *handle;
  assert_ok(dpl_safetensors_open((dpl_bytes){file, size}, DPL_DAMAGED_NETWORK, &handle, &error), &error);
  assert_string_equal(dpl_safetensors_metadata(handle, "doppel"), "{\"kind\": \"test\"}");
  assert_null(dpl_safetensors_metadata(handle, "other"));
  assert_int_equal(dpl_safetensors_count(handle), 4);
  assert_int_equal((dpl_safetensors_at(handle, 0)->data - file) % 64, 0);
  for (size_t i = 0; i < 4; i++) {
    const dpl_tensor *read = dpl_safetensors_at(handle, i);
    assert_string_equal(read->name, tensors[i].name);
    assert_ptr_equal(read, dpl_safetensors_find(handle, tensors[i].name));
    assert_int_equal(read->dtype, tensors[i].dtype);
    assert_int_equal(read->rank, tensors[i].rank);
    assert_int_equal(read->count, tensors[i].count);
    for (size_t k = 0; k < read->rank; k++) assert_int_equal(read->shape[k], tensors[i].shape[k]);
    if (read->count) assert_memory_equal(read->data, tensors[i].data, read->count * dpl_dtype_size(read->dtype));
  }
  assert_null(dpl_safetensors_at(handle, 4));
  assert_null(dpl_safetensors_find(handle, "none"));
  dpl_safetensors_close(handle);
  dpl_safetensors_close(NULL);
  free(file), free(again);
}

static void tensors_may_come_in_any_order(void **state) {
  (void)state;
  buffer file = container("{\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[3,5]},"
                          "\"a\":{\"dtype\":\"U8\",\"shape\":[3,1],\"data_offsets\":[0,3]}}   ",
                          5);
  dpl_safetensors *handle;
  dpl_error error;
  dpl_bytes kept;
  assert_ok(open_exact(file, &handle, &error, &kept), &error);
  assert_null(dpl_safetensors_metadata(handle, "doppel"));
  assert_int_equal(dpl_safetensors_find(handle, "b")->data[0], 3);
  assert_string_equal(dpl_safetensors_at(handle, 0)->name, "b");
  dpl_safetensors_close(handle);
  free(file.data), free((void *)(uintptr_t)kept.data);
}

static void an_empty_container_is_sound(void **state) {
  (void)state;
  buffer file = container("{}", 0);
  dpl_safetensors *handle;
  dpl_error error;
  assert_ok(dpl_safetensors_open(bytes_of(file), DPL_DAMAGED_NETWORK, &handle, &error), &error);
  assert_int_equal(dpl_safetensors_count(handle), 0);
  assert_null(dpl_safetensors_find(handle, ""));
  dpl_safetensors_close(handle);
  free(file.data);
}

static void headers_that_lie_are_refused(void **state) {
  (void)state;
#define ONE(dtype, shape, offsets) "{\"t\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}}"
  const char *headers[] = {
      "",
      "[]",
      "3",
      "{",
      "{}{}",
      "{\"t\":3}",
      "{\"t\":{}}",
      ONE("\"F64\"", "[1]", "[0,8]"),
      ONE("\"f32\"", "[2]", "[0,8]"),
      ONE("3", "[2]", "[0,8]"),
      ONE("\"F32\"", "[3]", "[0,8]"),
      ONE("\"F32\"", "2", "[0,8]"),
      ONE("\"F32\"", "[2.5]", "[0,8]"),
      ONE("\"F32\"", "[-2]", "[0,8]"),
      ONE("\"F32\"", "[\"2\"]", "[0,8]"),
      ONE("\"F32\"", "[1e300]", "[0,8]"),
      ONE("\"F32\"", "[1,1,1,1,1,1,2]", "[0,8]"),
      ONE("\"F32\"", "[4294967296,4294967296]", "[0,0]"),
      ONE("\"F32\"", "[4294967296,1073741825]", "[0,8]"),
      ONE("\"F32\"", "[9007199254740992,9007199254740992,0]", "[0,0]"),
      ONE("\"I64\"", "[2305843009213693952]", "[0,0]"),
      ONE("\"F32\"", "[2]", "[8,0]"),
      ONE("\"F32\"", "[2]", "[0,9]"),
      ONE("\"F32\"", "[2]", "[4,12]"),
      ONE("\"F32\"", "[2]", "[-8,0]"),
      ONE("\"F32\"", "[2]", "[0]"),
      ONE("\"F32\"", "[2]", "[0,8,8]"),
      ONE("\"F32\"", "[2]", "[]"),
      ONE("\"F32\"", "[2]", "{\"a\":0,\"b\":8}"),
      ONE("\"F32\"", "[2]", "[0,1e999]"),
      ONE("\"F32\"", "[2]", "[18446744073709551608,18446744073709551616]"),
      ONE("\"F32\"", "[1]", "[0,4]"), /* four bytes belong to nothing */
      ONE("\"F32\"", "[1]", "[4,8]"), /* a hole in front */
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[0,5]},"
      "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}", /* overlap */
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
      "\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}", /* twice */
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
      "\"a\\u0000b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}", /* the same after the zero */
      "{\"__metadata__\":3,\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}}",
      "{\"__metadata__\":{},\"__metadata__\":{},\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}}",
      "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
  };
#undef ONE
  for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
    buffer file = container(headers[i], 8);
    dpl_safetensors *handle = NULL;
    dpl_error error;
    dpl_bytes kept;
    const dpl_status status = open_exact(file, &handle, &error, &kept);
    if (!status) print_message("accepted: %s\n", headers[i]);
    assert_failure(DPL_DAMAGED_NETWORK, status, &error);
    assert_null(handle);
    free(file.data), free((void *)(uintptr_t)kept.data);
  }
}

static void lengths_that_lie_are_refused(void **state) {
  (void)state;
  buffer file = container("{}", 0);
  dpl_safetensors *handle = NULL;
  dpl_error error;
  const uint64_t lengths[] = {3, 11, 1u << 31, UINT64_C(1) << 63, UINT64_MAX, UINT64_MAX - 7};
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    for (int k = 0; k < 8; k++) file.data[k] = (uint8_t)(lengths[i] >> (8 * k));
    assert_failure(DPL_DAMAGED_GALLERY, dpl_safetensors_open(bytes_of(file), DPL_DAMAGED_GALLERY, &handle, &error),
                   &error);
  }
  for (size_t size = 0; size < 8; size++)
    assert_failure(DPL_DAMAGED_NETWORK,
                   dpl_safetensors_open((dpl_bytes){file.data, size}, DPL_DAMAGED_NETWORK, &handle, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_safetensors_open(bytes_of(file), DPL_DAMAGED_NETWORK, NULL, &error), &error);
  assert_null(handle);
  free(file.data);
}

static void a_file_cut_anywhere_is_refused(void **state) {
  (void)state;
  const uint8_t numbers[40] = {0};
  const dpl_tensor tensors[] = {{"a", DPL_U8, 1, {13}, 13, numbers}, {"b", DPL_F16, 2, {3, 4}, 12, numbers}};
  uint8_t *file;
  size_t size;
  assert_ok(dpl_safetensors_write(tensors, 2, "{}", &file, &size, NULL), NULL);
  for (size_t cut = 0; cut < size; cut++) {
    const dpl_bytes part = exact_copy((dpl_bytes){file, cut});
    dpl_safetensors *handle = NULL;
    dpl_error error;
    assert_failure(DPL_DAMAGED_NETWORK, dpl_safetensors_open(part, DPL_DAMAGED_NETWORK, &handle, &error), &error);
    free((void *)(uintptr_t)part.data);
  }
  free(file);
}

static void writing_refuses_what_it_could_not_read(void **state) {
  (void)state;
  uint8_t *file = NULL;
  size_t size;
  dpl_error error;
  const dpl_tensor nameless = {NULL, DPL_U8, 1, {1}, 1, (const uint8_t *)"x"}, empty = {"t", DPL_U8, 1, {1}, 1, NULL};
  assert_failure(DPL_INVALID_ARGUMENT, dpl_safetensors_write(&nameless, 1, NULL, &file, &size, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_safetensors_write(&empty, 1, NULL, &file, &size, &error), &error);
  assert_failure(DPL_INVALID_ARGUMENT, dpl_safetensors_write(NULL, 1, NULL, &file, &size, &error), &error);
  assert_null(file);
}

static void every_type_has_a_size_and_a_name(void **state) {
  (void)state;
  const size_t sizes[] = {4, 2, 1, 1, 2, 4, 4, 8};
  for (int i = DPL_F32; i <= DPL_I64; i++) {
    assert_int_equal(dpl_dtype_size((dpl_dtype)i), sizes[i]);
    assert_true(strlen(dpl_dtype_name((dpl_dtype)i)) >= 2);
  }
  assert_int_equal(dpl_dtype_size((dpl_dtype)99), 0);
  assert_string_equal(dpl_dtype_name((dpl_dtype)99), "?");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_written_is_read_back),
      cmocka_unit_test(tensors_may_come_in_any_order),
      cmocka_unit_test(an_empty_container_is_sound),
      cmocka_unit_test(headers_that_lie_are_refused),
      cmocka_unit_test(lengths_that_lie_are_refused),
      cmocka_unit_test(a_file_cut_anywhere_is_refused),
      cmocka_unit_test(writing_refuses_what_it_could_not_read),
      cmocka_unit_test(every_type_has_a_size_and_a_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
