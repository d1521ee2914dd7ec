#define _GNU_SOURCE
#include "host.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

int chost_allowed_cores(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int count = CPU_COUNT(&set);
  return count > 0 ? count : 1;
}

static uint64_t fnv1a(uint64_t hash, const void *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) hash = (hash ^ ((const unsigned char *)bytes)[i]) * 1099511628211ULL;
  return hash;
}

uint64_t chost_core_set_hash(void) {
  char name[256] = {0};
  gethostname(name, sizeof name - 1);
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  return fnv1a(fnv1a(14695981039346656037ULL, name, strlen(name)), &set, sizeof set);
}

#if defined(__x86_64__)
bool chost_has_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

bool chost_has_avx512(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}
#else
bool chost_has_avx2(void) { return false; }
bool chost_has_avx512(void) { return false; }
#endif

bool chost_compiled_for_v3(void) {
#if defined(__AVX2__)
  return true;
#else
  return false;
#endif
}

bool chost_compiled_for_v4(void) {
#if defined(__AVX512F__)
  return true;
#else
  return false;
#endif
}

long long chost_peak_resident_bytes(void) {
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return (long long)usage.ru_maxrss * 1024;
}

int chost_anonymous_file(long long bytes) {
  int file = memfd_create("dec", MFD_CLOEXEC);
  if (file >= 0 && ftruncate(file, bytes) != 0) {
    close(file);
    return -1;
  }
  return file;
}

void chost_exit_now(int code) { _exit(code); }

void chost_sleep(int microseconds) {
  static _Thread_local bool is_precise;
  if (!is_precise) prctl(PR_SET_TIMERSLACK, 1UL);  // nanoseconds
  is_precise = true;
  usleep((useconds_t)microseconds);
}

static atomic_llong timed;

long long chost_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

void chost_add_time(long long nanoseconds) { atomic_fetch_add_explicit(&timed, nanoseconds, memory_order_relaxed); }

long long chost_take_time(void) { return atomic_exchange(&timed, 0); }
