/* Reading NumPy's .npy: magic, version, a header that is a Python dictionary, then the numbers. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "foreign_vectors.h"

static const uint8_t magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

typedef struct array_header {
  size_t rows, columns, item; /* item: bytes of a number */
  bool big_endian, by_column;
} array_header;

/* ---------------------------------------------------------------------------------------------- dictionary */

/* Passes over spaces and this text; false, and nothing passed, where something else stands there. */
static bool pass(const char **at, const char *text) {
  const char *from = *at + strspn(*at, " \t\r\n");
  if (strncmp(from, text, strlen(text)) != 0) return false;
  *at = from + strlen(text);
  return true;
}

/* A quoted text: its inside, at most `room` − 1 letters. */
static bool pass_quoted(const char **at, char *text, size_t room) {
  char quote[2] = {pass(at, "'") ? '\'' : '"', 0};
  if (quote[0] == '"' && !pass(at, quote)) return false;
  size_t length = strcspn(*at, quote);
  if (!(*at)[length] || length >= room) return false;
  memcpy(text, *at, length);
  text[length] = 0;
  *at += length + 1;
  return true;
}

static bool pass_number(const char **at, size_t *number) {
  *at += strspn(*at, " \t\r\n");
  if (!isdigit((unsigned char)**at)) return false;
  char *end;
  unsigned long long value = strtoull(*at, &end, 10);
  *number = value < SIZE_MAX ? (size_t)value : SIZE_MAX;
  *at = end + (*end == 'L'); /* as Python 2 wrote it */
  return true;
}

/* "<f4": two axes of numbers in one of three sizes. */
static bool read_type(const char *type, array_header *array) {
  if ((type[0] != '<' && type[0] != '>') || type[1] != 'f') return false;
  array->big_endian = type[0] == '>';
  array->item = !strcmp(type + 2, "2") ? 2 : !strcmp(type + 2, "4") ? 4 : !strcmp(type + 2, "8") ? 8 : 0;
  return array->item > 0;
}

static bool pass_shape(const char **at, size_t shape[3], size_t *axes) {
  if (!pass(at, "(")) return false;
  *axes = 0;
  while (!pass(at, ")")) {
    size_t length;
    if (!pass_number(at, &length)) return false;
    if (*axes < 3) shape[(*axes)++] = length;
    if (!pass(at, ",")) return pass(at, ")");
  }
  return true;
}

static bool read_dictionary(const char *text, const char *name, array_header *array, sentence *why) {
  char key[32], type[32] = "";
  size_t shape[3], axes = 0;
  bool typed = false, ordered = false, shaped = false, fine = pass(&text, "{");
  while (fine && !pass(&text, "}")) {
    fine = pass_quoted(&text, key, sizeof key) && pass(&text, ":");
    if (fine && !strcmp(key, "descr"))
      fine = typed = pass_quoted(&text, type, sizeof type);
    else if (fine && !strcmp(key, "fortran_order"))
      fine = ordered = (array->by_column = pass(&text, "True")) || pass(&text, "False");
    else if (fine && !strcmp(key, "shape"))
      fine = shaped = pass_shape(&text, shape, &axes);
    else
      fine = false;
    if (!pass(&text, ",") && fine) fine = *text && text[strspn(text, " \t\r\n")] == '}';
  }
  if (!fine || !typed || !ordered || !shaped)
    return fail(why, "The header of %s is not that of a NumPy array of numbers; save it with numpy.save.", name);
  if (!read_type(type, array))
    return fail(why, "%s holds numbers of the type %s; save it as float32, float64 or float16.", name, type);
  if (axes != 2)
    return fail(why, "%s is an array with %s; one row a vector is needed, that is two axes.", name,
                axes > 2 ? "more than two axes"
                : axes   ? "one axis"
                         : "no axis");
  array->rows = shape[0];
  array->columns = shape[1];
  return true;
}

/* ---------------------------------------------------------------------------------------------- numbers */

static double half_value(uint16_t bits) {
  int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  double size = exponent == 31 ? (mantissa ? NAN : INFINITY)
                : exponent     ? ldexp(1 + mantissa / 1024.0, exponent - 15)
                               : ldexp(mantissa / 1024.0, -14);
  return bits >> 15 ? -size : size;
}

static float number_at(const uint8_t *at, const array_header *array) {
  uint64_t bits = 0;
  for (size_t i = 0; i < array->item; ++i) bits = bits << 8 | at[array->big_endian ? i : array->item - 1 - i];
  if (array->item == 2) return (float)half_value((uint16_t)bits);
  if (array->item == 8) {
    double number;
    memcpy(&number, &bits, sizeof number);
    return (float)number;
  }
  const uint32_t narrow = (uint32_t)bits;
  float number;
  memcpy(&number, &narrow, sizeof number);
  return number;
}

static void read_numbers(const uint8_t *from, const array_header *array, foreign_vectors *read) {
  read->by_row = true;
  read->count = array->rows;
  read->dimension = array->columns;
  read->numbers = new_array(array->rows * array->columns, sizeof *read->numbers);
  read->labels = new_array(array->rows, sizeof *read->labels);
  for (size_t row = 0; row < array->rows; ++row) {
    read->labels[row] = row;
    for (size_t column = 0; column < array->columns; ++column) {
      size_t place = array->by_column ? column * array->rows + row : row * array->columns + column;
      read->numbers[row * array->columns + column] = number_at(from + place * array->item, array);
    }
  }
}

/* ---------------------------------------------------------------------------------------------- file */

bool is_npy(dpl_bytes file) {
  return file.size >= sizeof magic && !memcmp(file.data, magic, sizeof magic);
}

/* Where the dictionary begins, and how long it is; its length has two bytes in version 1, four in 2 and 3. */
static bool find_dictionary(dpl_bytes file, const char *name, size_t *begin, size_t *length, sentence *why) {
  const size_t version_at = sizeof magic, length_at = version_at + 2;
  if (file.size < length_at + 4) return fail(why, "%s is cut off; copy it again.", name);
  unsigned version = file.data[version_at];
  if (version < 1 || version > 3)
    return fail(why, "%s is of version %u of NumPy's format; versions 1 to 3 can be read.", name, version);
  size_t bytes = version == 1 ? 2 : 4;
  *length = 0;
  for (size_t i = bytes; i-- > 0;) *length = *length << 8 | file.data[length_at + i];
  *begin = length_at + bytes;
  return *length <= file.size - *begin || fail(why, "%s is cut off within its header; copy it again.", name);
}

bool npy_parse(dpl_bytes file, const char *name, foreign_vectors *read, sentence *why) {
  enum { LONGEST_HEADER = 65536 };
  *read = (foreign_vectors){0};
  array_header array = {0};
  size_t begin = 0, length = 0;
  if (!is_npy(file)) return fail(why, "%s is not a NumPy array.", name);
  if (!find_dictionary(file, name, &begin, &length, why)) return false;
  if (length > LONGEST_HEADER) return fail(why, "The header of %s has %zu bytes; it is damaged.", name, length);
  char *text = new_text_of("%.*s", (int)length, (const char *)file.data + begin);
  bool fine = read_dictionary(text, name, &array, why);
  free(text);
  if (!fine) return false;
  if (array.rows == 0 || array.columns == 0) return fail(why, "%s holds no vectors.", name);
  if (array.columns > DPL_MAX_DIMENSION)
    return fail(why, "%s has %zu numbers a row; vectors have at most %d.", name, array.columns, DPL_MAX_DIMENSION);
  size_t left = file.size - begin - length, row = array.columns * array.item;
  if (array.rows > left / row || array.rows * row != left)
    return fail(why, "%s says that it holds %zu rows of %zu numbers, but has %zu bytes of them; copy it again.", name,
                array.rows, array.columns, left);
  read_numbers(file.data + begin + length, &array, read);
  snprintf(read->kind, sizeof read->kind, "a NumPy array (float%zu)", array.item * 8);
  return true;
}
