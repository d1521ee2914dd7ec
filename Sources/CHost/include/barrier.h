// A barrier between processes of one host, in memory that they share.
#pragma once
#include <stdint.h>

/// Bytes of a barrier in shared memory, zero at first.
#define CHOST_BARRIER_BYTES 64

/// Returns when all of `count` processes, which share the barrier at `address`, have called it for this round;
/// rounds count from 1.
void chost_barrier(void *address, uint32_t round, uint32_t count);
