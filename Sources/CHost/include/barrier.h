// A barrier of processes on one host, in memory that they share.
#pragma once
#include <stdint.h>

/// Bytes of a barrier in shared memory. They must be zero before the first use.
#define CHOST_BARRIER_BYTES 64

/// Returns when all `count` processes that share the barrier at `address` have called it for this
/// round. Rounds count from 1.
void chost_barrier(void *address, uint32_t round, uint32_t count);
