/*
 * The way up: what the page allocator asks of those who can make pages free. phys/ knows no page
 * cache, no processes and no swap; whoever does sets this table, once it has something to offer.
 * Cuts the cycle buddy -> reclaim -> everything -> buddy.
 */
#pragma once

#include "phys/gfp.h"
#include "phys/zone.h"

struct pressure_ops {
	/*
	 * A block of that order was wanted, and no zone of the list, of which this is one, could
	 * give it and stay above its low mark and its reserve: wakes the background reclaimer,
	 * which judges for itself what the zone needs. In each round of the slow path. Linux:
	 * wakeup_kswapd().
	 * - Must not sleep, allocate or free. Locks of a lower rank than LOCK_RANK_PCP may be held.
	 */
	void (*wake)(struct zone *zone, unsigned int order);

	/*
	 * Direct reclaim: makes pages free that the zones of the list can use, as far as gfp
	 * allows (__GFP_IO, __GFP_FS). Linux: try_to_free_pages().
	 * - May sleep, allocate and free. Allocations within ignore the watermarks and do not
	 *   reclaim again. No spinlock is held.
	 * - Returns the pages it made free; 0 means that more of the same is useless.
	 */
	unsigned long (*reclaim)(const struct zonelist *zonelist, unsigned int order, gfp_t gfp);
};

/* Sets the table, NULL (at start) for none. It must stay. */
void set_pressure_ops(const struct pressure_ops *ops);
