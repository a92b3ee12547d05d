#include "phys/pageblock.h"

#include "base/bug.h"
#include "phys/buddy.h"
#include "phys/zone.h"

__mm_state bool page_group_by_mobility_disabled;

/* Where a type looks when its own blocks have nothing, in this order. Reserve blocks come last. */
#define NR_FALLBACKS 2
static const u8 fallbacks[MIGRATE_PCPTYPES][NR_FALLBACKS] = {
	[MIGRATE_UNMOVABLE] = {MIGRATE_RECLAIMABLE, MIGRATE_MOVABLE},
	[MIGRATE_RECLAIMABLE] = {MIGRATE_UNMOVABLE, MIGRATE_MOVABLE},
	[MIGRATE_MOVABLE] = {MIGRATE_RECLAIMABLE, MIGRATE_UNMOVABLE},
};

const char *migratetype_name(unsigned int type)
{
	static const char *const names[MIGRATE_TYPES] = {
		[MIGRATE_UNMOVABLE] = "Unmovable",
		[MIGRATE_RECLAIMABLE] = "Reclaimable",
		[MIGRATE_MOVABLE] = "Movable",
		[MIGRATE_RESERVE] = "Reserve",
	};

	return type < MIGRATE_TYPES ? names[type] : "?";
}

/* The page block that holds pfn, as far as the zone has it. */
static struct page *block_start(const struct zone *zone, unsigned long pfn)
{
	return pfn_to_page(max(ALIGN_DOWN(pfn, pageblock_nr_pages), zone->zone_start_pfn));
}

static struct page *block_end(const struct zone *zone, unsigned long pfn)
{
	return pfn_to_page(
		min(ALIGN_DOWN(pfn, pageblock_nr_pages) + pageblock_nr_pages, zone_end_pfn(zone)));
}

static void set_pageblock_migratetype(struct zone *zone, struct page *page, unsigned int type)
{
	u32 change = (page_migratetype(page) ^ type) << PAGE_FLAGS_TYPE_SHIFT;
	unsigned long pfn = page_to_pfn(page);
	struct page *end = block_end(zone, pfn);

	lock_assert_held(&zone->lock);
	for (struct page *at = block_start(zone, pfn); at < end; at++)
		__atomic_fetch_xor(&at->flags, change, __ATOMIC_RELAXED);
}

/* Moves the free blocks of a page block to the lists of a type; returns their number of pages. */
static unsigned long move_freepages_block(struct zone *zone, struct page *page, unsigned int type)
{
	unsigned long pfn = page_to_pfn(page), moved = 0;
	struct page *end = block_end(zone, pfn);

	lock_assert_held(&zone->lock);
	for (struct page *at = block_start(zone, pfn); at < end;) {
		if (!page_flag(at, PG_buddy)) {
			at++;
			continue;
		}
		list_del(&at->lru);
		list_add(&at->lru, &zone->free_area[at->private].free_list[type]);
		moved += 1ul << at->private;
		at += 1ul << at->private;
	}
	return moved;
}

/*
 * Should the allocation take over more than it asked for? Yes for a large block: the next request
 * of its type then finds its own. Reclaimable pages come in bursts, so theirs always do.
 */
static bool takes_over(unsigned int found, unsigned int type)
{
	return found >= pageblock_order / 2 || type == MIGRATE_RECLAIMABLE;
}

/*
 * A free block of another type is going to serve type: moves its neighbours along where that pays,
 * and the whole page block with them if half of it or more is free. Returns the type whose lists
 * get what the allocation leaves of the block.
 */
static unsigned int steal(struct zone *zone, struct page *page, unsigned int found,
			  unsigned int from, unsigned int type)
{
	if (!takes_over(found, type))
		return from;
	if (move_freepages_block(zone, page, type) >= pageblock_nr_pages / 2)
		set_pageblock_migratetype(zone, page, type);
	return type;
}

struct page *find_fallback(struct zone *zone, unsigned int least_order, unsigned int type,
			   unsigned int *order, unsigned int *left)
{
	for (unsigned int found = MAX_ORDER; found-- > least_order;)
		for (unsigned int i = 0; i < NR_FALLBACKS; i++) {
			unsigned int from = fallbacks[type][i];

			if (list_empty(&zone->free_area[found].free_list[from]))
				continue;
			struct page *page = buddy_first(zone, found, from);

			*order = found;
			*left = steal(zone, page, found, from, type);
			return page;
		}
	return NULL;
}

/* ---- the reserve --------------------------------------------------------------------------- */

static void change_block(struct zone *zone, struct page *page, unsigned int type)
{
	set_pageblock_migratetype(zone, page, type);
	move_freepages_block(zone, page, type);
}

static unsigned long reserve_wanted(const struct zone *zone)
{
	unsigned long blocks = DIV_ROUND_UP(zone->watermark[WMARK_MIN], pageblock_nr_pages);

	return page_group_by_mobility_disabled ? 0 : min(blocks, MAX_RESERVE_BLOCKS);
}

void setup_zone_migrate_reserve(struct zone *zone)
{
	unsigned long wanted = reserve_wanted(zone);

	lock_assert_held(&zone->lock);
	for (unsigned long pfn = zone->zone_start_pfn; pfn < zone_end_pfn(zone);
	     pfn += pageblock_nr_pages) {
		struct page *page = pfn_to_page(pfn);
		unsigned int type = page_migratetype(page);

		if (type == MIGRATE_RESERVE && !wanted)
			change_block(zone, page, MIGRATE_MOVABLE);
		else if (type == MIGRATE_MOVABLE && wanted && !page_flag(page, PG_reserved))
			change_block(zone, page, MIGRATE_RESERVE);
		else if (type != MIGRATE_RESERVE)
			continue;
		wanted -= wanted != 0;
	}
}

unsigned long count_pageblocks(const struct zone *zone, unsigned int type)
{
	unsigned long count = 0;

	for (unsigned long pfn = zone->zone_start_pfn; pfn < zone_end_pfn(zone);
	     pfn += pageblock_nr_pages)
		count += page_migratetype(pfn_to_page(pfn)) == type;
	return count;
}
