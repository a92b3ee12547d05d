/*
 * The slow path: what to do when no zone is above its low mark. Corresponds to Linux
 * __alloc_pages_slowpath() (2.6.32).
 *
 *   wake the reclaimer
 *   -> may the request go below the low mark?   min; lower for who is urgent or cannot sleep;
 *      |                                        nothing at all for reclaim itself, if need be
 *      no page
 *      |-- cannot sleep, or is reclaim itself:  fail
 *   -> direct reclaim, then again; what per-CPU lists keep back comes last
 *      no page
 *      |-- __GFP_NORETRY, or no progress:       fail
 *      |-- large, and asked for once:           fail   (__GFP_REPEAT: until so much was reclaimed)
 *      `-- from the start
 */
#include "phys/page_alloc_priv.h"

#include "base/bug.h"
#include "phys/pcp.h"
#include "phys/pressure.h"
#include "phys/vmstat.h"
#include "phys/watermark.h"

static __mm_state const struct pressure_ops *pressure;

/* Linux's PF_MEMALLOC, a flag of the task: one task so far, and no interrupt that allocates. */
static __mm_state bool within_reclaim;

void set_pressure_ops(const struct pressure_ops *ops)
{
	pressure = ops;
}

static const struct zonelist *zonelist_of(gfp_t gfp)
{
	return &contig_page_data.node_zonelists[alloc_classes[gfp_class(gfp)].zone_idx];
}

static void wake_reclaimer(gfp_t gfp, unsigned int order)
{
	if (!pressure || within_reclaim)
		return;
	for (struct zone *const *at = zonelist_of(gfp)->zones; *at; at++)
		pressure->wake(*at, order);
}

static unsigned int alloc_flags_of(gfp_t gfp)
{
	unsigned int flags = WMARK_MIN | (gfp & __GFP_HIGH);

	_Static_assert(ALLOC_HIGH == __GFP_HIGH, "the bit is passed on");
	if (!(gfp & __GFP_WAIT))
		flags |= ALLOC_HARDER;
	if (within_reclaim && !(gfp & __GFP_NOMEMALLOC))
		flags |= ALLOC_NO_WATERMARKS;
	return flags;
}

static unsigned long direct_reclaim(gfp_t gfp, unsigned int order)
{
	unsigned long freed;

	if (!pressure)
		return 0;
	mod_vm_counter(ALLOCSTALL, 1);
	within_reclaim = true;
	freed = pressure->reclaim(zonelist_of(gfp), order, gfp);
	within_reclaim = false;
	return freed;
}

/* Is another round worth while, after one that freed `freed` pages, `total` in all? */
static bool should_retry(gfp_t gfp, unsigned int order, unsigned long freed, unsigned long total)
{
	if (gfp & __GFP_NORETRY)
		return false;
	if (gfp & __GFP_NOFAIL) {
		BUG_ON(!freed, "order %u, gfp %x must not fail, and nothing can be reclaimed",
		       order, gfp);
		return true;
	}
	if (!freed)
		return false;
	if (order <= PAGE_ALLOC_COSTLY_ORDER)
		return true;
	return gfp & __GFP_REPEAT && total < 1ul << order;
}

struct page *alloc_pages_slow(gfp_t gfp, unsigned int order)
{
	unsigned long freed, total = 0;

	do {
		unsigned int flags = alloc_flags_of(gfp);
		struct page *page;

		wake_reclaimer(gfp, order);
		page = alloc_pages_zones(gfp, order, flags & ~ALLOC_NO_WATERMARKS);
		if (!page && flags & ALLOC_NO_WATERMARKS)
			page = alloc_pages_zones(gfp, order, flags);
		if (page || !(gfp & __GFP_WAIT) || within_reclaim)
			return page;
		freed = direct_reclaim(gfp, order);
		page = alloc_pages_zones(gfp, order, flags);
		if (!page && drain_all_pages())
			page = alloc_pages_zones(gfp, order, flags);
		if (page)
			return page;
		total += freed;
	} while (should_retry(gfp, order, freed, total));
	return NULL;
}
