/*
 * The binary buddy system of one zone: mechanics only. Corresponds to the inner half of Linux
 * mm/page_alloc.c.
 *
 * A block of order n is 2^n pages at a pfn that is a multiple of 2^n. Its buddy is the block whose
 * pfn differs in bit n alone; two free buddies of a zone are always one free block of order n + 1,
 * iff n + 1 < MAX_ORDER. (Knuth, TAOCP vol. 1, 2.5.)
 */
#pragma once

#include "phys/zone.h"

/* Takes a block off the zone; NULL if none of that order or above is free. Holds zone->lock. */
struct page *buddy_alloc(struct zone *zone, unsigned int order);

/*
 * Puts a block back and merges it as far as it goes. Holds zone->lock; every page of the block is
 * free of flags and users.
 */
void buddy_free(struct zone *zone, struct page *page, unsigned int order);
