// What Swift cannot ask of the host: affinity, CPUID, the flags this binary was compiled with.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// Cores that this process may run on (its affinity mask); at least 1.
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

/// Makes a failing process end with `_exit(code)`, skipping exit handlers.
void chost_exit_now(int code) __attribute__((noreturn));

/// A file of zeros without a name, gone when no process has it open or mapped; -1 where there can be none.
int chost_anonymous_file(long long bytes);

/// Nanoseconds of a clock that only goes forward.
long long chost_now(void);

/// Sleeps for so many microseconds, and not, as the system would, for 50 more.
void chost_sleep(int microseconds);

/// Adds to a time that all threads share; and takes what was added since the last call.
void chost_add_time(long long nanoseconds);
long long chost_take_time(void);

/// Asks for the cache line at `address`, which need not be mapped.
static inline void chost_prefetch(const void *address) { __builtin_prefetch(address); }
