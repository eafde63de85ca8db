/* The version, status codes with their names and sentences, and the one way to fail. */
#include "status.h"

#include <stdarg.h>
#include <stdio.h>

const char *dpl_version(void) {
  return DPL_VERSION;
}

const char *dpl_status_name(dpl_status status) {
  switch (status) {
#define NAME(name, sentence)                                                                                           \
  case DPL_##name:                                                                                                     \
    return #name;
    DPL_STATUS_LIST(NAME)
#undef NAME
  }
  return "UNKNOWN";
}

const char *dpl_status_sentence(dpl_status status) {
  switch (status) {
#define SENTENCE(name, sentence)                                                                                       \
  case DPL_##name:                                                                                                     \
    return sentence;
    DPL_STATUS_LIST(SENTENCE)
#undef SENTENCE
  }
  return "This status is not one of doppel's.";
}

dpl_status dpl_fail(dpl_error *error, dpl_status status, const char *format, ...) {
  if (error) {
    error->status = status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
  }
  return status;
}

dpl_status dpl_fail_plain(dpl_error *error, dpl_status status) {
  return dpl_fail(error, status, "%s", dpl_status_sentence(status));
}
