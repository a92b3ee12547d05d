/*
 * Assertions, in tiers.
 *   BUG_ON     always compiled: an invariant is broken and going on would destroy data.
 *   MM_ASSERT  checked builds: contracts at entry, cheap invariants.
 * What costs a walk over all memory is neither: that is mm_verify() (top/mm_verify.h).
 * Each prints the values that broke it.
 */
#pragma once

#include "arch/types.h"

/* Panics with "BUG at file:line: message". */
void __noreturn __printf(3, 4) bug_at(const char *file, int line, const char *fmt, ...);

#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)

#define BUG_ON(condition, ...)                                                                     \
	do {                                                                                       \
		if (unlikely(condition))                                                           \
			BUG(__VA_ARGS__);                                                          \
	} while (0)

#if CONFIG_CHECKED
#define MM_ASSERT(condition, ...) BUG_ON(!(condition), __VA_ARGS__)
#else
#define MM_ASSERT(condition, ...) ((void)sizeof(condition))
#endif
