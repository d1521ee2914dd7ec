// What a spinning thread executes between looks, to leave the resources of the core to its other
// hardware thread.
#pragma once

#if defined(__x86_64__)
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE() ((void)0)
#endif
