// What Swift cannot ask of the host: affinity, CPUID, the flags this binary was compiled with.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// Cores that this process may run on (its affinity mask); at least 1.
int chost_allowed_cores(void);

/// A hash of the affinity mask: equal for processes that share their cores.
unsigned long long chost_affinity_hash(void);

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

/// A part of a loop.
typedef void (*chost_body)(void *context, int part);

/// Runs `body` for the parts 0 ..< `parts`, on this thread and up to `threads` - 1 others, and returns when
/// all are done. From within a part, or while another thread is at it, on this thread alone.
void chost_for_each(int parts, int threads, chost_body body, void *context);

/// A file of zeros without a name, gone when no process has it open or mapped; -1 where there can be none.
int chost_anonymous_file(long long bytes);

/// Nanoseconds of a clock that only goes forward.
long long chost_now(void);

/// Sleeps for so many microseconds, and not, as the system would, for 50 more.
void chost_sleep(int microseconds);

/// Adds to a time that all threads share; and takes what was added since the last call.
void chost_add_time(long long nanoseconds);
long long chost_take_time(void);

/// Bytes of a meeting's place, zero at first.
#define CHOST_MEETING_BYTES 64

/// Returns when all of `count` processes, which share the memory at `place`, have called it for this round;
/// rounds count from 1.
void chost_meet(void *place, uint32_t round, uint32_t count);

/// Asks for the cache line at `address`, which need not be mapped.
static inline void chost_prefetch(const void *address) { __builtin_prefetch(address); }
