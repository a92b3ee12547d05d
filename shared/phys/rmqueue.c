#include "phys/rmqueue.h"

static __always_inline struct page *take(struct zone *zone, unsigned int order, unsigned int type,
					 unsigned int more, unsigned int *got)
{
	unsigned int found = buddy_find(zone, order, type), left = type;
	struct page *page = NULL;

	if (found == MAX_ORDER && !page_group_by_mobility_disabled) {
		page = find_fallback(zone, order, type, &found, &left);
		if (!page)
			found = buddy_find(zone, order, left = MIGRATE_RESERVE);
	}
	if (found == MAX_ORDER)
		return NULL;
	if (!page)
		page = buddy_first(zone, found, left);
	*got = min(more, found - order);
	buddy_take(zone, page, found, order + *got, left);
	return page;
}

struct page *take_run(struct zone *zone, unsigned int order, unsigned int type, unsigned int more,
		      unsigned int *got)
{
	return take(zone, order, type, more, got);
}

struct page *__regparm rmqueue(struct zone *zone, unsigned int order, unsigned int type)
{
	unsigned int got;
	unsigned long flags = spin_lock_irqsave(&zone->lock);
	struct page *page = take(zone, order, type, 0, &got);

	if (page)
		set_page_order_in_use(page, order);
	spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

void __regparm free_one_page(struct page *page, unsigned int order)
{
	struct zone *zone = page_zone(page);
	unsigned long flags = spin_lock_irqsave(&zone->lock);

	zone->pageset[0].pgfree += 1ul << order;
	free_to_buddy(zone, page, order);
	spin_unlock_irqrestore(&zone->lock, flags);
}
