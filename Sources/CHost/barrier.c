#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "barrier.h"
#include "pause.h"
#include "status.h"

// A process that arrives early first spins, then yields its core between looks, and then sleeps on
// a futex until the last process has arrived.

enum { SPINS = 2000, YIELDS = 1000 };

struct barrier {
  _Atomic uint32_t arrived;  // over all rounds
  _Atomic uint32_t sleepers;
};

_Static_assert(sizeof(struct barrier) <= CHOST_BARRIER_BYTES, "barrier.h");

static void wait_for(struct barrier *barrier, uint32_t round, uint32_t count) {
  uint32_t last = round * count;
  if (atomic_fetch_add(&barrier->arrived, 1) + 1 == last) {
    if (atomic_load(&barrier->sleepers) > 0) {
      syscall(SYS_futex, &barrier->arrived, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
    }
    return;
  }
  for (int i = 0; i < SPINS + YIELDS; i++) {
    if ((int32_t)(atomic_load(&barrier->arrived) - last) >= 0) return;
    if (i < SPINS) PAUSE(); else sched_yield();
  }
  atomic_fetch_add(&barrier->sleepers, 1);
  for (;;) {
    uint32_t arrived = atomic_load(&barrier->arrived);
    if ((int32_t)(arrived - last) >= 0) break;
    syscall(SYS_futex, &barrier->arrived, FUTEX_WAIT, arrived, NULL, NULL, 0);
  }
  atomic_fetch_sub(&barrier->sleepers, 1);
}

void chost_barrier(void *address, uint32_t round, uint32_t count) {
  chost_begin_waiting();
  wait_for(address, round, count);
  chost_end_waiting();
}
