#include "phys/buddy.h"

#include "base/bug.h"

static void add_block(struct zone *zone, struct page *page, unsigned int order)
{
	struct free_area *area = &zone->free_area[order];

	set_page_flag(page, PG_buddy);
	page->private = order;
	list_add(&page->lru, &area->free_list);
	area->nr_free++;
}

static void remove_block(struct zone *zone, struct page *page, unsigned int order)
{
	MM_ASSERT(page_flag(page, PG_buddy) && page->private == order,
		  "pfn %lx is no free block of order %u", page_to_pfn(page), order);
	list_del(&page->lru);
	clear_page_flag(page, PG_buddy);
	page->private = 0;
	zone->free_area[order].nr_free--;
}

struct page *buddy_alloc(struct zone *zone, unsigned int order)
{
	unsigned int found = order;

	lock_assert_held(&zone->lock);
	while (found < MAX_ORDER && list_empty(&zone->free_area[found].free_list))
		found++;
	if (found >= MAX_ORDER)
		return NULL;

	struct page *page = list_first_entry(&zone->free_area[found].free_list, struct page, lru);

	remove_block(zone, page, found);
	while (found > order) { /* keep the lower half, give the upper one back */
		found--;
		add_block(zone, page + (1ul << found), found);
	}
	zone->free_pages -= 1ul << order;
	return page;
}

/* The free buddy of a block, or NULL: outside the zone, in use, or split. */
static struct page *free_buddy(const struct zone *zone, unsigned long pfn, unsigned int order)
{
	unsigned long buddy_pfn = pfn ^ (1ul << order);
	struct page *buddy;

	if (buddy_pfn - zone->zone_start_pfn >= zone->spanned_pages)
		return NULL;
	buddy = pfn_to_page(buddy_pfn);
	return page_flag(buddy, PG_buddy) && buddy->private == order ? buddy : NULL;
}

void buddy_free(struct zone *zone, struct page *page, unsigned int order)
{
	unsigned long pfn = page_to_pfn(page);
	struct page *buddy;

	lock_assert_held(&zone->lock);
	MM_ASSERT(IS_ALIGNED(pfn, 1ul << order), "pfn %lx at order %u", pfn, order);
	zone->free_pages += 1ul << order;
	while (order < MAX_ORDER - 1 && (buddy = free_buddy(zone, pfn, order))) {
		remove_block(zone, buddy, order);
		pfn &= ~(1ul << order++);
	}
	add_block(zone, pfn_to_page(pfn), order);
}
