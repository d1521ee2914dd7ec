// How a thread that looks out for others, for a moment, leaves the core's other thread its share.
#pragma once

#if defined(__x86_64__)
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE() ((void)0)
#endif
