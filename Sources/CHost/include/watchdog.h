// Ends this rank, and with it the job, where it gets on no longer, and says in one line how far it
// was.
#pragma once

/// Ends the job where this rank makes no progress for `seconds` (see `chost_beat`): writes a line
/// and calls `abort` with code 99, on a thread of its own. A rank that waits for others may wait
/// longer by the time that it has worked itself since the ranks last met, as they may be slower.
/// Only the first call has an effect.
void chost_watch(double seconds, void (*abort)(int));

/// Gives a file the time of now every few seconds while this rank makes progress, for those who
/// watch from outside: scripts/launch. On a thread of its own, as the file system may hang. A later
/// call names another file.
void chost_show_progress(const char *path);

/// From now on a fault (SIGSEGV, SIGILL, SIGABRT, SIGFPE, SIGBUS) first writes the line, and a
/// mapped file that has become shorter ends the process with code 1. Call it after MPI_Init, which
/// has handlers of its own: they still follow.
void chost_report_faults(void);

/// From now on an exit that `chost_expect_exit` does not announce writes the line, and ends with
/// code 1 where it would have been 0.
void chost_report_exit(void);
void chost_expect_exit(void);
