/* The program's commands when one request fails: memory that runs out, a file that cannot be read or written, one that
   gives or takes fewer bytes than asked for, one that ends early. Each attempt is a process of its own. Afterwards
   there is the output that an undisturbed run makes, or a sentence and exit code 1, with what was there before. The
   linker sends the requests of library and program to the functions below (CMakeLists.txt). Each command is tried with
   DOPPEL_FAULTS faults per kind (default 4; 0: every one), spread over its requests. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "files.h"
#include "gallery_folder.h"
#include "import.h"

#include "made_networks.h"
#include "made_photos.h"
#include "models.h"

/* ---- faults */

typedef enum fault { MEMORY, FAILS, SHORT, ENDS, FAULTS } fault;
static const char *const fault_names[] = {"memory runs out", "a request fails", "bytes come in pieces",
                                          "a file ends early"};

/* Shared with the process of the attempt. */
static struct { atomic_uint requests; /* that could have failed */ } * counted;
static bool armed;
static fault kind;
static unsigned which;

/* Memory stays used up; other requests fail once. */
static bool strikes(fault asked) {
  if (!armed || asked != kind) return false;
  const unsigned request = atomic_fetch_add(&counted->requests, 1);
  return asked == MEMORY ? request >= which : request == which;
}

#define WRAPPED(result, name, ...)                                                                                     \
  result __real_##name(__VA_ARGS__);                                                                                   \
  result __wrap_##name(__VA_ARGS__);                                                                                   \
  result __wrap_##name(__VA_ARGS__)

WRAPPED(void *, malloc, size_t size) {
  return strikes(MEMORY) ? NULL : __real_malloc(size);
}
WRAPPED(void *, calloc, size_t count, size_t size) {
  return strikes(MEMORY) ? NULL : __real_calloc(count, size);
}
WRAPPED(void *, realloc, void *block, size_t size) {
  return strikes(MEMORY) ? NULL : __real_realloc(block, size);
}
WRAPPED(void *, reallocarray, void *block, size_t count, size_t size) {
  return strikes(MEMORY) ? NULL : __real_reallocarray(block, count, size);
}
WRAPPED(void *, aligned_alloc, size_t alignment, size_t size) {
  return strikes(MEMORY) ? NULL : __real_aligned_alloc(alignment, size);
}
WRAPPED(char *, strdup, const char *text) {
  return strikes(MEMORY) ? NULL : __real_strdup(text);
}
WRAPPED(int, vasprintf, char **text, const char *format, va_list arguments) {
  return strikes(MEMORY) ? -1 : __real_vasprintf(text, format, arguments);
}
WRAPPED(void *, tsearch, const void *key, void **root, int (*compare)(const void *, const void *)) {
  return strikes(MEMORY) ? NULL : __real_tsearch(key, root, compare);
}
WRAPPED(FILE *, open_memstream, char **text, size_t *size) {
  return strikes(MEMORY) ? NULL : __real_open_memstream(text, size);
}

static bool fails(void) {
  if (!strikes(FAILS)) return false;
  errno = EIO;
  return true;
}

/* How many of the bytes are moved. */
static size_t moved(size_t size) {
  return size > 1 && strikes(SHORT) ? size / 2 : size;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const int mode = flags & O_CREAT ? va_arg(more, int) : 0;
  va_end(more);
  return fails() ? -1 : __real_open(path, flags, mode);
}
WRAPPED(ssize_t, read, int file, void *data, size_t size) {
  return fails() ? -1 : strikes(ENDS) ? 0 : __real_read(file, data, moved(size));
}
WRAPPED(ssize_t, pread, int file, void *data, size_t size, off_t at) {
  return fails() ? -1 : strikes(ENDS) ? 0 : __real_pread(file, data, moved(size), at);
}
WRAPPED(ssize_t, write, int file, const void *data, size_t size) {
  return fails() ? -1 : __real_write(file, data, moved(size));
}
WRAPPED(ssize_t, pwrite, int file, const void *data, size_t size, off_t at) {
  return fails() ? -1 : __real_pwrite(file, data, moved(size), at);
}
WRAPPED(FILE *, fopen, const char *path, const char *mode) {
  return fails() ? NULL : __real_fopen(path, mode);
}
WRAPPED(FILE *, fdopen, int file, const char *mode) {
  return fails() ? NULL : __real_fdopen(file, mode);
}
WRAPPED(size_t, fread, void *data, size_t size, size_t count, FILE *file) {
  return fails() || strikes(ENDS) ? 0 : __real_fread(data, size, count, file);
}
WRAPPED(size_t, fwrite, const void *data, size_t size, size_t count, FILE *file) {
  return file != stdout && file != stderr && fails() ? 0 : __real_fwrite(data, size, count, file);
}
WRAPPED(int, close, int file) {
  const int closed = __real_close(file);
  return fails() ? -1 : closed;
}
WRAPPED(int, mkstemp, char *path) {
  return fails() ? -1 : __real_mkstemp(path);
}
WRAPPED(int, rename, const char *from, const char *to) {
  return fails() ? -1 : __real_rename(from, to);
}
WRAPPED(int, renameat2, int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
  return fails() ? -1 : __real_renameat2(from_folder, from, to_folder, to, flags);
}
WRAPPED(int, mkdir, const char *path, mode_t mode) {
  return fails() ? -1 : __real_mkdir(path, mode);
}
WRAPPED(int, fstat, int file, struct stat *about) {
  return fails() ? -1 : __real_fstat(file, about);
}
WRAPPED(int, ftruncate, int file, off_t size) {
  return fails() ? -1 : __real_ftruncate(file, size);
}
WRAPPED(int, fdatasync, int file) {
  return fails() ? -1 : __real_fdatasync(file);
}
WRAPPED(int, syncfs, int file) {
  return fails() ? -1 : __real_syncfs(file);
}
WRAPPED(DIR *, opendir, const char *path) {
  return fails() ? NULL : __real_opendir(path);
}
WRAPPED(void *, mmap, void *address, size_t size, int protection, int flags, int file, off_t at) {
  return fails() ? MAP_FAILED : __real_mmap(address, size, protection, flags, file, at);
}

/* A sanitizer's report is told from exit code 1. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
  return "exitcode=99:handle_abort=1";
}

/* ---- attempts */

static char folder[] = "/dev/shm/doppel-faults-XXXXXX";

typedef struct command_case {
  const char *name;
  int (*run)(int argc, char **argv);
  const char *line;   /* what follows the name; %: the folder */
  const char *output; /* NULL: what it prints */
  const char *kept;   /* a copy of it that is at `output` before */
  /* Of what comes out: a photo that cannot be read is left out, and said to be; verify says how long it took. */
  enum { WHOLE, PHOTOS_MAY_LACK, GALLERY, TIMED } result;
} command_case;

static char *in_folder(const char *name) {
  return path_joined(folder, name);
}

static void remove_in_folder(const char *name, const char *ending) {
  char *path = new_text_of("%s/%s%s", folder, name, ending);
  folder_remove(path);
  free(path);
}

static uint64_t hash_of(uint64_t hash, const void *data, size_t size) {
  for (size_t i = 0; i < size; i++) hash = (hash ^ ((const uint8_t *)data)[i]) * 1099511628211u;
  return hash;
}

/* Of a file, or of all that is in a folder; 0 where there is nothing. */
static uint64_t fingerprint(const char *path) {
  sentence why;
  uint64_t hash = 14695981039346656037u;
  if (!path_exists(path)) return 0;
  if (path_is_folder(path)) {
    name_list names = {0};
    assert_true(folder_list(path, &names, &why));
    for (size_t i = 0; i < names.count; i++) {
      if (strcmp(names.names[i], "lock") == 0 || strstr(names.names[i], ".journal")) continue; /* of parts */
      char *inside = path_joined(path, names.names[i]);
      const uint64_t of = fingerprint(inside);
      hash = hash_of(hash_of(hash, names.names[i], strlen(names.names[i])), &of, sizeof of);
      free(inside);
    }
    name_list_free(&names);
    return hash;
  }
  dpl_bytes file;
  assert_true(file_read(path, &file, &why));
  hash = hash_of(hash, file.data, file.size);
  bytes_free(&file);
  return hash;
}

static void leave(int code, void *unused) {
  (void)unused;
  fflush(NULL);
  _exit(code);
}

/* Exits as the command does; its words go to the files `out` and `err`. */
_Noreturn static void run_command(const command_case *one) {
  static char *line, *argv[40]; /* what is reachable is no leak */
  int argc = 0;
  line = new_text("");
  for (const char *at = one->line; *at; at++) {
    char *longer = *at == '%' ? new_text_of("%s%s", line, folder) : new_text_of("%s%c", line, *at);
    free(line);
    line = longer;
  }
  argv[argc++] = (char *)(uintptr_t)one->name;
  for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) argv[argc++] = word;
  argv[argc] = NULL;
  char *out = in_folder("out"), *err = in_folder("err");
  if (!freopen(out, "wb", stdout) || !freopen(err, "wb", stderr)) _exit(98);
  if (kind == MEMORY) on_exit(leave, NULL); /* what is held then is no leak */
  armed = true;
  const int code = one->run(argc, argv);
  armed = false;
  free(out), free(err);
  exit(code);
}

static int attempt(const command_case *one, fault fault, unsigned request) {
  remove_in_folder("work", "");
  remove_in_folder("part", "");
  if (one->output && !one->kept) {
    remove_in_folder(one->output, "");
    remove_in_folder(one->output, ".report");
  }
  if (one->output) remove_in_folder(one->output, ".unfinished");
  kind = fault, which = request;
  atomic_store(&counted->requests, 0);
  fflush(NULL);
  const pid_t child = fork();
  if (child == 0) run_command(one);
  int status = 0;
  assert_true(child > 0 && waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static char *text_of(const char *name) {
  char *path = in_folder(name);
  dpl_bytes file;
  sentence why;
  assert_true(file_read(path, &file, &why));
  char *text = new_text_of("%.*s", (int)file.size, (const char *)file.data);
  bytes_free(&file);
  free(path);
  return text;
}

static uint64_t output_of(const command_case *one) {
  char *path = in_folder(one->output ? one->output : "out");
  const uint64_t hash = fingerprint(path);
  free(path);
  return hash;
}

/* "doppel build: … ." */
static bool says_why(void) {
  char *err = text_of("err");
  const size_t length = strlen(err);
  const char *begin = strstr(err, "doppel ");
  const bool said = begin && length > 3 && strstr(begin, ": ") && (err[length - 2] == '.' || err[length - 2] == ')');
  free(err);
  return said;
}

static bool is_sound_gallery(const char *name) {
  char *path = in_folder(name);
  gallery_folder gallery;
  sentence why;
  const bool opened = gallery_folder_open(path, &gallery, &why);
  const bool sound = opened && gallery_folder_check(&gallery, &why) && gallery_folder_load(&gallery, &why);
  if (opened) gallery_folder_close(&gallery);
  free(path);
  return sound;
}

/* Without the fault the same comes out each time; with it the same, or nothing and a sentence. A photo that cannot be
   read is left out of a gallery, which is sound without it. */
static const char *wrong_with(const command_case *one, int code, uint64_t before, uint64_t whole) {
  const uint64_t after = output_of(one);
  if (code == EXIT_FAILED) {
    if (one->output && after != before) return "the output has changed";
    return says_why() ? NULL : "no sentence says why";
  }
  if (code != EXIT_DONE) return "it did not end by itself";
  if (after == whole || one->result == TIMED) return NULL;
  if (kind == MEMORY || kind == SHORT) return "another output than without the fault";
  if (one->result == PHOTOS_MAY_LACK) return NULL;
  if (one->result == GALLERY) return is_sound_gallery(one->output) ? NULL : "a gallery that is not sound";
  return "an output that is not whole";
}

static size_t most_faults(void) {
  const char *text = getenv("DOPPEL_FAULTS");
  const long number = text ? strtol(text, NULL, 10) : 4;
  return number > 0 ? (size_t)number : SIZE_MAX;
}

static void survive(const command_case *one, fault fault, uint64_t whole, size_t *wrong) {
  assert_int_equal(attempt(one, fault, UINT32_MAX), EXIT_DONE);
  assert_true(output_of(one) == whole || one->result == TIMED);
  const unsigned requests = atomic_load(&counted->requests);
  const size_t tries = requests < most_faults() ? requests : most_faults();
  for (size_t i = 0; i < tries; i++) {
    const unsigned request = (unsigned)(i * requests / tries);
    const uint64_t before = one->kept ? output_of(one) : 0;
    const int code = attempt(one, fault, request);
    const char *problem = wrong_with(one, code, before, whole);
    if (!problem) continue;
    char *err = text_of("err");
    print_error("%s %s, request %u of %u, %s (%d): %s\n%.3000s\n", one->name, one->line, request, requests,
                fault_names[fault], code, problem, err);
    free(err);
    ++*wrong;
  }
}

static void survives(void **state) {
  const command_case *one = *state;
  size_t wrong = 0;
  assert_int_equal(attempt(one, FAULTS, 0), EXIT_DONE);
  const uint64_t whole = output_of(one);
  assert_true(whole != 0);
  for (fault fault = MEMORY; fault < FAULTS; fault++) survive(one, fault, whole, &wrong);
  assert_int_equal(wrong, 0);
}

/* ---- what they work on */

static void put(const char *name, buffer file) {
  char *path = in_folder(name);
  sentence why;
  assert_true(file_write(path, file.data, file.size, &why));
  free(path), free(file.data);
}

static buffer text_buffer(const char *text) {
  buffer b = {0};
  append(&b, text, strlen(text));
  return b;
}

/* As colour_embedder, but black has a direction too. */
static buffer embedder(void) {
  return network_bytes(
      "\"format\":1,\"name\":\"colours\",\"task\":\"embedder\",\"licence\":\"none\",\"source\":\"a test\","
      "\"input\":{\"width\":8,\"height\":8,\"order\":\"rgb\",\"mean\":[-60,-50,-40],\"scale\":[1,1,1]},"
      "\"output\":{\"decoder\":\"embedding\",\"threshold\":0.5},\"template\":[[2,2],[6,2],[4,4],[2,6],[6,6]]",
      "{\"input\":\"x\",\"outputs\":[\"v\"],\"nodes\":[{\"op\":\"global_average_pool\",\"in\":["
      "\"x\"],\"out\":\"v\"}]}",
      NULL, 0);
}

static buffer three_vectors(void) {
  static const float numbers[9] = {1, 0, 0, 0, 0.6f, 0.8f, 0.8f, 0, 0.6f};
  buffer b = {0};
  append(&b, "\x93NUMPY\1\0\x46\0", 10);
  append(&b, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 3), }          \n", 70);
  append(&b, numbers, sizeof numbers);
  return b;
}

#define NETWORKS " -m %/detector.safetensors -m %/embedder.safetensors"
#define ONE_LOOK " --parity --score 0.85"
#define ROSTER   "%/roster.csv --photos % --work %/work -q -j 1" NETWORKS

static command_case cases[] = {
    {"build", doppel_build, ROSTER " -o %/built", "built", NULL, GALLERY},
    {"build", doppel_build, ROSTER " -o %/kept --force", "kept", "", GALLERY},
    {"build", doppel_build, "%/roster.csv --photos % -q -j 1" NETWORKS " --part 1/2 -o %/part", "part/part.json", NULL,
     PHOTOS_MAY_LACK},
    {"merge", doppel_merge, "%/part1 %/part2 -o %/merged", "merged", NULL, GALLERY},
    {"adopt", doppel_adopt,
     "%/vectors.npy --roster %/roster.csv --embedder %/embedder.safetensors -q -j 1 -o %/adopted", "adopted", NULL,
     GALLERY},
    {"export", doppel_export, "%/kept -q --force -o %/vectors.csv", "vectors.csv", NULL, WHOLE},
    {"export", doppel_export, "%/kept -q --force -o %/again.voy", "again.voy", NULL, WHOLE},
    {"extract", doppel_extract, "%/a.jpg %/b.png -q -j 1" ONE_LOOK " -m %/detector.safetensors -o %/faces", "faces",
     NULL, PHOTOS_MAY_LACK},
    {"search", doppel_search, "%/kept %/a.jpg --json" ONE_LOOK NETWORKS, NULL, NULL, WHOLE},
    {"represent", doppel_represent, "%/a.jpg" ONE_LOOK NETWORKS, NULL, NULL, WHOLE},
    {"verify", doppel_verify, "%/a.jpg %/a.jpg" ONE_LOOK NETWORKS, NULL, NULL, TIMED},
    {"inspect", doppel_inspect, "%/kept %/embedder.safetensors %/a.jpg --json", NULL, NULL, WHOLE},
    {"import", doppel_import, "%/tiny.onnx --as raw -o %/tiny.safetensors", "tiny.safetensors", NULL, WHOLE},
};
enum { CASES = sizeof cases / sizeof *cases };

static void made_by(const char *line) {
  const command_case one = {"build", doppel_build, line, NULL, NULL, WHOLE};
  if (attempt(&one, FAULTS, 0) == EXIT_DONE) return;
  char *err = text_of("err");
  fail_msg("%s", err);
}

static int make_world(void **state) {
  (void)state;
  counted = mmap(NULL, sizeof *counted, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (counted == MAP_FAILED || !mkdtemp(folder)) return -1;
  uint8_t *pixels = slopes(64, 64), *others = slopes(48, 64);
  put("a.jpg", make_jpeg(pixels, 64, 64, (jpeg_kind){0}, NULL));
  put("b.png", make_png(others, 48, 64, 3, NULL));
  memset(others, 90, 48 * 64 * 3);
  put("c.jpg", make_jpeg(others, 64, 48, (jpeg_kind){.progressive = true}, NULL));
  free(pixels), free(others);
  put("detector.safetensors", yunet_detector());
  put("embedder.safetensors", embedder());
  put("tiny.onnx", onnx_file(tiny_onnx_graph(), 13));
  put("vectors.npy", three_vectors());
  put("roster.csv", text_buffer("name,photo,rank,landmarks\n"
                                "Ann,a.jpg,captain,20 24 44 24 32 34 22 46 42 46\n"
                                "Bob,b.png,captain,14 24 34 24 24 34 16 46 32 46\n"
                                "Cem,c.jpg,,22 14 42 14 32 24 24 36 40 36\n"));
  made_by(ROSTER " -o %/kept");
  made_by("%/roster.csv --photos % -q -j 1" NETWORKS " --part 1/2 -o %/part1");
  made_by("%/roster.csv --photos % -q -j 1" NETWORKS " --part 2/2 -o %/part2");
  return 0;
}

static int remove_world(void **state) {
  (void)state;
  folder_remove(folder);
  return 0;
}

int main(void) {
  struct CMUnitTest tests[CASES];
  char names[CASES][96];
  for (size_t i = 0; i < CASES; i++) {
    snprintf(names[i], sizeof names[i], "%s survives faults (%zu)", cases[i].name, i + 1);
    tests[i] = (struct CMUnitTest){names[i], survives, NULL, NULL, &cases[i]};
  }
  return cmocka_run_group_tests(tests, make_world, remove_world);
}
