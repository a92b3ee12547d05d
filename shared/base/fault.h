/*
 * Failures on purpose. Corresponds to Linux lib/fault-inject.c and
 * Documentation/fault-injection/fault-injection.rst.
 *
 * Who can fail owns a struct fault_attr (phys/fail_page_alloc.h, kmem/failslab.h), asks
 * should_fail() once a request, and fails when it says so. A call comes by these, in this order:
 *
 *   paused, or not armed   it is let through, and not counted
 *   nth                    counts down; this call fails when it comes to 0, the others are let
 *                          through, whatever the rest says
 *   times                  0: no more failures
 *   space                  calls of so many bytes in all are let through first
 *   interval               every interval-th call goes on
 *   probability            ... and fails in so many cases of a hundred
 */
#pragma once

#include "arch/types.h"

/* fault_attr.times: no limit. */
#define FAULT_FOREVER (-1)
#define FAULT_SEED 2463534242u

struct fault_attr {
	u32 interval;	 /* 1 at least */
	u32 probability; /* percent; 0: only nth fails anything */
	u32 space;	 /* bytes that are still let through */
	s32 times;	 /* failures that are left, or FAULT_FOREVER */
	u32 nth;	 /* the call to fail, from now on; 0: none */
	u32 seed;	 /* the generator's state, never 0 */
	u32 passed;	 /* calls that came to interval since it let one go on */
	u32 calls, failures;
};

#define FAULT_ATTR_INIT                                                                            \
	{                                                                                          \
		.interval = 1, .times = FAULT_FOREVER, .seed = FAULT_SEED                          \
	}

/* Could any call fail? */
static inline bool fault_attr_armed(const struct fault_attr *attr)
{
	return attr->nth || (attr->probability && attr->times);
}

/* Shall this call, for size bytes, fail? Counts it. */
bool should_fail(struct fault_attr *attr, size_t size);

/*
 * Sets interval, probability, space and times from "I,P,S,T", as boot parameters have them; the
 * text ends at a blank as well. times is -1 for no limit. -EINVAL for what is not of that form,
 * -ERANGE for what does not fit (interval 0, probability above 100): then nothing is changed.
 */
int setup_fault_attr(struct fault_attr *attr, const char *text);

/* Between these two nothing is failed; they nest. For boot, and for who is not to be tested. */
void fault_pause(void);
void fault_resume(void);

/*
 * The sweep's: allocations of every kind, counted as one sequence, of which it fails the nth.
 * Asked besides each allocator's own. Armed before the allocators come up, or not at all: they
 * look at it then.
 */
extern struct fault_attr fault_sweep;
