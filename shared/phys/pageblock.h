/*
 * Page blocks and mobility. Corresponds to Linux include/linux/pageblock-flags.h and the migrate
 * types of mmzone.h (2.6.24).
 *
 * Memory fragments for good only where pages that cannot move stand between those that can. So
 * memory is divided into page blocks of the buddy's largest order, each block has a type, and an
 * allocation takes pages of blocks of its own type while there are any:
 *
 *   Unmovable     the kernel's own data, page tables
 *   Reclaimable   caches that can be shrunk
 *   Movable       user pages and page cache
 *   Reserve       one or two blocks a zone that serve last, so that what min_free_kbytes keeps back
 *                 lies together: large blocks for atomic requests
 *
 * When a type has run out, the largest free block of another type serves. If it is large, the other
 * free pages of its page block come along, and with half a page block of free pages or more the
 * whole block changes its type: a little pollution in many places becomes much of it in one.
 *
 * A block's type stands in the flags of each of its pages, where the free path reads it together
 * with the zone, in one load. All change together, under zone->lock, by atomic operations: pages in
 * use have other bits there that others change.
 *
 * A small machine has too few blocks to divide: grouping is off and every block is Unmovable.
 */
#pragma once

#include "phys/page.h"

/* Orders 0 .. 10: blocks of 4 KiB to 4 MiB. */
#define MAX_ORDER 11

#define pageblock_order (MAX_ORDER - 1)
#define pageblock_nr_pages (1ul << pageblock_order)

enum migratetype {
	MIGRATE_UNMOVABLE,
	MIGRATE_RECLAIMABLE,
	MIGRATE_MOVABLE,
	MIGRATE_PCPTYPES, /* the types that per-CPU lists are kept for */
	MIGRATE_RESERVE = MIGRATE_PCPTYPES,
	MIGRATE_TYPES
};

struct zone;

/* Off on machines with fewer pages than MIGRATE_TYPES page blocks have. Constant after boot. */
extern bool page_group_by_mobility_disabled;

/* "Unmovable", ... */
const char *migratetype_name(unsigned int type);

/* The type of the page block that holds the page. */
static inline unsigned int page_migratetype(const struct page *page)
{
	return page->flags >> PAGE_FLAGS_TYPE_SHIFT & PAGE_FLAGS_TYPE_MASK;
}

/*
 * Finds a block for type among the free blocks of other types, the largest first, and moves its
 * neighbours along where the theory above says so. The block stays on its list; *order is set to
 * its order and *left to the type of the list that gets what the allocation leaves of it. NULL when
 * there is none but in Reserve blocks. Holds zone->lock.
 */
struct page *find_fallback(struct zone *zone, unsigned int least_order, unsigned int type,
			   unsigned int *order, unsigned int *left);

/*
 * Gives the zone as many Reserve blocks as its min watermark asks for, two at most, or takes them
 * back. Holds zone->lock.
 */
void setup_zone_migrate_reserve(struct zone *zone);

/* How many page blocks of the zone have the type. */
unsigned long count_pageblocks(const struct zone *zone, unsigned int type);
