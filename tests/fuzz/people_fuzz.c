/* Any bytes as a page of people, behind a line of four dashes also as the manifest's `fields`, in a gallery whose
   sha256 fits: people and whom a condition lets through, or a sentence. */
#include "scratch.h"

#include "gallery_folder.h"
#include "where.h"

enum { PEOPLE = 40 };

static bool write_gallery(dpl_bytes page, dpl_bytes fields) {
  static const char head[] =
      "{\"format\":\"doppel-gallery\",\"version\":2,\"title\":\"t\",\"people\":40,\"photos\":40,\"people_per_page\":40,"
      "\"embedder\":{\"name\":\"n\",\"sha256\":\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\","
      "\"dimension\":5},\"metric\":\"cosine\",\"files\":{\"embeddings\":[{\"path\":\"e\",\"bytes\":1,\"count\":40}],"
      "\"people\":[{\"path\":\"people\",\"sha256\":\"";
  char sha256[SHA256_TEXT];
  buffer manifest = {0};
  sha256_of(page, sha256);
  append(&manifest, head, strlen(head));
  append(&manifest, sha256, strlen(sha256));
  append(&manifest, "\"}]},\"fields\":", 14);
  append(&manifest, fields.size ? (const char *)fields.data : "[]", fields.size ? fields.size : 2);
  append(&manifest, "}", 1);
  scratch_write("people", page);
  scratch_write("gallery.json", bytes_of(manifest));
  free(manifest.data);
  return true;
}

static void look_up(gallery_folder *gallery) {
  sentence why = {""};
  for (size_t i = 0; i < PEOPLE + 1; i += 13) {
    const cJSON *person = gallery_folder_person(gallery, i, &why);
    if (!person)
      must_be_sentence(&why);
    else if (!cJSON_IsObject(person))
      abort();
  }
}

static void choose(gallery_folder *gallery, const char *condition) {
  sentence why = {""};
  char *names[] = {(char *)(uintptr_t)condition};
  const name_list conditions = {.names = names, .count = 1};
  uint32_t *allowed = where_allowed(gallery, &conditions, &why);
  if (!allowed)
    must_be_sentence(&why);
  else if (!(allowed[0] | allowed[1]) || allowed[1] >> (PEOPLE - 32))
    abort();
  free(allowed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  dpl_bytes rest = {data, size};
  const dpl_bytes page = next_part(&rest, "\n----\n");
  gallery_folder gallery;
  sentence why = {""};
  write_gallery(page, rest);
  if (!gallery_folder_open(scratch_folder(), &gallery, &why)) {
    must_be_sentence(&why);
    return 0;
  }
  look_up(&gallery);
  choose(&gallery, "rank=captain");
  choose(&gallery, "Rank=");
  gallery_folder_close(&gallery);
  return 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *folder = seed_folder(*count, *arguments);
  buffer page = {0};
  if (!folder) return 0;
  for (int i = 0; i < PEOPLE; i++) {
    char person[128];
    append(&page, i ? "," : "[", 1);
    append(&page, person,
           (size_t)sprintf(person, "{\"id\":\"p%d\",\"name\":\"P %d\",\"photos\":[%d],\"fields\":{\"rank\":\"%s\"}}", i,
                           i, i, i % 3 ? "captain" : ""));
  }
  const char *fields = "]\n----\n[{\"key\":\"rank\",\"label\":\"Rank\"}]";
  append(&page, fields, strlen(fields));
  plant(folder, "page", page);
  plant_text(folder, "two", "[{\"name\":\"A\",\"photos\":[0]},{\"id\":\"b\",\"name\":\"B\",\"fields\":{}}]");
  return 0;
}
