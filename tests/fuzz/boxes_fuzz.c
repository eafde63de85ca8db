/* Any bytes as the XML of labelled faces, and as a list of pairs, in either of the layouts that data sets have. The
   first byte says which. */
#include "scratch.h"

#include "box_list.h"
#include "pair_list.h"

static void read_boxes(const char *path) {
  box_list list;
  sentence why = {""};
  if (!box_list_read(path, &list, &why)) {
    must_be_sentence(&why);
    return;
  }
  if (!list.count || !list.photos[0].path) abort();
  box_list_free(&list);
}

static void read_pairs(const char *name, dpl_bytes text) {
  pair_list list;
  sentence why = {""};
  scratch_write(name, text);
  if (pair_list_read(scratch_folder(), &list, &why)) {
    for (size_t i = 0; i < list.count; i++) {
      if (list.pairs[i].a >= list.photos.count || list.pairs[i].b >= list.photos.count) abort();
    }
    pair_list_free(&list);
  } else {
    must_be_sentence(&why);
  }
  char *path = path_joined(scratch_folder(), name);
  unlink(path);
  free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static int file = -1;
  char path[64];
  if (size == 0) return 0;
  const dpl_bytes text = {data + 1, size - 1};
  if (data[0] % 3 == 0) {
    file_in_memory(&file, text, path);
    read_boxes(path);
  } else {
    read_pairs(data[0] % 3 == 1 ? "pairs.txt" : "pairs.csv", text);
  }
  return 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  if (!folder) return 0;
  plant_text(folder, "boxes",
             "0<dataset><images><image file='a.jpg'><box top='1' left='2' width='3' height='4' ignore='1'/></image>"
             "</images></dataset>");
  plant_text(folder, "lfw", "11\nA_B 1 2\nA_B 1 C_D 3\n");
  plant_text(folder, "folds", "12 1\nA 1 2\nA 1 C 3\nB 1 2\nB 1 C 3\n");
  plant_text(folder, "deepface", "2file_x,file_y,Decision\na.jpg,b.jpg,Yes\na.jpg,c.jpg,No\n");
  return 0;
}
