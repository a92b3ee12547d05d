#include "phys/zone.h"

#include "base/bug.h"
#include "boot/setup.h"
#include "phys/page_owner.h"
#include "phys/pcp.h"

__mm_state pg_data_t contig_page_data;

/* Accumulates one zone's RAM while for_each_ram_range() runs. */
static __mm_state unsigned long present;

static const char *const zone_names[MAX_NR_ZONES] = {"DMA", "Normal", "HighMem", "Movable"};

const char *zone_name(unsigned int type)
{
	return type < MAX_NR_ZONES ? zone_names[type] : "?";
}

bool is_highmem(const struct zone *zone)
{
	unsigned int type = zone_idx(zone);

	return type == ZONE_HIGHMEM ||
	       (type == ZONE_MOVABLE && contig_page_data.movable_zone == ZONE_HIGHMEM);
}

static void count_present(unsigned long start_pfn, unsigned long end_pfn)
{
	present += end_pfn - start_pfn;
}

static unsigned long present_pages(unsigned long start_pfn, unsigned long end_pfn)
{
	present = 0;
	for_each_ram_range(start_pfn, end_pfn, count_present);
	return present;
}

/* ---- ZONE_MOVABLE -------------------------------------------------------------------------- */

/* How many pages the command line keeps out of ZONE_MOVABLE; all of them unless it says something.
 */
static unsigned long required_kernelcore(unsigned long total)
{
	unsigned long core = 0;

	if (!memory.options.kernelcore && !memory.options.movablecore)
		return total;
	if (memory.options.movablecore) {
		u64 wanted = ALIGN((memory.options.movablecore + PAGE_SIZE - 1) >> PAGE_SHIFT,
				   (u64)pageblock_nr_pages);

		core = total - (unsigned long)min(wanted, (u64)total);
	}
	core = max(core, (unsigned long)min(memory.options.kernelcore >> PAGE_SHIFT, (u64)total));
	return core ? core : total; /* nothing for the kernel is no way to run one */
}

/* Finds where the pages run out that are to stay: core_left counts down to it. */
static __mm_state unsigned long movable_start, core_left;

static void find_movable_start(unsigned long start_pfn, unsigned long end_pfn)
{
	unsigned long pages = min(end_pfn - start_pfn, core_left);

	if (!core_left)
		return;
	core_left -= pages;
	movable_start = start_pfn + pages;
}

/*
 * ZONE_MOVABLE begins in the highest zone, behind the first `core` pages of RAM; the zones below
 * count for these first. Returns max_pfn for none.
 */
static unsigned long movable_start_pfn(unsigned long zone_start)
{
	unsigned long total = present_pages(0, memory.max_pfn);
	unsigned long core = required_kernelcore(total), below = present_pages(0, zone_start);

	if (core >= total)
		return memory.max_pfn;
	movable_start = zone_start;
	core_left = core > below ? core - below : 0;
	for_each_ram_range(zone_start, memory.max_pfn, find_movable_start);
	return min(ALIGN(movable_start, pageblock_nr_pages), memory.max_pfn);
}

/* ---- zones --------------------------------------------------------------------------------- */

static void zone_init(enum zone_type type, unsigned long start_pfn, unsigned long end_pfn)
{
	u32 migratetype = page_group_by_mobility_disabled ? MIGRATE_UNMOVABLE : MIGRATE_MOVABLE;
	struct zone *zone = zone_of(type);

	*zone = (struct zone){.name = zone_names[type], .zone_start_pfn = start_pfn};
	spin_lock_init(&zone->lock, zone->name, LOCK_RANK_ZONE, type);
	for (int order = 0; order < MAX_ORDER; order++)
		for (int list = 0; list < MIGRATE_TYPES; list++)
			list_init(&zone->free_area[order].free_list[list]);
	pageset_init(zone);
	zone->spanned_pages = end_pfn - start_pfn;
	zone->present_pages = present_pages(start_pfn, end_pfn);
	memmap_init(start_pfn, end_pfn,
		    type << PAGE_FLAGS_ZONE_SHIFT | migratetype << PAGE_FLAGS_TYPE_SHIFT);
}

/* From the highest zone that will do down to DMA, the scarcest. Empty zones are left out. */
static void build_zonelist(enum zone_type highest)
{
	struct zonelist *list = &contig_page_data.node_zonelists[highest];
	unsigned int n = 0;

	for (int type = highest; type >= 0; type--)
		if (populated_zone(zone_of(type)))
			list->zones[n++] = zone_of(type);
	list->zones[n] = NULL;
}

void zone_sizes_init(void)
{
	unsigned long dma_end = min(PFN_DOWN(MAX_DMA_ADDRESS), memory.max_low_pfn);
	unsigned long starts[MAX_NR_ZONES + 1] = {0, dma_end, memory.max_low_pfn};
	int movable_zone = ZONE_HIGHMEM;

	alloc_mem_map(memory.max_pfn);
	page_owner_init(memory.max_pfn);
	contig_page_data = (pg_data_t){0};
	while (movable_zone > ZONE_DMA && starts[movable_zone] == memory.max_pfn)
		movable_zone--;
	contig_page_data.movable_zone = movable_zone;
	page_group_by_mobility_disabled =
		present_pages(0, memory.max_pfn) < pageblock_nr_pages * MIGRATE_TYPES;

	starts[ZONE_MOVABLE] = movable_start_pfn(starts[movable_zone]);
	starts[MAX_NR_ZONES] = memory.max_pfn;
	for (int type = 0; type < MAX_NR_ZONES; type++)
		zone_init(type, min(starts[type], starts[ZONE_MOVABLE]),
			  type == ZONE_MOVABLE ? memory.max_pfn
					       : min(starts[type + 1], starts[ZONE_MOVABLE]));
	for (int type = 0; type < MAX_NR_ZONES; type++)
		build_zonelist(type);
	build_alloc_classes();
}
