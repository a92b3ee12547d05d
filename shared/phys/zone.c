#include "phys/zone.h"

#include "base/string.h"
#include "boot/setup.h"

__mm_state pg_data_t contig_page_data;

/* Accumulates one zone's RAM while for_each_ram_range() runs. */
static __mm_state unsigned long present;

static const char *const zone_names[MAX_NR_ZONES] = {"DMA", "Normal", "HighMem"};

const char *zone_name(unsigned int type)
{
	return type < MAX_NR_ZONES ? zone_names[type] : "?";
}

static void count_present(unsigned long start_pfn, unsigned long end_pfn)
{
	present += end_pfn - start_pfn;
}

static void zone_init(enum zone_type type, unsigned long start_pfn, unsigned long end_pfn)
{
	struct zone *zone = zone_of(type);

	*zone = (struct zone){.name = zone_names[type], .zone_start_pfn = start_pfn};
	spin_lock_init(&zone->lock, zone->name, LOCK_RANK_ZONE, type);
	for (int order = 0; order < MAX_ORDER; order++)
		list_init(&zone->free_area[order].free_list);
	present = 0;
	for_each_ram_range(start_pfn, end_pfn, count_present);
	zone->spanned_pages = end_pfn - start_pfn;
	zone->present_pages = present;
	memmap_init_zone(start_pfn, end_pfn, type);
}

void zone_sizes_init(void)
{
	unsigned long dma_end = min(PFN_DOWN(MAX_DMA_ADDRESS), memory.max_low_pfn);

	alloc_mem_map(memory.max_pfn);
	contig_page_data = (pg_data_t){0};
	zone_init(ZONE_DMA, 0, dma_end);
	zone_init(ZONE_NORMAL, dma_end, memory.max_low_pfn);
	zone_init(ZONE_HIGHMEM, memory.max_low_pfn, memory.max_pfn);
}
