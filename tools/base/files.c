/* Whole files, names and folders on POSIX. */
#include "files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static const off_t largest_file = (off_t)1 << 31;

static bool read_all(int file, uint8_t *data, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t got = read(file, data + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += (size_t)got;
  }
  return true;
}

static bool write_all(int file, const uint8_t *data, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t put = write(file, data + done, size - done);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    done += (size_t)put;
  }
  return true;
}

/* A file that is no regular file (a pipe, a device) could block for ever, so it is opened without waiting. */
int file_open(const char *path, sentence *why) {
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) {
    fail(why, "%s cannot be read: %s.", path, strerror(errno));
    return -1;
  }
  struct stat about;
  bool known = fstat(file, &about) == 0;
  if (known && S_ISREG(about.st_mode)) return file;
  close(file);
  if (known && S_ISDIR(about.st_mode))
    fail(why, "%s is a folder; a file is needed.", path);
  else
    fail(why, "%s is not a regular file.", path);
  return -1;
}

bool file_read(const char *path, dpl_bytes *bytes, sentence *why) {
  int file = file_open(path, why);
  struct stat about;
  if (file < 0) return false;
  if (fstat(file, &about) != 0 || about.st_size > largest_file) {
    close(file);
    return fail(why, "%s is larger than 2 GiB.", path);
  }
  size_t size = (size_t)about.st_size;
  uint8_t *data = new_array(size, 1);
  bool complete = read_all(file, data, size);
  close(file);
  if (!complete) {
    free(data);
    return fail(why, "%s cannot be read to its end.", path);
  }
  *bytes = (dpl_bytes){data, size};
  return true;
}

void bytes_free(dpl_bytes *bytes) {
  free((void *)(uintptr_t)bytes->data);
  *bytes = (dpl_bytes){0};
}

bool file_write(const char *path, const void *data, size_t size, sentence *why) {
  char *temporary = new_text_of("%s.tmp%ld", path, (long)getpid());
  int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  bool written = file >= 0 && write_all(file, data, size);
  int reason = errno;
  if (file >= 0 && close(file) != 0 && written) {
    written = false;
    reason = errno;
  }
  if (written && rename(temporary, path) != 0) {
    written = false;
    reason = errno;
  }
  if (!written) unlink(temporary);
  free(temporary);
  return written || fail(why, "%s cannot be written: %s.", path, strerror(reason));
}

bool path_exists(const char *path) {
  struct stat about;
  return lstat(path, &about) == 0;
}

bool path_is_folder(const char *path) {
  struct stat about;
  return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

char *path_joined(const char *folder, const char *name) {
  size_t length = strlen(folder);
  bool has_slash = length > 0 && folder[length - 1] == '/';
  return new_text_of("%s%s%s", folder, has_slash ? "" : "/", name);
}

char *path_beside(const char *path, const char *ending) {
  size_t length = strlen(path);
  while (length > 1 && path[length - 1] == '/') --length;
  return new_text_of("%.*s%s", (int)length, path, ending);
}

char *path_folder(const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash) return new_text(".");
  if (slash == path) return new_text("/");
  return new_text_of("%.*s", (int)(slash - path), path);
}

const char *path_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

char *path_stem(const char *path) {
  char *stem = new_text(path_name(path));
  char *dot = strrchr(stem, '.');
  if (dot && dot != stem) *dot = 0;
  return stem;
}

bool path_has_extension(const char *path, const char *extension) {
  size_t length = strlen(path), tail = strlen(extension);
  return length > tail && !strcasecmp(path + length - tail, extension);
}

static bool path_is_photo(const char *path) {
  static const char *const endings[] = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp"};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; ++i) {
    if (path_has_extension(path, endings[i])) return true;
  }
  return false;
}

/* JPEG, PNG, GIF, WebP, BMP, TIFF, and the ISO files that hold HEIC and AVIF. */
static bool begins_like_photo(const uint8_t head[32]) {
  static const struct {
    size_t at, size;
    const char *bytes;
  } marks[] = {{0, 3, "\xFF\xD8\xFF"}, {0, 8, "\x89PNG\r\n\x1A\n"},
               {0, 4, "GIF8"},         {8, 4, "WEBP"},
               {0, 4, "II*\0"},        {0, 4, "MM\0*"},
               {4, 6, "ftyphe"},       {4, 6, "ftypav"},
               {4, 6, "ftypmi"}};
  for (size_t i = 0; i < sizeof marks / sizeof *marks; ++i) {
    if (!memcmp(head + marks[i].at, marks[i].bytes, marks[i].size)) return true;
  }
  const bool small_header = head[15] == 0 && head[16] == 0 && head[17] == 0 && head[14] >= 12; /* of a BMP */
  return head[0] == 'B' && head[1] == 'M' && small_header;
}

bool file_is_photo(const char *path) {
  if (path_is_photo(path)) return true;
  sentence unused;
  uint8_t head[32] = {0};
  int file = file_open(path, &unused);
  if (file < 0) return false;
  ssize_t got = read(file, head, sizeof head);
  close(file);
  return got > 8 && begins_like_photo(head);
}

bool path_stays_inside(const char *path) {
  bool has_drive = isalpha((unsigned char)path[0]) && path[1] == ':';
  if (!*path || *path == '/' || has_drive || strchr(path, '\\') || strstr(path, "://")) return false;
  for (const char *part = path; part;) {
    const char *slash = strchr(part, '/');
    size_t length = slash ? (size_t)(slash - part) : strlen(part);
    if (length == 2 && part[0] == '.' && part[1] == '.') return false;
    part = slash ? slash + 1 : NULL;
  }
  return true;
}

bool path_is_within(const char *path, const char *folder) {
  char *place = path_beside(folder, "");
  size_t length = strlen(place);
  bool within = !strncmp(path, place, length) && (!path[length] || path[length] == '/');
  free(place);
  return within;
}

void name_list_add(name_list *list, const char *name) {
  list->names = room_for_one_more(list->names, list->count, &list->capacity, sizeof *list->names);
  list->names[list->count++] = new_text(name);
}

void name_list_free(name_list *list) {
  for (size_t i = 0; i < list->count; ++i) free(list->names[i]);
  free(list->names);
  *list = (name_list){0};
}

static int by_bytes(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

bool folder_list(const char *folder, name_list *list, sentence *why) {
  DIR *stream = opendir(folder);
  if (!stream) return fail(why, "The folder %s cannot be read: %s.", folder, strerror(errno));
  for (struct dirent *entry; (entry = readdir(stream));) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) name_list_add(list, entry->d_name);
  }
  closedir(stream);
  if (list->count) qsort(list->names, list->count, sizeof *list->names, by_bytes);
  return true;
}

bool folder_make(const char *path, sentence *why) {
  if (path_is_folder(path)) return true;
  char *parent = path_folder(path);
  bool ready = !strcmp(parent, path) || folder_make(parent, why);
  free(parent);
  if (!ready) return false;
  if (mkdir(path, 0777) == 0 || (errno == EEXIST && path_is_folder(path))) return true;
  return fail(why, "The folder %s cannot be made: %s.", path, strerror(errno));
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *where) {
  (void)about, (void)kind, (void)where;
  remove(path);
  return 0;
}

void folder_remove(const char *path) {
  nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
