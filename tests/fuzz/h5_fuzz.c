/* Any bytes as an HDF5 file of Keras's: weights of the shape that they say, or a sentence. */
#include "scratch.h"

#include <hdf5.h>

#include "keras_h5.h"
#include "readers.h"

enum { MOST_FLOATS = 1 << 16 };

static void read_weights(const char *path) {
  static float floats[MOST_FLOATS];
  sentence why = {""};
  keras_h5 *file = keras_h5_open(path, &why);
  if (!file) {
    must_be_sentence(&why);
    return;
  }
  static const char *const weights[] = {"kernel", "beta"};
  for (size_t i = 0; i < 2; i++) {
    const keras_shape shape = keras_h5_shape(file, "a", weights[i]);
    size_t count = 1;
    if (shape.rank > KERAS_MAX_RANK) abort();
    for (size_t k = 0; k < shape.rank && count <= MOST_FLOATS; k++)
      count = shape.sides[k] <= MOST_FLOATS ? count * shape.sides[k] : MOST_FLOATS + 1;
    if (shape.rank && count <= MOST_FLOATS) keras_h5_read(file, "a", weights[i], floats);
  }
  keras_h5_close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char path[128];
  scratch_write("weights.h5", (dpl_bytes){data, size});
  snprintf(path, sizeof path, "%s/weights.h5", scratch_folder());
  read_weights(path);
  model read;
  sentence why = {""};
  if (facenet_h5_read(path, &read, &why))
    model_free(&read);
  else
    must_be_sentence(&why);
  return 0;
}

/* ---- seeds */

static void put_floats(hid_t group, const char *name, int rank, const hsize_t *sides, bool packed) {
  static const float numbers[64] = {0.5f, -1, 2};
  const hid_t space = H5Screate_simple(rank, sides, NULL), plan = H5Pcreate(H5P_DATASET_CREATE);
  if (packed) H5Pset_chunk(plan, rank, sides), H5Pset_shuffle(plan), H5Pset_deflate(plan, 4);
  const hid_t set = H5Dcreate2(group, name, H5T_IEEE_F32LE, space, H5P_DEFAULT, plan, H5P_DEFAULT);
  if (set < 0 || H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) < 0) abort();
  H5Dclose(set), H5Sclose(space), H5Pclose(plan);
}

static void plant_file(const char *folder, const char *name, bool whole_model, bool packed) {
  char path[1024];
  snprintf(path, sizeof path, "%s/seed-%s", folder, name);
  const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t top = H5Gcreate2(file, whole_model ? "model_weights" : "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t middle = whole_model ? H5Gcreate2(top, "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT) : -1;
  const hid_t inner = H5Gcreate2(whole_model ? middle : top, "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  put_floats(inner, whole_model ? "kernel" : "kernel:0", 4, (const hsize_t[]){3, 1, 2, 4}, packed);
  put_floats(inner, "beta:0", 1, (const hsize_t[]){4}, false);
  H5Gclose(inner);
  if (middle >= 0) H5Gclose(middle);
  H5Gclose(top), H5Fclose(file);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  plant_file(folder, "weights", false, false);
  plant_file(folder, "model", true, true);
  return 0;
}
