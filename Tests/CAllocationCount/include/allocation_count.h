#pragma once
#include <stddef.h>

// Allocations of allocation_count_bytes or more in this process so far.
enum { allocation_count_bytes = 16384 };
long allocation_count(void);
