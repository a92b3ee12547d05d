#include "phys/pcp.h"

#include "base/bug.h"
#include "phys/buddy.h"
#include "phys/rmqueue.h"

__mm_state struct alloc_class alloc_classes[NR_GFP_CLASSES];
__mm_state u32 alloc_marks_closed;
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
static unsigned int class_type(unsigned int index)
{
	unsigned int type = index & CLASS_TYPE_MASK;

	if (page_group_by_mobility_disabled || type == CLASS_TYPE_MASK)
		return MIGRATE_UNMOVABLE;
	return type;
}

/* The highest zone that a request may have. */
static unsigned int class_zone_idx(unsigned int index)
{
	bool dma = index >> 2 & __GFP_DMA, highmem = index >> 2 & __GFP_HIGHMEM;

	if (dma)
		return ZONE_DMA;
	if (highmem)
		return (index & CLASS_TYPE_MASK) == MIGRATE_MOVABLE ? ZONE_MOVABLE : ZONE_HIGHMEM;
	return ZONE_NORMAL;
}

void build_alloc_classes(void)
{
	for (unsigned int i = 0; i < NR_GFP_CLASSES; i++) {
		struct alloc_class *ac = &alloc_classes[i];
		unsigned int idx = class_zone_idx(i);

		*ac = (struct alloc_class){.zone_idx = idx, .type = class_type(i)};
		ac->zones = contig_page_data.node_zonelists[idx].zones;
		ac->zone = ac->zones[0];
		ac->lists = ac->zone->pageset[0].lists[ac->type];
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
		struct alloc_class *ac = &alloc_classes[i];

		ac->open_mark =
			ac->zone->watermark[WMARK_LOW] + ac->zone->lowmem_reserve[ac->zone_idx];
		ac->mark = alloc_marks_closed ? ALLOC_MARK_CLOSED : ac->open_mark;
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
 * A thousandth of the zone, a quarter of it at a time; one less than a power of two, so that
 * batches of several CPUs do not keep to the same cache colours. Small zones come to 0: nothing is
 * kept.
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

		spin_lock(&pcp->lock);
		pcp->room = high - pcp_count(pcp);
		pcp->high = high;
		pcp->batch = max(batch, 1ul);
		spin_unlock(&pcp->lock);
	}
}

/* ---- to and from the zone ------------------------------------------------------------------ */

/* Links 2^count blocks that stand side by side to the end of a list. */
static void link_run(struct list_head *list, struct page *page, unsigned int order,
		     unsigned int count)
{
	struct page *end = page + (1ul << (order + count));

	for (; page < end; page += 1ul << order) {
		if (order)
			set_page_order_in_use(page, order);
		list_add_tail(&page->lru, list);
	}
}

/*
 * A batch of pages, one block at least. Linked so that the hot end hands the blocks out in the
 * order in which they were taken: what stands side by side goes to one user.
 */
static void refill(struct zone *zone, struct per_cpu_pages *pcp, unsigned int order,
		   unsigned int type)
{
	struct list_head *list = &pcp->lists[type][order];
	unsigned long left = max(pcp->batch >> order, 1ul);
	unsigned long flags = spin_lock_irqsave(&zone->lock);

	while (left) {
		unsigned int got;
		struct page *page = take_run(zone, order, type, highest_bit(left), &got);

		if (!page)
			break;
		link_run(list, page, order, got);
		pcp->room -= 1l << (order + got);
		left -= 1ul << got;
	}
	spin_unlock_irqrestore(&zone->lock, flags);
}

struct page *pcp_alloc(struct zone *zone, unsigned int order, unsigned int type, bool cold)
{
	struct per_cpu_pages *pcp = &zone->pageset[0];
	struct list_head *list = &pcp->lists[type][order];
	struct page *page = NULL;

	if (1ul << order > pcp->high || !spin_trylock(&pcp->lock))
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

/* More pages than there are: sums of a count and a block's size do not wrap. */
#define MAX_DRAIN (1ul << (32 - PAGE_SHIFT))

#define NR_PCP_LISTS (MIGRATE_PCPTYPES * (PAGE_ALLOC_COSTLY_ORDER + 1))

/* The next list in turn that is not empty; the lists hold something. */
static struct list_head *next_list(struct per_cpu_pages *pcp, unsigned int *order,
				   unsigned int *skipped)
{
	unsigned int i = pcp->next, at;

	*skipped = 0;
	do {
		at = i++;
		if (i == NR_PCP_LISTS)
			i = 0;
		++*skipped;
	} while (list_empty(&pcp->lists[0][0] + at));
	pcp->next = i;
	*order = at % (PAGE_ALLOC_COSTLY_ORDER + 1);
	return &pcp->lists[0][0] + at;
}

/*
 * Frees blocks from the cold end of a list, up to `blocks`, one at least: those that stand side by
 * side, up or down, as who frees many pages in a row leaves them. They are merged here, where it
 * costs next to nothing. Returns how many.
 */
static unsigned long free_run(struct zone *zone, struct list_head *list, unsigned int order,
			      unsigned long blocks)
{
	struct page *page = list_entry(list->prev, struct page, lru), *next = page, *end;
	long step = 1l << order;
	struct list_head *at = list->prev;
	unsigned long count = 0;

	if (at->prev == &(page - step)->lru)
		step = -step;
	while (count < blocks && at == &next->lru) {
		clear_page_order_in_use(next);
		next += step;
		at = at->prev;
		count++;
	}
	if (step < 0)
		page = next - step;
	end = page + (count << order);
	at->next = list;
	list->prev = at;
	while (page < end) {
		unsigned int size = min(lowest_bit(page_to_pfn(page) | pageblock_nr_pages),
					highest_bit(end - page));

		buddy_free(zone, page, size);
		page += 1ul << size;
	}
	return count;
}

/*
 * Gives blocks back until `pages` pages have gone or none are left, from the cold ends of all lists
 * in turn, beginning behind where the last drain ended, so that no list is bled for the others. For
 * each empty list passed over, the next one gives one run more: the only list gives all at once.
 */
static unsigned long pcp_drain(struct zone *zone, struct per_cpu_pages *pcp, unsigned long pages)
{
	unsigned long freed = 0, flags = spin_lock_irqsave(&zone->lock);

	lock_assert_held(&pcp->lock);
	MM_ASSERT(pages <= MAX_DRAIN, "%lu pages", pages);
	while (freed < pages && pcp_count(pcp)) {
		unsigned int order, runs;
		struct list_head *list = next_list(pcp, &order, &runs);

		if (runs == NR_PCP_LISTS)
			runs = ~0u;
		for (; runs && freed < pages && !list_empty(list); runs--) {
			unsigned long blocks = DIV_ROUND_UP(pages - freed, 1ul << order);
			unsigned long gone = free_run(zone, list, order, blocks) << order;

			pcp->room += gone;
			freed += gone;
		}
	}
	spin_unlock_irqrestore(&zone->lock, flags);
	return freed;
}

/*
 * A block larger than all that the lists may hold is none for them: they would only be bled for it.
 * They are drained all the same if their bound was lowered to where they are above it.
 */
void __regparm pcp_overflow(struct page *page)
{
	struct zone *zone = page_zone(page);
	struct per_cpu_pages *pcp = &zone->pageset[0];
	unsigned int order = page_order_in_use(page);

	lock_assert_held(&pcp->lock);
	if (1ul << order > pcp->high) {
		unsigned long flags = spin_lock_irqsave(&zone->lock);

		list_del(&page->lru);
		free_to_buddy(zone, page, order);
		spin_unlock_irqrestore(&zone->lock, flags);
		if (pcp->room >= 0)
			return;
	} else {
		pcp->room -= 1l << order;
	}
	pcp_drain(zone, pcp, pcp->batch - pcp->room);
}

unsigned long drain_zone_pages(struct zone *zone)
{
	unsigned long freed = 0;

	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		struct per_cpu_pages *pcp = &zone->pageset[cpu];

		spin_lock(&pcp->lock);
		freed += pcp_drain(zone, pcp, pcp_count(pcp));
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
