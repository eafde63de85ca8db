/* Encoding marks through iconv. */
#include "text.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "unicode.h"

enum { PIECE = 1 << 16, LONGEST_CHARACTER = 4 };

struct text_stream {
  char *path;
  int file;        /* −1: bytes in memory */
  dpl_bytes bytes; /* what is left of them */
  bool begun, ended;
  const char *encoding; /* NULL: UTF-8 */
  iconv_t converter;
  size_t line, offset;    /* of what comes next; offset in the file */
  size_t raw_size, given; /* bytes in `raw`; those given away by the last call */
  uint8_t raw[PIECE + LONGEST_CHARACTER], text[PIECE * 2 + LONGEST_CHARACTER]; /* 2 bytes become 3 at most */
};

static text_stream *new_stream(const char *name, int file, dpl_bytes bytes) {
  text_stream *stream = new_array(1, sizeof *stream);
  stream->path = new_text(name);
  stream->file = file;
  stream->bytes = bytes;
  stream->line = 1;
  return stream;
}

text_stream *text_open(const char *path, sentence *why) {
  int file = file_open(path, why);
  return file < 0 ? NULL : new_stream(path, file, (dpl_bytes){0});
}

text_stream *text_open_bytes(const char *name, dpl_bytes bytes) {
  return new_stream(name, -1, bytes);
}

void text_close(text_stream *stream) {
  if (!stream) return;
  if (stream->file >= 0) close(stream->file);
  if (stream->encoding) iconv_close(stream->converter);
  free(stream->path);
  free(stream);
}

/* More bytes behind those in `raw`, until it is full or the text ends. */
static bool fill(text_stream *stream, sentence *why) {
  while (stream->raw_size < PIECE && !stream->ended) {
    size_t room = PIECE - stream->raw_size, got;
    if (stream->file < 0) {
      got = stream->bytes.size < room ? stream->bytes.size : room;
      if (got) memcpy(stream->raw + stream->raw_size, stream->bytes.data, got);
      stream->bytes = (dpl_bytes){stream->bytes.data + got, stream->bytes.size - got};
    } else {
      ssize_t count = read(stream->file, stream->raw + stream->raw_size, room);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return fail(why, "%s cannot be read to its end: %s.", stream->path, strerror(errno));
      got = (size_t)count;
    }
    stream->ended = got == 0;
    stream->raw_size += got;
  }
  return true;
}

static void drop(text_stream *stream, size_t count) {
  stream->raw_size -= count;
  stream->offset += count;
  memmove(stream->raw, stream->raw + count, stream->raw_size);
}

/* The longer mark first: that of UTF-16 is the beginning of that of UTF-32. */
static bool begin(text_stream *stream, sentence *why) {
  static const struct {
    const char *encoding, *mark;
    size_t size;
  } marks[] = {{NULL, "\xEF\xBB\xBF", 3},
               {"UTF-32LE", "\xFF\xFE\0\0", 4},
               {"UTF-32BE", "\0\0\xFE\xFF", 4},
               {"UTF-16LE", "\xFF\xFE", 2},
               {"UTF-16BE", "\xFE\xFF", 2}};
  stream->begun = true;
  for (size_t i = 0; i < sizeof marks / sizeof *marks; ++i) {
    if (stream->raw_size < marks[i].size || memcmp(stream->raw, marks[i].mark, marks[i].size) != 0) continue;
    drop(stream, marks[i].size);
    if (!marks[i].encoding) return true;
    stream->converter = iconv_open("UTF-8", marks[i].encoding);
    if (stream->converter == (iconv_t)-1) {
      return fail(why, "%s is %s text, which this system cannot convert; save it as UTF-8.", stream->path,
                  marks[i].encoding);
    }
    stream->encoding = marks[i].encoding;
    return true;
  }
  return true;
}

/* What is complete of `raw`, in UTF-8; a sequence that is cut waits for the next piece. */
static bool convert(text_stream *stream, dpl_bytes *piece, sentence *why) {
  char *in = (char *)stream->raw, *out = (char *)stream->text;
  size_t left = stream->raw_size, room = sizeof stream->text;
  size_t done = iconv(stream->converter, &in, &left, &out, &room);
  bool cut = done == (size_t)-1 && errno == EINVAL && !stream->ended;
  if (done == (size_t)-1 && errno != E2BIG && !cut) {
    return fail(why, "%s begins like %s text, but byte %zu is none; save it as UTF-8.", stream->path, stream->encoding,
                stream->offset + (stream->raw_size - left) + 1);
  }
  drop(stream, stream->raw_size - left);
  *piece = (dpl_bytes){stream->text, (size_t)(out - (char *)stream->text)};
  return true;
}

/* Bytes of whole characters at the beginning of `bytes`, counting lines; stops before what is no character. */
static size_t checked(text_stream *stream, dpl_bytes bytes) {
  size_t at = 0;
  for (size_t length; at < bytes.size; at += length) {
    if (!(length = utf8_length(bytes.data + at, bytes.size - at))) break;
    stream->line += bytes.data[at] == '\n';
  }
  return at;
}

static bool fail_encoding(const text_stream *stream, sentence *why) {
  return fail(why, "%s is not UTF-8 text (line %zu); save it as UTF-8.", stream->path, stream->line);
}

bool text_piece(text_stream *stream, dpl_bytes *piece, sentence *why) {
  drop(stream, stream->given);
  stream->given = 0;
  if (!fill(stream, why) || (!stream->begun && (!begin(stream, why) || !fill(stream, why)))) return false;
  if (stream->encoding) {
    do {
      if (!convert(stream, piece, why)) return false;
    } while (!piece->size && stream->raw_size && fill(stream, why));
    return checked(stream, *piece) == piece->size || fail_encoding(stream, why);
  }
  size_t whole = checked(stream, (dpl_bytes){stream->raw, stream->raw_size}), left = stream->raw_size - whole;
  if (left >= LONGEST_CHARACTER || (left && (stream->ended || !stream->raw[whole]))) return fail_encoding(stream, why);
  stream->given = whole;
  *piece = (dpl_bytes){stream->raw, whole};
  return true;
}

bool text_read(const char *path, dpl_bytes *text, sentence *why) {
  text_stream *stream = text_open(path, why);
  if (!stream) return false;
  uint8_t *all = new_array(0, 1);
  size_t size = 0;
  dpl_bytes piece;
  bool fine;
  while ((fine = text_piece(stream, &piece, why)) && piece.size) {
    all = grown_array(all, size + piece.size, 1);
    memcpy(all + size, piece.data, piece.size);
    size += piece.size;
  }
  text_close(stream);
  if (!fine) free(all);
  if (fine) *text = (dpl_bytes){all, size};
  return fine;
}
