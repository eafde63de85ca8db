/* Keras names a weight <layer>/<layer>/kernel:0, below model_weights where the whole model was saved, and without ":0"
   since Keras 3. What HDF5 could take from other files (external links, external storage) is not followed. */
#include "keras_h5.h"

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct keras_h5 {
  hid_t file;
  const char *top; /* "" or "model_weights/" */
};

/* Each step of the path must be a plain link: HDF5 fails where one before the last is missing. */
static bool leads_somewhere(hid_t file, const char *path) {
  char step[1024];
  if (strlen(path) >= sizeof step) return false;
  for (const char *end = strchr(path, '/');; end = strchr(end + 1, '/')) {
    const size_t length = end ? (size_t)(end - path) : strlen(path);
    memcpy(step, path, length);
    step[length] = 0;
    H5L_info_t link;
    if (H5Lexists(file, step, H5P_DEFAULT) <= 0 || H5Lget_info(file, step, &link, H5P_DEFAULT) < 0 ||
        link.type != H5L_TYPE_HARD)
      return false;
    if (!end) return true;
  }
}

keras_h5 *keras_h5_open(const char *path, sentence *why) {
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* it prints pages */
  H5PLset_loading_state(0);              /* and would load code for filters that a file names */
  const hid_t handle = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (handle < 0) {
    fail(why, "It is no HDF5 file, or damaged or cut short.");
    return NULL;
  }
  keras_h5 *file = new_array(1, sizeof *file);
  file->file = handle;
  file->top = leads_somewhere(handle, "model_weights") ? "model_weights/" : "";
  return file;
}

void keras_h5_close(keras_h5 *file) {
  if (!file) return;
  H5Fclose(file->file);
  free(file);
}

static bool lies_in_this_file(hid_t dataset) {
  const hid_t layout = H5Dget_create_plist(dataset);
  const bool here = layout >= 0 && H5Pget_layout(layout) != H5D_VIRTUAL && H5Pget_external_count(layout) == 0;
  if (layout >= 0) H5Pclose(layout);
  return here;
}

static bool is_of_floats(hid_t dataset) {
  const hid_t type = H5Dget_type(dataset);
  const bool floats = type >= 0 && H5Tget_class(type) == H5T_FLOAT;
  if (type >= 0) H5Tclose(type);
  return floats;
}

/* Negative where there is none that can be used. */
static hid_t open_weight(const keras_h5 *file, const char *layer, const char *weight) {
  static const char *const endings[] = {":0", ""};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    char path[512];
    const int length = snprintf(path, sizeof path, "%s%s/%s/%s%s", file->top, layer, layer, weight, endings[i]);
    if (length < 0 || (size_t)length >= sizeof path || !leads_somewhere(file->file, path)) continue;
    const hid_t dataset = H5Dopen2(file->file, path, H5P_DEFAULT);
    if (dataset >= 0 && lies_in_this_file(dataset) && is_of_floats(dataset)) return dataset;
    if (dataset >= 0) H5Dclose(dataset);
  }
  return -1;
}

keras_shape keras_h5_shape(const keras_h5 *file, const char *layer, const char *weight) {
  keras_shape shape = {0};
  const hid_t dataset = open_weight(file, layer, weight);
  if (dataset < 0) return shape;
  const hid_t space = H5Dget_space(dataset);
  const int rank = space >= 0 ? H5Sget_simple_extent_ndims(space) : -1;
  hsize_t sides[KERAS_MAX_RANK];
  if (rank > 0 && rank <= KERAS_MAX_RANK && H5Sget_simple_extent_dims(space, sides, NULL) == rank) {
    shape.rank = (size_t)rank;
    for (size_t i = 0; i < shape.rank; i++) shape.sides[i] = (size_t)sides[i];
  }
  if (space >= 0) H5Sclose(space);
  H5Dclose(dataset);
  return shape;
}

bool keras_h5_read(const keras_h5 *file, const char *layer, const char *weight, float *floats) {
  const hid_t dataset = open_weight(file, layer, weight);
  if (dataset < 0) return false;
  const bool read = H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, floats) >= 0;
  H5Dclose(dataset);
  return read;
}
