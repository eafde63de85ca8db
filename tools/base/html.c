/* Escaping and base64. */
#include "html.h"

void html_text(FILE *out, const char *text) {
  for (; *text; ++text) {
    switch (*text) {
    case '&':
      fputs("&amp;", out);
      break;
    case '<':
      fputs("&lt;", out);
      break;
    case '>':
      fputs("&gt;", out);
      break;
    case '"':
      fputs("&quot;", out);
      break;
    case '\'':
      fputs("&#39;", out);
      break;
    default:
      fputc((unsigned char)*text < ' ' || *text == 0x7F ? ' ' : *text, out);
    }
  }
}

void html_name(FILE *out, const char *text) {
  fputs("<bdi>", out);
  html_text(out, text);
  fputs("</bdi>", out);
}

static void put_base64(FILE *out, dpl_bytes bytes) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < bytes.size; i += 3) {
    const size_t left = bytes.size - i;
    const uint32_t three = (uint32_t)bytes.data[i] << 16 | (uint32_t)(left > 1 ? bytes.data[i + 1] : 0) << 8 |
                           (left > 2 ? bytes.data[i + 2] : 0);
    fputc(digits[three >> 18], out);
    fputc(digits[three >> 12 & 63], out);
    fputc(left > 1 ? digits[three >> 6 & 63] : '=', out);
    fputc(left > 2 ? digits[three & 63] : '=', out);
  }
}

void html_picture(FILE *out, dpl_bytes jpeg, const char *alt) {
  if (!jpeg.size) return;
  fputs("<img alt=\"", out);
  html_text(out, alt);
  fputs("\" src=\"data:image/jpeg;base64,", out);
  put_base64(out, jpeg);
  fputs("\">", out);
}
