#define _GNU_SOURCE
#include "watchdog.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "line.h"
#include "status.h"

enum { CODE = 99 };

static double limit;  // seconds
static void (*abort_job)(int);
static atomic_bool is_exit_expected;

static uint64_t load(const uint64_t *number) { return __atomic_load_n(number, __ATOMIC_RELAXED); }

static void end_job(double idle, bool is_waiting) {
  struct line line = {0};
  line_add(&line, "dec: ");
  line_add_rank(&line);
  line_add(&line, is_waiting ? " waited " : " made no progress for ");
  line_add_number(&line, (int64_t)(idle + 0.5));
  line_add(&line, is_waiting ? " s in vain for another rank" : " s");
  line_add_phase(&line);
  if (is_waiting) line_add_stopped(&line);
  line_finish(&line);
  atomic_store(&is_exit_expected, true);
  // MPI_Abort may itself hang, such as on a lock of the thread that does.
  signal(SIGALRM, SIG_DFL);
  alarm(10);
  abort_job(CODE);
}

static void *watch(void *rank) {
  double tick = limit / 40;
  tick = tick < 0.01 ? 0.01 : tick > 0.25 ? 0.25 : tick;
  // Who hangs itself speaks first, then the others one by one, so that there is one line.
  double turn = 1 + ((intptr_t)rank < 40 ? 0.1 * (double)(intptr_t)rank : 4);
  if (turn > limit) turn = limit;
  // Seconds without progress, and seconds of work since the ranks last met.
  double idle = 0, worked = 0;
  uint64_t beats = 0, meetings = 0;
  long long then = chost_now();
  for (;;) {
    nanosleep(&(struct timespec){(time_t)tick, (long)(1e9 * (tick - (time_t)tick))}, NULL);
    long long now = chost_now();
    // Where this process, too, was stopped for a while, that time does not count.
    double passed = (double)(now - then) * 1e-9;
    if (passed > 4 * tick + 1) passed = tick;
    then = now;
    uint64_t b = load(&chost_beats), m = load(&chost_meetings);
    if (m != meetings) {
      idle = worked = 0;
    } else if (b != beats) {
      worked += idle + passed;
      idle = 0;
    } else {
      idle += passed;
    }
    beats = b;
    meetings = m;
    bool is_waiting = __atomic_load_n(&chost_waiting, __ATOMIC_RELAXED) > 0;
    if (idle >= limit + (is_waiting ? worked + turn : 0)) {
      end_job(idle, is_waiting);
      return NULL;
    }
  }
}

static _Atomic(char *) progress_path;

static void *show(void *unused) {
  (void)unused;
  uint64_t shown = 0;
  for (;;) {
    uint64_t beats = load(&chost_beats);
    if (beats != shown) utimensat(AT_FDCWD, atomic_load(&progress_path), NULL, 0);
    shown = beats;
    sleep(5);
  }
  return NULL;
}

static void start_thread(void *(*body)(void *), void *argument) {
  // Signals are for the other threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  if (pthread_create(&thread, NULL, body, argument) == 0) pthread_detach(thread);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void chost_watch(double seconds, void (*abort)(int)) {
  if (abort_job) return;
  limit = seconds;
  abort_job = abort;
  start_thread(watch, (void *)(intptr_t)chost_rank());
}

void chost_show_progress(const char *path) {
  // The path before stays in memory: the thread may be using it.
  if (atomic_exchange(&progress_path, strdup(path)) == NULL) start_thread(show, NULL);
}

// MARK: Faults

static const int faults[] = {SIGSEGV, SIGILL, SIGABRT, SIGFPE, SIGBUS};
enum { FAULTS = sizeof faults / sizeof *faults };
static struct sigaction earlier[FAULTS];
static atomic_bool is_reported;

static const char *name_of(int number) {
  switch (number) {
    case SIGSEGV: return "SIGSEGV";
    case SIGILL: return "SIGILL";
    case SIGABRT: return "SIGABRT";
    case SIGFPE: return "SIGFPE";
    default: return "SIGBUS";
  }
}

static void report(int number, siginfo_t *info, void *context) {
  (void)context;
  const char *file = number == SIGBUS && info->si_code > 0 ? mapping_at(info->si_addr) : NULL;
  if (!atomic_exchange(&is_reported, true)) {
    struct line line = {0};
    line_add(&line, "dec: ");
    if (file) {
      line_add(&line, file);
      line_add(&line, ": became shorter, or cannot be read any more, while ");
      line_add_rank(&line);
      line_add(&line, " read it");
    } else {
      line_add_rank(&line);
      line_add(&line, " crashed by ");
      line_add(&line, name_of(number));
    }
    line_add_phase(&line);
    line_add(&line, file ? "; put back the dataset as it was, or prepare it again" : "; this is a defect: please report it");
    line_finish(&line);
  }
  atomic_store(&is_exit_expected, true);
  if (file) _exit(1);
  // What was there before goes on: Swift's or Open MPI's backtrace, then the end by the signal.
  for (int i = 0; i < FAULTS; i++) sigaction(faults[i], &earlier[i], NULL);
  // A signal that was sent does not come again by itself, and Swift's handler returns.
  if (info->si_code > 0) return;
  raise(number);
  signal(number, SIG_DFL);
  raise(number);
}

void chost_report_faults(void) {
  struct sigaction action = {.sa_sigaction = report, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < FAULTS; i++) sigaction(faults[i], &action, &earlier[i]);
}

// MARK: Exit

static void exited(int code, void *unused) {
  (void)unused;
  if (atomic_load(&is_exit_expected)) return;
  struct line line = {0};
  line_add(&line, "dec: ");
  line_add_rank(&line);
  line_add(&line, " left the job by exit(");
  line_add_number(&line, code);
  line_add(&line, ")");
  line_add_phase(&line);
  line_finish(&line);
  _exit(code ? code : 1);
}

void chost_report_exit(void) { on_exit(exited, NULL); }

void chost_expect_exit(void) { atomic_store(&is_exit_expected, true); }
