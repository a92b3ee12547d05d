/*
 * The page-frame allocator. Corresponds to Linux mm/page_alloc.c.
 *
 * Callable with any lock of a lower rank than LOCK_RANK_PCP held and interrupts on or off, but for
 * requests with __GFP_WAIT: these may sleep, so no spinlock may be held.
 *
 *   alloc_pages()          the fast path: order <= 3, preferred zone above its low mark, a block on
 *     |                    this CPU's list
 *     v
 *   alloc_pages_zones()    each zone of the list that is above its low mark; refills the list
 *     |
 *     v
 *   alloc_pages_slow()     wakes the reclaimer; min marks and below; direct reclaim; again
 */
#pragma once

#include "base/bug.h"
#include "phys/gfp.h"
#include "phys/pcp.h"
#include "phys/zone.h"

/* Is gfp a request: known bits, and none of the contradictions named below? */
bool gfp_is_sound(gfp_t gfp);

/* The fast path: NULL when it is not one. */
struct page *__must_check __regparm alloc_page_fast(const struct alloc_class *ac);
struct page *__must_check __regparm alloc_pages_fast(const struct alloc_class *ac,
						     unsigned int order);

/*
 * The rest: other zones, refills, large blocks, zeroing, the slow path, failure; all requests while
 * the marks are closed (phys/pcp.h), that is, while somebody watches or failures are planned.
 */
struct page *__must_check __regparm alloc_pages_rest(gfp_t gfp, unsigned int order);

/*
 * Allocates 2^order pages in a row, with _count 1 on the first and 0 on the others.
 * - Zones by gfp: __GFP_HIGHMEM tries HighMem, Normal, DMA, with __GFP_MOVABLE the Movable zone
 *   before; __GFP_DMA only DMA; else Normal, DMA.
 * - NULL, with a message unless __GFP_NOWARN, when nothing fits or order >= MAX_ORDER. Who may
 *   sleep, is not reclaim itself and says __GFP_NOFAIL, for an order that exists, never gets NULL:
 *   it goes on until there is a block, and panics where reclaim has nothing left to free.
 * - What phys/fail_page_alloc.h lets fail: NULL, and nothing has changed.
 * - __GFP_ZERO needs a kernel address: not with __GFP_HIGHMEM. One of __GFP_MOVABLE and
 *   __GFP_RECLAIMABLE at most.
 *
 * Inline, so that the class costs nothing where gfp is constant.
 */
static inline struct page *__must_check alloc_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = NULL;

	MM_ASSERT(gfp_is_sound(gfp), "gfp %x contradicts itself", gfp);
	MM_ASSERT(!(gfp & __GFP_WAIT) || !locks_held(), "gfp %x with a lock held", gfp);
	if (order <= PAGE_ALLOC_COSTLY_ORDER && !(gfp & (__GFP_COLD | __GFP_ZERO)))
		page = alloc_pages_fast(&alloc_classes[gfp_class(gfp)], order);
	return likely(page) ? page : alloc_pages_rest(gfp, order);
}

/* A single page: the same, in fewer instructions. */
static inline struct page *__must_check alloc_page(gfp_t gfp)
{
	struct page *page = NULL;

	MM_ASSERT(gfp_is_sound(gfp), "gfp %x contradicts itself", gfp);
	MM_ASSERT(!(gfp & __GFP_WAIT) || !locks_held(), "gfp %x with a lock held", gfp);
	if (!(gfp & (__GFP_COLD | __GFP_ZERO)))
		page = alloc_page_fast(&alloc_classes[gfp_class(gfp)]);
	return likely(page) ? page : alloc_pages_rest(gfp, 0);
}

/*
 * Drops a use of the block; the last use gives it back. order is that of the allocation.
 * A page that cannot be freed (reserved, free already, with flags it must not have, misaligned for
 * the order) is reported by bad_page() and left as it is: -EINVAL; otherwise 0.
 */
int __regparm __free_pages(struct page *page, unsigned int order);
int __regparm __free_page(struct page *page);

/* The same for a single page that will not be used soon: to the cold end of its list. */
int free_cold_page(struct page *page);

/* The same by direct-map address; 0 for none. */
unsigned long __must_check __get_free_pages(gfp_t gfp, unsigned int order);
unsigned long __must_check get_zeroed_page(gfp_t gfp);
int free_pages(unsigned long addr, unsigned int order);

/* One more use of a page in use. */
void get_page(struct page *page);

/*
 * The same where programs decide how often: false, and nothing has changed, once the page has so
 * many uses that a few more at a time could make the count wrap. Linux: try_get_page().
 */
#define PAGE_COUNT_LIMIT 0x7FFFFFFFu
static inline bool __must_check try_get_page(struct page *page)
{
	MM_ASSERT(page->_count, "pfn %lx is not in use", page_to_pfn(page));
	if (unlikely(page->_count >= PAGE_COUNT_LIMIT))
		return false;
	__atomic_add_fetch(&page->_count, 1, __ATOMIC_RELAXED);
	return true;
}

/*
 * Drops a use of a page with contents that programs see, or of any other single page. The last one
 * frees it: an anonymous page belongs to nobody then, and what was known of the contents goes. A
 * page of a file was taken out of its cache before.
 */
void __regparm free_last_use(struct page *page);
static inline void put_page(struct page *page)
{
	MM_ASSERT(page->_count, "pfn %lx is not in use", page_to_pfn(page));
	if (!__atomic_sub_fetch(&page->_count, 1, __ATOMIC_ACQ_REL))
		free_last_use(page);
}

/*
 * Makes 2^order single pages of a block in use, each with _count 1, to be freed one by one.
 * -EINVAL, with a report, for what is no such block, or has more than one use.
 */
int split_page(struct page *page, unsigned int order);

/* The least order whose blocks hold size bytes; MAX_ORDER or more when none does. size > 0. */
unsigned int get_order(unsigned long size);

/*
 * As many pages as hold size bytes, no more: what the block has beyond them goes back at once. A
 * direct-map address; 0 for none, size 0 included.
 */
unsigned long __must_check alloc_pages_exact(unsigned long size, gfp_t gfp);

/* Frees what alloc_pages_exact() gave for that size. -EINVAL for size 0, and, with a report, at the
 * first page that cannot be freed: those before it are. */
int free_pages_exact(unsigned long addr, unsigned long size);

/*
 * Ends boot: hands all of bootmem's free pages, and all of high memory, to the zones, then works
 * out watermarks and per-CPU lists. Returns the number of pages. Boot time only.
 */
unsigned long mem_init(void);
