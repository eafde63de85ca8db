/* Threads that work ahead of the taker by a bounded number of items, so that memory does not grow with their count. */
#include "parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include "command.h"

typedef struct finished {
  struct finished *next;
  size_t index;
  void *result;
} finished;

typedef struct crew {
  const parallel_plan *plan;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  finished *waiting; /* results that nobody has taken yet, the newest first */
  size_t window, begun, taken;
  bool stopped;
  sentence why; /* of the first failure */
} crew;

static volatile sig_atomic_t interrupted;
static crew *volatile at_work; /* NULL while nothing runs on threads */

/* Most steps look at `interrupted` often and end with what they have; whatever takes longer is ended by a timer. What
   is on disk is whole at any time. */
static void note_interrupt(int signal_number) {
  (void)signal_number;
  const struct itimerval soon = {.it_value = {.tv_usec = 800000}};
  interrupted = 1;
  setitimer(ITIMER_REAL, &soon, NULL);
}

static void end_now(int signal_number) {
  (void)signal_number;
  char text[256];
  const crew *team = at_work;
  int size =
      team ? snprintf(text, sizeof text,
                      "%s: Interrupted after %zu of %zu photos; the same command goes on from there.\n", command_name(),
                      team->taken, team->plan->count)
           : snprintf(text, sizeof text, "%s: Interrupted; the same command begins this step again.\n", command_name());
  if (write(STDERR_FILENO, text, (size_t)size) < 0) _exit(EXIT_FAILED);
  _exit(EXIT_FAILED);
}

void parallel_heed_interrupts(void) {
  struct sigaction action = {.sa_handler = note_interrupt, .sa_flags = (int)SA_RESETHAND};
  struct sigaction end = {.sa_handler = end_now};
  sigaction(SIGALRM, &end, NULL);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

bool parallel_interrupted(void) {
  return interrupted;
}

static void stop(crew *team, const sentence *why) {
  pthread_mutex_lock(&team->lock);
  if (!team->stopped) team->why = *why;
  team->stopped = true;
  pthread_cond_broadcast(&team->changed);
  pthread_mutex_unlock(&team->lock);
}

/* ---- the workers */

static bool has_more(const crew *team) {
  return !team->stopped && !interrupted && team->begun < team->plan->count;
}

/* Waits until an item may be begun; false when there is none left. */
static bool claim(crew *team, size_t *index) {
  pthread_mutex_lock(&team->lock);
  while (has_more(team) && team->begun >= team->taken + team->window) pthread_cond_wait(&team->changed, &team->lock);
  bool claimed = has_more(team);
  if (claimed) *index = team->begun++;
  pthread_cond_broadcast(&team->changed); /* an interrupted taker waits for what was begun */
  pthread_mutex_unlock(&team->lock);
  return claimed;
}

static void hand_over(crew *team, size_t index, void *result) {
  finished *entry = new_array(1, sizeof *entry);
  pthread_mutex_lock(&team->lock);
  *entry = (finished){team->waiting, index, result};
  team->waiting = entry;
  pthread_cond_broadcast(&team->changed);
  pthread_mutex_unlock(&team->lock);
}

typedef struct member {
  crew *team;
  network_handles handles;
  pthread_t thread;
} member;

static void *worker(void *argument) {
  member *self = argument;
  crew *team = self->team;
  for (size_t index; claim(team, &index);) {
    hand_over(team, index, team->plan->work(team->plan->context, &self->handles, index));
  }
  return NULL;
}

/* The handles are opened here and not on the threads, because cJSON notes where it stopped in a global variable. */
static bool start(member *self, crew *team, sentence *why) {
  self->team = team;
  if (!networks_open(team->plan->networks, &self->handles, why)) return false;
  if (pthread_create(&self->thread, NULL, worker, self) == 0) return true;
  networks_close(&self->handles);
  return fail(why, "No thread could be started; ask for fewer with --jobs.");
}

static void finish(member *self) {
  pthread_join(self->thread, NULL);
  networks_close(&self->handles);
}

/* ---- the taker */

/* The result that is to be taken next, taken out of the list; NULL where it is not there yet. */
static finished *unlink_next(crew *team) {
  for (finished **link = &team->waiting; *link; link = &(*link)->next) {
    if (!team->plan->any_order && (*link)->index != team->taken) continue;
    finished *entry = *link;
    *link = entry->next;
    ++team->taken;
    pthread_cond_broadcast(&team->changed);
    return entry;
  }
  return NULL;
}

/* Nothing is left that was begun or will be. */
static bool is_over(const crew *team) {
  size_t end = interrupted ? team->begun : team->plan->count;
  return team->stopped || team->taken >= end;
}

static bool rest(crew *team, sentence *why) {
  return !team->plan->rest || team->plan->rest(team->plan->context, why);
}

/* Waits for the next result, after a rest where there is none yet; NULL at the end or where something failed. */
static finished *next_result(crew *team, bool *rested, sentence *why) {
  for (bool fine = true; fine;) {
    pthread_mutex_lock(&team->lock);
    finished *entry = unlink_next(team);
    while (!entry && *rested && !is_over(team)) {
      pthread_cond_wait(&team->changed, &team->lock);
      entry = unlink_next(team);
    }
    bool over = !entry && is_over(team);
    pthread_mutex_unlock(&team->lock);
    if (entry || (over && *rested)) return entry;
    fine = rest(team, why);
    *rested = true;
    if (!fine) stop(team, why);
  }
  return NULL;
}

static void take_all(crew *team) {
  const parallel_plan *plan = team->plan;
  sentence why = {0};
  bool rested = false;
  for (finished *entry; (entry = next_result(team, &rested, &why));) {
    size_t index = entry->index;
    void *result = entry->result;
    free(entry);
    rested = false;
    if (!plan->take(plan->context, index, result, &why)) {
      stop(team, &why);
      return;
    }
  }
  if (interrupted && team->taken < plan->count) {
    fail(&why, "Interrupted after %zu of %zu; nothing was changed.", team->taken, plan->count);
    stop(team, &why);
  }
}

bool parallel_run(const parallel_plan *plan, sentence *why) {
  size_t jobs = plan->jobs > 0 ? (size_t)plan->jobs : 1;
  if (jobs > plan->count) jobs = plan->count;
  crew team = {.plan = plan, .window = jobs * 4 + 1};
  pthread_mutex_init(&team.lock, NULL);
  pthread_cond_init(&team.changed, NULL);
  member *members = new_array(jobs, sizeof *members);

  size_t started = 0;
  sentence reason = {0};
  while (started < jobs && start(&members[started], &team, &reason)) ++started;
  if (started < jobs) stop(&team, &reason);
  at_work = &team;
  take_all(&team);
  for (size_t i = 0; i < started; ++i) finish(&members[i]);
  at_work = NULL;

  for (finished *entry = team.waiting, *next; entry; entry = next) {
    next = entry->next;
    plan->drop(entry->result);
    free(entry);
  }
  free(members);
  pthread_cond_destroy(&team.changed);
  pthread_mutex_destroy(&team.lock);
  if (team.stopped) *why = team.why;
  return !team.stopped;
}

int processor_count(void) {
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1 ? 1 : count > 256 ? 256 : (int)count;
}
