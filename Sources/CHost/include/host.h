// Properties of the host that Swift cannot query: affinity, CPUID, and the flags of this binary's
// compilation.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// The number of cores that this process may run on (its affinity mask); at least 1.
int chost_allowed_cores(void);

/// A hash of the host's name and the affinity mask: equal for processes that share their cores.
uint64_t chost_core_set_hash(void);

/// Whether this CPU has AVX2 and FMA.
bool chost_has_avx2(void);

/// Whether this CPU has the AVX-512 subsets of OpenBLAS's SkylakeX kernels (F, CD, BW, DQ, VL).
bool chost_has_avx512(void);

/// Whether this binary was compiled for x86-64-v3 (AVX2, FMA, BMI2) or above.
bool chost_compiled_for_v3(void);

/// Whether this binary was compiled for AVX-512.
bool chost_compiled_for_v4(void);

/// Peak resident size of this process in bytes.
long long chost_peak_resident_bytes(void);

/// Ends the process by `_exit(code)`, without running exit handlers.
void chost_exit_now(int code) __attribute__((noreturn));

/// Creates a file of zeros without a name, and returns its descriptor; -1 where that fails. The
/// file exists until no process has it open or mapped.
int chost_anonymous_file(long long bytes);

/// Nanoseconds of a monotonic clock.
long long chost_now(void);

/// Sleeps for this many microseconds, without the 50 that Linux adds by default (timer slack).
void chost_sleep(int microseconds);

/// Adds to a sum of times over all threads; `chost_take_time` returns the sum since its last call.
void chost_add_time(long long nanoseconds);
long long chost_take_time(void);

/// Prefetches the cache line at `address`, which need not be mapped.
static inline void chost_prefetch(const void *address) { __builtin_prefetch(address); }
