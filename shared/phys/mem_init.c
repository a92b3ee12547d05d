/* The end of boot: memory that nobody took goes to the zones. */
#include "base/bitops.h"
#include "boot/bootmem.h"
#include "boot/setup.h"
#include "phys/buddy.h"
#include "phys/fail_page_alloc.h"
#include "phys/kasan_pages.h"
#include "phys/page_alloc.h"
#include "phys/page_owner.h"
#include "phys/poison.h"
#include "phys/watermark.h"

/*
 * Hands over a run of RAM in naturally aligned blocks, each as large as fits. The zones' bounds are
 * multiples of the largest block, so no block straddles them.
 */
static void release_range(unsigned long pfn, unsigned long end_pfn)
{
	memmap_release(pfn, end_pfn);
	while (pfn < end_pfn) {
		unsigned int order = min(lowest_bit(pfn), highest_bit(end_pfn - pfn));
		struct zone *zone = page_zone(pfn_to_page(pfn));

		order = min(order, MAX_ORDER - 1u);
		zone->managed_pages += 1ul << order;
		kasan_free_pages(pfn_to_page(pfn), order);

		unsigned long flags = spin_lock_irqsave(&zone->lock);

		buddy_free(zone, pfn_to_page(pfn), order);
		spin_unlock_irqrestore(&zone->lock, flags);
		pfn += 1ul << order;
	}
}

unsigned long mem_init(void)
{
	unsigned long pages = 0;

	free_all_bootmem(release_range);
	for_each_ram_range(memory.max_low_pfn, memory.max_pfn, release_range);
	init_watermarks();
	page_owner_start();
	page_poison_start();
	fail_page_alloc_init();
	for (int type = 0; type < MAX_NR_ZONES; type++)
		pages += zone_of(type)->managed_pages;
	return pages;
}
