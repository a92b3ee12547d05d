/*
 * The binary buddy system of one zone: mechanics only. Corresponds to the inner half of Linux
 * mm/page_alloc.c.
 *
 * A block of order n is 2^n pages at a pfn that is a multiple of 2^n. Its buddy is the block whose
 * pfn differs in bit n alone; two free buddies of a zone are always one free block of order n + 1,
 * iff n + 1 < MAX_ORDER. (Knuth, TAOCP vol. 1, 2.5.)
 *
 * Free blocks of one order stand on a list for each migrate type, the last freed first.
 */
#pragma once

#include "phys/zone.h"

/* The least order from `order` on that has a free block of the type; MAX_ORDER for none. Holds
 * zone->lock. */
static inline unsigned int buddy_find(const struct zone *zone, unsigned int order,
				      unsigned int type)
{
	while (order < MAX_ORDER && list_empty(&zone->free_area[order].free_list[type]))
		order++;
	return order;
}

/* The free block of that order and type that is next to go. There is one. Holds zone->lock. */
static inline struct page *buddy_first(const struct zone *zone, unsigned int order,
				       unsigned int type)
{
	return list_first_entry(&zone->free_area[order].free_list[type], struct page, lru);
}

/*
 * Takes a given free block of order `found` off its list and splits it down to order: the lower
 * half serves, the upper ones go to the lists of type. Holds zone->lock.
 */
void __regparm buddy_take(struct zone *zone, struct page *page, unsigned int found,
			  unsigned int order, unsigned int type);

/*
 * Puts a block back, merges it as far as it goes, and links it to the list of its page block's
 * type. Holds zone->lock; no page of the block has flags or users.
 */
void __regparm buddy_free(struct zone *zone, struct page *page, unsigned int order);
