/*
 * Per-CPU page lists: each CPU keeps a small stock of blocks of the low orders, so that the usual
 * request takes a block off a list instead of splitting and merging under zone->lock. Corresponds
 * to Linux mm/page_alloc.c, struct per_cpu_pages; lists for the orders up to
 * PAGE_ALLOC_COSTLY_ORDER as Linux has them since 5.13.
 *
 *            rmqueue(), a batch at once            pcp_take()
 *   zone  ------------------------------>  list  -------------->  in use
 *         <------------------------------        <--------------
 *            pcp_drain(), a batch at once          pcp_put()
 *
 * The hot end of a list is its head: what was freed last is likely in the processor's cache. Cold
 * requests and frees use the tail; so does draining.
 *
 * Locking: pcp->lock, on the way of requests and frees tried, not waited for. It fails where an
 * interrupt came while this CPU held it, or where another CPU drains; the caller then goes to the
 * zone. Draining and setting bounds wait for it, so never from an interrupt. Rank: before
 * zone->lock, which is taken inside for a batch.
 */
#pragma once

#include "base/bitops.h"
#include "phys/gfp.h"
#include "phys/zone.h"

/*
 * What a gfp class (gfp_class()) comes to: the zone it prefers, the free pages that zone must have
 * for a request to be served without further thought, and the lists that serve it.
 */
struct alloc_class {
	struct zone *zone;
	struct list_head *lists;   /* this CPU's, by order */
	unsigned long mark;	   /* low watermark and lowmem_reserve, unless marks are closed */
	unsigned long open_mark;   /* the same, closed or not */
	struct zone *const *zones; /* all that will do, the preferred one first; NULL ends them */
	u8 zone_idx, type;	   /* the highest zone that will do; the migrate type */
};

extern struct alloc_class alloc_classes[NR_GFP_CLASSES];

/*
 * Where a free page goes: by zone and migrate type of its flags. A type without lists has a pcp
 * whose lock is never free, and so goes to the zone.
 */
struct free_class {
	struct per_cpu_pages *pcp;
	struct list_head *lists;
};

#define NR_FREE_CLASSES (1u << (32 - PAGE_FLAGS_TYPE_SHIFT))
extern struct free_class free_classes[NR_FREE_CLASSES];

/* Fills both tables but for the marks, from the zonelists. Boot time only. */
void build_alloc_classes(void);

/*
 * Why the marks are closed: then each is ALLOC_MARK_CLOSED, which no zone is above, and the fast
 * path serves nobody. Under the watermark lock, as the marks; those who only look take none.
 */
#define ALLOC_MARK_CLOSED 0x7FFFFFFFul
#define CLOSED_FOR_OWNER 0x1u  /* phys/page_owner.h */
#define CLOSED_FOR_POISON 0x2u /* phys/poison.h, in builds whose fast paths have none of it */
#define CLOSED_FOR_FAULTS 0x4u /* phys/fail_page_alloc.h */
extern u32 alloc_marks_closed;

/* Takes the marks from watermarks and reserves. Under the watermark lock. */
void update_alloc_marks(void);

/* Empty lists that hold nothing back: high 0. Boot time only. */
void pageset_init(struct zone *zone);

/*
 * Sets how much each CPU keeps of a zone: from its size, or high = managed / fraction for a
 * fraction above 0. Pages above the new bound leave with the next free. Takes the locks.
 */
void setup_pageset(struct zone *zone, unsigned int fraction);

/*
 * Takes a block off a CPU's list, which is refilled if need be; NULL when the lock is busy or the
 * zone has nothing. order <= PAGE_ALLOC_COSTLY_ORDER.
 */
struct page *pcp_alloc(struct zone *zone, unsigned int order, unsigned int type, bool cold);

/* The lists are full with this block, which is linked, but not counted: a batch goes back to the
 * zone. Holds pcp->lock. */
void __regparm pcp_overflow(struct page *page);

/* Gives all pages of a zone's, of all zones' per-CPU lists back; returns how many. Takes the locks.
 */
unsigned long drain_zone_pages(struct zone *zone);
unsigned long drain_all_pages(void);

/*
 * Puts a block whose last use is gone on its CPU's list, hot or cold. False when the lock is busy
 * or the block's type has no list: free_one_page() is for it then.
 */
static __always_inline bool pcp_put(struct page *page, unsigned int order, bool cold)
{
	const struct free_class *fc = &free_classes[page->flags >> PAGE_FLAGS_TYPE_SHIFT];
	struct per_cpu_pages *pcp = fc->pcp;
	struct list_head *list;

	if (unlikely(!spin_trylock(&pcp->lock)))
		return false;
	list = &fc->lists[order];
	if (cold)
		list_add_tail(&page->lru, list);
	else
		list_add(&page->lru, list);
	pcp->pgfree += 1ul << order;
	if (unlikely(pcp->room <= 1l << order))
		pcp_overflow(page);
	else
		pcp->room -= 1l << order;
	spin_unlock(&pcp->lock);
	return true;
}

/* Takes the hot block of a class's list; NULL when the lock is busy or the list is empty. */
static __always_inline struct page *pcp_take(const struct alloc_class *ac, unsigned int order)
{
	struct per_cpu_pages *pcp = &ac->zone->pageset[0];
	struct list_head *list, *first;

	if (unlikely(!spin_trylock(&pcp->lock)))
		return NULL;
	list = &ac->lists[order];
	first = list->next;
	if (unlikely(first == list)) {
		spin_unlock(&pcp->lock);
		return NULL;
	}
	list_del_first(list);
	pcp->room += 1l << order;
	spin_unlock(&pcp->lock);
	return list_entry(first, struct page, lru);
}
