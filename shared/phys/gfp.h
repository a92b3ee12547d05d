/*
 * How to allocate. Corresponds to Linux include/linux/gfp.h; the bits have Linux 2.6.24's values.
 *
 * Three things are said at once: which zones will do, which kind of page block the pages should
 * come from (how they can be got back later), and what the allocator may do to find them.
 */
#pragma once

#include "arch/types.h"

/* Zones. */
#define __GFP_DMA 0x01u	    /* only below MAX_DMA_ADDRESS */
#define __GFP_HIGHMEM 0x02u /* high memory will do */
/* Mobility: phys/pageblock.h. With __GFP_HIGHMEM, __GFP_MOVABLE opens ZONE_MOVABLE as well. */
#define __GFP_RECLAIMABLE 0x80000u /* a cache that can be shrunk */
#define __GFP_MOVABLE 0x100000u	   /* can be migrated or swapped out */
/* Effort. */
#define __GFP_WAIT 0x10u      /* may sleep: may reclaim memory on the spot */
#define __GFP_HIGH 0x20u      /* may use half of the reserve */
#define __GFP_IO 0x40u	      /* may start I/O */
#define __GFP_FS 0x80u	      /* may call into file systems */
#define __GFP_REPEAT 0x400u   /* try harder for a large block */
#define __GFP_NOFAIL 0x800u   /* with __GFP_WAIT: must not fail, reclaims until there is a block */
#define __GFP_NORETRY 0x1000u /* one round of reclaim, no more */
#define __GFP_NOMEMALLOC 0x10000u /* leaves the reserve alone even within reclaim */
/* The page itself. */
#define __GFP_COLD 0x100u   /* not cache-hot: from the far end of the per-CPU list */
#define __GFP_NOWARN 0x200u /* no message on failure */
#define __GFP_ZERO 0x8000u  /* the page comes zeroed */

#define GFP_ZONEMASK (__GFP_DMA | __GFP_HIGHMEM)
#define GFP_MOBILITY_MASK (__GFP_RECLAIMABLE | __GFP_MOVABLE)
#define GFP_MOBILITY_SHIFT 19
#define GFP_KNOWN                                                                                  \
	(GFP_ZONEMASK | GFP_MOBILITY_MASK | __GFP_WAIT | __GFP_HIGH | __GFP_IO | __GFP_FS |        \
	 __GFP_REPEAT | __GFP_NOFAIL | __GFP_NORETRY | __GFP_NOMEMALLOC | __GFP_COLD |             \
	 __GFP_NOWARN | __GFP_ZERO)

#define GFP_NOWAIT 0u
#define GFP_ATOMIC (__GFP_HIGH)
#define GFP_NOIO (__GFP_WAIT)
#define GFP_NOFS (__GFP_WAIT | __GFP_IO)
#define GFP_KERNEL (__GFP_WAIT | __GFP_IO | __GFP_FS)
#define GFP_TEMPORARY (GFP_KERNEL | __GFP_RECLAIMABLE)
#define GFP_USER GFP_KERNEL
#define GFP_HIGHUSER (GFP_USER | __GFP_HIGHMEM)
#define GFP_HIGHUSER_MOVABLE (GFP_HIGHUSER | __GFP_MOVABLE)
#define GFP_DMA __GFP_DMA

/*
 * The four bits that choose a list, as an index: zone bits in 3:2, mobility in 1:0. A constant
 * where gfp is one.
 */
#define NR_GFP_CLASSES 16

static inline unsigned int gfp_class(gfp_t gfp)
{
	return (gfp & GFP_ZONEMASK) << 2 | (gfp & GFP_MOBILITY_MASK) >> GFP_MOBILITY_SHIFT;
}
