/*
 * Blocks from a zone and back to it: the buddy system with page block types observed. Corresponds
 * to Linux mm/page_alloc.c, rmqueue() and free_one_page(). The per-CPU lists (phys/pcp.h) are
 * refilled and drained by these; blocks that no list is kept for come and go by them alone.
 */
#pragma once

#include "phys/buddy.h"

/*
 * Takes one block of the order, or up to 2^more of them that stand side by side: what as many
 * single requests would have got of one free block of the type. Where another type's block serves,
 * all of the run comes out of that one, while single requests would each break into the largest
 * there is; Reserve blocks serve last. Returns the first, with *got the binary logarithm of how
 * many there are, none of them marked with its order; NULL for none. Holds zone->lock.
 */
struct page *take_run(struct zone *zone, unsigned int order, unsigned int type, unsigned int more,
		      unsigned int *got);

/* Takes a block, which is marked with its order; NULL for none. Takes zone->lock. */
struct page *__regparm rmqueue(struct zone *zone, unsigned int order, unsigned int type);

/* Gives a block back that has no users any more. Takes zone->lock. */
void __regparm free_one_page(struct page *page, unsigned int order);

/* The same for who holds zone->lock. */
static __always_inline void free_to_buddy(struct zone *zone, struct page *page, unsigned int order)
{
	clear_page_order_in_use(page);
	buddy_free(zone, page, order);
}
