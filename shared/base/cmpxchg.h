/*
 * Compare-and-exchange of two adjacent words (Intel SDM vol. 2A, CMPXCHG8B). Corresponds to Linux
 * cmpxchg_double() and this_cpu_cmpxchg_double().
 */
#pragma once

#include "arch/types.h"

/*
 * If the two words at p, 8-byte aligned, are *old1 and *old2, makes them new1 and new2: true.
 * Otherwise *old1 and *old2 are what they were. At once for this CPU, interrupts included; other
 * CPUs may see a state between.
 */
static __always_inline bool this_cpu_cmpxchg_double(void *p, u32 *old1, u32 *old2, u32 new1,
						    u32 new2)
{
	bool same;

	__asm__ __volatile__("cmpxchg8b %1"
			     : "=@ccz"(same), "+m"(*(u64 *)p), "+a"(*old1), "+d"(*old2)
			     : "b"(new1), "c"(new2)
			     : "memory");
	return same;
}

/* The same at once for all CPUs. */
static __always_inline bool cmpxchg_double(void *p, u32 *old1, u32 *old2, u32 new1, u32 new2)
{
	bool same;

	__asm__ __volatile__("lock cmpxchg8b %1"
			     : "=@ccz"(same), "+m"(*(u64 *)p), "+a"(*old1), "+d"(*old2)
			     : "b"(new1), "c"(new2)
			     : "memory");
	return same;
}
