// What this rank is at, for the line that it leaves when it ends before its time: the watchdog, the
// handlers of faults and of an unexpected exit write it (see watchdog.h).
#pragma once
#include <stddef.h>
#include <stdint.h>

extern uint64_t chost_beats, chost_meetings;
extern int64_t chost_waiting;

/// Tells the watchdog that this rank got on: a part of a loop, a step, a block of a file. Any
/// thread may call it.
static inline void chost_beat(void) { __atomic_fetch_add(&chost_beats, 1, __ATOMIC_RELAXED); }

/// Tells the watchdog that a thread of this rank begins to wait for other ranks.
static inline void chost_begin_waiting(void) {
  chost_beat();
  __atomic_fetch_add(&chost_waiting, 1, __ATOMIC_RELAXED);
}

/// Tells the watchdog that the other ranks have come.
static inline void chost_end_waiting(void) {
  __atomic_fetch_sub(&chost_waiting, 1, __ATOMIC_RELAXED);
  __atomic_fetch_add(&chost_meetings, 1, __ATOMIC_RELAXED);
}

/// Names this rank and its host in the line.
void chost_set_rank(int rank, const char *host);
int chost_rank(void);

/// The ranks and process numbers of this host, of which the watchdog tells the stopped ones.
void chost_set_neighbours(int count, const int64_t *ranks, const int64_t *processes);

/// The phase of the training at work; the training thread calls it, and the next two.
void chost_set_phase(const char *phase);

/// Minibatches done in the phase.
void chost_set_iteration(int64_t iteration);

/// The run folder and its newest checkpoint, which is empty where there is none.
void chost_set_checkpoint(const char *run, const char *checkpoint);

/// Names a mapped file, for a fault where it has become shorter.
void chost_add_mapping(const void *start, size_t bytes, const char *path);
void chost_remove_mapping(const void *start);
