/* RFC 8259, character by character. */
#include "json_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------------- characters */

bool json_begin(json_reader *in, text_stream *text, const char *name, size_t most, sentence *why) {
  *in = (json_reader){.text = text, .name = name, .most = most, .line = 1, .column = 1, .why = why};
  in->value = new_array(in->capacity = 256, 1);
  return true;
}

void json_end(json_reader *in) {
  free(in->value);
  in->value = NULL;
}

/* The next character; −1 at the end or after a failure. */
static int next(json_reader *in) {
  if (in->failed || in->ended) return -1;
  if (in->at == in->piece.size) {
    in->at = 0;
    in->failed = !text_piece(in->text, &in->piece, in->why);
    in->ended = !in->failed && !in->piece.size;
    if (in->failed || in->ended) return -1;
  }
  return in->piece.data[in->at];
}

static void step(json_reader *in) {
  const uint8_t letter = in->piece.data[in->at++];
  if (letter == '\n') {
    ++in->line;
    in->column = 1;
  } else if ((letter & 0xC0) != 0x80) {
    ++in->column;
  }
}

int json_peek(json_reader *in) {
  int letter;
  while ((letter = next(in)) == ' ' || letter == '\t' || letter == '\n' || letter == '\r') step(in);
  return letter;
}

bool json_fail_with(json_reader *in, const char *problem) {
  if (in->failed) return false;
  in->failed = true;
  return fail(in->why, "%s, line %zu, column %zu: %s", in->name, in->line, in->column, problem);
}

/* What comes next, for a sentence: a word, or a character. */
static void name_next(json_reader *in, char *name, size_t room) {
  size_t length = 0, most = 20;
  for (int letter; length < most && (letter = next(in)) > ' '; ++length) {
    bool word = (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
                (letter >= '0' && letter <= '9') || letter == '_' || letter == '-' || letter == '+' || letter == '.' ||
                letter >= 0x80;
    if (length && !word) break;
    name[length] = (char)letter;
    ++in->at; /* the place stays where it began */
    if (!word) {
      ++length;
      break;
    }
  }
  while (length && (next(in) & 0xC0) == 0x80 && next(in) > 0 && length + 1 < room) { /* not half a character */
    name[length++] = (char)next(in);
    ++in->at;
  }
  name[length] = 0;
}

bool json_fail(json_reader *in, const char *expected) {
  if (in->failed) return false;
  char name[64];
  const int letter = next(in);
  if (letter > ' ') name_next(in, name, sizeof name);
  char *problem = letter < 0      ? new_text_of("%s was expected, not the end of the file.", expected)
                  : letter <= ' ' ? new_text_of("%s was expected, not a space or line end.", expected)
                                  : new_text_of("%s was expected, not `%s`.", expected, name);
  json_fail_with(in, problem);
  free(problem);
  return false;
}

bool json_take(json_reader *in, char letter) {
  if (json_peek(in) != letter) return false;
  step(in);
  return true;
}

bool json_expect(json_reader *in, char letter, const char *expected) {
  return json_take(in, letter) || json_fail(in, expected);
}

bool json_more(json_reader *in, char end, bool first) {
  if (json_take(in, end)) return false;
  if (first) return !in->failed;
  if (!json_expect(in, ',', end == ']' ? "`,` or `]`" : "`,` or `}`")) return false;
  return json_peek(in) != end || json_fail(in, end == ']' ? "another element of the list" : "another name in quotes");
}

/* ---------------------------------------------------------------------------------------------- values */

static bool put(json_reader *in, const char *bytes, size_t count) {
  if (in->size + count > in->most) return json_fail_with(in, "a text of more than 1 MB; is a quote not closed there?");
  if (in->size + count + 1 > in->capacity) {
    in->capacity = (in->size + count + 1) * 2;
    in->value = grown_array(in->value, in->capacity, 1);
  }
  memcpy(in->value + in->size, bytes, count);
  in->size += count;
  in->value[in->size] = 0;
  return true;
}

static bool put_letter(json_reader *in, char letter) {
  return put(in, &letter, 1);
}

static bool put_code_point(json_reader *in, uint32_t code) {
  char bytes[4];
  size_t count = 0;
  if (code < 0x80) {
    bytes[count++] = (char)code;
  } else {
    if (code >= 0x10000) bytes[count++] = (char)(0xF0 | code >> 18);
    if (code >= 0x800)
      bytes[count++] = code >= 0x10000 ? (char)(0x80 | (code >> 12 & 0x3F)) : (char)(0xE0 | code >> 12);
    bytes[count++] = code >= 0x800 ? (char)(0x80 | (code >> 6 & 0x3F)) : (char)(0xC0 | code >> 6);
    bytes[count++] = (char)(0x80 | (code & 0x3F));
  }
  return put(in, bytes, count);
}

static bool four_digits(json_reader *in, uint32_t *code) {
  *code = 0;
  for (int i = 0; i < 4; ++i) {
    const int letter = next(in);
    const char *digits = "0123456789abcdef", *found = letter > 0 ? strchr(digits, letter | 0x20) : NULL;
    if (!found || (letter < '0' || (letter > '9' && letter < 'A'))) return json_fail(in, "a digit of four behind \\u");
    *code = *code << 4 | (uint32_t)(found - digits);
    step(in);
  }
  return true;
}

/* Behind \u: one code point, of two halves where it is large. */
static bool take_code_point(json_reader *in) {
  uint32_t code, low;
  if (!four_digits(in, &code)) return false;
  if (code == 0) return json_fail_with(in, "a text holds \\u0000, which no text has; delete it.");
  if (code < 0xD800 || code > 0xDFFF) return put_code_point(in, code);
  if (code < 0xDC00 && next(in) == '\\') {
    step(in);
    if (next(in) != 'u') return json_fail(in, "the second half of a character (\\u)");
    step(in);
    if (!four_digits(in, &low)) return false;
    if (low >= 0xDC00 && low <= 0xDFFF) return put_code_point(in, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
  }
  return json_fail_with(in, "a text holds half a character (\\ud800 to \\udfff without its other half).");
}

static bool take_escape(json_reader *in) {
  static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  const int letter = next(in);
  const char *found = letter > 0 ? strchr(letters, letter) : NULL;
  if (letter == 'u') {
    step(in);
    return take_code_point(in);
  }
  if (!found) return json_fail(in, "one of \" \\ / b f n r t u behind `\\`");
  step(in);
  return put_letter(in, meant[found - letters]);
}

/* Behind the quote. */
static bool take_text(json_reader *in) {
  for (int letter; (letter = next(in)) != '"';) {
    if (letter == '\\') {
      step(in);
      if (!take_escape(in)) return false;
    } else if (letter < 0) {
      return json_fail(in, "`\"` at the end of a text");
    } else if (letter < ' ' && letter != '\t') {
      return json_fail_with(in,
                            "a text goes over the end of its line; is a quote not closed? (A line end is \\n there.)");
    } else {
      if (!put_letter(in, (char)letter)) return false;
      step(in);
    }
  }
  step(in);
  return true;
}

bool json_text(json_reader *in, const char *expected) {
  in->size = 0;
  in->value[0] = 0;
  return json_expect(in, '"', expected) && take_text(in);
}

static bool is_digit(int letter) {
  return letter >= '0' && letter <= '9';
}

static bool take_digits(json_reader *in) {
  if (!is_digit(next(in))) return json_fail(in, "a digit");
  for (int letter; is_digit(letter = next(in)); step(in)) {
    if (!put_letter(in, (char)letter)) return false;
  }
  return true;
}

static bool take_number(json_reader *in) {
  if (next(in) == '-') {
    if (!put_letter(in, '-')) return false;
    step(in);
  }
  if (!is_digit(next(in))) return json_fail(in, "a number");
  bool zero = next(in) == '0';
  size_t before = in->size;
  if (!take_digits(in)) return false;
  if (zero && in->size > before + 1)
    return json_fail_with(in, "a number begins with 0; write an id with leading zeros in quotes.");
  if (next(in) == '.') {
    step(in);
    if (!put_letter(in, '.') || !take_digits(in)) return false;
  }
  int letter = next(in);
  if (letter == 'e' || letter == 'E') {
    step(in);
    if (!put_letter(in, (char)letter)) return false;
    letter = next(in);
    if (letter == '+' || letter == '-') {
      step(in);
      if (!put_letter(in, (char)letter)) return false;
    }
    if (!take_digits(in)) return false;
  }
  return !in->failed;
}

static const char a_value[] = "a value (text in quotes, a number, true, false, null, a list or an object)";

/* true, false and null; what others write for no number is named. */
static bool take_word(json_reader *in, const char **word) {
  static const char *const known[] = {"true", "false", "null"};
  size_t line = in->line, column = in->column;
  char name[64];
  if (next(in) <= ' ') return json_fail(in, a_value);
  name_next(in, name, sizeof name);
  for (size_t i = 0; i < sizeof known / sizeof *known; ++i) {
    if (strcmp(name, known[i]) != 0) continue;
    in->column = column + strlen(name);
    *word = known[i];
    return true;
  }
  in->line = line;
  char *problem = new_text_of("`%s` is no value of JSON; %s was expected (null where there is none).", name, a_value);
  json_fail_with(in, problem);
  free(problem);
  return false;
}

static bool put_value(json_reader *in, char separator, bool as_json);

/* The text that begins at `from` of the value, with the quotes and escapes of JSON. */
static bool quote_from(json_reader *in, size_t from) {
  char *text = new_text(in->value + from);
  in->size = from;
  bool fine = put_letter(in, '"');
  for (const char *at = text; *at && fine; ++at) {
    char escape[8];
    if (*at == '"' || *at == '\\')
      fine = put_letter(in, '\\') && put_letter(in, *at);
    else if ((unsigned char)*at < ' ')
      fine = put(in, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", (unsigned)*at));
    else
      fine = put_letter(in, *at);
  }
  free(text);
  return fine && put_letter(in, '"');
}

static bool put_object(json_reader *in) {
  bool fine = put_letter(in, '{');
  for (bool first = true; fine && json_more(in, '}', first); first = false) {
    fine = first || put_letter(in, ',');
    size_t from = in->size;
    fine = fine && json_expect(in, '"', "a name in quotes") && take_text(in) && quote_from(in, from) &&
           json_expect(in, ':', "`:` behind a name") && put_letter(in, ':') && put_value(in, ',', true);
  }
  return fine && !in->failed && put_letter(in, '}');
}

static bool put_list(json_reader *in, char separator, bool as_json) {
  bool fine = !as_json || put_letter(in, '[');
  size_t begin = in->size;
  for (bool first = true; fine && json_more(in, ']', first); first = false) {
    size_t before = in->size;
    if (before > begin && (as_json ? !first : true)) fine = put_letter(in, separator);
    size_t from = in->size;
    fine = fine && put_value(in, separator, as_json);
    if (fine && in->size == from) in->size = before; /* an element that says nothing */
    in->value[in->size] = 0;
  }
  return fine && !in->failed && (!as_json || put_letter(in, ']'));
}

static bool put_value(json_reader *in, char separator, bool as_json) {
  const int letter = json_peek(in);
  const char *word = "";
  bool fine;
  size_t from = in->size;
  if (in->depth == JSON_DEEPEST) return json_fail_with(in, "lists and objects are nested more than 64 deep.");
  ++in->depth;
  if (letter == '"') {
    step(in);
    fine = take_text(in) && (!as_json || quote_from(in, from));
  } else if (letter == '{') {
    step(in);
    fine = put_object(in);
  } else if (letter == '[') {
    step(in);
    fine = put_list(in, separator, as_json);
  } else if (is_digit(letter) || letter == '-') {
    fine = take_number(in);
  } else {
    fine = take_word(in, &word) && (!as_json && !strcmp(word, "null") ? true : put(in, word, strlen(word)));
  }
  --in->depth;
  return fine;
}

bool json_value(json_reader *in, char separator) {
  in->size = 0;
  in->value[0] = 0;
  return put_value(in, separator, false);
}
