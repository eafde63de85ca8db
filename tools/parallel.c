/* Threads that work ahead of the taker by a bounded number of items, so that memory does not grow with their count. */
#include "parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct crew {
  const parallel_plan *plan;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  void **results; /* result of item i at i mod window; NULL while there is none */
  size_t window, next, taken;
  bool stopped;
  sentence why; /* of the first failure */
} crew;

static volatile sig_atomic_t interrupted;

static void note_interrupt(int signal_number) {
  (void)signal_number;
  interrupted = 1;
}

void parallel_heed_interrupts(void) {
  struct sigaction action = {.sa_handler = note_interrupt, .sa_flags = (int)SA_RESETHAND};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

static void stop(crew *team, const sentence *why) {
  pthread_mutex_lock(&team->lock);
  if (!team->stopped) team->why = *why;
  team->stopped = true;
  pthread_cond_broadcast(&team->changed);
  pthread_mutex_unlock(&team->lock);
}

/* Waits until an item may be begun; false when there is none left. */
static bool claim(crew *team, size_t *index) {
  pthread_mutex_lock(&team->lock);
  while (!team->stopped && team->next < team->plan->count && team->next >= team->taken + team->window) {
    pthread_cond_wait(&team->changed, &team->lock);
  }
  bool claimed = !team->stopped && team->next < team->plan->count;
  if (claimed) *index = team->next++;
  pthread_mutex_unlock(&team->lock);
  return claimed;
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
    void *result = team->plan->work(team->plan->context, &self->handles, index);
    pthread_mutex_lock(&team->lock);
    team->results[index % team->window] = result;
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->lock);
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

static void take_in_order(crew *team) {
  for (size_t index = 0; index < team->plan->count; ++index) {
    pthread_mutex_lock(&team->lock);
    void **slot = &team->results[index % team->window];
    while (!team->stopped && !*slot) pthread_cond_wait(&team->changed, &team->lock);
    if (team->stopped) {
      pthread_mutex_unlock(&team->lock);
      return;
    }
    void *result = *slot;
    *slot = NULL;
    team->taken = index + 1;
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->lock);

    sentence why = {0};
    bool fine = team->plan->take(team->plan->context, index, result, &why);
    if (fine && interrupted)
      fine = fail(&why, "Interrupted after %zu of %zu; nothing was changed.", index + 1, team->plan->count);
    if (!fine) {
      stop(team, &why);
      return;
    }
  }
}

bool parallel_run(const parallel_plan *plan, sentence *why) {
  size_t jobs = plan->jobs > 0 ? (size_t)plan->jobs : 1;
  if (jobs > plan->count) jobs = plan->count;
  crew team = {.plan = plan, .window = jobs * 4 + 1};
  pthread_mutex_init(&team.lock, NULL);
  pthread_cond_init(&team.changed, NULL);
  team.results = new_array(team.window, sizeof(void *));
  member *members = new_array(jobs, sizeof *members);

  size_t started = 0;
  sentence reason = {0};
  while (started < jobs && start(&members[started], &team, &reason)) ++started;
  if (started < jobs) stop(&team, &reason);
  take_in_order(&team);
  for (size_t i = 0; i < started; ++i) finish(&members[i]);

  for (size_t i = 0; i < team.window; ++i) {
    if (team.results[i]) plan->drop(team.results[i]);
  }
  free(team.results);
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
