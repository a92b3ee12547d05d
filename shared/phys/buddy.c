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

void buddy_take(struct zone *zone, struct page *page, unsigned int found, unsigned int order,
		unsigned int type)
{
	lock_assert_held(&zone->lock);
	remove_block(zone, page, found);
	while (found > order) {
		found--;
		add_block(zone, page + (1ul << found), found, type);
	}
	zone->free_pages -= 1ul << order;
	set_page_order_in_use(page, order);
}

struct page *buddy_alloc(struct zone *zone, unsigned int order, unsigned int type)
{
	lock_assert_held(&zone->lock);
	for (unsigned int found = order; found < MAX_ORDER; found++) {
		struct list_head *list = &zone->free_area[found].free_list[type];

		if (list_empty(list))
			continue;
		struct page *page = list_first_entry(list, struct page, lru);

		buddy_take(zone, page, found, order, type);
		return page;
	}
	return NULL;
}

/* The free buddy of a block, or NULL: outside the zone, in use, or split. */
static inline struct page *free_buddy(const struct zone *zone, struct page *page,
				      unsigned long pfn, unsigned int order)
{
	unsigned long buddy_pfn = pfn ^ (1ul << order);
	struct page *buddy = page + (buddy_pfn - pfn);

	if (buddy_pfn - zone->zone_start_pfn >= zone->spanned_pages)
		return NULL;
	return page_flag(buddy, PG_buddy) && buddy->private == order ? buddy : NULL;
}

void buddy_free(struct zone *zone, struct page *page, unsigned int order)
{
	unsigned long pfn = page_to_pfn(page);
	struct page *buddy;

	lock_assert_held(&zone->lock);
	MM_ASSERT(IS_ALIGNED(pfn, 1ul << order), "pfn %lx at order %u", pfn, order);
	zone->free_pages += 1ul << order;
	while (order < MAX_ORDER - 1 && (buddy = free_buddy(zone, page, pfn, order))) {
		remove_block(zone, buddy, order);
		page = min(page, buddy);
		pfn &= ~(1ul << order++);
	}
	add_block(zone, page, order, page_migratetype(page));
}
