/* Progress with rate and time left. */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "command.h"
#include "output.h"

static void format_duration(double seconds, char *text, size_t size) {
  long whole = seconds < 0 ? 0 : (long)(seconds + 0.5);
  if (whole < 60)
    snprintf(text, size, "%ld s", whole);
  else if (whole < 3600)
    snprintf(text, size, "%ld min %02ld s", whole / 60, whole % 60);
  else
    snprintf(text, size, "%ld h %02ld min", whole / 3600, whole / 60 % 60);
}

/* "12.3 a second, ", or nothing. The first that was computed stands for the threads' start. */
static void format_rate(const progress *state, double now, char *text, size_t size) {
  const bool several = state->computed > 1;
  const double spent = now - (several ? state->first : state->started);
  *text = 0;
  if (state->computed && spent > 0)
    snprintf(text, size, "%.1f a second, ", (double)(state->computed - several) / spent);
}

/* What is left will come as what has come since the first that was computed. */
static double seconds_left(const progress *state, double now) {
  const bool several = state->computed > 1;
  const size_t counted = state->done - (several ? state->first_done : 0);
  const double spent = now - (several ? state->first : state->started);
  return counted ? (double)(state->total - state->done) * spent / (double)counted : 0;
}

static void show(progress *state, double now, bool final) {
  char rate[48], time_text[32], skipped[48] = "", known[48] = "";
  format_rate(state, now, rate, sizeof rate);
  format_duration(final ? now - state->started : seconds_left(state, now), time_text, sizeof time_text);
  if (state->skipped) snprintf(skipped, sizeof skipped, ", %s skipped", grouped(state->skipped));
  if (state->known) snprintf(known, sizeof known, ", %s known already", grouped(state->known));
  fprintf(stderr, "%s%s: %s of %s %s, %s%s %s%s%s%s", state->terminal ? "\r\033[K" : "", command_name(),
          grouped(state->done), grouped(state->total), state->unit, rate, time_text, final ? "in all" : "left", skipped,
          known, state->terminal && !final ? "" : "\n");
  fflush(stderr);
  state->shown = now;
}

void progress_begin(progress *state, const char *unit, size_t total, bool quiet) {
  double now = seconds_now();
  *state = (progress){.unit = unit, .total = total, .quiet = quiet, .started = now, .shown = now};
  state->terminal = isatty(STDERR_FILENO) == 1;
}

void progress_step(progress *state, progress_kind kind, bool skipped) {
  double now = seconds_now(), pause = state->terminal ? 0.2 : 10;
  ++state->done;
  state->skipped += skipped;
  state->known += kind == PROGRESS_KNOWN;
  state->computed += kind == PROGRESS_COMPUTED;
  if (kind == PROGRESS_COMPUTED && state->computed == 1) {
    state->first = now;
    state->first_done = state->done;
  }
  if (!state->quiet && state->done < state->total && now - state->shown >= pause) show(state, now, false);
}

void progress_end(progress *state) {
  if (!state->quiet) show(state, seconds_now(), true);
}

void progress_break_off(progress *state) {
  if (!state->quiet && state->terminal && state->shown > state->started) fputc('\n', stderr);
}
