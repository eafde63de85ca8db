/* Progress with rate and time left. */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "command.h"

static void format_duration(double seconds, char *text, size_t size) {
  long whole = seconds < 0 ? 0 : (long)(seconds + 0.5);
  if (whole < 60)
    snprintf(text, size, "%ld s", whole);
  else if (whole < 3600)
    snprintf(text, size, "%ld min %02ld s", whole / 60, whole % 60);
  else
    snprintf(text, size, "%ld h %02ld min", whole / 3600, whole / 60 % 60);
}

static void show(progress *state, double now, bool final) {
  double spent = now - state->started;
  double rate = spent > 0 ? (double)state->done / spent : 0;
  double left = rate > 0 ? (double)(state->total - state->done) / rate : 0;
  char time_text[32], skipped_text[48] = "";
  format_duration(final ? spent : left, time_text, sizeof time_text);
  if (state->skipped) snprintf(skipped_text, sizeof skipped_text, ", %zu skipped", state->skipped);
  fprintf(stderr, "%s%s: %zu of %zu %s, %.1f a second, %s %s%s%s", state->terminal ? "\r\033[K" : "", command_name(),
          state->done, state->total, state->unit, rate, time_text, final ? "in all" : "left", skipped_text,
          state->terminal && !final ? "" : "\n");
  fflush(stderr);
  state->shown = now;
}

void progress_begin(progress *state, const char *unit, size_t total, bool quiet) {
  double now = seconds_now();
  *state = (progress){.unit = unit, .total = total, .quiet = quiet, .started = now, .shown = now};
  state->terminal = isatty(STDERR_FILENO) == 1;
}

void progress_step(progress *state, bool skipped) {
  ++state->done;
  if (skipped) ++state->skipped;
  double now = seconds_now(), pause = state->terminal ? 0.2 : 10;
  if (!state->quiet && state->done < state->total && now - state->shown >= pause) show(state, now, false);
}

void progress_end(progress *state) {
  if (!state->quiet) show(state, seconds_now(), true);
}
