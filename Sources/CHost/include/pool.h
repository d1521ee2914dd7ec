// The threads of this process that share out loops.
#pragma once

/// A part of a loop.
typedef void (*chost_body)(void *context, int part);

/// Runs `body` for the parts 0 ..< `parts`, on this thread and up to `threads` - 1 others, and returns when
/// all are done. From within a part, or while another thread is at it, on this thread alone.
void chost_for_each(int parts, int threads, chost_body body, void *context);
