#include "phys/buddy.h"

#include "base/bug.h"

static inline void add_block(struct zone *zone, struct page *page, unsigned int order,
			     unsigned int type)
{
	struct free_area *area = &zone->free_area[order];

	mark_page_buddy(page);
	page->private = order;
	list_add(&page->lru, &area->free_list[type]);
	area->nr_free++;
}

static inline void remove_block(struct zone *zone, struct page *page, unsigned int order)
{
	MM_ASSERT(page_flag(page, PG_buddy) && page->private == order,
		  "pfn %lx is no free block of order %u", page_to_pfn(page), order);
	list_del(&page->lru);
	unmark_page_buddy(page);
	page->private = 0;
	zone->free_area[order].nr_free--;
}

void __regparm buddy_take(struct zone *zone, struct page *page, unsigned int found,
			  unsigned int order, unsigned int type)
{
	lock_assert_held(&zone->lock);
	remove_block(zone, page, found);
	while (found > order) {
		found--;
		add_block(zone, page + (1ul << found), found, type);
	}
	zone->free_pages -= 1ul << order;
}

void __regparm buddy_free(struct zone *zone, struct page *page, unsigned int order)
{
	unsigned long pfn = page_to_pfn(page), size = 1ul << order, end = zone_end_pfn(zone);

	lock_assert_held(&zone->lock);
	MM_ASSERT(IS_ALIGNED(pfn, size), "pfn %lx at order %u", pfn, order);
	zone->free_pages += size;
	/* The zone begins at a multiple of the largest block: only its end can cut a buddy off. */
	for (; order < MAX_ORDER - 1 && (pfn ^ size) < end; order++, size <<= 1) {
		struct page *buddy = pfn & size ? page - size : page + size;

		if (!page_flag(buddy, PG_buddy) || buddy->private != order)
			break;
		remove_block(zone, buddy, order);
		page = min(page, buddy);
		pfn &= ~size;
	}
	add_block(zone, page, order, page_migratetype(page));
}
