/*
 * Object allocations that fail on purpose. Corresponds to Linux mm/failslab.c.
 *
 * While anything is armed KMEM_GATE_FAILSLAB is set, and allocations come to kmem_alloc_watched(),
 * which asks. The pages of new slabs and large sizes are page allocations: phys/fail_page_alloc.h.
 */
#pragma once

#include "base/fault.h"
#include "kmem/cache.h"

/* Requests that a knob excludes are let through, and not counted, as those with __GFP_NOFAIL. */
struct failslab {
	struct fault_attr
		attr;	     /* a call's size: the bytes of the object; 0 where there is no cache */
	u32 ignore_gfp_wait; /* 1: requests that may sleep are excluded */
	u32 cache_filter;    /* 1: only caches with SLAB_FAILSLAB are not excluded */
};

/* Written by failslab_setup() and should_failslab() alone. */
extern struct failslab failslab;

/* Sets all of it anew; opens or closes the gate. */
void failslab_setup(const struct failslab *knobs);

/* Takes what the command line said. Boot time only, when the allocator is up. */
void failslab_init(void);

/* Could any request fail, for these knobs or the sweep's? */
bool failslab_armed(void);

/*
 * Shall this request fail? s is NULL where it is of no cache: slob's kmalloc(). Says so with printk
 * unless __GFP_NOWARN.
 */
bool should_failslab(const struct kmem_cache *s, gfp_t gfp);
