/*
 * The page-frame allocator. Corresponds to Linux mm/page_alloc.c.
 * Callable with any lock of a lower rank than LOCK_RANK_ZONE held and interrupts on or off. Nothing
 * here sleeps: the pressure hook, once there is one, does.
 */
#pragma once

#include "phys/gfp.h"
#include "phys/zone.h"

/*
 * Allocates 2^order pages in a row, with _count 1 on the first and 0 on the others.
 * - Zones by gfp: __GFP_HIGHMEM tries HighMem, Normal, DMA; __GFP_DMA only DMA; else Normal, DMA.
 * - NULL, with a message unless __GFP_NOWARN, when nothing fits or order >= MAX_ORDER.
 * - __GFP_ZERO needs a kernel address: not with __GFP_HIGHMEM.
 */
struct page *__must_check alloc_pages(gfp_t gfp, unsigned int order);

/*
 * Drops a use of the block; the last use gives it back. order is that of the allocation.
 * A page that cannot be freed (reserved, free already, with flags it must not have, misaligned for
 * the order) is reported by bad_page() and left as it is: -EINVAL; otherwise 0.
 */
int __free_pages(struct page *page, unsigned int order);

/* The same by direct-map address; 0 for none. */
unsigned long __must_check __get_free_pages(gfp_t gfp, unsigned int order);
unsigned long __must_check get_zeroed_page(gfp_t gfp);
int free_pages(unsigned long addr, unsigned int order);

/* One more use of a page in use. */
void get_page(struct page *page);

/* Free pages of all zones. */
unsigned long nr_free_pages(void);

/*
 * Ends boot: hands all of bootmem's free pages, and all of high memory, to the zones.
 * Returns the number of pages. Boot time only.
 */
unsigned long mem_init(void);
