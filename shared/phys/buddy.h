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

/*
 * Takes a block off the list of a type; NULL if that type has none of this order or above. Its
 * first page carries the order in its flags. Holds zone->lock.
 */
struct page *buddy_alloc(struct zone *zone, unsigned int order, unsigned int type);

/*
 * Takes a given free block of order `found` off its list and splits it down to order: the lower half
 * serves, the upper ones go to the lists of type. Holds zone->lock.
 */
void buddy_take(struct zone *zone, struct page *page, unsigned int found, unsigned int order,
		unsigned int type);

/*
 * Puts a block back, merges it as far as it goes, and links it to the list of its page block's type.
 * Holds zone->lock; no page of the block has flags or users.
 */
void buddy_free(struct zone *zone, struct page *page, unsigned int order);
