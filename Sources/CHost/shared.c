#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "chost.h"

int chost_anonymous_file(long long bytes) {
  int file = memfd_create("dec", MFD_CLOEXEC);
  if (file >= 0 && ftruncate(file, bytes) != 0) {
    close(file);
    return -1;
  }
  return file;
}

// Processes that wait for each other in memory they share. Who comes early looks out for the others, soon leaving
// the core to whoever wants it, and then sleeps.

#if defined(__x86_64__)
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE() ((void)0)
#endif

enum { SPINS = 2000, YIELDS = 1000 };

struct meeting {
  _Atomic uint32_t arrived;  // over all rounds
  _Atomic uint32_t sleepers;
};

_Static_assert(sizeof(struct meeting) <= CHOST_MEETING_BYTES, "chost.h");

void chost_meet(void *place, uint32_t round, uint32_t count) {
  struct meeting *meeting = place;
  uint32_t last = round * count;
  if (atomic_fetch_add(&meeting->arrived, 1) + 1 == last) {
    if (atomic_load(&meeting->sleepers) > 0) {
      syscall(SYS_futex, &meeting->arrived, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
    }
    return;
  }
  for (int i = 0; i < SPINS + YIELDS; i++) {
    if ((int32_t)(atomic_load(&meeting->arrived) - last) >= 0) return;
    if (i < SPINS) PAUSE(); else sched_yield();
  }
  atomic_fetch_add(&meeting->sleepers, 1);
  for (;;) {
    uint32_t arrived = atomic_load(&meeting->arrived);
    if ((int32_t)(arrived - last) >= 0) break;
    syscall(SYS_futex, &meeting->arrived, FUTEX_WAIT, arrived, NULL, NULL, 0);
  }
  atomic_fetch_sub(&meeting->sleepers, 1);
}
