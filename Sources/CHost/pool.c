#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "pause.h"
#include "pool.h"
#include "status.h"

// Threads that run the parts of one loop at a time. They spin for some tens of microseconds before
// they sleep: the loops of a training step follow each other faster than a sleeping thread wakes.

enum { SPINS = 2000 };

static pthread_mutex_t busy = PTHREAD_MUTEX_INITIALIZER;  // one loop at a time
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static atomic_int sleepers;

static int workers;
// The number of the loop, the number of its parts, and the index of the next part, in one word: a
// thread that takes a part cannot take it from another loop.
enum { BITS = 22 };
static const uint64_t MASK = (1u << BITS) - 1;
static _Atomic uint64_t state;
static atomic_int done;
static chost_body body;
static void *context;

static _Thread_local bool is_inside;

static uint64_t number_of(uint64_t word) { return word >> (2 * BITS); }

// Runs parts of the current loop until none is left.
static void work(void) {
  is_inside = true;
  uint64_t seen = atomic_load(&state);
  while ((seen & MASK) < ((seen >> BITS) & MASK)) {
    if (!atomic_compare_exchange_weak(&state, &seen, seen + 1)) continue;
    body(context, (int)(seen & MASK));
    atomic_fetch_add(&done, 1);
    chost_beat();
    seen = atomic_load(&state);
  }
  is_inside = false;
}

static void *worker(void *unused) {
  (void)unused;
  uint64_t number = 0;
  for (;;) {
    for (int i = 0; i < SPINS && number_of(atomic_load(&state)) == number; i++) PAUSE();
    if (number_of(atomic_load(&state)) == number) {
      pthread_mutex_lock(&lock);
      atomic_fetch_add(&sleepers, 1);
      while (number_of(atomic_load(&state)) == number) pthread_cond_wait(&wake, &lock);
      atomic_fetch_sub(&sleepers, 1);
      pthread_mutex_unlock(&lock);
    }
    number = number_of(atomic_load(&state));
    work();
  }
  return NULL;
}

void chost_for_each(int parts, int threads, chost_body each, void *with) {
  // A loop within a loop, or concurrent with one, runs on its caller's thread.
  if (parts <= 1 || (uint64_t)parts > MASK || threads <= 1 || is_inside ||
      pthread_mutex_trylock(&busy) != 0) {
    for (int part = 0; part < parts; part++) {
      each(with, part);
      chost_beat();
    }
    return;
  }
  while (workers < threads - 1) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, worker, NULL) != 0) break;
    pthread_detach(thread);
    workers++;
  }
  body = each;
  context = with;
  atomic_store(&done, 0);
  uint64_t number = number_of(atomic_load(&state)) + 1;
  atomic_store(&state, number << (2 * BITS) | (uint64_t)parts << BITS);
  if (atomic_load(&sleepers) > 0) {
    pthread_mutex_lock(&lock);
    pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&lock);
  }
  work();
  for (int i = 0; atomic_load(&done) < parts; i++) {
    if (i < SPINS) PAUSE(); else sched_yield();
  }
  pthread_mutex_unlock(&busy);
}
