/*
 * Page allocations that fail on purpose. Corresponds to Linux mm/page_alloc.c, fail_page_alloc
 * (CONFIG_FAIL_PAGE_ALLOC).
 *
 * The fast path does not ask: while anything is armed, its marks are closed (phys/pcp.h), so that
 * every request comes to alloc_pages_rest(), which does. What is let through is served as the fast
 * path would have.
 */
#pragma once

#include "base/fault.h"
#include "phys/gfp.h"

/* Requests that a knob excludes are let through, and not counted, as those with __GFP_NOFAIL. */
struct fail_page_alloc {
	struct fault_attr attr; /* a call's size: the bytes of the block */
	u32 min_order;		/* smaller blocks are excluded */
	u32 ignore_gfp_wait;	/* 1: requests that may sleep are excluded */
	u32 ignore_gfp_highmem; /* 1: requests that high memory will do for are excluded */
};

/* Written by fail_page_alloc_setup() and should_fail_alloc_page() alone. */
extern struct fail_page_alloc fail_page_alloc;

/* Sets all of it anew; closes or opens the fast path. Takes the watermark lock. */
void fail_page_alloc_setup(const struct fail_page_alloc *knobs);

/* Takes what the command line said. Boot time only, when the marks are there. */
void fail_page_alloc_init(void);

/* Could any request fail, for these knobs or the sweep's? The marks are closed iff it can, or
 * could when that was last set up. */
bool fail_page_alloc_armed(void);

/* Shall this request fail? Says so with printk unless __GFP_NOWARN. order < MAX_ORDER. */
bool should_fail_alloc_page(gfp_t gfp, unsigned int order);
