/* Threads that work ahead of the taker by a bounded number of items, so that memory does not grow with their count. */
#include "parallel.h"

#include <pthread.h>
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

static void *worker(void *argument) {
  crew *team = argument;
  sentence why = {0};
  network_handles handles;
  if (!networks_open(team->plan->networks, &handles, &why)) {
    stop(team, &why);
    return NULL;
  }
  for (size_t index; claim(team, &index);) {
    void *result = team->plan->work(team->plan->context, &handles, index);
    pthread_mutex_lock(&team->lock);
    team->results[index % team->window] = result;
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->lock);
  }
  networks_close(&handles);
  return NULL;
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
    if (!team->plan->take(team->plan->context, index, result, &why)) {
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
  team.results = new_array(team.window, sizeof *team.results);
  pthread_t *threads = new_array(jobs, sizeof *threads);

  size_t started = 0;
  while (started < jobs && pthread_create(&threads[started], NULL, worker, &team) == 0) ++started;
  if (started == 0 && plan->count > 0) {
    sentence reason = {0};
    fail(&reason, "No thread could be started.");
    stop(&team, &reason);
  }
  take_in_order(&team);
  for (size_t i = 0; i < started; ++i) pthread_join(threads[i], NULL);

  for (size_t i = 0; i < team.window; ++i) {
    if (team.results[i]) plan->drop(team.results[i]);
  }
  free(team.results);
  free(threads);
  pthread_cond_destroy(&team.changed);
  pthread_mutex_destroy(&team.lock);
  if (team.stopped) *why = team.why;
  return !team.stopped;
}

int processor_count(void) {
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1 ? 1 : count > 256 ? 256 : (int)count;
}
