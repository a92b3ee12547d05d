/* What the parts of the page allocator share: the fast path, the slow path, freeing. */
#pragma once

#include "phys/gfp.h"
#include "phys/zone.h"

/*
 * Takes a block from the first zone of the list that has it, by the marks in alloc_flags, and makes
 * it ready; NULL for none.
 */
struct page *__regparm alloc_pages_zones(gfp_t gfp, unsigned int order, unsigned int alloc_flags);

/* What is left when no zone is above its low mark. Sleeps only with __GFP_WAIT. */
struct page *alloc_pages_slow(gfp_t gfp, unsigned int order);
