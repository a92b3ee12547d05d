#include "phys/page_alloc.h"

#include "base/bug.h"
#include "base/printk.h"
#include "base/string.h"
#include "phys/fail_page_alloc.h"
#include "phys/kasan_pages.h"
#include "phys/page_alloc_priv.h"
#include "phys/page_owner.h"
#include "phys/pcp.h"
#include "phys/poison.h"
#include "phys/rmqueue.h"
#include "phys/watermark.h"

bool gfp_is_sound(gfp_t gfp)
{
	if (gfp & ~GFP_KNOWN || (gfp & GFP_MOBILITY_MASK) == GFP_MOBILITY_MASK)
		return false;
	return (gfp & (__GFP_ZERO | __GFP_HIGHMEM)) != (__GFP_ZERO | __GFP_HIGHMEM);
}

/* ---- one block ----------------------------------------------------------------------------- */

/* may_be_poisoned: a constant false is free of cost. */
static __always_inline void prepare_new_pages(struct page *page, unsigned int order,
					      bool may_be_poisoned)
{
	for (unsigned long i = 0; CONFIG_CHECKED && i < 1ul << order; i++)
		BUG_ON(page[i].flags & PAGE_FLAGS_CHECK || page[i]._count ||
			       page_order_in_use(page + i) != (i ? 0 : order),
		       "pfn %lx handed out with flags %08x, count %u", page_to_pfn(page + i),
		       page[i].flags, page[i]._count);
	if (may_be_poisoned)
		unpoison_pages(page, order);
	kasan_alloc_pages(page, order);
	page->_count = 1;
}

static struct page *alloc_from_zone(struct zone *zone, gfp_t gfp, unsigned int order,
				    unsigned int type)
{
	struct page *page = order <= PAGE_ALLOC_COSTLY_ORDER
				    ? pcp_alloc(zone, order, type, gfp & __GFP_COLD)
				    : rmqueue(zone, order, type);

	if (!page)
		return NULL;
	prepare_new_pages(page, order, CONFIG_CHECKED || alloc_marks_closed);
	if (gfp & __GFP_ZERO)
		clear_words(page_address(page), WORDS_PER_PAGE << order);
	return page;
}

struct page *__regparm alloc_pages_zones(gfp_t gfp, unsigned int order, unsigned int alloc_flags)
{
	const struct alloc_class *ac = &alloc_classes[gfp_class(gfp)];
	struct zone *zone;

	for (struct zone *const *at = ac->zones; (zone = *at); at++) {
		unsigned long mark = zone->watermark[alloc_flags & ALLOC_WMARK_MASK];
		struct page *page;

		if (!(alloc_flags & ALLOC_NO_WATERMARKS) &&
		    !zone_watermark_ok(zone, order, mark, ac->zone_idx, alloc_flags))
			continue;
		page = alloc_from_zone(zone, gfp, order, ac->type);
		if (page)
			return page;
	}
	return NULL;
}

/* ---- requests ------------------------------------------------------------------------------ */

/*
 * In as few instructions as it takes: docs/bench.md counts them. Both entries have a copy, in one
 * of which the order is 0. The block on the list is there whatever the free blocks look like, so
 * the mark alone decides.
 */
static __always_inline struct page *take_block(const struct alloc_class *ac, unsigned int order,
					       bool may_be_poisoned)
{
	s32 left = READ_ONCE(ac->zone->free_pages) - ((1ul << order) - 1);
	struct page *page;

	if (unlikely(left <= (s32)ac->mark))
		return NULL;
	page = pcp_take(ac, order);
	if (likely(page))
		prepare_new_pages(page, order, may_be_poisoned);
	return page;
}

struct page *__regparm alloc_page_fast(const struct alloc_class *ac)
{
	return take_block(ac, 0, CONFIG_CHECKED);
}

struct page *__regparm alloc_pages_fast(const struct alloc_class *ac, unsigned int order)
{
	return take_block(ac, order, CONFIG_CHECKED);
}

/* Behind closed marks: what the fast path would have found. */
static struct page *take_block_closed(gfp_t gfp, unsigned int order)
{
	struct alloc_class ac = alloc_classes[gfp_class(gfp)];

	if (order > PAGE_ALLOC_COSTLY_ORDER || gfp & (__GFP_COLD | __GFP_ZERO))
		return NULL;
	ac.mark = ac.open_mark;
	return take_block(&ac, order, true);
}

static struct page *alloc_pages_long(gfp_t gfp, unsigned int order)
{
	struct page *page = NULL;

	if (order < MAX_ORDER)
		page = alloc_pages_zones(gfp, order, WMARK_LOW);
	if (!page && order < MAX_ORDER)
		page = alloc_pages_slow(gfp, order);
	if (!page && !(gfp & __GFP_NOWARN))
		printk("page allocation failure: order %u, gfp 0x%x\n", order, gfp);
	return page;
}

/* noinline: the return address is the one in alloc_pages()' user. */
noinline struct page *__regparm alloc_pages_rest(gfp_t gfp, unsigned int order)
{
	struct page *page;

	if (likely(!alloc_marks_closed))
		return alloc_pages_long(gfp, order);
	if (order < MAX_ORDER && should_fail_alloc_page(gfp, order))
		return NULL;
	page = take_block_closed(gfp, order);
	if (!page)
		page = alloc_pages_long(gfp, order);
	if (page)
		watch_new_pages(page, order, gfp, (unsigned long)__builtin_return_address(0));
	return page;
}

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	MM_ASSERT(!(gfp & __GFP_HIGHMEM), "gfp %x: high memory has no address", gfp);
	struct page *page = alloc_pages(gfp, order);

	return page ? (unsigned long)page_address(page) : 0;
}

unsigned long get_zeroed_page(gfp_t gfp)
{
	return __get_free_pages(gfp | __GFP_ZERO, 0);
}
