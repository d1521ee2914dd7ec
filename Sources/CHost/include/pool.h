// The thread pool of this process: runs the iterations of loops on several threads.
#pragma once

/// The body of a loop, called with the index of an iteration.
typedef void (*chost_body)(void *context, int part);

/// Runs `body` for the indices 0 ..< `parts`, on this thread and up to `threads` - 1 others, and
/// returns when all are done. Called from within a body, or while another thread's loop runs, it
/// uses this thread alone.
void chost_for_each(int parts, int threads, chost_body body, void *context);
