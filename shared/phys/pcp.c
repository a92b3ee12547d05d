#include "phys/pcp.h"

#include "base/bug.h"
#include "phys/buddy.h"

__mm_state struct alloc_class alloc_classes[NR_GFP_CLASSES];
__mm_state struct free_class free_classes[NR_FREE_CLASSES];

/* For types without lists: never free, so that the fast path need not ask. */
static __mm_state struct per_cpu_pages no_lists;

/* Half a MiB for one CPU is plenty: the size of a second-level cache. */
#define BATCH_MAX_PAGES ((512u << 10) / PAGE_SIZE)
/* ... and where somebody set the fraction by hand, no batch may keep zone->lock for long. */
#define BATCH_MAX_BY_HAND (PAGE_SHIFT * 8)

/* ---- tables -------------------------------------------------------------------------------- */

/* The bits of gfp_class() that are the migrate type, in the numbers of enum migratetype. */
#define CLASS_TYPE_MASK (GFP_MOBILITY_MASK >> GFP_MOBILITY_SHIFT)
_Static_assert(__GFP_RECLAIMABLE >> GFP_MOBILITY_SHIFT == MIGRATE_RECLAIMABLE &&
		       __GFP_MOVABLE >> GFP_MOBILITY_SHIFT == MIGRATE_MOVABLE,
	       "gfp_class() gives migrate types");

/* Who says both is unsound (gfp_is_sound()), and served as if he had said neither. */
static unsigned int class_type(unsigned int class)
{
	unsigned int type = class & CLASS_TYPE_MASK;

	if (page_group_by_mobility_disabled || type == CLASS_TYPE_MASK)
		return MIGRATE_UNMOVABLE;
	return type;
}

/* The highest zone that a request may have. */
static unsigned int class_zone_idx(unsigned int class)
{
	bool dma = class >> 2 & __GFP_DMA, highmem = class >> 2 & __GFP_HIGHMEM;

	if (dma)
		return ZONE_DMA;
	if (highmem)
		return (class & CLASS_TYPE_MASK) == MIGRATE_MOVABLE ? ZONE_MOVABLE : ZONE_HIGHMEM;
	return ZONE_NORMAL;
}

void build_alloc_classes(void)
{
	for (unsigned int i = 0; i < NR_GFP_CLASSES; i++) {
		struct alloc_class *class = &alloc_classes[i];
		unsigned int idx = class_zone_idx(i);

		*class = (struct alloc_class){.zone_idx = idx, .type = class_type(i)};
		class->zone = contig_page_data.node_zonelists[idx].zones[0];
		class->lists = class->zone->pageset[0].lists[class->type];
	}
	no_lists.lock.locked = 1;
	for (unsigned int i = 0; i < NR_FREE_CLASSES; i++) {
		unsigned int type = i & PAGE_FLAGS_TYPE_MASK;
		struct zone *zone = zone_of(i >> (PAGE_FLAGS_ZONE_SHIFT - PAGE_FLAGS_TYPE_SHIFT));
		bool listed = type < MIGRATE_PCPTYPES;

		free_classes[i].pcp = listed ? &zone->pageset[0] : &no_lists;
		free_classes[i].lists = listed ? zone->pageset[0].lists[type] : NULL;
	}
}

void update_alloc_marks(void)
{
	for (unsigned int i = 0; i < NR_GFP_CLASSES; i++) {
		struct alloc_class *class = &alloc_classes[i];

		class->mark = class->zone->watermark[WMARK_LOW] +
			      class->zone->lowmem_reserve[class->zone_idx];
	}
}

void pageset_init(struct zone *zone)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		struct per_cpu_pages *pcp = &zone->pageset[cpu];

		*pcp = (struct per_cpu_pages){.batch = 1};
		spin_lock_init(&pcp->lock, "pcp", LOCK_RANK_PCP, zone_idx(zone));
		for (unsigned int type = 0; type < MIGRATE_PCPTYPES; type++)
			for (unsigned int order = 0; order <= PAGE_ALLOC_COSTLY_ORDER; order++)
				list_init(&pcp->lists[type][order]);
	}
}

/*
 * A thousandth of the zone, a quarter of it at a time; one less than a power of two, so that batches
 * of several CPUs do not keep to the same cache colours. Small zones come to 0: nothing is kept.
 */
static unsigned long zone_batchsize(const struct zone *zone)
{
	unsigned long batch = min(zone->managed_pages / 1024, BATCH_MAX_PAGES) / 4;

	batch = max(batch, 1ul);
	return (1ul << highest_bit(batch + batch / 2)) - 1;
}

void setup_pageset(struct zone *zone, unsigned int fraction)
{
	unsigned long batch = zone_batchsize(zone), high = 6 * batch;

	if (fraction) {
		high = zone->managed_pages / fraction;
		batch = min(high / 4, (unsigned long)BATCH_MAX_BY_HAND);
	}
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		struct per_cpu_pages *pcp = &zone->pageset[cpu];

		pcp->room = high - pcp_count(pcp);
		pcp->high = high;
		pcp->batch = max(batch, 1ul);
	}
}

/* ---- to and from the zone ------------------------------------------------------------------ */

static struct page *rmqueue_locked(struct zone *zone, unsigned int order, unsigned int type)
{
	struct page *page = buddy_alloc(zone, order, type);

	if (!page && !page_group_by_mobility_disabled) {
		page = rmqueue_fallback(zone, order, type);
		if (!page)
			page = buddy_alloc(zone, order, MIGRATE_RESERVE);
	}
	return page;
}

struct page *rmqueue(struct zone *zone, unsigned int order, unsigned int type)
{
	unsigned long flags = spin_lock_irqsave(&zone->lock);
	struct page *page = rmqueue_locked(zone, order, type);

	spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

static void free_locked(struct zone *zone, struct page *page, unsigned int order)
{
	set_page_order_in_use(page, 0);
	buddy_free(zone, page, order);
}

void __regparm free_one_page(struct zone *zone, struct page *page, unsigned int order)
{
	unsigned long flags = spin_lock_irqsave(&zone->lock);

	free_locked(zone, page, order);
	spin_unlock_irqrestore(&zone->lock, flags);
}

/* Blocks to refill a list with: a batch of pages, but two of the larger orders at least. */
static unsigned long refill_blocks(const struct per_cpu_pages *pcp, unsigned int order)
{
	return pcp->batch > 1 ? max(pcp->batch >> order, 2ul) : 1;
}

/*
 * Linked so that a hot list hands the blocks out in the order in which they were taken: blocks that
 * stand side by side then go to one user.
 */
static void refill(struct zone *zone, struct per_cpu_pages *pcp, unsigned int order,
		   unsigned int type)
{
	struct list_head *list = &pcp->lists[type][order];
	unsigned long flags = spin_lock_irqsave(&zone->lock);

	for (unsigned long left = refill_blocks(pcp, order); left; left--) {
		struct page *page = rmqueue_locked(zone, order, type);

		if (!page)
			break;
		list_add_tail(&page->lru, list);
		pcp->room -= 1l << order;
	}
	spin_unlock_irqrestore(&zone->lock, flags);
}

struct page *pcp_alloc(struct zone *zone, unsigned int order, unsigned int type, bool cold)
{
	struct per_cpu_pages *pcp = &zone->pageset[0];
	struct list_head *list = &pcp->lists[type][order];
	struct page *page = NULL;

	if (!spin_trylock(&pcp->lock))
		return rmqueue(zone, order, type);
	if (list_empty(list))
		refill(zone, pcp, order, type);
	if (!list_empty(list)) {
		page = list_entry(cold ? list->prev : list->next, struct page, lru);
		list_del(&page->lru);
		pcp->room += 1l << order;
	}
	spin_unlock(&pcp->lock);
	return page;
}

/* ---- draining ------------------------------------------------------------------------------ */

#define NR_PCP_LISTS (MIGRATE_PCPTYPES * (PAGE_ALLOC_COSTLY_ORDER + 1))

/*
 * Gives blocks back until `pages` pages have gone or none are left: one from the cold end of each
 * list in turn, beginning behind where the last drain ended, so that no list is bled for the others.
 */
static unsigned long pcp_drain(struct zone *zone, struct per_cpu_pages *pcp, unsigned long pages)
{
	unsigned long freed = 0, flags = spin_lock_irqsave(&zone->lock);

	lock_assert_held(&pcp->lock);
	while (freed < pages && pcp_count(pcp)) {
		unsigned int order = pcp->next % (PAGE_ALLOC_COSTLY_ORDER + 1);
		unsigned int type = pcp->next / (PAGE_ALLOC_COSTLY_ORDER + 1);
		struct list_head *list = &pcp->lists[type][order];

		pcp->next = (pcp->next + 1) % NR_PCP_LISTS;
		if (list_empty(list))
			continue;
		struct page *page = list_entry(list->prev, struct page, lru);

		list_del(&page->lru);
		pcp->room += 1l << order;
		freed += 1ul << order;
		free_locked(zone, page, order);
	}
	spin_unlock_irqrestore(&zone->lock, flags);
	return freed;
}

void __regparm pcp_shrink(struct per_cpu_pages *pcp, unsigned int order)
{
	pcp->room -= 1l << order;
	pcp_drain(container_of(pcp, struct zone, pageset[0]), pcp, pcp->batch - pcp->room);
}

unsigned long drain_zone_pages(struct zone *zone)
{
	unsigned long freed = 0;

	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		struct per_cpu_pages *pcp = &zone->pageset[cpu];

		spin_lock(&pcp->lock);
		freed += pcp_drain(zone, pcp, ~0ul);
		spin_unlock(&pcp->lock);
	}
	return freed;
}

unsigned long drain_all_pages(void)
{
	unsigned long freed = 0;

	for (int type = 0; type < MAX_NR_ZONES; type++)
		freed += drain_zone_pages(zone_of(type));
	return freed;
}
